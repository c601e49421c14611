"""The glossary as the referee of words: which words are not used, and what is said instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from tests.house import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
CODE = re.compile(
    r"```.*?```|`[^`\n]*`|python -m synapse_analytics [\w-]+|'[^'\s]*[._][^'\s]*'|\bgenerations (?:list|use|remove|\u2026)", re.DOTALL
)  # code and commands


def not_used() -> Mapping[str, str]:
    """A word or phrase that is not used anywhere -> what is said instead."""
    return _column("not", of="not", instead="word")


def behind_only() -> Mapping[str, str]:
    """A word of statistics, which stands on no face of a page -> what stands there."""
    return _column("on the face of a page", of="word", instead="on the face of a page")


def words() -> frozenset[str]:
    """Every word that the glossary explains, in small letters."""
    rows = re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(word.strip(" `").lower() for row in rows for word in row.split(","))


def _column(last: str, *, of: str, instead: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in GLOSSARY.read_text(encoding="utf-8").split("\n## "):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
        if rows and rows[0][-1] == last:
            for row in rows[2:]:
                named = dict(zip(rows[0], row, strict=True))
                found |= {word.strip(): named[instead] or "plain words" for word in named[of].split(",") if word.strip()}
    return MappingProxyType(found)


def found_in(text: str, words: Mapping[str, str]) -> list[str]:
    """What of these words a text uses outside of code, each with what is said instead."""
    read = CODE.sub(" ", text)
    return [f"{word} -> {instead}" for word, instead in words.items() if _pattern(word).search(read)]


def _pattern(word: str) -> re.Pattern[str]:
    """A phrase as a whole, with any space between its words; one in capitals as it is written."""
    flags = 0 if word.isupper() else re.IGNORECASE
    return re.compile(rf"(?<![\w-]){re.escape(word).replace(chr(92) + ' ', chr(92) + 's+')}s?(?![\w-])", flags)
