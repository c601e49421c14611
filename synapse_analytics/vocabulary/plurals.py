"""A number with the thing it counts: "1 warning", "2 warnings", "1,234 patients"."""

from __future__ import annotations


def counted(number: int, thing: str, several: str = "") -> str:
    """The number and the thing, in the singular for one and in the plural for any other number, 0 included; `several` is an irregular plural."""
    return f"{number:,} {plural(number, thing, several)}"


def plural(number: int, one: str, several: str = "") -> str:
    """The word alone: `plural(1, "is", "are")` is "is"."""
    return one if number == 1 else several or f"{one}s"
