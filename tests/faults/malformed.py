"""Files that are not what they should be: structure, archives, manifests and values that are not numbers or codes."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tests.faults.drawn import MANIFEST, RIGHT, Case, Spoil, line, manifest, swap, whole

PATIENTS, SCORES, EPISODES = "patients.csv", "scores.csv", "episodes.csv"
HEADER = RIGHT[PATIENTS].split("\n", maxsplit=1)[0]


def _remove(file: str) -> Spoil:
    return lambda folder: (folder / file).unlink()


def _encoded(file: str, encoding: str) -> Spoil:
    return whole(file, RIGHT[file].encode(encoding))


def _zipped(change: Callable[[zipfile.ZipFile], None], *, leave: tuple[str, ...] = ()) -> Spoil:
    """The bundle as a zip, with something odd added to it."""

    def spoil(folder: Path) -> Path:
        target = folder.with_suffix(".zip")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for item in sorted(folder.iterdir()):
                if item.name not in leave:
                    archive.write(item, item.name)
            change(archive)
        return target

    return spoil


def _member(name: str, content: bytes = b"x") -> Spoil:
    return _zipped(lambda archive: archive.writestr(name, content))


def _link_member(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("link.csv")
    info.external_attr = 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("scores.csv", b"0" * (12 << 20))


def _broken_zip(folder: Path) -> Path:
    target = _zipped(lambda _archive: None)(folder)
    content = bytearray(target.read_bytes())
    at = content.index(b"episodes.csv") + 40  # inside the packed bytes of that member
    content[at : at + 20] = bytes(byte ^ 0xFF for byte in content[at : at + 20])
    target.write_bytes(bytes(content))
    return target


def _locked_zip(folder: Path) -> Path:
    target = _zipped(lambda _archive: None)(folder)
    content = bytearray(target.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    target.write_bytes(bytes(content))
    return target


def _not_a_bundle(folder: Path) -> Path:
    target = folder / "alone.csv"
    target.write_text("x", encoding="utf-8")
    return target


def _described(name: str, **entry: object) -> Spoil:
    return manifest(files={name: entry})


def _long_line(folder: Path) -> None:
    (folder / SCORES).write_bytes(RIGHT[SCORES].encode() + b"E1," + b"9" * (9 << 20))


def _packed(folder: Path) -> None:
    (folder / SCORES).unlink()
    table = pa.table({"episode_id": pa.array(["E1"]).take(pa.array(np.zeros(2_000_000, np.int8)))})
    parquet.write_table(table, folder / "scores.parquet", compression="zstd")


def _many_groups(folder: Path) -> None:
    (folder / SCORES).unlink()
    parquet.write_table(pa.table({"episode_id": ["E1"] * 1_001}), folder / "scores.parquet", row_group_size=1)


def _lists(folder: Path) -> None:
    (folder / SCORES).unlink()
    table = pa.table({"episode_id": ["E1"], "day": [0], "instrument": ["nrs_pain"], "value": [[8.0, 3.0]]})
    parquet.write_table(table, folder / "scores.parquet")


def _large_parquet(archive: zipfile.ZipFile) -> None:
    """A member that says it is large: the size is read from the list of the archive."""
    archive.writestr("scores.parquet", b"PAR1")
    info = archive.getinfo("scores.parquet")
    info.file_size = info.compress_size = 600 << 20


def _broken_lzma(folder: Path) -> Path:
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        for item in sorted(folder.iterdir()):
            archive.write(item, item.name)
    content = bytearray(target.read_bytes())
    at = content.index(b"episodes.csv") + 12 + 9  # behind the name and the properties
    content[at : at + 20] = b"\xff" * 20
    target.write_bytes(bytes(content))
    return target


def _odd_member_name(folder: Path) -> Path:
    """A name that says it is UTF-8 and is not."""
    target = _member("caf\u00e9.csv")(folder)
    assert target
    target.write_bytes(target.read_bytes().replace("\u00e9".encode(), b"\xff\xfe"))
    return target


MALFORMED: dict[str, Case] = {
    # whole files
    "missing needed file": Case(_remove(SCORES), "missing_file", SCORES),
    "missing manifest": Case(_remove("manifest.json"), "missing_file", "manifest.json"),
    "extra file": Case(whole("pictures.csv", b"a,b\n"), "extra_file", "pictures.csv"),
    "extra file named like a person's number": Case(whole("9876543210.csv", b""), "extra_file", "98**********sv", hidden="9876543210"),
    "extra folder": Case(lambda folder: (folder / "old").mkdir(), "extra_file", "old"),
    "symbolic link": Case(lambda folder: os.symlink("/etc/passwd", folder / "link.csv"), "path_trick", "link.csv"),
    "csv and parquet of one file": Case(whole("patients.parquet", b"PAR1"), "duplicate_file", "patients.parquet"),
    "neither folder nor zip": Case(_not_a_bundle, "not_a_bundle", "alone.csv"),
    "empty file": Case(whole(PATIENTS, b""), "empty_file", PATIENTS, 1),
    "only blanks": Case(whole(PATIENTS, b" \n\n"), "empty_file", PATIENTS, 1),
    "header without rows": Case(whole(PATIENTS, HEADER.encode() + b"\n"), "no_rows", PATIENTS, 1),
    "html error page": Case(whole(SCORES, b"<!DOCTYPE html><html>502</html>"), "not_a_csv", SCORES, 1),
    "spreadsheet renamed": Case(whole(SCORES, b"PK\x03\x04" + b"\0" * 40), "not_a_csv", SCORES, 1),
    "old spreadsheet renamed": Case(whole(SCORES, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "not_a_csv", SCORES, 1),
    "gzip renamed": Case(whole(SCORES, gzip.compress(RIGHT[SCORES].encode())), "not_a_csv", SCORES, 1),
    "json renamed": Case(whole(SCORES, b'[{"episode_id": "E1"}]'), "not_a_csv", SCORES, 1),
    "parquet renamed": Case(whole(SCORES, b"PAR1\x15\x04"), "not_a_csv", SCORES, 1),
    "database renamed": Case(whole(SCORES, b"SQLite format 3\0"), "not_a_csv", SCORES, 1),
    "utf-16": Case(_encoded(SCORES, "utf-16"), "not_utf8", SCORES, 1),
    "utf-16 without mark": Case(_encoded(SCORES, "utf-16-le"), "nul_byte", SCORES, 1),
    "not parquet": Case(
        lambda folder: (folder / PATIENTS).rename(folder / "patients.parquet") and None, "not_a_parquet", "patients.parquet"
    ),
    "a row group a row": Case(_many_groups, "too_many_row_groups", "scores.parquet"),
    "rows packed into nothing": Case(_packed, "packed_too_tightly", "scores.parquet"),
    "lists in a column": Case(_lists, "unreadable_column", "scores.parquet", column="value"),
    # header
    "a thousand columns": Case(line(PATIENTS, 1, HEADER + "".join(f",c{k}" for k in range(1_000))), "too_many_columns", PATIENTS, 1),
    "missing column": Case(swap(PATIENTS, "sex", "smokes"), "missing_column", PATIENTS, 1, "sex"),
    "extra column": Case(swap(PATIENTS, "occupation", "work_kind"), "extra_column", PATIENTS, 1, "work_kind"),
    "column in capitals": Case(swap(PATIENTS, "bmi", "BMI"), "extra_column", PATIENTS, 1, "BMI"),
    "column with a blank": Case(swap(PATIENTS, "bmi", " bmi"), "extra_column", PATIENTS, 1, "****"),
    "duplicate column": Case(swap(PATIENTS, "smoker", "bmi"), "duplicate_column", PATIENTS, 1, "bmi"),
    "no header": Case(line(PATIENTS, 1, "P9,female,51,20,no,1,light"), "missing_header", PATIENTS, 1),
    "semicolons": Case(whole(SCORES, RIGHT[SCORES].replace(",", ";").encode()), "wrong_delimiter", SCORES, 1),
    "tabs": Case(whole(SCORES, RIGHT[SCORES].replace(",", "\t").encode()), "wrong_delimiter", SCORES, 1),
    "unclosed quote in header": Case(swap(PATIENTS, "sex", '"sex'), "unclosed_quote", PATIENTS, 1),
    "latin-1 in header": Case(line(PATIENTS, 1, HEADER.encode() + b",gr\xf6sse"), "not_utf8", PATIENTS, 1),
    "repeated header": Case(line(PATIENTS, 3, HEADER), "repeated_header", PATIENTS, 3),
    "old mac line ends": Case(whole(SCORES, RIGHT[SCORES].replace("\n", "\r").encode()), "stray_carriage_return", SCORES, 1),
    # rows
    "short row": Case(line(PATIENTS, 3, "P2,male,61"), "short_row", PATIENTS, 3, "bmi"),
    "shifted row": Case(line(PATIENTS, 3, "P2,61,,no,2,retired"), "short_row", PATIENTS, 3, "sex"),
    "long row": Case(line(PATIENTS, 3, "P2,male,61,,no,2,retired,9"), "long_row", PATIENTS, 3, "occupation"),
    "row shifted by a comma": Case(line(SCORES, 4, "E1,,91,nrs_pain,3"), "long_row", SCORES, 4, "day"),
    "decimal comma": Case(line(SCORES, 3, "E1,0,odi,52,5"), "long_row", SCORES, 3, "value"),
    "cut off last row": Case(line(SCORES, 7, "E3,0,eq"), "short_row", SCORES, 7, "instrument"),
    "blank line": Case(line(SCORES, 4, ""), "blank_line", SCORES, 4),
    "blank line with windows end": Case(line(SCORES, 4, "\r"), "blank_line", SCORES, 4),
    "blank lines at the end": Case(whole(SCORES, RIGHT[SCORES].encode() + b"\n"), "blank_line", SCORES, 8),
    "stray quote": Case(line(PATIENTS, 3, 'P2,ma"le,61,,no,2,retired'), "stray_quote", PATIENTS, 3, "sex"),
    "text after closing quote": Case(line(PATIENTS, 3, 'P2,"male" ,61,,no,2,retired'), "stray_quote", PATIENTS, 3, "sex"),
    "unclosed quote": Case(line(PATIENTS, 3, 'P2,"male,61,,no,2,retired'), "unclosed_quote", PATIENTS, 3, "sex"),
    "line break in quotes": Case(line(PATIENTS, 3, 'P2,male,61,,no,2,"ret\nired"'), "unclosed_quote", PATIENTS, 3, "occupation"),
    "nul byte": Case(line(PATIENTS, 3, "P2,ma\0le,61,,no,2,retired"), "nul_byte", PATIENTS, 3, "sex"),
    "latin-1": Case(line(PATIENTS, 3, b"P2,m\xe4nnlich,61,,no,2,retired"), "not_utf8", PATIENTS, 3, "sex", "nnlich"),
    "cut utf-8": Case(line(PATIENTS, 3, b"P2,male,61,,no,2,retired\xe2\x82"), "not_utf8", PATIENTS, 3, "occupation"),
    "stray carriage return": Case(line(PATIENTS, 3, "P2,ma\rle,61,,no,2,retired"), "stray_carriage_return", PATIENTS, 3, "sex"),
    "endless line": Case(_long_line, "line_too_long", SCORES, 8),
    # values
    "letter for digit": Case(line(SCORES, 2, "E1,0,nrs_pain,3O"), "wrong_type", SCORES, 2, "value", "3O"),
    "too large for a number": Case(line(SCORES, 2, "E1,0,nrs_pain,1e400"), "wrong_type", SCORES, 2, "value", "1e400"),
    "hexadecimal": Case(line(SCORES, 2, "E1,0,nrs_pain,0x10"), "wrong_type", SCORES, 2, "value", "0x10"),
    "thousands of digits": Case(line(SCORES, 2, "E1,0,nrs_pain," + "7" * 3000), "wrong_type", SCORES, 2, "value", "7" * 60),
    "NaN": Case(line(SCORES, 2, "E1,0,nrs_pain,NaN"), "missing_word", SCORES, 2, "value", "NaN"),
    "NA": Case(line(PATIENTS, 3, "P2,male,NA,,no,2,retired"), "missing_word", PATIENTS, 3, "age_years"),
    "other digits": Case(line(SCORES, 2, "E1,0,nrs_pain,\u0668"), "other_digits", SCORES, 2, "value", "\u0668"),
    "full-width digits": Case(line(SCORES, 2, "E1,\uff10,nrs_pain,8"), "other_digits", SCORES, 2, "day", "\uff10"),
    "padding before": Case(line(SCORES, 2, "E1,0,nrs_pain, 8"), "padding", SCORES, 2, "value"),
    "padding after a code": Case(line(SCORES, 2, "E1,0,nrs_pain ,8"), "padding", SCORES, 2, "instrument", "nrs_pain "),
    "no-break blank": Case(line(SCORES, 2, "E1,0,nrs_pain,8\u00a0"), "padding", SCORES, 2, "value", "8\u00a0"),
    "half a day": Case(line(SCORES, 2, "E1,0.5,nrs_pain,8"), "wrong_type", SCORES, 2, "day"),
    "quoted padding": Case(line(SCORES, 2, 'E1,0,"nrs_pain\t",8'), "padding", SCORES, 2, "instrument"),
    # archives
    "zip with a path upwards": Case(_member("../evil.csv"), "path_trick", "evil.csv"),
    "zip with an absolute path": Case(_member("/etc/evil.csv"), "path_trick", "evil.csv"),
    "zip with a drive": Case(_member("C:\\evil.csv"), "path_trick", "evil.csv"),
    "zip with a link": Case(_zipped(_link_member), "path_trick", "link.csv"),
    "zip bomb": Case(_zipped(_bomb, leave=(SCORES,)), "zip_bomb", SCORES),
    "zip with a zip in it": Case(_member("inner.zip"), "extra_file", "inner.zip"),
    "zip with nested folders": Case(_member("deep/deeper/scores.csv"), "extra_file", "deep/deeper/scores.csv"),
    "damaged zip": Case(_broken_zip, "unreadable_file", EPISODES),
    "damaged zip of another packer": Case(_broken_lzma, "unreadable_file", EPISODES),
    "zip with a name that is not UTF-8": Case(_odd_member_name, "unreadable_file", "bundle.zip"),
    "large parquet in a zip": Case(_zipped(_large_parquet, leave=(SCORES,)), "large_parquet_in_zip", "scores.parquet"),
    "locked zip": Case(_locked_zip, "encrypted_zip", EPISODES),
    # manifest
    "manifest not json": Case(whole("manifest.json", b"{format:"), "manifest_not_json", "manifest.json"),
    "manifest a list": Case(whole("manifest.json", b"[]"), "manifest_not_json", "manifest.json"),
    "manifest in latin-1": Case(whole("manifest.json", b'{"clinic": "K\xf6ln"}'), "manifest_not_json", "manifest.json"),
    "manifest with a key twice": Case(
        whole("manifest.json", (json.dumps(MANIFEST)[:-1] + ', "clinic": "x"}').encode()), "manifest_not_json", "manifest.json"
    ),
    "manifest without clinic": Case(manifest(clinic=None), "manifest_missing_key", "manifest.json", column="clinic"),
    "manifest with more": Case(manifest(doctor="x"), "manifest_unknown_key", "manifest.json", column="doctor"),
    "manifest of another format": Case(manifest(format="synapse-bundle/9"), "manifest_format", "manifest.json", column="format"),
    "manifest with an odd month": Case(manifest(data_until="2024-13"), "manifest_wrong_type", "manifest.json", column="data_until"),
    "manifest with a number for clinic": Case(manifest(clinic=7), "manifest_wrong_type", "manifest.json", column="clinic"),
    "manifest with a word for synthetic": Case(manifest(synthetic="yes"), "manifest_wrong_type", "manifest.json", column="synthetic"),
    "manifest with files as list": Case(manifest(files=[1]), "manifest_wrong_type", "manifest.json", column="files"),
    "manifest naming an odd file": Case(_described("x.csv", rows=1), "manifest_unknown_key", "manifest.json", column="files.x.csv"),
    "manifest with negative rows": Case(_described(SCORES, rows=-1), "manifest_wrong_type", "manifest.json", column="files.scores.csv"),
    "a name for a row count": Case(
        _described(SCORES, rows="Asha Verma"), "manifest_wrong_type", "manifest.json", column="files.scores.csv", hidden="Asha"
    ),
    "other row count": Case(_described(SCORES, rows=7), "row_count", SCORES),
    "other sha256": Case(_described(SCORES, sha256="0" * 64), "sha256", SCORES),
    "described file missing": Case(_described("symptoms.parquet", rows=3), "missing_file", "symptoms.parquet"),
}
