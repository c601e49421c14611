"""Files made to exhaust a reader: small to send, large to read, or wrong in more places than can be kept. Each takes a second to make.

`python -m tests.faults.heavy FAMILY` makes and checks them one after the other, and prints what became of each and the most memory held.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from synapse_analytics.bundle import check_bundle
from tests.examples import DEEP
from tests.faults.drawn import RIGHT, write_right

PATIENTS, EPISODES, SCORES = "patients.csv", "episodes.csv", "scores.csv"
MILLION, MEGABYTE = 1_000_000, 1 << 20
# Rows that are wrong: a hundred times as many as are listed of a rule; the deep run makes as many as a clinic of a city has.
MANY, SOME, LONG = (MILLION, 300_000, 8_000) if DEEP else (60_000, 30_000, 1_000)
PART = 1 if DEEP else 4  # the ordinary run makes a quarter of the lines that are cheap to send and dear to read, but for the blank ones
Fill = Callable[[Path], Path | None]


@dataclass(frozen=True)
class Heavy:
    """How a file of the right bundle is put in the place of another, and the rule that must refuse it."""

    fill: Fill
    rule: str
    file: str


def _bytes(file: str, *parts: bytes | Iterable[bytes]) -> Fill:
    def fill(folder: Path) -> None:
        with (folder / file).open("wb") as handle:
            for part in parts:
                handle.writelines([part] if isinstance(part, bytes) else part)

    return fill


def _after(file: str, content: bytes, times: int = 1) -> Fill:
    """The right file, and this many times something else."""
    return _bytes(file, RIGHT[file].encode(), (content for _ in range(times)))


def _rows(file: str, form: str, count: int) -> Fill:
    """The right file and so many rows more; {} is the number of the row."""
    return _bytes(
        file,
        RIGHT[file].encode(),
        ("".join(form.format(k + n) for n in range(min(count, 10_000))).encode() for k in range(0, count, 10_000)),
    )


def _parquet(file: str, make: Callable[[Path], None]) -> Fill:
    def fill(folder: Path) -> None:
        (folder / file).unlink()
        make(folder / file.replace(".csv", ".parquet"))

    return fill


def _constant(text: str | bytes, rows: int) -> pa.DictionaryArray:
    kind = pa.string() if isinstance(text, str) else pa.binary()
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text], kind))


def _run_length(rows: int) -> Callable[[Path], None]:
    """The same id again and again: run lengths of a dictionary's one value, a byte or two for a million rows."""

    def make(path: Path) -> None:
        table = pa.table({"episode_id": _constant("E1", MILLION)})
        with parquet.ParquetWriter(path, table.schema, compression="zstd") as writer:
            for _ in range(rows // MILLION):
                writer.write_table(table)

    return make


def _scores(rows: int, size: int | None = None, **columns: pa.Array) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        values = {"episode_id": "E1", "day": "0", "instrument": "odi", "value": "50"}
        whole = {name: _constant(text, rows) for name, text in values.items()} | columns
        parquet.write_table(pa.table(whole), path, compression="zstd", row_group_size=size)

    return make


def _long_columns(columns: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        table = pa.table({"patient_id": ["P1"]} | {f"c{k}": ["x" * (60 * MEGABYTE)] for k in range(1)})
        for k in range(1, columns):
            table = table.append_column(f"c{k}", table["c0"])
        parquet.write_table(table, path, compression="zstd", use_dictionary=False)

    return make


def _text(*values: bytes) -> pa.Array:
    """Texts that need not be UTF-8."""
    ends = np.cumsum([0, *map(len, values)]).astype(np.int32)
    return pa.Array.from_buffers(pa.string(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))])


def _wide(columns: int) -> Callable[[Path], None]:
    """Columns without rows: what there is to read is their description."""

    def make(path: Path) -> None:
        schema = pa.schema([pa.field(name, pa.string()) for name in ("patient_id", *(f"c{k}" for k in range(columns)))])
        with parquet.ParquetWriter(path, schema):
            pass

    return make


def _zip_of(file: str, block: bytes, times: int) -> Fill:
    """The bundle as a zip, in which one file is a block again and again."""

    def fill(folder: Path) -> Path:
        target = folder.with_suffix(".zip")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for item in sorted(folder.iterdir()):
                if item.name != file:
                    archive.write(item, item.name)
            with archive.open(file, "w", force_zip64=True) as member:
                for _ in range(times):
                    member.write(block)
        return target

    return fill


def _zip_in_parquet_name(folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", b"0" * (200 << 20))
    (folder / SCORES).unlink()
    (folder / "scores.parquet").write_bytes(packed.getvalue())


def _distinct(form: str, rows: int) -> pa.Array:
    return pa.array([form.format(k) for k in range(rows)])


def _spelt_codes(folder: Path) -> None:
    """Wrong codes without digits, which are compared with every legal one."""
    with (folder / SCORES).open("a", encoding="utf-8") as handle:
        handle.writelines(f"E1,0,{''.join(code)},5\n" for code in islice(product("abcdefghij", repeat=6), SOME))


def _broken_patients(folder: Path) -> None:
    """Broken lines in which the patients of lost episodes are looked for."""
    ids = ",".join(f"Q{{0}}{k}" for k in range(100))
    _rows(PATIENTS, f'"P{{0}},{ids}\n', 100_000 // PART)(folder)
    _rows(EPISODES, "F{0},R{0},2020-01,S1,C01,herniated_disc,,,,no,open,\n", SOME)(folder)


HEAVY: dict[str, Heavy] = {
    # Parquet
    "text that is not UTF-8": Heavy(
        _parquet(SCORES, _scores(3, instrument=_text(b"odi", b"\xff\xfe\xfa", b"odi"))), "not_utf8", "scores.parquet"
    ),
    "a dictionary that is not UTF-8": Heavy(
        _parquet(
            SCORES,
            _scores(300_000, value=pa.DictionaryArray.from_arrays(pa.array(np.arange(300_000) % 2, pa.int32()), _text(b"5", b"\xc3"))),
        ),
        "not_utf8",
        "scores.parquet",
    ),
    "an id that is not UTF-8": Heavy(_parquet(SCORES, _scores(2, episode_id=_text(b"E1", b"E\xe9"))), "not_utf8", "scores.parquet"),
    "millions of rows in half a megabyte": Heavy(
        _parquet(SCORES, _run_length(60 * MILLION // PART)), "packed_too_tightly", "scores.parquet"
    ),
    "a value of 1 MB in every row": Heavy(
        _parquet(SCORES, _scores(200_000, instrument=_constant("x" * MEGABYTE, 200_000))), "unknown_code", "scores.parquet"
    ),
    "a value of 10 MB in every row": Heavy(
        _parquet(SCORES, _scores(200_000, value=_constant("7" * (10 * MEGABYTE), 200_000))), "wrong_type", "scores.parquet"
    ),
    "an id of 1 MB in every row": Heavy(
        _parquet(SCORES, _scores(200_000, episode_id=_constant("E" * MEGABYTE, 200_000))), "wrong_form", "scores.parquet"
    ),
    "a value of 100 MB": Heavy(
        _parquet(SCORES, _scores(1, instrument=pa.array(["x" * (100 * MEGABYTE)]))), "packed_too_tightly", "scores.parquet"
    ),
    "columns more, of one value of 60 MB each": Heavy(
        _parquet(PATIENTS, _long_columns(60 if DEEP else 12)), "packed_too_tightly", "patients.parquet"
    ),
    "a row group a row": Heavy(_parquet(SCORES, _scores(4_000, size=1)), "too_many_row_groups", "scores.parquet"),
    "100,000 columns of Parquet": Heavy(_parquet(PATIENTS, _wide(100_000)), "too_many_columns", "patients.parquet"),
    "a zip called Parquet": Heavy(_zip_in_parquet_name, "not_a_parquet", "scores.parquet"),
    "many wrong values of Parquet": Heavy(_parquet(SCORES, _scores(SOME, value=_distinct("3O{}", SOME))), "wrong_type", "scores.parquet"),
    # CSV
    "megabytes of blank lines": Heavy(_after(SCORES, b"\n" * MEGABYTE, 48), "blank_line", SCORES),
    "one line of 50 MB": Heavy(_after(SCORES, b"9" * MEGABYTE, 50), "line_too_long", SCORES),
    "a header of 50 MB": Heavy(_bytes(SCORES, (b"episode_id," * 100_000 for _ in range(48))), "line_too_long", SCORES),
    "a million columns": Heavy(_bytes(SCORES, b",".join(b"c%d" % k for k in range(MILLION)) + b"\nx\n"), "line_too_long", SCORES),
    "30,000 columns": Heavy(
        _bytes(SCORES, b"episode_id," + b",".join([b"a"] * 30_000) + b"\n", (b"E1," + b"," * 30_000 + b"\n" for _ in range(1_000))),
        "too_many_columns",
        SCORES,
    ),
    "50 MB of NUL": Heavy(_after(SCORES, b"\0" * MEGABYTE, 50), "line_too_long", SCORES),
    "lines of NUL": Heavy(_after(SCORES, b"E1,0,\0,5\n" * 100_000, 20 // PART), "nul_byte", SCORES),
    "lines of quotes": Heavy(_after(SCORES, b'"""\n' * 100_000, 28 // PART), "unclosed_quote", SCORES),
    "lines of commas": Heavy(_after(SCORES, b",,,,,,,\n" * 100_000, 20 // PART), "long_row", SCORES),
    "lines that are not UTF-8": Heavy(_after(SCORES, b"E1,0,\xff,5\n" * 100_000, 12 // PART), "not_utf8", SCORES),
    "the header again and again": Heavy(
        _after(SCORES, b"episode_id,day,instrument,value\n" * 100_000, 8 // PART), "repeated_header", SCORES
    ),
    "many wrong numbers": Heavy(_rows(SCORES, "E1,0,odi,3O{}\n", MANY), "wrong_type", SCORES),
    "many wrong codes in letters": Heavy(_spelt_codes, "unknown_code", SCORES),
    "many scores out of range": Heavy(_rows(SCORES, "E1,0,odi,{}.5\n", SOME), "out_of_range", SCORES),
    "many phone numbers": Heavy(_rows(SCORES, "E1,0,odi,98{:08}\n", SOME), "identity_phone", SCORES),
    "many unknown episodes": Heavy(_rows(SCORES, "X{},0,odi,5\n", SOME), "orphan", SCORES),
    "many unknown patients": Heavy(_rows(EPISODES, "E1{0:07},X{0},2020-01,S1,C01,herniated_disc,,,,no,open,\n", MANY), "orphan", EPISODES),
    "many ids of a wrong form": Heavy(_rows(PATIENTS, "P {},female,50,,,,\n", SOME), "wrong_form", PATIENTS),
    "many ids without a letter": Heavy(_rows(PATIENTS, "{:09},female,50,,,,\n", SOME), "digit_only_id", PATIENTS),
    "ids of 5,000 letters": Heavy(_rows(PATIENTS, "{:05}" + "a" * 5_000 + ",female,50,,,,\n", 2_000 // PART), "wrong_form", PATIENTS),
    "sites of 5,000 letters": Heavy(
        _rows(EPISODES, "F{0},P1,2020-01,{0}" + "-a" * 2_500 + ",C01,herniated_disc,,,,no,open,\n", 2_000 // PART), "wrong_form", EPISODES
    ),
    "many ids of 58,000 letters": Heavy(_rows(PATIENTS, "{:05}" + "a" * 58_000 + ",female,50,,,,\n", LONG), "wrong_form", PATIENTS),
    "broken lines of a hundred ids": Heavy(_broken_patients, "unclosed_quote", PATIENTS),
    "the same key again and again": Heavy(_after(PATIENTS, b"P2,male,61,,no,2,retired\n" * 100_000, 12 // PART), "duplicate_key", PATIENTS),
    "many names in a column more": Heavy(
        _bytes(PATIENTS, b"patient_id,sex,age_years,other\n", (f"P{k},female,50,Asha Verma{k}\n".encode() for k in range(SOME))),
        "extra_column",
        PATIENTS,
    ),
    # archives and manifests
    "a zip that unpacks to 800 MB": Heavy(_zip_of(SCORES, b"\n" * (8 * MEGABYTE), 100), "zip_bomb", SCORES),
    "a manifest of 50 MB": Heavy(_bytes("manifest.json", (b"[" * MEGABYTE for _ in range(50))), "manifest_not_json", "manifest.json"),
}
"""Each file is refused within seconds and a gigabyte."""


def family(heavy: Heavy) -> str:
    """parquet, csv or other: what is checked in one process."""
    ending = heavy.file.rpartition(".")[2]
    return ending if ending in ("parquet", "csv") else "other"


def _most_memory() -> int:
    """The most megabytes that this process held in real memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def _check_all(wanted: str) -> None:
    for name, heavy in HEAVY.items():
        if family(heavy) != wanted:
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = write_right(Path(place) / "bundle")
            path = heavy.fill(folder) or folder
            pa.default_memory_pool().release_unused()
            Path("/proc/self/clear_refs").write_text(
                "5", encoding="ascii"
            )  # the most memory is counted anew, without what the file was made in
            start = time.monotonic()
            check = check_bundle(path)
            seconds = time.monotonic() - start
        told = {"name": name, "counts": check.counts, "listed": len(check.problems), "seconds": seconds, "megabytes": _most_memory()}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    _check_all(sys.argv[1])
