"""kill -9 at any moment of what changes a store or writes a file: the old or the complete new one is there, and nothing else for long."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from synapse_analytics import audit
from synapse_analytics.errors import StoreError
from synapse_analytics.store.contents import is_half_restored
from tests.faults.counted import End, Faults, Inject
from tests.faults.kept import copy, kept, left_behind, unsound, url, which
from tests.faults.program import Ended, Killing, command, ended, go, moment, started

Words = Callable[[Path], Sequence[object]]  # the command, on a store at this place
After = Callable[[Path, Ended], str]  # what is wrong with the store after it; nothing as a rule
BEFORE = b"what was there before"


def _killing(words: Words, after: After, begin: Callable[[Path], object] | None = None) -> Callable[[Path], Inject]:
    """Kill the command somewhere, and look at what it left."""

    begin = begin or _fresh

    def prepare(folder: Path) -> Inject:
        home = folder / "home"
        killing = Killing(words(home), lambda: begin(home))
        return lambda number: End(after(home, killing.killed(number)))

    return prepare


def _fresh(home: Path) -> Path:
    """A new copy, and beside it the file that an export is to replace."""
    shutil.rmtree(home.parent / "out", ignore_errors=True)
    (home.parent / "out").mkdir()
    (home.parent / "out" / "rows.zip").write_bytes(BEFORE)
    return copy(home)


def _loading(home: Path) -> Sequence[object]:
    return ("load", kept().bundles["third"], "--database", url(home))


def _using(home: Path) -> Sequence[object]:
    return ("generations", "use", kept().versions["first"], "--database", url(home))


def _exporting(home: Path) -> Sequence[object]:
    return ("export", home.parent / "out" / "rows.zip", "--purpose", "a test", "--database", url(home))


def _backing_up(home: Path) -> Sequence[object]:
    return ("store", "backup", home.parent / "out" / "backup", "--database", url(home))


def _restoring(home: Path) -> Sequence[object]:
    return ("store", "restore", home.parent / "kept-backup", "--replace", "--database", url(home))


def _backed_up(home: Path) -> Path:
    """The store with its first data version in use, backed up beside it; once for each folder."""
    backup = home.parent / "kept-backup"
    if not backup.exists():
        for words in (_using(_fresh(home)), ("store", "backup", backup, "--database", url(home))):
            assert command(*words).code == 0
    return _fresh(home)


def _whole_or_none(home: Path, _killed: Ended) -> str:
    """There is a whole backup or none, and the next one leaves nothing else beside it."""
    backup = home.parent / "out" / "backup"
    if wrong := unsound(home) or ("" if which(home) == "second" else "the store answers something else"):
        return wrong
    if not backup.exists() and (again := command(*_backing_up(home))).code:
        return again.said[-300:]
    verified = command("store", "verify", backup, "--database", url(home))
    more = sorted(path.name for path in backup.parent.iterdir() if path.name not in ("backup", "rows.zip"))
    return verified.said[-300:] if verified.code else f"left behind: {', '.join(more)}" if more else ""


def _old_or_restored(home: Path, _killed: Ended) -> str:
    """The store answers as before or as the backup, or says that a restore was stopped; the next restore finishes it, and only then the log is settled with its witnesses."""
    command("generations", "--database", url(home))
    try:
        if (found := which(home)) not in ("first", "second"):
            return f"answers are those of {found}"
    except StoreError as said:
        if not is_half_restored(home):
            return str(said)
    again = command(*_restoring(home))
    if again.code or which(home) != "first":
        return again.said[-300:]
    for aside in home.glob("before-restore-*"):
        shutil.rmtree(aside)
    return unsound(home) or left_behind(home)


def _old_or_new(new: str) -> After:
    """The answers are those of before or of the new data version, and the next load leaves nothing behind."""

    def after(home: Path, _killed: Ended) -> str:
        if (found := which(home)) not in ("second", new):
            return f"answers are those of {found}"
        return unsound(home) or _next(home)

    return after


def _next(home: Path) -> str:
    """The next load works, what it loads is answered, and nothing else is there."""
    done = command("load", kept().bundles["first"], "--database", url(home))
    if done.code or which(home) != "first":
        return f"the next load does not work: {done.said[-300:]}"
    return unsound(home) or left_behind(home)


def _file_old_or_new(home: Path, _killed: Ended) -> str:
    out = home.parent / "out" / "rows.zip"
    if out.read_bytes() != BEFORE and zipfile.ZipFile(out).testzip():
        return "the file is neither the old one nor a whole new one"
    if wrong := unsound(home):
        return wrong
    for part in out.parent.glob(".part-*"):
        os.utime(part, (0, 0))  # a minute later
    again = command(*_exporting(home))
    more = sorted(path.name for path in out.parent.iterdir() if path != out)
    return again.said if again.code else f"left behind: {', '.join(more)}" if more else unsound(home) or left_behind(home)


def _lines_kept(home: Path, killed: Ended) -> str:
    """What was said to be written is there, and one line more at most, which was not said yet."""
    written = max(map(int, re.findall(r"^written (\d+)$", killed.said, re.MULTILINE)), default=0)
    more = len(list(audit.lines(home, audit.Event.QUESTION))) - len(list(audit.lines(kept().home, audit.Event.QUESTION)))
    if more not in (written, written + 1):
        return f"{written} lines were said to be written, {more} are there"
    if wrong := unsound(home):
        return wrong
    audit.append(audit.Event.QUESTION, audit.ITSELF, home=home)
    return unsound(home) or left_behind(home)


def _apart(folder: Path) -> Inject:
    """A load as an upload starts it: either process of the two is killed, and the other must not go on alone."""
    home = folder / "home"
    killing = Killing(("apart", kept().bundles["third"], url(home)), lambda: copy(home))

    def inject(number: int) -> End:
        seconds = moment(number) * killing.seconds
        copy(home)
        process = started(killing.words)
        go(process)
        time.sleep(seconds)
        there = _child(process.pid)
        with suppress(ProcessLookupError):
            os.kill(there if there and number % 2 else process.pid, signal.SIGKILL)
        ended(process)
        while there and Path(f"/proc/{there}").exists():  # it ends by itself as soon as it looks for the other
            time.sleep(0.02)
        return End(_old_or_new("third")(home, Ended(0, "")))

    return inject


def _child(parent: int) -> int | None:
    with suppress(OSError):
        for found in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            return int(found)
    return None


def _why_not() -> str:
    return "" if Path("/proc/self/task").exists() else "finding the process of an upload takes /proc"


STORE = "The answers are the old ones or the complete new ones, the audit log is whole, and the next load works and leaves nothing behind."
CLASSES = (
    Faults("kill -9 during a load", STORE, 80, 1, _killing(_loading, _old_or_new("third"))),
    Faults("kill -9 during an upload, of either of its processes", STORE, 20, 1, _apart, _why_not),
    Faults("kill -9 while a data version is put into use", STORE, 30, 1, _killing(_using, _old_or_new("first"))),
    Faults(
        "kill -9 during an export",
        "The file that was there is there, or the complete new one; an export a minute later leaves nothing else beside it.",
        20,
        1,
        _killing(_exporting, _file_old_or_new),
    ),
    Faults(
        "kill -9 during a backup",
        "There is a whole backup or none, the store is as it was, and the next backup leaves nothing else beside it.",
        20,
        1,
        _killing(_backing_up, _whole_or_none),
    ),
    Faults(
        "kill -9 during a restore",
        "The answers are the old ones or those of the backup, or a sentence says that a restore was stopped; the next `store restore` finishes it, and the audit log is whole.",
        20,
        1,
        _killing(_restoring, _old_or_restored, _backed_up),
    ),
    Faults(
        "kill -9 while the audit log is written",
        "Every line that was reported as written is there, the log is whole, and the next line follows.",
        30,
        1,
        _killing(lambda home: ("append", home), _lines_kept),
    ),
)
