"""Damage to a data version, also while it is open: a sentence that names it, and after the repair the next click works."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from synapse_analytics import audit
from synapse_analytics.errors import StoreError
from synapse_analytics.store import fetch_arrow, list_generations, load, open_store, sweep_up
from synapse_analytics.store.tables import MARTS
from tests.faults.loading import check_of, left_behind, seal_again
from tests.made_once import made_once


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of 3,000 episodes, so that its file has many blocks; for copies."""
    return made_once(tmp_path_factory, "large", lambda folder: load(check_of(3000), f"duckdb:///{folder}"))


@pytest.fixture
def store(large: Path, tmp_path: Path) -> Path:
    return shutil.copytree(large, tmp_path / "store")


def url(store: Path) -> str:
    return f"duckdb:///{store}"


def home_of(store: Path) -> Path:
    (info,) = list_generations(url(store))
    return store / "generations" / info.id


def said_of_all(engine: sa.Engine) -> str:
    """What is said where an answer fails; nothing if all is in memory, or the file was unlinked."""
    try:
        ask_all(engine)
    except StoreError as fault:
        return str(fault).partition(":")[0]
    return ""


def ask_all(engine: sa.Engine) -> None:
    for table in MARTS:
        fetch_arrow(engine, sa.select(table))


def _in_place(path: Path, content: bytes) -> None:
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()


DAMAGE: dict[str, Callable[[Path, bytes], object]] = {
    "truncated": lambda path, whole: os.truncate(path, 20_000),
    "emptied": lambda path, whole: os.truncate(path, 0),
    "overwritten": lambda path, whole: _in_place(path, bytes(len(whole))),
    "overwritten in the middle": lambda path, whole: _in_place(path, whole[:20_000] + os.urandom(len(whole) - 20_000)),
    "removed": lambda path, whole: path.unlink(),
    "a folder": lambda path, whole: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("way", DAMAGE)
def test_damage_under_an_open_data_version(way: str, store: Path) -> None:
    path = home_of(store) / "generation.duckdb"
    engine, _info = open_store(url(store))
    whole = path.read_bytes()
    path.chmod(0o600)
    DAMAGE[way](path, whole)
    assert said_of_all(engine) in ("", f"Data version {path.parent.name} can no longer be read")
    with pytest.raises(StoreError, match=f"(?s){path.parent.name}.*(generation.duckdb)"):
        open_store(url(store))
    if path.is_dir():
        path.rmdir()
    path.write_bytes(whole)
    engine, _info = open_store(url(store))
    ask_all(engine)


def test_an_answer_that_failed_has_every_file_checked(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the system says nothing of a change, as with a disk that rots."""
    path = home_of(store) / "generation.duckdb"
    engine, _info = open_store(url(store))
    whole = path.read_bytes()
    path.chmod(0o600)
    _in_place(path, bytes(len(whole)))
    monkeypatch.setattr("synapse_analytics.store.generations._known", lambda folder: None)
    with pytest.raises(StoreError, match="can no longer be read"):
        ask_all(engine)
    with pytest.raises(StoreError, match="sha256 differs"):
        open_store(url(store))


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
@pytest.mark.parametrize("name", ["episode_facts-01", "extra.parquet", ".hidden"])
def test_what_does_not_belong_there_is_named(kind: str, name: str, store: Path) -> None:
    home = home_of(store)
    open_store(url(store))
    stray = home / name
    {"file": stray.touch, "folder": stray.mkdir, "link": lambda: stray.symlink_to(home / "manifest.json")}[kind]()
    with pytest.raises(StoreError, match=f"'{name}' does not belong in its folder"):
        open_store(url(store))
    assert list_generations(url(store)) == []
    stray.rmdir() if kind == "folder" else stray.unlink()
    open_store(url(store))


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.pop(key)


def _with(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.update(values)


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    **{f"without {key}": _without(key) for key in ("format", "id", "rows", "sites", "files", "synthetic", "sha256", "warnings")},
    "an unknown key": _with(extra=1),
    "another format": _with(format="synapse-generation/9"),
    "rows as text": _with(rows={"patients": "3"}),
    "rows of no table": lambda content: content["rows"].update(nothing=3),
    "true as a number": lambda content: content["rows"].update(patients=True),
    "warnings as text": _with(warnings="none"),
    "a warning with more": lambda content: content["warnings"].append({"rule": "a", "file": "b", "n": 1, "x": 2}),
    "missingness without a share": _with(missingness=[{"file": "scores.csv", "column": "value"}]),
    "a share of 7": _with(missingness=[{"file": "scores.csv", "column": "value", "share": 7}]),
    "months as a text": _with(months="2020-01"),
    "a month 13": _with(months=["2020-13", "2021-01"]),
    "synthetic as a number": _with(synthetic=1),
    "present of no column": _with(present={"nothing": 1}),
    "a file elsewhere": lambda content: content["files"].update({"../x.parquet": {"bytes": 1, "sha256": "0" * 64}}),
    "a file with more": lambda content: content["files"]["generation.duckdb"].update(x=1),
    "clinic as a list": _with(clinic=["a"]),
    "loaded at noon": _with(loaded_at="noon"),
}


@pytest.mark.parametrize("way", WRONG)
def test_a_manifest_that_no_load_writes_is_refused_by_its_key(way: str, store: Path) -> None:
    home = home_of(store)
    content = json.loads((home / "manifest.json").read_text())
    WRONG[way](content)
    (home / "manifest.json").chmod(0o600)
    (home / "manifest.json").write_text(json.dumps(content))
    seal_again(store, home.name)
    with pytest.raises(
        StoreError, match=rf"The manifest of data version {home.name} is damaged: (its key|it lacks the key|no load writes)"
    ):
        open_store(url(store))


@pytest.mark.parametrize("content", ["[]", "3", "null", "[" * 100_000, '{"a": ' * 50_000, "1" * 5000])
def test_a_manifest_that_is_none(content: str, store: Path) -> None:
    home = home_of(store)
    (home / "manifest.json").chmod(0o600)
    (home / "manifest.json").write_text(content)
    seal_again(store, home.name)
    with pytest.raises(StoreError, match=f"The manifest of data version {home.name}"):
        open_store(url(store))


def test_what_killed_processes_left_is_swept_up(store: Path) -> None:
    left = [
        "CURRENT.new",
        "cohorts.yaml.new",
        "audit.head.0123abcd.part",
        "audit.key.0123abcd.part",
        "surrogates.key.part",
        "generations/20200101T000000000000-00000000.manifest.sha256.new",
    ]
    for name in left:
        (store / name).touch()
        os.utime(store / name, (0, 0))
    (store / "generations" / "20200101T000000000000-00000000.tmp").mkdir()
    (store / "restore.part").mkdir()
    os.utime(store / "restore.part", (0, 0))
    (store / "audit.head.4567abcd.part").touch()  # somebody may be writing it
    sweep_up(url(store))
    assert [name for name in left_behind(store) if name != "loading"] == ["audit.head.4567abcd.part"]


OWN = (
    "audit.sqlite.20260102",
    "audit.key.20260102",
    "audit.head.20260102",
    "notes.part",
    "CURRENT.old",
    "generations/mine.tmp/thesis.txt",
    "generations/mine.building",
    "generations/mine/thesis.txt",
    "generations/notes.new",
)


def test_what_somebody_put_there_is_not_swept_up(store: Path) -> None:
    """A copy of the log that has the day in its name looks like none of ours, and so does any other file."""
    for name in OWN:
        (store / name).parent.mkdir(exist_ok=True)
        (store / name).touch()
        os.utime(store / name, (0, 0))
    sweep_up(url(store))
    load(check_of(5), url(store))
    audit.append(audit.Event.START, audit.ITSELF, home=store)
    assert [name for name in OWN if not (store / name).exists()] == []


def test_a_sweep_never_fails(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere", tmp_path / "file"):
        sweep_up(url(place))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
