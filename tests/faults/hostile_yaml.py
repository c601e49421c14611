"""Small files that a reader of YAML or JSON may choke on: little to send, much to expand, to nest, to compare or to compute.

A reader refuses each, or reads it, within a second and with little memory; `test_hostile_yaml.py` gives each to every reader.
"""

from __future__ import annotations

import json
from random import Random

DIGITS, DEEP, MANY, LONG = 5_000, 20_000, 10_000, 100_000


def _bomb(width: int, depth: int) -> str:
    """Lists of references to the list before: `width ** depth` values in a few lines."""
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]" for level in range(1, depth)]
    return "\n".join(lines)


def _merges(depth: int) -> str:
    """Merge keys that double what they hold, line after line."""
    return "\n".join(["m0: &m0 {x: 1}", *(f"m{level}: &m{level} {{<<: [*m{level - 1}, *m{level - 1}]}}" for level in range(1, depth))])


def _target(number: str) -> str:
    return f"targets: {{median_wait: {number}}}"


_TEXTS: dict[str, str] = {
    # references
    "a billion laughs": _bomb(9, 9),
    "a quadratic bomb": f"a: &a [{', '.join(['x'] * MANY)}]\nb: [{', '.join(['*a'] * MANY)}]",
    "a list in itself": "policy: &a [*a]",
    "a key in itself": "targets: &a {median_wait: *a}",
    "a reference to nothing": "policy: *nowhere",
    "ten thousand anchors": "\n".join(f"k{number}: &a{number} x" for number in range(MANY)),
    "a merge bomb": _merges(40),
    "merge keys within each other": f"targets: {'{<<: ' * DEEP}",
    # numbers and days
    "a number of 5,000 digits": _target("9" * DIGITS),
    "a hexadecimal number of 5,000 digits": _target(f"0x{'f' * DIGITS}"),
    "an octal number of 5,000 digits": _target(f"0{'7' * DIGITS}"),
    "a binary number of 5,000 digits": _target(f"0b{'1' * DIGITS}"),
    "a number of 300,000 sixties": _target(f"1{':59' * 300_000}"),
    "a number of underscores": _target(f"1{'_' * LONG}"),
    "a number without digits": _target("0x_"),
    "a number as a key": f"{'7' * DIGITS}: 1",
    "a number beyond all floats": _target("1e999999"),
    "a float beyond all floats": _target("1.0e+999999"),
    "a float of 100,000 digits": _target(f"0.{'3' * LONG}"),
    "the year 0": "policy: 0000-01-01",
    "a month that no year has": "policy: 2023-13-01",
    "a second of 100,000 digits": f"policy: 2023-01-01 00:00:00.{'1' * LONG}",
    "a time zone of 99 hours": "policy: 2023-01-01T00:00:00+99:99",
    # tags
    "a tag that runs a program": 'policy: !!python/object/apply:os.system ["exit 1"]',
    "a tag that names a class": "policy: !!python/name:os.system",
    "bytes": f"policy: !!binary {'QUJD' * (LONG // 4)}",
    "bytes that are none": "policy: !!binary é",
    "a set": "targets: !!set {a, b}",
    "a tag on a key": "!!python/tuple [a, b]: 1",
    "a list as a key": "? [a, b]\n: 1",
    "an equals sign": "policy: =",
    "a tag of 100,000 characters": f"policy: !{'t' * LONG} x",
    # nesting
    "20,000 brackets": "[" * DEEP,
    "20,000 brackets, closed": "[" * DEEP + "]" * DEEP,
    "20,000 brackets, each in its line": "[\n" * DEEP,
    "20,000 braces": "{a: " * DEEP,
    "20,000 lists in one line": "- " * DEEP,
    "20,000 keys of keys": "? " * DEEP,
    "1,000 keys, each in the one before": "\n".join(" " * level + "a:" for level in range(1_000)),
    "20,000 brackets in a target": "targets: " + "[" * DEEP,
    # much of it
    "megabytes of text": "policy: " + "x" * 3_000_000,
    "megabytes of spaces": " " * 3_000_000,
    "megabytes of lines": "\n" * 3_000_000,
    "megabytes of comments": "# nothing\n" * 300_000,
    "a key of 100,000 characters": "k" * LONG + ": 1",
    "a key of 100,000 characters, marked": "? " + "k" * LONG + "\n: 1",
    "10,000 keys": "\n".join(f"k{number}: 1" for number in range(MANY)),
    "10,000 keys of targets": "targets:\n" + "\n".join(f"  k{number}: 1" for number in range(MANY)),
    "one key 10,000 times": "policy: clinic\n" * MANY,
    "10,000 saved cohorts": "\n".join(f"c{number}: {{sex: female}}" for number in range(MANY)),
    "a list of 15,000 values": f"a: {{site: [{', '.join(f'S{number:04}' for number in range(15_000))}]}}",
    "a list of 15,000 roles": (
        "sign_in: {address: 'https://a.example', provider: 'https://b.example/.well-known/openid-configuration', client_id: c, "
        f"roles: {{doctor: [{', '.join(f'r{number}' for number in range(15_000))}]}}}}"
    ),
    "10,000 documents": "--- a\n" * MANY,
    "a quote that never ends": "policy: '" + "x " * (LONG // 2),
    "a text of 50,000 lines": "policy: |\n" + "  x\n" * (LONG // 2),
    "100,000 escapes": 'policy: "' + "\\u263a" * LONG + '"',
    # signs
    "NUL": "policy: clinic\n\0",
    "a bell": "policy: \x07",
    "a tab as an indent": "targets:\n\tmedian_wait: 1",
    "tabs": "\t" * LONG,
    "a line separator": "policy: clinic\u2028targets: {}",
    "a sign of another plane": "policy: \U0001f4a9",
    "an escape of half a sign": 'policy: "\\ud800"',
    "an escape beyond all signs": 'policy: "\\UFFFFFFFF"',
    "an unfinished escape": 'policy: "\\x4',
    "a directive of another version": "%YAML 9.9\n---\npolicy: clinic",
    "nothing but a dash": "-",
    "nothing but a colon": ":",
}
HOSTILE: dict[str, bytes] = {name: text.encode("utf-8") for name, text in _TEXTS.items()} | {
    "UTF-16": "policy: clinic".encode("utf-16"),
    "UTF-16 without a mark": "policy: clinic".encode("utf-16-le"),
    "UTF-32": "policy: clinic".encode("utf-32"),
    "a mark in the middle": "policy: \ufeffclinic".encode(),
    "half a sign": b"policy: \xed\xa0\x80",
    "Latin-1": b"policy: \xe9",
    "a program": b"\x7fELF" + bytes(range(256)) * 64,
}
"""Files of YAML by what is wrong with them."""

HOSTILE_JSON: dict[str, bytes] = {
    name: text.encode("utf-8")
    for name, text in {
        "20,000 brackets": "[" * DEEP,
        "20,000 brackets, closed": "[" * DEEP + "]" * DEEP,
        "20,000 objects": '{"a":' * DEEP,
        "a number of 5,000 digits": f'{{"format": {"9" * DIGITS}}}',
        "4,300 digits as a count of rows": f'{{"files": {{"scores.csv": {{"rows": {"9" * 4_300}}}}}}}',
        "a number beyond all floats": '{"data_until": 1e999999}',
        "no number": '{"data_until": NaN, "clinic": Infinity}',
        "10,000 keys": json.dumps({f"k{number}": 1 for number in range(MANY)}),
        "one key 10,000 times": "{" + ", ".join(['"clinic": "a"'] * MANY) + "}",
        "a key of 100,000 characters": json.dumps({"k" * LONG: 1}),
        "10,000 described files": json.dumps({"files": {f"f{number}": {} for number in range(MANY)}}),
        "megabytes of text": json.dumps({"clinic": "x" * 3_000_000}),
        "half a sign": '{"clinic": "\\ud800"}',
        "NUL": '{"clinic": "a\\u0000b"}',
        "a quote that never ends": '{"clinic": "' + "x" * LONG,
        "a text alone": '"clinic"',
        "nothing": "",
    }.items()
} | {"UTF-16": '{"clinic": "a"}'.encode("utf-16"), "Latin-1": b'{"clinic": "\xe9"}'}
"""Files of JSON by what is wrong with them."""

_BITS = [
    b"[",
    b"]",
    b"{",
    b"}",
    b": ",
    b"- ",
    b"? ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!int ",
    b"!x ",
    b"|",
    b"'",
    b'"',
    b"#",
    b"---\n",
    b"\n  ",
    b"~",
    b"yes",
    b"=",
]
_BITS += [
    b"\t",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b'"\\ud800"',
    b"[" * 30,
    b"x" * 20_000,
    b"7" * DIGITS,
    b"0x" + b"f" * DIGITS,
]
_BITS += [
    b"1:59:59",
    b"1.0e+999",
    b".nan",
    b"-0",
    b"0b_",
    b"0000-01-01",
    b"2023-13-01",
    b"9999-12-31",
    b"[]",
    b"{}",
    b'""',
    b"99999999999999999999",
]


def mutated(content: bytes, number: int) -> bytes:
    """A right file with a few changes that nobody would write: the same ones for the same number."""
    random, changed = Random(number), bytearray(content)
    for _ in range(random.choice([1, 1, 2, 5])):
        place = random.randrange(len(changed) + 1)
        end, kind = min(len(changed), place + random.randrange(1, 100)), random.random()
        if kind < 0.6:
            changed[place:place] = random.choice(_BITS)
        elif kind < 0.8:
            del changed[place:end]
        else:
            changed[place:place] = changed[place:end] * random.choice([1, 2, 50])
    return bytes(changed)
