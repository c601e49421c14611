"""Files of a store that a disk or a person has damaged: flipped bits, cut, exchanged, replaced, removed, added, and under a running process."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from synapse_analytics.clinic import open_clinic
from synapse_analytics.errors import SynapseError
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.kept import asked, copy, forget, kept, url, which
from tests.faults.looked_at import Refused, differing, seen

Damage = Callable[[Path, int], object]  # what is done to a file; the number draws how
EMPTY = {"lock", "loading", "cohorts.lock"}


def files() -> list[str]:
    """Every file of the store that holds something, by its path in it."""
    home = kept().home
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and path.name not in EMPTY)


FILES = 2 * 11 + 6  # a test holds it to `files()`: what is tried must be known before a store is made


def _damaging(*damages: Damage) -> Callable[[Path], Inject]:
    """Each file damaged in each way, and everything looked at."""

    def prepare(folder: Path) -> Inject:
        home, names = folder / "home", files()
        assert len(names) == FILES, names
        before = seen(copy(home))

        def inject(number: int) -> End:
            copy(home)
            name = names[number % FILES]
            damages[number // FILES % len(damages)](home / name, number)
            now = seen(home)
            return End(differing(before, now, Path(name).name) or _overlooked(name, now))

        return inject

    return prepare


def _overlooked(name: str, now: dict[str, object]) -> str:
    """Every byte of a data version is vouched for, and each of its files: what befalls it is found even where it changes no answer."""
    version, path = Path(name).parent.name, Path(name)
    look = {kept().versions["first"]: "the data version before", kept().versions["second"]: "the answers"}.get(version)
    if look is None or path.name == "manifest.sha256" or isinstance(now[look], Refused):
        return ""
    return f"nobody noticed what befell {path.name}"


def flip(path: Path, number: int) -> None:
    """Turn one bit over."""
    random, whole = Random(number), bytearray(path.read_bytes())
    whole[random.randrange(len(whole))] ^= 1 << random.randrange(8)
    write(path, bytes(whole))


def write(path: Path, content: bytes) -> None:
    """Write over a file that is not to be written, where it lies."""
    path.chmod(0o600)
    path.write_bytes(content)


def cut(part: Callable[[int], int]) -> Damage:
    """Cut a file off after so many of its bytes."""
    return lambda path, _number: write(path, path.read_bytes()[: part(path.stat().st_size)])


def _folder(path: Path, _number: int) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path, _number: int) -> None:
    path.unlink()
    os.mkfifo(path)


def _dangling(path: Path, _number: int) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nothing"))


def _onto_itself(path: Path, _number: int) -> None:
    path.unlink()
    path.symlink_to(path)


def _text(content: bytes) -> Damage:
    return lambda path, _number: write(path, content)


def _exchanged(folder: Path) -> Inject:
    """A file of one data version in the place of that of the other, there and back or one over the other."""
    home, (first, second) = folder / "home", (kept().versions["first"], kept().versions["second"])
    before = seen(copy(home))
    names = sorted(path.name for path in (home / "generations" / first).iterdir())

    def inject(number: int) -> End:
        copy(home)
        one, other = (home / "generations" / version / names[number % 11] for version in (first, second))
        was = one.read_bytes(), other.read_bytes()
        way = number // 11
        if way in (0, 1):
            write(one, was[1])
        if way in (0, 2):
            write(other, was[0])
        return End(differing(before, seen(home)))

    return inject


def _folders_exchanged(folder: Path) -> Inject:
    home, (first, second) = folder / "home", (kept().versions["first"], kept().versions["second"])
    before = seen(copy(home))

    def inject(_number: int) -> End:
        places = copy(home) / "generations"
        (places / first).rename(places / "between")
        (places / second).rename(places / first)
        (places / "between").rename(places / second)
        return End(differing(before, seen(home)))

    return inject


FOREIGN = (
    "generations/README",
    "generations/x.tmp/file",
    "generations/20200101T000000000000-00000000/file",
    "generations/20990101T000000000000-00000000/manifest.json",
    "generations/20990101T000000000000-00000000.building",
    "generations/.nfs0001",
    "{now}/episode_facts-01.parquet",
    "{now}/generation.duckdb.wal",
    "{now}/manifest.sha256.new",
    "{before}/generation.duckdb.wal",
    "{now}/folder/file",
    "CURRENT.new",
    "CURRENT~",
    "audit.sqlite-journal",
    "audit.sqlite-wal",
    "audit.head.x",
    "cohorts.yaml.new",
    "Thumbs.db",
)


def _foreign(folder: Path) -> Inject:
    """A file that does not belong there."""
    home = folder / "home"
    before = seen(copy(home))

    def inject(number: int) -> End:
        now, earlier = (f"generations/{kept().versions[name]}" for name in ("second", "first"))
        name = FOREIGN[number // 2].format(now=now, before=earlier)
        path = copy(home) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if number % 2 else b"not ours" * 600)
        found = seen(home)
        return End(differing(before, found) or _overlooked(name.replace("/folder/", "/"), found))

    return inject


POINTED: Sequence[bytes | None] = (
    None,  # it is not there
    b"", b"\n", b"nonsense", b"../../etc", b"20200101T000000000000-00000000\n", b"\xff\xfe", b"{second}", b"{second} " + b"0" * 64, b"{first}\n",
    b"{first} {seal}", b"{second}\n{first}\n", b"{second}/", b"./{second}", b"generations/{second}", b"{second}.tmp", b" {second} ", b"{second}\0",
    b"9" * 100_000, "{second}".encode("utf-16"), b"{second} {seal}{seal}", b"{second} {SEAL}",
)  # fmt: skip


def _pointing(folder: Path) -> Inject:
    """The pointer holds something else: that is told, or it names a data version whose answers then are the right ones."""
    home, versions = folder / "home", kept().versions

    def inject(number: int) -> End:
        pointer = copy(home) / "CURRENT"
        seal = pointer.read_text().split()[1]
        content = (POINTED[number] or b"").replace(b"{SEAL}", seal.upper().encode()).replace(b"{seal}", seal.encode())
        for name in ("first", "second"):
            content = content.replace(f"{{{name}}}".encode(), versions[name].encode())
        pointer.write_bytes(content)
        if POINTED[number] is None:
            pointer.unlink()
        try:
            found = which(home)
        except SynapseError as said:
            return SURVIVED if versions["second"] in str(said) or "sha256" in str(said) else End(f"it does not say what to do: {said}")
        return (
            SURVIVED if found == ("first" if content.startswith(versions["first"].encode()) else "second") else End(f"answers of {found}")
        )

    return inject


def _in_use(folder: Path) -> Inject:
    """Damage while a process has the store open, between two questions: answered as before, or a sentence."""
    home = folder / "home"
    random_cut: list[Damage] = [
        flip,
        cut(lambda size: size // 2),
        cut(lambda _size: 0),
        lambda path, _number: path.unlink(),
        _folder,
        _zeros,
    ]

    def inject(number: int) -> End:
        forget()
        copy(home)
        clinic = open_clinic(url(home))
        name = "generation.duckdb" if number % 3 else "manifest.json"
        random_cut[number // 3 % len(random_cut)](home / "generations" / kept().versions["second"] / name, number)
        for ask in (lambda: asked(clinic), lambda: asked(open_clinic(url(home)))):
            try:
                if ask() != kept().answers["second"]:
                    return End("other answers than before, without a word")
            except SynapseError:
                pass
        return SURVIVED

    return inject


def _zeros(path: Path, _number: int) -> None:
    """As a disk that lost what was written."""
    write(path, bytes(path.stat().st_size))


WORD = "Everything is answered as before, or a sentence says what cannot be used; never a traceback, never another number."
CUTS = [cut(lambda _size: 0), cut(lambda _size: 1), cut(lambda size: size // 2), cut(lambda size: size - 1)]
REPLACED: list[Damage] = [_folder, _pipe, _dangling, _onto_itself]
CLASSES = (
    Faults("one bit of any file of the store turned over", f"{WORD} What a person wrote may read otherwise.", 300, 4, _damaging(flip)),
    Faults("files of the store cut short", WORD, FILES * len(CUTS), 2, _damaging(*CUTS)),
    Faults("files of the store replaced by a folder, a pipe or a link", WORD, FILES * len(REPLACED), 2, _damaging(*REPLACED)),
    Faults("files of the store filled with zeros, with text, or removed", WORD, FILES * 3, 1, _damaging(_zeros, _text(b"not ours\n"), lambda path, _n: path.unlink())),
    Faults("files exchanged between two data versions", WORD, 33, 1, _exchanged),
    Faults("two data versions exchanged", WORD, 1, 1, _folders_exchanged),
    Faults("files that do not belong in a store", WORD, 2 * len(FOREIGN), 1, _foreign),
    Faults("the pointer to the data version in use overwritten or missing", "The right answers, or a sentence that names the data versions there are.", len(POINTED), len(POINTED), _pointing),
    Faults("damage between two questions of a running process", WORD, 18, 2, _in_use),
)  # fmt: skip
