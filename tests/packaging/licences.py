"""What a release stands on: each package as it is pinned, with its licence, who asked for it, and the sha256 of its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from tests.dependencies import EXCEPTIONS, PERMISSIVE, is_permissive, licence, pins

IDS = (PERMISSIVE | {"MPL-2.0"}) - {"BSD"}  # which of the forms of that one is not said
ELSEWHERE = {"colorama": "BSD-3-Clause"}  # for Windows alone, so it is not installed where this runs


@dataclass(frozen=True, slots=True)
class Part:
    """A package that is pinned."""

    name: str
    version: str
    licence: str  # empty where it says none
    parents: tuple[str, ...]
    sha256: tuple[str, ...]
    ecosystem: str = "pypi"

    @property
    def purl(self) -> str:
        """Its name in the language of bills of materials."""
        return f"pkg:{self.ecosystem}/{self.name}@{self.version}"

    @property
    def is_allowed(self) -> bool:
        """True if the release may stand on it."""
        return is_permissive(self.licence) or self.name in EXCEPTIONS


def pinned(root: Path) -> list[Part]:
    """Every package that an installation brings, and the part of Plotly that lies in the wheel."""
    parts = [Part(pin.name, pin.version, _licence(pin.name), pin.via, pin.sha256) for pin in pins(folder=root)]
    browser = json.loads((root / "synapse_analytics" / "web" / "browser" / "package.json").read_text(encoding="utf-8"))
    ((name, version),) = ((name, version) for name, version in browser["devDependencies"].items() if name.startswith("plotly"))
    return [*parts, Part(name, version, "MIT", (), (), "npm")]


def _licence(name: str) -> str:
    """What the installed package says its licence is; of another version than the pinned one where both are pinned."""
    try:
        return licence(distribution(name))
    except PackageNotFoundError:
        return ELSEWHERE.get(name, "")


def listed(parts: list[Part]) -> str:
    """The list of licences, as people read it."""
    return "".join(f"{part.name} {part.version}: {part.licence}\n" for part in parts)
