"""A disk that is full, at five sizes, or that may not be written: a sentence, the old or the complete new, and no half of anything."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from synapse_analytics import audit
from tests.faults.counted import End, Faults, Inject
from tests.faults.disks import PAGE, clear, fill, read_only, small_disk, why_not
from tests.faults.kept import SETTINGS, copy, kept, left_behind, unsound, url, which
from tests.faults.program import Ended, command

Act = Callable[[Path], Ended]  # a command on the store at this place
SIZES = 5
BEFORE = b"what was there before"
REFUSED = ("cannot be written", "cannot be read", "disk is full", "cannot be opened", "refused to read or write")


def _load(home: Path) -> Ended:
    return command("load", kept().bundles["third"], "--database", url(home))


def _use(home: Path) -> Ended:
    return command("generations", "use", kept().versions["first"], "--database", url(home))


def _ask(home: Path) -> Ended:
    return command("answer", "diagnosis_mix", "--database", url(home))


def _full(act: Act, new: str, free: Callable[[int], int]) -> Callable[[Path], Inject]:
    """The disk of the store has so little room left while this is done."""

    def prepare(folder: Path) -> Inject:
        def inject(number: int) -> End:
            with small_disk(folder / "disk") as disk:
                home = copy(disk / "home")
                fill(disk, free(number))
                ended = act(home)
                clear(disk)
                return End(_whole(home, ended, new) or _works_again(home))

        return inject

    return prepare


def _whole(home: Path, ended: Ended, new: str) -> str:
    """Refused and as before, or done; the sentence of a deed that could not be logged to its end says what is done."""
    found = which(home)
    if ended.code and not ended.is_sentence(*REFUSED):
        return f"exit code {ended.code}: {ended.said[-300:]}"
    said_new = ended.code == 0 or ended.is_sentence("is in use: the audit log", "is now in use: the audit log")
    if found != (new if said_new else "second"):
        return f"exit code {ended.code}, and the answers are those of {found}: {ended.said[-200:]}"
    return unsound(home)


def _works_again(home: Path) -> str:
    """With room, the next load works and nothing else lies there."""
    done = command("load", kept().bundles["first"], "--database", url(home))
    if done.code or which(home) != "first":
        return f"with room again a load does not work: {done.said[-300:]}"
    return unsound(home) or left_behind(home)


def _asking(folder: Path) -> Inject:
    """A question that must be logged is not answered where it cannot be; one that need not be is."""

    def inject(number: int) -> End:
        must = number < SIZES
        with small_disk(folder / "disk") as disk:
            home = copy(disk / "home")
            (home / "settings.yaml").write_text(SETTINGS.format("true" if must else "false"))
            fill(disk, number % SIZES * PAGE)
            ended, lines = _ask(home), len(list(audit.lines(home)))
            clear(disk)
            return End(_answered(ended, is_logged=lines > len(list(audit.lines(kept().home))), must=must) or unsound(home))

    return inject


def _answered(ended: Ended, *, is_logged: bool, must: bool) -> str:
    if ended.code == 0:
        return "it was answered and not logged" if must and not is_logged else ""
    return "" if must and ended.is_sentence(*REFUSED) else f"exit code {ended.code}: {ended.said[-300:]}"


FILES: dict[str, tuple[str, ...]] = {
    "rows.zip": ("export", "{out}", "--purpose", "a test"),
    "rows.xlsx.zip": ("export", "{out}", "--purpose", "a test", "--for", "xlsx"),
    "rows.parquet.zip": ("export", "{out}", "--purpose", "a test", "--for", "parquet"),
    "answer.csv": ("answer", "diagnosis_mix", "--out", "{out}"),
    "answer.xlsx": ("answer", "diagnosis_mix", "--out", "{out}"),
    "answer.parquet": ("answer", "diagnosis_mix", "--out", "{out}"),
    "report.html": ("report", "{out}"),
}


def _writing(folder: Path) -> Inject:
    """A file is written onto a full disk, over one that is there; the store lies elsewhere."""
    home, sizes = folder / "home", {}

    def inject(number: int) -> End:
        name = list(FILES)[number % len(FILES)]
        copy(home)

        def write(out: Path) -> Ended:
            return command(*(word.format(out=out) for word in FILES[name]), "--database", url(home))

        if name not in sizes:
            ended = write(folder / name)
            assert ended.code == 0, ended.said
            sizes[name] = (folder / name).stat().st_size
        with small_disk(folder / "disk") as disk:
            out = disk / name
            out.write_bytes(BEFORE)
            fill(disk, sizes[name] * (number // len(FILES)) // SIZES)
            return End(_old_or_new(out, write(out)) or unsound(home))

    return inject


def _old_or_new(out: Path, ended: Ended) -> str:
    if more := sorted(path.name for path in out.parent.iterdir() if path.name not in (out.name, "ballast")):
        return f"left behind: {', '.join(more)}"
    content = out.read_bytes()
    if ended.code == 0:
        is_zip = zipfile.is_zipfile(out) and zipfile.ZipFile(out).testzip() is None
        return "" if is_zip or (out.suffix not in (".zip", ".xlsx") and len(content) > len(BEFORE)) else "half a file"
    if content != BEFORE:
        return "the file that was there is gone"
    return "" if ended.is_sentence("cannot be written: No space left on device") else f"exit code {ended.code}: {ended.said[-300:]}"


def _report(home: Path) -> Ended:
    return command("report", home.parent.parent / "report.html", "--database", url(home))


def _export(home: Path) -> Ended:
    return command("export", home.parent.parent / "rows.zip", "--purpose", "a test", "--database", url(home))


def _save(home: Path) -> Ended:
    return command("cohort", "sex=male", "--save", "Men", "--database", url(home))


DEEDS: tuple[Act, ...] = (_load, _use, _export, _report, _save, _ask, lambda home: command("generations", "--database", url(home)))
READS = DEEDS[-2:]  # what writes nothing that must be written goes on


def _blocked(folder: Path) -> Inject:
    """The store may be read and not written, its log may not, or another program holds the log."""

    def inject(number: int) -> End:
        act, must, way = DEEDS[number % len(DEEDS)], number // len(DEEDS) % 2 == 1, WAYS[number // len(DEEDS) // 2]
        with small_disk(folder / "disk") as disk:
            home = copy(disk / "home")
            (home / "settings.yaml").write_text(SETTINGS.format(str(must).lower()))
            for name in ("rows.zip", "report.html"):
                (folder / name).write_bytes(BEFORE)
            with read_only(disk) if way == "read only" else _held(home) if way == "held" else nullcontext():
                if way in (audit.DATABASE, audit.KEY):
                    (home / way).rename(home / "elsewhere")
                    (home / way).mkdir()
                ended = act(home)
            _mended(home)
            wrong = _refused(ended, is_read=act in READS and not (must and act is _ask))
            if any((folder / name).read_bytes() != BEFORE for name in ("rows.zip", "report.html")):
                wrong = wrong or "a file was written, and nobody could log it"
            return End(wrong or ("" if which(home) == "second" else "other answers than before") or unsound(home))

    return inject


def _mended(home: Path) -> None:
    """As somebody would put it right: the file is back, and no question must be logged to look at the answers."""
    (home / "settings.yaml").unlink()
    for name in (audit.DATABASE, audit.KEY):
        if (home / "elsewhere").exists() and (home / name).is_dir():
            (home / name).rmdir()
            (home / "elsewhere").rename(home / name)


WAYS = ("read only", audit.DATABASE, audit.KEY, "held")


def _held(home: Path) -> sqlite3.Connection:
    """Another program holds the log; sqlite waits for ten seconds."""
    connection = sqlite3.connect(home / audit.DATABASE, isolation_level=None)
    connection.execute("begin exclusive")
    return connection


def _refused(ended: Ended, *, is_read: bool) -> str:
    if is_read:
        return "" if ended.code == 0 else f"what only reads ended with exit code {ended.code}: {ended.said[-300:]}"
    return "" if ended.is_sentence(*REFUSED) else f"exit code {ended.code}: {ended.said[-300:]}"


def _backing_up(folder: Path) -> Inject:
    """A backup onto a disk that has not enough room."""
    home = folder / "home"

    def inject(number: int) -> End:
        copy(home)
        with small_disk(folder / "disk") as disk:
            fill(disk, 2 * VERSION * number // SIZES)
            ended = command("store", "backup", disk / "backup", "--database", url(home))
            if ended.code and not ended.is_sentence("cannot be written: No space left on device"):
                return End(f"exit code {ended.code}: {ended.said[-300:]}")
            more = sorted(path.name for path in disk.iterdir() if path.name != "ballast")
            wrong = f"left behind: {', '.join(more)}" if ended.code and more else ""
            return End(wrong or ("" if which(home) == "second" else "other answers than before") or unsound(home) or left_behind(home))

    return inject


VERSION = 5_500_000  # bytes of a data version of these bundles, about
STORE = "A sentence and the old data, or the complete new ones; nothing half built stays, and with room again the next load works."
CLASSES = (
    Faults("full disk during a load", STORE, SIZES, 1, _full(_load, "third", lambda n: VERSION * (0, 3, 6, 9, 11)[n] // 10), why_not),
    Faults("full disk while a data version is put into use", STORE, SIZES, 1, _full(_use, "first", lambda n: n * PAGE), why_not),
    Faults(
        "full disk while a question is logged",
        "Where every question must be logged it is not answered, and a sentence says why; elsewhere it is.",
        2 * SIZES,
        2,
        _asking,
        why_not,
    ),
    Faults(
        "full disk under a report, an answer or exported rows (CSV, XLSX, Parquet)",
        "A sentence, and the file that was there before stays; never half a file, and nothing beside it.",
        len(FILES) * SIZES,
        3,
        _writing,
        why_not,
    ),
    Faults(
        "full disk under a backup",
        "A sentence, and nothing half made stays; the store is as it was.",
        SIZES,
        1,
        _backing_up,
        why_not,
    ),
    Faults(
        "a store or its log that cannot be written, or is held by another program",
        "What must be logged is not done, and a sentence says why; what only reads goes on.",
        len(DEEDS) * 2 * len(WAYS),
        4,
        _blocked,
        why_not,
    ),
)
