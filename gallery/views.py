"""What is photographed: clinics, looks, and one view of one page or tab with what was found in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ROOT
from benchmarks.recording import pages
from synapse_analytics.web.menu import MENU

PICTURES = ROOT / "build" / "screenshots"  # full size, not kept
DOCUMENT, SHEETS = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
WELCOME = "welcome"  # the one page of a store without data
MOSTLY = 0.5  # from this share on a table is mostly withheld


class Look(NamedTuple):
    """A window: its size and whether it is light or dark."""

    width: int
    height: int
    mode: str

    @property
    def name(self) -> str:
        """As it stands in the names of files and in tables."""
        return f"{self.width} {self.mode}"


LOOKS = tuple(Look(*size, mode) for size in ((1440, 900), (1024, 768), (390, 844)) for mode in ("light", "dark"))
ON_SHEETS = tuple(look for look in LOOKS if look[::2] != (1024, "dark"))  # five fit beside each other


class Place(NamedTuple):
    """A page, one of its tabs if it has any, and the address that opens it."""

    page: str
    tab: str
    address: str

    @property
    def name(self) -> str:
        """As it stands in the names of files."""
        return "-".join([self.page, *([slug(self.tab)] if self.tab else [])])

    @property
    def title(self) -> str:
        """In words."""
        return " / ".join([title(self.page), *([self.tab] if self.tab else [])])


@dataclass(frozen=True, slots=True)
class Problems:
    """What a program sees: texts that show it, and the share of visible words that say a number is withheld."""

    small: Sequence[str] = ()
    beyond: Sequence[str] = ()
    overlapping: Sequence[str] = ()  # texts of a chart
    broken: Sequence[str] = ()  # words, between two lines
    sideways: Sequence[str] = ()  # tables that one has to scroll on a desk
    errors: Sequence[str] = ()
    hidden: Sequence[str] = ()  # tables and cards that are mostly withheld
    empty: Sequence[str] = ()  # charts
    withheld: float = 0

    def __bool__(self) -> bool:
        return any(getattr(self, kind) for kind in KINDS)


# The kinds of problems in words, by the field that holds them.
KINDS = {
    "small": "text under 9 px",
    "beyond": "cut off or beyond the edge",
    "overlapping": "overlapping",
    "broken": "broken words",
    "sideways": "scrolled sideways",
    "errors": "errors",
    "hidden": "mostly withheld",
    "empty": "empty charts",
}


@dataclass(frozen=True, slots=True)
class View:
    """One page or tab of one clinic in one look: its picture, and what was found."""

    clinic: str
    place: Place
    look: Look
    problems: Problems = field(default_factory=Problems)

    @property
    def picture(self) -> Path:
        """Where its picture is."""
        return PICTURES / self.clinic / f"{self.place.name}-{self.look.width}-{self.look.mode}.png"


def menu() -> list[str]:
    """The names of all pages, in the order of the menu."""
    return sorted(pages(), key=[*MENU].index)


def title(page: str) -> str:
    """The title of a page, as the router makes it from its name."""
    return page.replace("_", " ").capitalize()


def slug(label: str) -> str:
    """A label as part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
