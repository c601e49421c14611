"""What disasters do to files: cut off, flipped bytes, other encodings, false names, passwords, bombs and tricks with paths."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from random import Random

from tests.faults.intake_samples import Drawn, workbook
from tests.faults.planted import IN_NAMES, PLANTED

Change = Callable[[Random, Drawn], None]
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")


def _some(random: Random, drawn: Drawn) -> str:
    return random.choice([*drawn.files])


def truncated(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    drawn.files[name] = drawn.files[name][: random.choice((0, 1, random.randrange(len(drawn.files[name]) + 1)))]


def flipped(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    content = bytearray(drawn.files[name])
    for _ in range(random.choice((1, 10, 200))):
        if content:
            content[random.randrange(len(content))] = random.randrange(256)
    drawn.files[name] = bytes(content)


def other_encoding(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    if name.endswith((".csv", ".json")):
        text = drawn.files[name].decode("utf-8", "replace")
        encoding = random.choice(("utf-16", "utf-16-le", "utf-8-sig", "windows-1252", "utf-32", "utf-7", "cp037", "shift-jis"))
        drawn.files[name] = text.encode(encoding, "replace")


def mixed_encodings(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    lines = drawn.files[name].split(b"\n")
    for _ in range(3):
        place = random.randrange(len(lines))
        lines[place] = lines[place].replace(b"a", random.choice(("ä".encode("latin-1"), "ä".encode(), b"\xff\xfe", b"\xef\xbb\xbf")))
    drawn.files[name] = b"\n".join(lines)


def nul_bytes(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    place = random.randrange(len(drawn.files[name]) + 1)
    drawn.files[name] = drawn.files[name][:place] + b"\0" * random.choice((1, 100)) + drawn.files[name][place:]


def open_quote(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    place = random.randrange(len(drawn.files[name]) + 1)
    drawn.files[name] = (
        drawn.files[name][:place] + random.choice((b'"', b'""', b"\r", b"\r\n\r\n", b";;;", b"\x1a")) + drawn.files[name][place:]
    )


def other_line_ends(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    drawn.files[name] = drawn.files[name].replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\xe2\x80\xa8")))


def other_content(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    html = b"<html><table><tr><td>Name</td></tr><tr><td>Zorawar Quenbyson</td></tr></table></html>"
    drawn.files[name] = random.choice(
        (html, workbook({"Sheet": [["a", "b"], [1, PLANTED[0]]]}), gzip.compress(drawn.files[name]), OLD_OFFICE, b"%PDF-1.7 Quenbyson", b"PAR1" * 9,
         b"SQLite format 3\0", b"\x89PNG\r\n\x1a\n", b"[]", b"{}", b"null", b"\n\n\n", b"PK\x05\x06" + b"\0" * 18)
    )  # fmt: skip


def false_name(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    stem = name.rpartition(".")[0]
    new = f"{stem}.{random.choice(('xlsx', 'csv', 'txt', 'parquet', 'json', 'ndjson', 'xls', 'ods', 'zip', 'docx', 'gz', 'CSV'))}"
    drawn.files[new] = drawn.files.pop(name)


def planted_name(random: Random, drawn: Drawn) -> None:
    name = _some(random, drawn)
    planted = random.choice([one for one in IN_NAMES if "/" not in one])
    new = random.choice((f"{planted}.{name.rpartition('.')[2]}", f"{planted}/{name}"))
    drawn.files[new] = drawn.files[name] if random.random() < 0.5 else drawn.files.pop(name)


def more_files(random: Random, drawn: Drawn) -> None:
    drawn.files[
        random.choice(("readme.txt", "scan.pdf", "~$register.xlsx", "sub/more.csv", "copy of person.csv", "Thumbs.db", "empty.csv"))
    ] = random.choice((b"", b"Zorawar Quenbyson\n", b"a,b\n1,Zorawar Quenbyson\n2,x\n", b"\xff\xd8\xff"))


def lost_file(random: Random, drawn: Drawn) -> None:
    del drawn.files[_some(random, drawn)]


def odd_workbook(random: Random, drawn: Drawn) -> None:
    """Empty sheets, merged cells, sheets named like a person, formulas."""
    sheets = {
        "Data": [["MRN", "ODI"], ["A1", 12], [PLANTED[0], "=1+1"]],
        "Empty": [],
        random.choice(("Zorawar Quenbyson", "9812345645", "Two")): [["x"]],
    }
    drawn.files["more.xlsx"] = workbook(sheets, (0, 0, 2, 1) if random.random() < 0.5 else None)


def _zipped(drawn: Drawn, names: dict[str, str] | None = None) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in drawn.files.items():
            archive.writestr((names or {}).get(name, name), text)
    return content


def zipped(_random: Random, drawn: Drawn) -> None:
    drawn.files = {"source.zip": _zipped(drawn).getvalue()}
    drawn.source = "source.zip"


def zip_trick(random: Random, drawn: Drawn) -> None:
    """A zip with a bomb, with names that lead out of it, with a password, or damaged."""
    name, other = (
        _some(random, drawn),
        random.choice(("../../out.csv", "/etc/x.csv", "C:\\x.csv", "a/../b.csv", "con:x.csv", "q\nuenbyson.csv", "\u202ex.csv")),
    )
    content = _zipped(drawn, {name: other} if random.random() < 0.5 else None)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        if random.random() < 0.3:
            archive.writestr("bomb.csv", b"0" * (11 << 20))
    raw = bytearray(content.getvalue())
    if random.random() < 0.3:
        place = raw.find(b"PK\x01\x02")
        raw[place + 8 : place + 10] = struct.pack("<H", 1)  # says that it needs a password
    elif random.random() < 0.3:
        raw = raw[: random.randrange(len(raw))]
    drawn.files = {"source.zip": bytes(raw)}
    drawn.source = "source.zip"


def one_file(random: Random, drawn: Drawn) -> None:
    drawn.source = _some(random, drawn)


CHANGES: tuple[Change, ...] = (
    truncated, flipped, other_encoding, mixed_encodings, nul_bytes, open_quote, other_line_ends, other_content, false_name, planted_name, more_files,
    lost_file, odd_workbook, zipped, zip_trick, one_file,
)  # fmt: skip


def change_files(random: Random, drawn: Drawn) -> None:
    """One change to the files."""
    change = random.choice(CHANGES)
    drawn.done.append(change.__name__)
    change(random, drawn)
