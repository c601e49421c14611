"""A backup brings back a store that was destroyed, every answer of it; one that is damaged is refused, and nothing is ever half done."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from synapse_analytics import analyses, audit, remembered
from synapse_analytics.access import local_person
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import SavedCohort
from synapse_analytics.cohort.saved_file import FILE, LOCK, save_cohorts, saved_cohorts
from synapse_analytics.errors import StoreError, SynapseError, UsageError
from synapse_analytics.intake import SECRET_FILE
from synapse_analytics.store import contents, list_generations, load, open_store, soundness, sweep_up, use_generation
from synapse_analytics.store.backup import back_up
from synapse_analytics.store.backup_list import INNER, MAKING, check_backup, read_list, strange_to
from synapse_analytics.store.building import building
from synapse_analytics.store.generations import clinic_in
from synapse_analytics.store.locks import FileLock
from synapse_analytics.store.manifest import file_sha256
from synapse_analytics.store.restore import finish, restore
from synapse_analytics.store.seal import seal
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


@pytest.mark.parametrize("damage", [lambda _store: None, lambda store: (store / audit.KEY).unlink()])
def test_records_of_another_clinic_do_not_come_in_unasked(damage: Callable[[Path], object], store: Path, tmp_path: Path) -> None:
    """Also where the store is damaged: a person may have taken the wrong folder."""
    check = check_of(60)
    load(replace(check, manifest={**check.manifest, "clinic": "Another clinic"}), url(tmp_path / "other"))
    back_up(tmp_path / "other", tmp_path / "backup")
    damage(store)
    with pytest.raises(
        UsageError, match="holds records of 'Drawn by a test', and the backup in .* those of 'Another clinic'.*say --replace"
    ):
        restore(store, tmp_path / "backup", OPERATOR)
    assert restore(store, tmp_path / "backup", OPERATOR, replace=True).before is not None
    assert clinic_in(store) == "Another clinic"


def test_a_backup_of_nothing_does_not_come_in_unasked(store: Path, tmp_path: Path) -> None:
    """Such as one of a disk that was not mounted."""
    audit.append(audit.Event.START, OPERATOR, home=tmp_path / "empty")
    back_up(tmp_path / "empty", tmp_path / "backup")
    (store / audit.KEY).unlink()
    with pytest.raises(UsageError, match="holds records of 'Drawn by a test', and the backup in .* none"):
        restore(store, tmp_path / "backup", OPERATOR)


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


def forge(backup: Path, **changed: object) -> None:
    """Write other things into the list of a backup, and seal it again as somebody would who wants it to be believed."""
    listed = json.loads((backup / "BACKUP.json").read_text()) | changed
    (backup / "BACKUP.json").write_text(json.dumps(listed))
    seal(backup, file_sha256(backup / "BACKUP.json"), "BACKUP.sha256", "BACKUP.json")


ENTRY = {"bytes": 3, "sha256": "0" * 64}
FORGED: dict[str, dict[str, object]] = {
    "a time that is none": {"made_at": "yesterday\nand more"},
    "a long time": {"made_at": "2026-01-01 00:00:00 UTC" * 100},
    "no data versions": {"data_versions": None},
    "a data version elsewhere": {"data_versions": ["../../etc"]},
    "one in use that is not there": {"current": "20200101T000000000000-00000000"},
    "another one in use": {"current": None},
    "no files": {"files": None},
    "a file without size": {"files": {"CURRENT": {"sha256": "0" * 64}}},
    **{
        f"the name {name!r}": {"files": {name: ENTRY}}
        for name in ("", ".", "/", "/etc/passwd", "../x", "generations/../../x", "./CURRENT", "generations//x", "generations\\..\\x")
    },
    **{f"the name {name!r}": {"files": {name: ENTRY}} for name in ("current", "lock", "restore.ready/record.json", "before-restore-1/x")},
    **{
        f"the name {name!r}": {"files": {name: ENTRY}}
        for name in ("audit.sqlite/x", "CURRENT/x", "generations", "generations/x", "mappings/x/y")
    },
}


@pytest.mark.parametrize("way", FORGED)
def test_a_forged_list_is_refused_by_a_sentence(way: str, filled: Path, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "backup", current_only=True)
    forge(tmp_path / "backup", **FORGED[way])
    with pytest.raises(StoreError, match=r"is damaged: BACKUP\.json"):
        restore(tmp_path / "store", tmp_path / "backup", OPERATOR)
    assert not any((tmp_path / "store").glob("*"))


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


def test_a_backup_that_is_killed_at_its_end_is_whole(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup, inner = tmp_path / "backup", Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:  # noqa: FBT002  (as pathlib has it)
        if self.name == MAKING:
            raise Killed
        inner(self, missing_ok)

    with monkeypatch.context() as killing:
        killing.setattr(Path, "unlink", unlink)
        with pytest.raises(Killed):
            back_up(store, backup)
    assert not (tmp_path / "backup.part").exists()
    held, _sha256 = read_list(backup)
    check_backup(backup, held)
    assert strange_to(backup, held) == []
    assert not (back_up(store, tmp_path / "next")[0].files.keys() - held.files.keys())
    assert not (tmp_path / "next" / MAKING).exists()


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


def test_a_restore_that_is_killed_while_it_tidies_is_over(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(store, tmp_path / "backup")

    def rmtree(folder: Path, *, ignore_errors: bool = False) -> None:
        if folder.name == contents.READYING and not (folder / "record.json").exists():
            return  # before it begins
        (folder / "record.json").unlink()
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(shutil, "rmtree", rmtree)
        with pytest.raises(Killed):
            restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert finish(store) is None
    assert unsound(store) == []
    restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert not (store / contents.READYING).exists()


def test_what_is_made_while_a_restore_is_stopped_overwrites_nothing(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of before is moved aside already, and a dashboard that still runs begins another one: both are kept."""
    back_up(store, tmp_path / "backup")
    audit.append(audit.Event.STOP, OPERATOR, home=store)
    old = (store / audit.KEY).read_bytes(), audit.verify(store).lines + 1  # the line that a restore is asked for

    def sync(_path: Path) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(
            "synapse_analytics.store.restore.sync", lambda path: sync(path) if path == store and list(path.glob("before*")) else None
        )
        with pytest.raises(Killed):
            restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert not (store / audit.DATABASE).exists()
    audit.append(audit.Event.START, OPERATOR, home=store)
    (store / "generations").mkdir()
    (store / "generations" / "x").touch()
    finish(store)
    (before,) = store.glob("before-restore-*")
    assert ((before / audit.KEY).read_bytes(), audit.verify(before, witnessed=False).lines) == old
    assert (before / f"{audit.DATABASE}.meanwhile").exists()
    assert list((before / "generations").glob("*/manifest.json"))
    assert unsound(store) == []


def test_root_does_not_take_a_store_from_its_account(store: Path, tmp_path: Path) -> None:
    """What it restores would be its own, closed to the account that serves."""
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("to give a file to another account takes root")
    back_up(store, tmp_path / "backup")
    os.chown(store, 65534, 65534)
    with pytest.raises(StoreError, match="belongs to the account.*Run this as that account"):
        restore(store, tmp_path / "backup", OPERATOR, replace=True)


def test_nobody_saves_a_cohort_while_a_restore_moves_them(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who had read the cohorts of before would write them over those of the backup."""
    back_up(store, tmp_path / "backup")
    free, inner = [], Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.name == FILE:
            with FileLock(store / contents.COHORTS_LOCK) as lock:
                free.append(lock.take())
        return inner(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert free == [False, False]


def test_what_is_no_part_of_the_store_stays_where_it_is(store: Path, tmp_path: Path) -> None:
    """As `lost+found` of a disk that is the home of the store, which this account may not move."""
    back_up(store, tmp_path / "backup")
    (store / "lost+found").mkdir()
    restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert (store / "lost+found").is_dir()


def test_a_restore_that_cannot_begin_leaves_no_copy(store: Path, tmp_path: Path) -> None:
    """The disk may be full because of it."""
    back_up(store, tmp_path / "backup")
    with building(store), pytest.raises(StoreError, match="A load is under way"):
        restore(store, tmp_path / "backup", OPERATOR, replace=True)
    assert not (store / contents.READYING).exists()


def test_a_log_that_is_a_folder_is_moved_aside(store: Path, tmp_path: Path) -> None:
    back_up(store, tmp_path / "backup")
    (store / audit.DATABASE).unlink()
    (store / audit.DATABASE).mkdir()
    restore(store, tmp_path / "backup", OPERATOR)
    assert unsound(store) == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"before": "../elsewhere"}'])
def test_a_damaged_note_of_a_restore_says_where_everything_lies(content: str, store: Path) -> None:
    (store / contents.READY).mkdir()
    (store / contents.READY / "record.json").write_text(content)
    with pytest.raises(StoreError, match="is damaged.*Move"):
        finish(store)
    sweep_up(url(store))  # the dashboard starts all the same


def test_a_backup_that_was_named_like_one_that_is_made_is_not_removed(store: Path, tmp_path: Path) -> None:
    back_up(store, tmp_path / "today.part")
    with pytest.raises(UsageError, match="is a whole backup"):
        back_up(store, tmp_path / "today")
    assert (tmp_path / "today.part" / "BACKUP.json").exists()


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
            if not (store / "CURRENT").exists():
                with pytest.raises(StoreError, match="finish it with the same `store restore`"):
                    open_store(url(store))
            for step in (lambda: back_up(store, tmp_path / "other"), lambda: load(check_of(5), url(store))):
                if is_begun:
                    with pytest.raises(StoreError, match="finish it with the same `store restore`"):
                        step()
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


def test_a_log_that_was_damaged_in_the_backup_does_not_stop_the_restore(store: Path, tmp_path: Path) -> None:
    """The restore stood still half done, and refused every load and every other backup, a good one too."""
    back_up(store, tmp_path / "good")
    spoil(store / audit.DATABASE, lambda content: content[:4096] + bytes([content[4096] ^ 2]) + content[4097:])
    back_up(store, tmp_path / "copy")
    (store / contents.POINTER).unlink()
    done = restore(store, tmp_path / "copy", OPERATOR)
    assert done.problem
    assert not contents.is_half_restored(store)
    assert open_store(url(store))[1].id == done.current
    assert restore(store, tmp_path / "good", OPERATOR).problem is None
    assert audit.verify(store).problem is None


def test_names_are_those_of_the_rooms_downstream() -> None:
    assert (contents.COHORTS, contents.SURROGATES, contents.COHORTS_LOCK) == (FILE, SECRET_FILE, LOCK)
