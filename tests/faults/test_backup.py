"""A backup brings back a store that was destroyed, every answer of it; one that is damaged is refused, and nothing is ever half done."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from synapse_analytics import analyses, audit, remembered
from synapse_analytics.access import local_person
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import SavedCohort
from synapse_analytics.cohort.saved_file import FILE, save_cohorts, saved_cohorts
from synapse_analytics.errors import StoreError, SynapseError, UsageError
from synapse_analytics.intake import SECRET_FILE
from synapse_analytics.store import contents, list_generations, load, open_store, soundness, use_generation
from synapse_analytics.store.backup import MAKING, back_up
from synapse_analytics.store.backup_list import INNER, check_backup
from synapse_analytics.store.restore import finish, restore
from synapse_analytics.store.soundness import look_at
from tests.examples import DEEP
from tests.faults.loading import check_of
from tests.made_once import made_once

OPERATOR = local_person("operator")
ANSWERS = list(analyses.answers()) if DEEP else list(analyses.answers())[::8]
LOADS = 20 if DEEP else 3


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two data versions with a log, a saved cohort, settings, a key and a mapping, for copies."""
    return made_once(tmp_path_factory, "filled", _fill)


def _fill(folder: Path) -> None:
    for episodes in (60, 70):
        load(check_of(episodes), f"duckdb:///{folder}")
    audit.append(audit.Event.START, OPERATOR, home=folder)
    save_cohorts({"Women": SavedCohort(Cohort(sex=("female",)))}, folder)
    (folder / contents.SETTINGS).write_text("targets:\n  pain_responders_12_months: 0.6\n")
    (folder / SECRET_FILE).write_bytes(b"k" * soundness.SURROGATE_BYTES)
    (folder / contents.MAPPINGS).mkdir(mode=0o700)
    (folder / contents.MAPPINGS / "register.yaml").write_text("about: nothing\n")


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    """A copy of that store, of which the witness of this account knows the last line."""
    folder = shutil.copytree(filled, tmp_path / "store")
    audit.append(audit.Event.START, OPERATOR, home=folder)
    return folder


def url(store: Path) -> str:
    return f"duckdb:///{store}"


def answered(store: Path) -> dict[str, str]:
    """What every answer says that the store gives."""
    remembered.forget_all()
    clinic, said = open_clinic(url(store)), {}
    for name in ANSWERS:
        try:
            released = analyses.answer(clinic, name)
            said[name] = json.dumps([released.n, {table: list(rows) for table, rows in released.tables.items()}], default=dict)
        except SynapseError as refusal:
            said[name] = str(refusal)
    return said


def unsound(store: Path, *, is_copy: bool = False) -> list[str]:
    return [f"{found.part}: {found.said}" for found in look_at(store, is_copy=is_copy) if not found.is_sound]


def in_use(store: Path) -> Path:
    return store / "generations" / next(one.id for one in list_generations(url(store)) if one.current)


def spoil(path: Path, content: Callable[[bytes], bytes]) -> None:
    path.chmod(0o600)
    path.write_bytes(content(path.read_bytes()))


def _flip(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


DESTROYED: dict[str, Callable[[Path], object]] = {
    "rm -rf": shutil.rmtree,
    "data versions removed": lambda store: shutil.rmtree(store / "generations"),
    "a flipped bit in the data": lambda store: spoil(in_use(store) / "generation.duckdb", _flip),
    "a flipped bit in a manifest": lambda store: spoil(in_use(store) / "manifest.json", _flip),
    "truncated": lambda store: spoil(in_use(store) / "generation.duckdb", lambda content: content[:5000]),
    "pointer gone": lambda store: (store / "CURRENT").unlink(),
    "key of the log gone": lambda store: (store / audit.KEY).unlink(),
    "log overwritten": lambda store: spoil(store / audit.DATABASE, lambda content: b"\0" * len(content)),
    "nothing": lambda store: None,
}


@pytest.mark.parametrize("way", DESTROYED)
def test_the_drill(way: str, store: Path, tmp_path: Path) -> None:
    before, lines = answered(store), audit.verify(store).lines
    back_up(store, tmp_path / "backup")
    assert unsound(tmp_path / "backup" / INNER, is_copy=True) == []
    audit.append(audit.Event.START, OPERATOR, home=store)  # the witness knows more than the backup
    DESTROYED[way](store)
    assert way == "nothing" or unsound(store)
    done = restore(store, tmp_path / "backup", OPERATOR, replace=way == "nothing")
    assert answered(store) == before
    assert list(saved_cohorts(store)) == ["Women"]
    assert (store / SECRET_FILE).read_bytes() == b"k" * soundness.SURROGATE_BYTES
    assert (store / contents.MAPPINGS / "register.yaml").exists()
    assert (store / contents.SETTINGS).exists()
    assert unsound(store) == []
    found = audit.verify(store)
    assert found.problem is None
    assert found.lines == lines + 2  # settled, and restored
    assert any("Reason: restored from the backup of" in note for note in found.notes)
    assert (done.before is None) == (way == "rm -rf")


def test_a_store_that_is_whole_is_not_replaced_unasked(store: Path, tmp_path: Path) -> None:
    back_up(store, tmp_path / "backup")
    with pytest.raises(UsageError, match="--replace"):
        restore(store, tmp_path / "backup", OPERATOR)
    load(check_of(80), url(store))
    newest = in_use(store)
    done = restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert done.before is not None
    assert (done.before / "generations" / newest.name / "generation.duckdb").exists()
    assert open_store(url(store))[1].rows["episodes"] == 70


def test_each_file_of_a_backup_is_checked(store: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    held, _sha256 = back_up(store, backup)
    before = sorted(path.name for path in store.iterdir())
    for name in ["BACKUP.json", "BACKUP.sha256", *(f"{INNER}/{file}" for file in held.files)]:
        whole = (backup / name).read_bytes()
        for content in (_flip(whole), whole[: len(whole) // 2], None):
            (backup / name).chmod(0o600)
            (backup / name).unlink() if content is None else (backup / name).write_bytes(content)
            with pytest.raises(StoreError, match="damaged") as told:
                restore(store, backup, OPERATOR, replace=True)
            assert name.removeprefix(f"{INNER}/").split(".")[0] in str(told.value)
            (backup / name).write_bytes(whole)
    assert sorted(path.name for path in store.iterdir()) == before


def test_where_no_backup_can_be_made(store: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "mine.part").mkdir()
    (tmp_path / "mine.part" / "thesis.txt").write_text("years of work")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place, said in {
        tmp_path / "there": "is there already",
        tmp_path / "link": "is there already",
        store / "backup": "inside the store",
        store / "generations" / "backup": "inside the store",
        tmp_path / "no" / "folder": "no folder",
        tmp_path / "mine": "no backup left it",
    }.items():
        with pytest.raises(UsageError, match=said):
            back_up(store, place)
    assert (tmp_path / "mine.part" / "thesis.txt").exists()
    with pytest.raises(StoreError, match="nothing to back up"):
        back_up(tmp_path / "no store", tmp_path / "backup")


def test_what_a_killed_backup_left_goes(store: Path, tmp_path: Path) -> None:
    part = tmp_path / "backup.part"
    shutil.copytree(store, part)
    (part / MAKING).touch()
    back_up(store, tmp_path / "backup")
    assert not part.exists()


def test_a_damaged_data_version_is_not_backed_up(store: Path, tmp_path: Path) -> None:
    older = next(one.id for one in list_generations(url(store)) if not one.current)
    spoil(store / "generations" / older / "scores.parquet", _flip)
    with pytest.raises(StoreError, match=rf"scores\.parquet.*generations remove {older}"):
        back_up(store, tmp_path / "backup")
    assert list(tmp_path.glob("backup*")) == []
    held, _sha256 = back_up(store, tmp_path / "backup", current_only=True)
    assert held.data_versions == (in_use(store).name,)


def test_a_backup_during_loads_is_whole(store: Path, tmp_path: Path) -> None:
    """Loads remove the oldest data version, and the pointer goes to and fro: each backup holds what its pointer names."""
    wrong: list[str] = []
    done = threading.Event()

    def change() -> None:
        try:
            for number in range(LOADS):
                load(check_of(10 + number), url(store))
                for one in list_generations(url(store)):
                    use_generation(one.id, url(store))
        except SynapseError as fault:
            wrong.append(str(fault))
        finally:
            done.set()

    changing = threading.Thread(target=change)
    changing.start()
    made = 0
    while not done.is_set() or not made:
        held, _sha256 = back_up(store, tmp_path / f"backup{made}")
        check_backup(tmp_path / f"backup{made}", held)
        wrong += unsound(tmp_path / f"backup{made}" / INNER, is_copy=True)
        assert held.current in held.data_versions
        made += 1
    changing.join()
    assert wrong == []


class Killed(BaseException):
    """What no part of the program catches."""


@pytest.mark.parametrize("moment", range(0, 24, 1 if DEEP else 3))
def test_a_restore_that_is_killed_is_done_whole_or_not_at_all(
    moment: int, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(store, tmp_path / "backup")
    load(check_of(80), url(store))
    with monkeypatch.context() as killing:
        left, inner = [moment], Path.rename

        def rename(self: Path, target: Path) -> Path:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return inner(self, target)

        killing.setattr(Path, "rename", rename)
        try:
            restore(store, tmp_path / "backup", OPERATOR, replace=True)
        except Killed:
            is_begun = any((store / name).exists() for name in (contents.READY, contents.MOVING))
            assert is_begun == (moment > 0)
    finish(store)
    assert open_store(url(store))[1].rows["episodes"] == (80 if moment == 0 else 70)
    assert not any((store / name).exists() for name in (contents.READY, contents.MOVING))
    assert audit.verify(store).problem is None


def test_a_backup_and_its_store_lie_apart(store: Path, tmp_path: Path) -> None:
    back_up(store, tmp_path / "backup")
    shutil.move(tmp_path / "backup", store / "backup")
    with pytest.raises(UsageError, match="lie in each other"):
        restore(store, store / "backup", OPERATOR, replace=True)


def test_a_problem_of_the_backed_up_log_is_told_and_not_settled(store: Path, tmp_path: Path) -> None:
    (store / audit.HEAD).write_text("1 0 0")
    back_up(store, tmp_path / "backup")
    done = restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert done.problem == "the note of the last line was changed"
    assert audit.verify(store).problem is not None


def test_names_are_those_of_the_rooms_downstream() -> None:
    assert (contents.COHORTS, contents.SURROGATES) == (FILE, SECRET_FILE)
