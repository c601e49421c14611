"""What the program stands on, as it is pinned: each package with its licence, who asked for it, and the sha256 of its files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^]]*\])?==(?P<version>[^\s;\\]+)(?P<rest>(?:.*\n[ \t]+.*)*)", re.MULTILINE)
# Licences that ask for no more than their own text. MPL-2.0 asks for the source of the files that were changed: we change none.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
        "Zlib",
        "BSD License",
    }
)
IDS = ALLOWED - {"BSD License"}  # which of the forms of it is not said
SAME = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
}
ELSEWHERE = {"colorama": "BSD-3-Clause"}  # for Windows alone, so it is not installed where this runs
LONGEST = 60  # letters; some packages write the text of the licence where its name belongs


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
        """True if the release may stand on it: of several licences all must be allowed, of several to choose from one."""
        return bool(self.licence) and any(set(choice.split(" AND ")) <= ALLOWED for choice in self.licence.split(" OR "))


def pinned(root: Path) -> list[Part]:
    """Every package that an installation brings, and the part of Plotly that lies in the wheel."""
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    parts = [
        Part(
            found["name"],
            found["version"],
            licence_of(found["name"]),
            _parents(found["rest"]),
            tuple(re.findall(r"sha256:(\w+)", found["rest"])),
        )
        for found in PIN.finditer(text)
    ]
    browser = json.loads((root / "synapse_analytics" / "web" / "browser" / "package.json").read_text(encoding="utf-8"))
    ((name, version),) = ((name, version) for name, version in browser["devDependencies"].items() if name.startswith("plotly"))
    return [*parts, Part(name, version, "MIT", (), (), "npm")]


def licence_of(name: str) -> str:
    """What the installed package says its licence is; of another version than the pinned one where both are pinned."""
    try:
        said = distribution(name).metadata
    except PackageNotFoundError:
        return ELSEWHERE.get(name, "")
    classified = [text.rpartition(":: ")[2] for text in said.get_all("Classifier") or [] if text.startswith("License ::")]
    named = [said["License-Expression"], said["License"], *classified]
    licence = next((text for text in named if text and len(text) <= LONGEST and "\n" not in text), "")
    return SAME.get(licence, licence)


def _parents(comment: str) -> tuple[str, ...]:
    """The packages that ask for this one, as the lock names them."""
    _, _, via = comment.partition("# via")
    return tuple(sorted(set(re.findall(r"[\w.-]+", re.sub(r"\(.*?\)|#", " ", via)))))


def listed(parts: list[Part]) -> str:
    """The list of licences, as people read it."""
    return "".join(f"{part.name} {part.version}: {part.licence}\n" for part in parts)
