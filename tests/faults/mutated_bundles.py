"""One mutated bundle for each number, always the same: bytes, lines, cells, columns, files and forms of a right bundle that was drawn."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow as pa
from pyarrow import parquet

from synapse_analytics.synthetic import generate
from tests.faults.mutated_tables import _ODD_DATES, _ODD_NUMBERS, _ODD_TEXTS

Table = list[list[str]]  # the header first
Change = Callable[[Random, Path], Path | None]  # what is handed in, where it is no longer the folder
ODD = (*_ODD_DATES, *_ODD_NUMBERS, *_ODD_TEXTS)


def write_base(folder: Path) -> Path:
    """The right bundle of sixty patients; its manifest has no sums, which would give every mutation away."""
    generate(folder, patients=60, seed=3, months=24)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["files"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def mutated(number: int, base: Path, folder: Path) -> Path:
    """The bundle of this number, made from the right one: a folder or a zip."""
    shutil.rmtree(folder, ignore_errors=True)
    bundle = Path(shutil.copytree(base, folder / "bundle"))
    random = Random(f"bundle {number}")
    kinds = random.choice((CELLS, CELLS, LINES, COLUMNS, BYTES, FILES))
    for _ in range(random.choice((1, 1, 2, 3))):
        random.choice(kinds)(random, bundle)
    if random.random() < 0.4:
        random.choice(HARMLESS)(random, bundle)
    return (random.choice(FORMS)(random, bundle) if random.random() < 0.3 else None) or bundle


def _some(random: Random, folder: Path) -> Path:
    """A file of records that has rows."""
    return random.choice([path for path in _tables(folder) if path.stat().st_size > 200])


def _tables(folder: Path) -> list[Path]:
    """The files of records; a link leads elsewhere, and perhaps to a device without an end."""
    return sorted(path for path in folder.glob("*.csv") if not path.is_symlink())


def _read(path: Path) -> Table:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8", errors="replace"))))


def _write(path: Path, table: Table, quoting: int = csv.QUOTE_MINIMAL, end: str = "\n") -> None:
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as handle:
        csv.writer(handle, quoting=quoting, lineterminator=end).writerows(table)  # type: ignore[arg-type]


def _a_cell(random: Random, folder: Path, new: Callable[[str, list[str]], str]) -> None:
    path = _some(random, folder)
    table = _read(path)
    if len(table) > 1:
        row, at = random.randrange(1, len(table)), random.randrange(len(table[0]))
        others = [other[at] for other in table[1:] if at < len(other)]
        if at < len(table[row]):
            table[row][at] = new(table[row][at], others)
        _write(path, table)


def other_cell(random: Random, folder: Path) -> None:
    _a_cell(random, folder, lambda _old, others: random.choice(others))


def empty_cell(random: Random, folder: Path) -> None:
    _a_cell(random, folder, lambda _old, _others: "")


def odd_cell(random: Random, folder: Path) -> None:
    _a_cell(random, folder, lambda _old, _others: random.choice(ODD))


def near_cell(random: Random, folder: Path) -> None:
    """A digit more, a digit other, a space around, other letters."""
    forms = ("{}0", "-{}", " {}", "{} ", "{}.0", "{}.5", "0{}", "+{}", "'{}", "{}\u00a0", "{}\n")
    _a_cell(random, folder, lambda old, _others: random.choice((old.upper(), old.title(), random.choice(forms).format(old), old[:-1])))


def lost_lines(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    lines = path.read_bytes().split(b"\n")
    for _ in range(random.choice((1, 1, 5))):
        del lines[random.randrange(len(lines))]
    path.write_bytes(b"\n".join(lines))


def twin_line(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    lines = path.read_bytes().split(b"\n")
    lines.insert(random.randrange(len(lines)), random.choice(lines))
    path.write_bytes(b"\n".join(lines))


def cut_line(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    lines = path.read_bytes().split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]
    path.write_bytes(b"\n".join(lines))


def strange_line(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    lines = path.read_bytes().split(b"\n")
    lines.insert(
        random.randrange(len(lines)),
        random.choice((b"", b",,,", b'"', b"total,61", b"\x1a", b"sep=,", b"\xff", _some(random, folder).read_bytes()[:300])),
    )
    path.write_bytes(b"\n".join(lines))  # fmt: skip


def lost_scores(random: Random, folder: Path) -> None:
    """Rows that nothing refers to: the rest stays right."""
    path = folder / random.choice(("scores.csv", "symptoms.csv", "investigations.csv"))
    header, *rows = _read(path)
    _write(path, [header, *random.sample(rows, len(rows) * 2 // 3)])


def lost_column(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    table = _read(path)
    at = random.randrange(len(table[0]))
    _write(path, [[cell for place, cell in enumerate(row) if place != at] for row in table])


def twin_column(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    table = _read(path)
    at = random.randrange(len(table[0]))
    _write(path, [[*row, row[at] if at < len(row) else ""] for row in table])


def renamed_column(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    table = _read(path)
    at = random.randrange(len(table[0]))
    table[0][at] = random.choice((table[0][at].upper(), f" {table[0][at]}", f"{table[0][at]}_1", "", "name", random.choice(ODD)))
    _write(path, table)


def two_columns_changed(random: Random, folder: Path) -> None:
    """Only the names change places."""
    path = _some(random, folder)
    table = _read(path)
    one, other = random.sample(range(len(table[0])), 2)
    table[0][one], table[0][other] = table[0][other], table[0][one]
    _write(path, table)


def more_column(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    table = _read(path)
    name, value = random.choice((("work_kind", "desk"), ("notes", ""), ("name", "Zorawar Quenbyson"), ("ward", "3"), ("=1+1", "x")))
    _write(path, [[*row, value if place else name] for place, row in enumerate(table)])


def flipped(random: Random, folder: Path) -> None:
    path = random.choice((_some(random, folder), folder / "manifest.json"))
    content = bytearray(path.read_bytes())
    for _ in range(random.choice((1, 1, 10))):
        content[random.randrange(len(content))] = random.choice((random.randrange(256), ord(random.choice("0123456789,abcdefg"))))
    path.write_bytes(bytes(content))


def truncated(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    content = path.read_bytes()
    path.write_bytes(content[: random.choice((0, 1, random.randrange(len(content))))])


def put_in(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    content, at = path.read_bytes(), random.randrange(100)
    at = at if random.random() < 0.3 else random.randrange(len(content))
    path.write_bytes(content[:at] + random.choice((b"\0", b'"', b"\r", b"\xef\xbb\xbf", b"\n", b",", b"\xe2\x80\x8b", b"\x85", b"1", b"a")) + content[at:])  # fmt: skip


def other_encoding(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    path.write_bytes(path.read_text(encoding="utf-8", errors="replace").encode(random.choice(("utf-16", "utf-8-sig", "utf-32", "cp037", "utf-7")), "replace"))  # fmt: skip


def lost_file(random: Random, folder: Path) -> None:
    random.choice(sorted(folder.iterdir())).unlink()


def changed_files(random: Random, folder: Path) -> None:
    one, other = _some(random, folder), _some(random, folder)
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def more_file(random: Random, folder: Path) -> None:
    name = random.choice(
        ("readme.txt", "Patients.csv", "scores (1).csv", ".DS_Store", "scores.parquet", "sub/scores.csv", "patients.csv.gz")
    )
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(random.choice((b"", b"a,b\n1,2\n", _some(random, folder).read_bytes())))


def linked_file(random: Random, folder: Path) -> None:
    path = _some(random, folder)
    path.unlink()
    outside = folder.parent / "outside.csv"  # a file of nobody's: whatever follows a link may write into it
    outside.write_text("patient_id\nP1\n", encoding="utf-8")
    path.symlink_to(random.choice((str(outside), "/dev/zero", "nowhere", "episodes.csv", "..")))


def changed_manifest(random: Random, folder: Path) -> None:
    path = folder / "manifest.json"
    if not path.exists():
        return  # an earlier change took it
    entries = json.loads(path.read_text(encoding="utf-8"))
    key = random.choice([*entries, "more", "files"])
    entries[key] = random.choice((None, 3, "", "2024-12", "2031-01", [], {}, True, {"scores.csv": {"rows": 534}}, {"scores.csv": {"sha256": "0" * 64}}, random.choice(ODD)))  # fmt: skip
    path.write_text(json.dumps(entries), encoding="utf-8")


def other_order(random: Random, folder: Path) -> None:
    """The same rows and columns in another order, with other quotes and line ends."""
    for path in _tables(folder):
        header, *rows = _read(path) or [[]]
        if any(len(row) != len(header) for row in rows) or not header:
            continue
        places = random.sample(range(len(header)), len(header))
        random.shuffle(rows)
        _write(path, [[row[at] for at in places] for row in (header, *rows)], random.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)), "\r\n")


def as_parquet(random: Random, folder: Path) -> None:
    """One file or all as Parquet, of texts."""
    for path in random.choice((_tables(folder), [_some(random, folder)])):
        header, *rows = _read(path) or [[]]
        if any(len(row) != len(header) for row in rows) or not header or _surrogate(header, rows):
            continue
        columns = [pa.array([row[at] or None for row in rows], pa.string()) for at in range(len(header))]
        parquet.write_table(pa.Table.from_arrays(columns, names=header), path.with_suffix(".parquet"))
        path.unlink()


def _surrogate(header: list[str], rows: Table) -> bool:
    return any("\ud7ff" < letter < "\ue000" for row in (header, *rows) for cell in row for letter in cell)


def as_zip(random: Random, folder: Path) -> Path:
    """The bundle as a zip: right, below a folder, with a member twice, cut, or with flipped bytes."""
    target, kind = folder.parent / "bundle.zip", random.choice(("right", "right", "right", "below", "twice", "cut", "flipped"))
    with zipfile.ZipFile(
        target, "w", random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    ) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
            archive.write(path, f"{'export/' if kind == 'below' else ''}{path.relative_to(folder)}")
    content = bytearray(target.read_bytes())
    if kind == "cut":
        content = content[: random.randrange(len(content))]
    elif kind == "flipped":
        for _ in range(3):
            content[random.randrange(len(content))] = random.randrange(256)
    elif kind == "twice":
        content = content.replace(b"symptoms.csv", b"patients.csv")
    target.write_bytes(bytes(content))
    return target


CELLS: tuple[Change, ...] = (other_cell, other_cell, empty_cell, odd_cell, near_cell)
LINES: tuple[Change, ...] = (lost_lines, twin_line, cut_line, strange_line, lost_scores, lost_scores)
COLUMNS: tuple[Change, ...] = (lost_column, twin_column, renamed_column, two_columns_changed, more_column)
BYTES: tuple[Change, ...] = (flipped, truncated, put_in, put_in, other_encoding)
FILES: tuple[Change, ...] = (lost_file, changed_files, more_file, linked_file, changed_manifest, changed_manifest)
HARMLESS: tuple[Change, ...] = (other_order, as_parquet)
FORMS: tuple[Change, ...] = (as_zip,)
