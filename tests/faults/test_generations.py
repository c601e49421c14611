"""Faults while generations are written and read: the old data or the complete new ones serve, never a mix, nothing stays behind."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from synapse_analytics import vocabulary
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.store import engine as store_engine
from synapse_analytics.store import (
    fetch_arrow,
    generations,
    list_generations,
    load,
    open_store,
    remove_generation,
    tables,
    unusable_generations,
    use_generation,
    workshop,
)
from synapse_analytics.store.tables import BASE_TABLES, episode_facts
from tests.faults.loading import check_of, episodes_served, left_behind, seal_again, start_load
from tests.made_once import made_once

BUILDING = importlib.import_module("synapse_analytics.store.building")  # the package has a name like it
LOADING = importlib.import_module("synapse_analytics.store.load")  # the package has a function of that name too


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of 3 episodes, for copies."""
    return made_once(tmp_path_factory, "three", lambda folder: load(check_of(3), f"duckdb:///{folder}"))


@pytest.fixture
def database(three: Path, tmp_path: Path) -> str:
    """A store that serves one generation of 3 episodes."""
    return f"duckdb:///{shutil.copytree(three, tmp_path / 'store')}"


@pytest.fixture
def folder(database: str) -> Path:
    """Where that store lies."""
    return Path(database.removeprefix("duckdb:///"))


@pytest.fixture(autouse=True)
def nothing_verified_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test looks at the bytes as a new process would."""
    monkeypatch.setattr(generations, "_verified", {})


@pytest.mark.parametrize("step", ["rename", "replace", "_prune", "describe_files", "build_marts"])
def test_error_at_a_step(step: str, database: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name = {
        "rename": (Path, "rename"),
        "replace": (os, "replace"),
        "_prune": (BUILDING, "_prune"),
        "describe_files": (LOADING, "describe_files"),
        "build_marts": (LOADING, "build_marts"),
    }[step]
    with monkeypatch.context() as broken:
        broken.setattr(owner, name, _no_space)
        with pytest.raises(StoreError, match="cannot be written"):
            load(check_of(9), database)
    assert episodes_served(database) == (9 if step == "_prune" else 3)
    load(check_of(8), database)
    assert episodes_served(database) == 8
    assert left_behind(folder) == []


def _no_space(*_arguments: object, **_options: object) -> None:
    raise OSError(28, "No space left on device")


def test_read_only_folder(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the store should be")  # stands for a folder that may not be written: root may write anywhere
    with pytest.raises(StoreError, match="cannot be written"):
        load(check_of(3), f"duckdb:///{blocked / 'store'}")


def test_load_does_not_sweep_a_living_one(database: str, folder: Path) -> None:
    loading = start_load(5_000, database)
    while not list((folder / "generations").glob("*.tmp")):
        time.sleep(0.01)
    load(check_of(5), database)
    assert loading.end() == 0
    assert {info.rows["episodes"] for info in list_generations(database)} == {3, 5, 5_000}


def test_bit_flip_is_found(database: str, folder: Path) -> None:
    (generation,) = list_generations(database)
    home = folder / "generations" / generation.id
    names = [*sorted(home.glob("*.parquet")), home / "generation.duckdb"]
    random = np.random.default_rng(7)
    for path in names:
        whole = path.read_bytes()
        place, bit = int(random.integers(len(whole))), int(random.integers(8))
        path.chmod(0o644)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        with pytest.raises(StoreError, match=f"{path.name} is not the one that was loaded"):
            open_store(database)
        with pytest.raises(StoreError, match="damaged"):
            use_generation(generation.id, database)
        path.write_bytes(whole)
    open_store(database)


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"files": 3}', b"\xff\xfe"])
def test_damaged_manifest(content: bytes, database: str, folder: Path) -> None:
    (generation,) = list_generations(database)
    manifest = folder / "generations" / generation.id / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(content)
    with pytest.raises(StoreError, match="manifest"):
        open_store(database)
    load(check_of(4), database)
    assert episodes_served(database) == 4


def test_a_generation_is_one_file_and_the_base_tables(folder: Path, database: str) -> None:
    (generation,) = list_generations(database)
    names = {path.name for path in (folder / "generations" / generation.id).iterdir()}
    assert names == {"generation.duckdb", "manifest.json", "manifest.sha256", *(f"{table.name}.parquet" for table in BASE_TABLES)}


def test_the_same_bundle_has_the_same_digest(database: str) -> None:
    assert load(check_of(3), database).sha256 == load(check_of(3), database).sha256


@pytest.mark.parametrize(
    "attack",
    [
        "CREATE TABLE mine AS SELECT 1",
        "DELETE FROM scores",
        "UPDATE episode_facts SET age_years = 1",
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY scores TO '/tmp/synapse_copy.csv'",
        "ATTACH '/tmp/synapse_other.duckdb' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1GB'",
    ],
)
def test_an_open_generation_is_locked_down(database: str, attack: str) -> None:
    engine, _info = open_store(database)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(sa.text(attack)).fetchall()


def test_a_generation_that_is_still_held_can_be_opened_again(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held, _info = open_store(database)
    monkeypatch.setattr(store_engine, "_engines", OrderedDict())  # as after KEPT_OPEN other generations
    again, _info = open_store(database)
    assert again is not held
    for engine in (held, again):
        assert len(fetch_arrow(engine, sa.select(episode_facts.c.episode_key))) == 3
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="locked"):
            connection.execute(sa.text("SET memory_limit = '1GB'")).fetchall()


def test_a_question_that_needs_too_much_memory_says_what_to_do(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_engine, "MEMORY", 1)
    engine, _info = open_store(database)
    number = sa.func.unnest(sa.func.range(5_000_000)).label("number")
    with pytest.raises(StoreError, match="Choose fewer patients"):
        fetch_arrow(engine, sa.select(number).order_by(sa.text("number")))
    assert len(fetch_arrow(engine, sa.select(episode_facts.c.episode_key))) == 3


def test_statements_take_turns() -> None:
    """Two at once would need twice the memory that the store gives."""
    running: list[int] = []
    most = 0

    class Slow:
        @contextmanager
        def connect(self) -> Iterator[Slow]:
            nonlocal most
            running.append(1)
            most = max(most, len(running))
            time.sleep(0.02)
            yield self
            running.pop()

        def execute(self, _statement: object) -> SimpleNamespace:
            return SimpleNamespace(cursor=SimpleNamespace(arrow=lambda: pa.table({})))

    threads = [threading.Thread(target=fetch_arrow, args=(Slow(), None)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_other_processes_may_read_it_too(database: str, folder: Path) -> None:
    open_store(database)
    (path,) = folder.glob("generations/*/generation.duckdb")
    program = (
        "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).execute('select count(*) from episodes').fetchone()[0])"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True).stdout.strip() == "3"


def test_a_generation_of_the_old_form_says_load_again(database: str, folder: Path) -> None:
    """Parquet marts, no DuckDB file and no seal: what this program wrote before."""
    (generation,) = list_generations(database)
    home = folder / "generations" / generation.id
    content = json.loads((home / "manifest.json").read_text())
    content["format"], content["schema"] = "synapse-generation/1", "0123456789abcdef"
    content["files"].pop("generation.duckdb")
    (home / "manifest.json").chmod(0o644)
    (home / "manifest.json").write_text(json.dumps(content))
    (home / "generation.duckdb").unlink()
    _without_seal(folder, generation.id)
    for act in (lambda: open_store(database), lambda: use_generation(generation.id, database)):
        with pytest.raises(StoreError, match="Load its bundle again"):
            act()
    load(check_of(4), database)
    assert episodes_served(database) == 4


@pytest.mark.parametrize("name", ["", "..", "../store", "nonsense", "20200101T000000000000-00000000", "CURRENT"])
def test_unknown_generation(name: str, database: str) -> None:
    (generation,) = list_generations(database)
    for act in (
        lambda: use_generation(name, database),
        lambda: remove_generation(name, database),
    ):
        with pytest.raises(UsageError, match=generation.id):
            act()


def test_nothing_loaded_yet(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No data are loaded yet"):
        open_store(f"duckdb:///{tmp_path}")
    assert list_generations(f"duckdb:///{tmp_path}") == []


def test_last_three_are_kept(database: str) -> None:
    for episodes in (4, 5, 6):
        load(check_of(episodes), database)
    assert [info.rows["episodes"] for info in list_generations(database)] == [6, 5, 4]
    assert [info.current for info in list_generations(database)] == [True, False, False]


def test_roll_back_and_forward(database: str) -> None:
    first, second = list_generations(database)[0].id, load(check_of(4), database).id
    use_generation(first, database)
    assert episodes_served(database) == 3
    with pytest.raises(UsageError, match="data version in use cannot be removed"):
        remove_generation(first, database)
    use_generation(second, database)
    remove_generation(first, database)
    assert [info.id for info in list_generations(database)] == [second]


def test_what_served_before_is_kept(database: str) -> None:
    """Rolled back to the oldest, then loaded: the new one may be wrong, so the one that was chosen must still be there."""
    oldest = list_generations(database)[0].id
    load(check_of(4), database)
    load(check_of(5), database)
    use_generation(oldest, database)
    load(check_of(6), database)
    assert [info.rows["episodes"] for info in list_generations(database)] == [6, 5, 4, 3]
    use_generation(oldest, database)
    assert episodes_served(database) == 3


def test_a_pointer_that_was_moved_stays(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the pointer cannot be synced after it was moved: the new generation serves, and nothing of it is thrown away."""
    inner, store = generations.sync, Path(database.removeprefix("duckdb:///"))
    monkeypatch.setattr(generations, "sync", lambda path: _no_space() if path == store else inner(path))
    load(check_of(4), database)
    assert episodes_served(database) == 4


def test_a_pointer_that_cannot_be_written_is_told(database: str, folder: Path) -> None:
    (folder / "CURRENT.new").mkdir()
    (info,) = list_generations(database)
    with pytest.raises(StoreError, match="is still in use"):
        use_generation(info.id, database)


def test_who_still_asks_a_removed_generation_is_answered(database: str) -> None:
    engine, info = open_store(database)
    load(check_of(4), database)
    remove_generation(info.id, database)
    asked = sa.select(sa.func.count()).select_from(episode_facts)
    assert fetch_arrow(engine, asked).to_pydict() == {"count_1": [3]}


def _change_manifest(folder: Path, generation: str, **values: object) -> None:
    path = folder / "generations" / generation / "manifest.json"
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    seal_again(folder, generation)


def _without_seal(folder: Path, generation: str) -> None:
    """As an earlier version of this program left it: no sha256 of the manifest, neither beside it nor in the pointer."""
    (folder / "generations" / generation / "manifest.sha256").unlink()
    (folder / "CURRENT").write_text(f"{generation}\n")


@pytest.mark.parametrize(
    "values",
    [
        {"rows": {"patients": "three"}},
        {"rows": {}},
        {"rows": []},
        {"data_until": "soon"},
        {"data_until": None},
        {"months": ["2020-01"]},
        {"clinic": None},
        {"files": {}},
        {"files": []},
        {"files": {"generation.duckdb": 7}},
        {"sites": 3},
        {"headline": "nothing_like_this"},
        {"loaded_at": None},
        {"files": {"generation.duckdb": {}}},
    ],
    ids=str,
)
def test_a_manifest_that_says_nonsense_is_told(values: dict[str, object], database: str, folder: Path) -> None:
    (generation,) = list_generations(database)
    _change_manifest(folder, generation.id, **values)
    with pytest.raises(StoreError, match=generation.id):
        open_store(database)
    assert list_generations(database) == []
    (fault,) = unusable_generations(database)
    assert generation.id in fault


def test_a_manifest_without_the_data_file_is_not_believed(database: str, folder: Path) -> None:
    """Its Parquet files agree, so its sha256 does; what answers are read from would be unchecked."""
    (generation,) = list_generations(database)
    files = json.loads((folder / "generations" / generation.id / "manifest.json").read_text())["files"]
    files.pop("generation.duckdb")
    _change_manifest(folder, generation.id, files=files)
    with pytest.raises(StoreError, match="does not list generation.duckdb"):
        open_store(database)


STORED_LISTS = ("SEXES", "OCCUPATIONS", "FINDINGS", "STATUSES", "STAGES", "AGE_BANDS", "PAIN_BANDS", "VISITS", "PRESETS", "DIAGNOSES")


@pytest.mark.parametrize("name", STORED_LISTS)
def test_a_longer_list_makes_another_schema(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions in the closed lists are stored: with another list they mean something else."""
    tables.schema_digest.cache_clear()
    before = tables.schema_digest()
    terms = getattr(vocabulary, name)
    monkeypatch.setattr(vocabulary, name, (*terms, terms[0]))
    tables.schema_digest.cache_clear()
    assert tables.schema_digest() != before
    monkeypatch.undo()
    tables.schema_digest.cache_clear()
    assert tables.schema_digest() == before


def test_a_new_wording_is_the_same_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    tables.schema_digest.cache_clear()
    before = tables.schema_digest()
    first, *others = vocabulary.DIAGNOSES
    monkeypatch.setattr(vocabulary, "DIAGNOSES", (replace(first, label="Another name"), *others))
    tables.schema_digest.cache_clear()
    assert tables.schema_digest() == before
    monkeypatch.undo()
    tables.schema_digest.cache_clear()


def test_full_memory_is_no_half_load(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "MEMORY", "1MB")
    with pytest.raises(StoreError):
        load(check_of(5000), database)
    assert episodes_served(database) == 3


def test_generation_of_another_version_says_load_again(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse_analytics.store.manifest.schema_digest", lambda: "of another version")
    with pytest.raises(StoreError, match="Load its bundle again"):
        open_store(database)
