"""The command about the store as a whole: verify it, back it up, restore it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics.audit import DATABASE, Event, Subject, append
from synapse_analytics.cohort.saved_file import saved_cohorts
from synapse_analytics.commands.common import Database, FormatOption, operator, path_from
from synapse_analytics.errors import StoreError, SynapseError, UsageError
from synapse_analytics.settings import read_settings, settings_file
from synapse_analytics.store import check_owner, check_private, store_home, sweep_up
from synapse_analytics.store.backup import back_up, check_place, killed_beside
from synapse_analytics.store.backup_list import INNER, LIST, check_backup, read_list, strange_to
from synapse_analytics.store.contents import COHORTS, POINTER, SETTINGS
from synapse_analytics.store.copying import MEGABYTE
from synapse_analytics.store.generations import clinic_in
from synapse_analytics.store.restore import restore
from synapse_analytics.store.soundness import Finding, look_at
from synapse_analytics.terminal import Format, note, shown_progress, write_rows
from synapse_analytics.vocabulary.plurals import counted

ACTIONS = "verify, verify BACKUP, backup DEST, restore BACKUP"


def store(
    action: Annotated[
        str,
        typer.Argument(
            help="verify: is every part of the store whole? verify BACKUP: is a backup? backup DEST: copy the store into a new folder. "
            "restore BACKUP: put a backup in the place of the store"
        ),
    ] = "verify",
    place: Annotated[Path | None, typer.Argument(metavar="FOLDER", parser=path_from, help="the folder of a backup")] = None,
    current_only: Annotated[bool, typer.Option("--current-only", help="back up the data version in use, and no other")] = False,  # noqa: FBT002  (how a flag is declared)
    replace: Annotated[bool, typer.Option("--replace", help="restore also where the store is whole; it is moved aside")] = False,  # noqa: FBT002
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Verify the store, back it up, or restore it from a backup."""
    _check(action, place, current_only=current_only, replace=replace)
    home = store_home(database)
    if action == "verify":
        _verify(home, place, form)
    elif action == "backup":
        _back_up(home, place or Path(), current_only=current_only)
    else:
        _restore(home, place or Path(), form, replace=replace)


def _check(action: str, place: Path | None, *, current_only: bool, replace: bool) -> None:
    """UsageError for an action that is none, and for what it does not take."""
    if action not in ("verify", "backup", "restore"):
        raise UsageError(f"'{action}' is not an action. Allowed: {ACTIONS}.")
    if place is None and action != "verify":
        raise UsageError(f"Which folder? Name it: store {'backup DEST' if action == 'backup' else 'restore BACKUP'}.")
    for is_given, name, of in ((current_only, "--current-only", "backup"), (replace, "--replace", "restore")):
        if is_given and action != of:
            raise UsageError(f"'store {action}' does not take {name}. Allowed with: store {of}.")


def _verify(home: Path, backup: Path | None, form: Format) -> None:
    found = list(_backup_findings(backup) if backup else _findings(home))
    write_rows([{"part": one.part, "sound": one.is_sound, "finding": one.said} for one in found], form, "Store")
    if wrong := [one for one in found if not one.is_sound]:
        what = f"The backup in {backup}" if backup else f"The store in {home}"
        raise StoreError(f"{what} is not whole: {', '.join(one.part for one in wrong)}. The list says what to do.")


def _findings(home: Path, *, is_copy: bool = False) -> Iterator[Finding]:
    """Every part of a store, with what stands above it: the saved cohorts and the settings."""
    with shown_progress() as progress:
        yield from look_at(home, is_copy=is_copy, progress=progress)
    if os.path.exists(home / COHORTS):  # which is false also where this account may not look
        yield _tried("saved cohorts", lambda: f"{counted(len(saved_cohorts(home)), 'saved cohort')} can be read.")
    if not is_copy and os.path.exists(settings_file(home)):
        yield _tried("settings", lambda: f"They can be used: {_used(home)}.")


def _used(home: Path) -> Path:
    """The file of the settings, which was read."""
    read_settings(home)
    return settings_file(home)


def _tried(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, is_sound=True, said=look())
    except SynapseError as fault:
        return Finding(part, is_sound=False, said=str(fault))


def _backup_findings(folder: Path) -> Iterator[Finding]:
    """Every part of a backup."""
    held, _sha256 = read_list(folder)
    with shown_progress() as progress:
        check_backup(folder, held, progress)
    yield Finding(
        LIST, is_sound=True, said=f"It was made at {held.made_at}; its {counted(len(held.files), 'file')} are as they were written."
    )
    for name in strange_to(folder, held):
        yield Finding(name, is_sound=False, said="It is not of this backup. Move it away; a restore leaves it out.")
    yield from _findings(folder / INNER, is_copy=True)


def _back_up(home: Path, to: Path, *, current_only: bool) -> None:
    """Back up the store; the log says so before and after. A disk that is full or fails is a reason to back up: then it is done unlogged."""
    check_owner(home)
    check_place(home, to)  # before anything is made or logged there
    check_private(home)
    sweep_up(f"duckdb:///{home}")
    if (home / POINTER).exists() and not (home / DATABASE).exists():
        note(
            f"The audit log of the store is lost: there is no file {home / DATABASE}. The backup is made all the same, with a log that begins now."
        )
    is_logged = _logged(Event.BACKUP_ASKED, home, Subject(), "The backup is made all the same")
    with shown_progress() as progress:
        made, sha256 = back_up(home, to, current_only=current_only, progress=progress)
    if is_logged:
        subject = Subject(sha256=sha256, detail={"generation": made.current, "data_versions": len(made.data_versions)})
        _logged(Event.BACKUP, home, subject, f"The backup in '{to}' was made")
    note(
        f"Wrote {to}: {counted(len(made.data_versions), 'data version')}, {counted(len(made.files), 'file')}, "
        f"{made.size / MEGABYTE:,.0f} MB, read back."
    )
    for part in killed_beside(to):
        note(f"'{part}' is what a backup left whose process was killed. Remove it when nobody needs it.")


def _logged(event: Event, home: Path, subject: Subject, done: str) -> bool:
    """Log a step of a backup; where that fails a sentence says so."""
    try:
        append(event, operator(), subject, home=home, done=done)
    except StoreError as fault:
        note(str(fault))
        return False
    return True


def _restore(home: Path, backup: Path, form: Format, *, replace: bool) -> None:
    """Restore the store, and say how it is now."""
    read_list(backup)  # before anything is made there
    check_private(home)
    with shown_progress() as progress:
        done = restore(home, backup, operator(), replace=replace, progress=progress)
    in_use = f"data version {done.current} of '{clinic_in(home)}' is in use" if done.current else "no data are loaded"
    note(f"The store in {home} is as it was at {done.made_at}; {in_use}.")
    if done.before is not None:
        note(
            f"What was there before is in '{done.before}', with the only log of what people did since then. Remove it when nobody needs it any more."
        )
    if settings_file(home) != home / SETTINGS and (home / SETTINGS).exists():
        note(
            f"The settings in force are in '{settings_file(home)}', as SYNAPSE_SETTINGS says. Compare them with '{home / SETTINGS}' of the backup."
        )
    if done.problem:
        note(f"The audit log was not whole when it was backed up: {done.problem}. Look into it with `audit verify`.")
    _verify(home, None, form)
