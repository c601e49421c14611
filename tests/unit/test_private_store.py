"""The store belongs to one account: what this program writes there nobody else may read, and an open folder is not used."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import SavedCohort
from synapse_analytics.cohort.saved_file import remove_cohort, save_cohorts
from synapse_analytics.errors import StoreError
from synapse_analytics.intake.disguise import stored_secret
from synapse_analytics.intake.mapping.kept import keep_mapping
from synapse_analytics.intake.mapping.reading import read_mapping
from synapse_analytics.store import check_private, list_generations, load, remove_generation, use_generation
from synapse_analytics.store.building import building
from tests.conftest import SAMPLE
from tests.faults.loading import check_of
from tests.unit.test_command_line import Run, run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes of files")
__all__ = ["run"]
MAPPING = SAMPLE / "raw" / "clinic.mapping.yaml"


@pytest.fixture
def careless() -> Iterator[None]:
    """An account that lets everybody read and write what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(home: Path) -> list[str]:
    """What others may read, write or enter in a home that must have something in it."""
    there = [home, *home.rglob("*")]
    assert len(there) > 1
    return [f"{path.stat().st_mode & 0o777:o} {path.relative_to(home)}" for path in there if path.stat().st_mode & 0o077]


def saves_cohorts(home: Path) -> None:
    """The file is written, and written again."""
    for name in ("Everybody", "All"):
        save_cohorts({name: SavedCohort(Cohort())}, home)
    remove_cohort("All", home)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a load": lambda home: load(check_of(3), f"duckdb:///{home}"),
    "a line of the log": lambda home: audit.append(audit.Event.START, local_person(), home=home),
    "saved cohorts": saves_cohorts,
    "the secret of the surrogates": lambda home: stored_secret(home / "surrogates.key"),
    "a mapping that is kept": lambda home: keep_mapping(home / "mappings", "ours", read_mapping(MAPPING)),
    "the check before a load": lambda home: check_private(home) or (home / "something").touch(mode=0o600),
}


@pytest.mark.usefixtures("careless")
@pytest.mark.parametrize("writer", WRITERS)
def test_whoever_writes_first_makes_it_private(writer: str, tmp_path: Path) -> None:
    WRITERS[writer](tmp_path / "home")
    assert open_to_others(tmp_path / "home") == []


@pytest.mark.usefixtures("careless")
def test_what_never_changes_is_written_by_nobody_and_can_be_removed(tmp_path: Path) -> None:
    database = f"duckdb:///{tmp_path / 'home'}"
    first, second = (load(check_of(episodes), database).id for episodes in (3, 4))
    files = [path for path in (tmp_path / "home" / "generations").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o400}
    use_generation(first, database)
    remove_generation(second, database)
    assert [path.name for path in (tmp_path / "home" / "generations").iterdir()] == [first]
    assert open_to_others(tmp_path / "home") == []


@pytest.mark.usefixtures("careless")
def test_what_is_being_built_is_private_too(tmp_path: Path) -> None:
    with building(tmp_path / "home") as build:
        (build.folder / "half").touch()  # as a library makes it
        assert open_to_others(tmp_path / "home") == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (0o755, "may read and enter it, and every other account of this computer may read and enter it"),
        (0o750, "may read and enter it. It holds"),
        (0o711, "every other account of this computer may enter it"),
        (0o702, "is open to others: every other account of this computer may write to it"),
        (0o740, "may read it. It holds"),
    ],
)
def test_an_open_home_is_told_with_the_command_that_closes_it(mode: int, said: str, tmp_path: Path) -> None:
    home = tmp_path / "our clinic's"
    load(check_of(3), f"duckdb:///{home}")
    home.chmod(mode)
    with pytest.raises(StoreError) as told:
        check_private(home)
    assert said in str(told.value)
    command = str(told.value).partition("then try again:\n")[2]
    assert shlex.split(command) == ["chmod", "-R", "go=", str(home)]
    subprocess.run(["/bin/sh", "-c", command], check=True)
    check_private(home)
    assert [info.rows["episodes"] for info in list_generations(f"duckdb:///{home}")] == [3]


def test_a_group_is_named_or_has_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o750)
    monkeypatch.setattr("grp.getgrgid", lambda _number: (_ for _ in ()).throw(KeyError()))
    with pytest.raises(StoreError, match=f"the group '{tmp_path.stat().st_gid}' may read and enter it"):
        check_private(tmp_path)


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        check_private(tmp_path / "file" / "home")


def test_a_load_looks_at_the_home_before_the_bundle(run: Run, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    code, _, err = run("load", tmp_path / "no bundle", "--database", f"duckdb:///{tmp_path}")
    assert (code, "is open to others" in " ".join(err.split())) == (1, True)
    assert list(tmp_path.iterdir()) == []
