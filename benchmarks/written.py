"""A part of a document that a command writes, between two comments that name it; what stands around it is written by hand, or by another command."""

from __future__ import annotations

import re
from pathlib import Path


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: written by a command -->", f"<!-- {name}: end -->"


def part_of(text: str, name: str) -> str:
    """What stands between the two comments; the empty text where they are not."""
    begin, end = map(re.escape, _marks(name))
    found = re.search(f"{begin}\n(.*?)\n?{end}", text, re.DOTALL)
    return found[1] if found else ""


def as_part(name: str, text: str) -> str:
    """The text between the two comments."""
    begin, end = _marks(name)
    return f"{begin}\n{text}\n{end}"


def write_part(place: Path, name: str, text: str) -> None:
    """Put this in place of what stands between the two comments. ValueError where they are not: then nobody knows where it belongs."""
    was = place.read_text(encoding="utf-8")
    begin, end = _marks(name)
    if was.count(begin) != 1 or was.count(end) != 1:
        raise ValueError(
            f"{place}: there is no place for this part. Write `{begin}` and `{end}` where it belongs, each once and on a line of its own."
        )
    before, rest = was.split(begin)
    place.write_text(f"{before}{as_part(name, text)}{rest.split(end)[1]}", encoding="utf-8")
