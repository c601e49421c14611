"""Identifiers of nobody that are planted into a clinic's own files, and what of them must be found nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

PLANTED = (
    "Zorawar Quenbyson",
    "zorawar quenbyson",
    "QUENBYSON, ZORAWAR",
    "Mrs. Quenbyson",
    "Dr Quenbyson",
    "Zorawar_Quenbyson",
    "PIVD L4-5, says Zorawar Quenbyson",
    "spoke to quenbyson on 98123 45645 again",
    "+91 98123 45645",
    "9812345645",
    "zorawar@quenbyson.example",
    "2341 2341 2346",
    "234123412346",
    "ABCPQ1234K",
    "12 Quenbyson Road, Bandra 400050",
    "MRN-0048213",
    "0048213",
    "17/05/1958",
    "1958-05-17",
    "17 May 1958",
    "91-1234-5678-9012",
    "https://quenbyson.example/p/77",
    "quenbyson@abdm",
    "ज़ोरावर क्वेनबी",
    "९८१२३४५६४५",
    "=HYPERLINK(\"https://quenbyson.example\",\"Zorawar\")",
    "Quenbyson\nZorawar",
    'Zorawar "Zo" Quenbyson',
    "\u202eZorawar Quenbyson",
    "C-Quenbyson",
    "Quenby7",
)  # fmt: skip
# What a name of a column, sheet or file gives away by its form; a single word, or words in small letters, might be any heading.
IN_NAMES = (
    "Zorawar Quenbyson", "QUENBYSON, ZORAWAR", "Mrs. Quenbyson", "Dr Quenbyson", "+91 98123 45645", "9812345645", "2341 2341 2346",
    "zorawar@quenbyson.example", "ABCPQ1234K", "12 Quenbyson Road, Bandra 400050", "MRN-0048213", "17/05/1958", "1958-05-17", "17 May 1958",
    "91-1234-5678-9012", "ज़ोरावर क्वेनबी", "९८१२३४५६४५", "Zorawar Quenbyson 9812345645",
)  # fmt: skip
_NEEDLES = (
    "quenby", "9812345645", "98123 45645", "98123%2045645", "2341 2341 2346", "234123412346", "abcpq1234k", "0048213", "17/05/1958",
    "1958-05-17", "17 may 1958", "91-1234-5678-9012", "क्वेनबी", "९८१२३४५६४५", "zorawar",
)  # fmt: skip


def found_in(content: bytes, secrets: Iterable[str]) -> list[str]:
    """The planted identifiers and the secrets that stand somewhere in these bytes, also as JSON, HTML or in UTF-16."""
    texts = [content.decode("utf-8", "replace").casefold()]
    if "\\u" in texts[0]:
        texts.append(re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), texts[0]))
    if b"\0" in content:
        texts += [content.decode("utf-16-le", "replace").casefold(), content.decode("utf-16-be", "replace").casefold()]
    return [needle for needle in (*_NEEDLES, *(one.casefold() for one in secrets)) if any(needle in text for text in texts)]
