"""What the product stands on, and what it weighs: `make weight` prints it and writes docs/dependencies.md.

Pins and who brings them are read from requirements.txt, sizes and licences from what is installed, uses from our imports.
"""

from __future__ import annotations

import ast
import platform
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import house

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dependencies.md"
MINE = "synapse-analytics"
# Every direct dependency, and why it is there.
ONLY_IN_PYTHON = {"plotly"}  # no file of ours imports it: it is there for whoever draws our figures in a notebook
WHY = {
    "streamlit": "Serves the pages and keeps a session for each reader. Its extra `auth` (Authlib) signs people in, which a server that others reach must do.",
    "starlette": "Middleware and routes in front of Streamlit decide who may come in, set headers, take uploads and answer for health; Streamlit brings it anyway.",
    "pandas": "Reads the spreadsheets of an intake and hands tables to people who use Python; Streamlit brings it anyway.",
    "plotly": "Draws the figures of an answer in Python: they are dicts for `plotly.graph_objects.Figure(...)`. Pages use the script of Plotly that is part of our package.",
    "numpy": "Arrays for estimates, the bootstrap and the gate; Streamlit brings it anyway.",
    "pyarrow": "Holds the tables of the store, and the columns of a bundle while they are checked; Streamlit brings it anyway.",
    "scipy": "Quantiles and tails of the distributions behind intervals, funnels and control charts; own code for them would be less exact.",
    "duckdb": "The store: it counts every answer, in the process, without a server.",
    "sqlalchemy": "One SQL for DuckDB and PostgreSQL.",
    "typer": "The commands and their help.",
    "rich": "Progress and tables in the terminal; Typer brings it anyway.",
    "xlsxwriter": "Exports as Excel workbooks.",
    "pyyaml": "Reads and writes mappings and saved cohorts; reads the settings.",
    "jinja2": "Templates of the printed report, the page for a patient and the report of an intake; it escapes what it fills in.",
    "markupsafe": "Says which text of a template is HTML already; Jinja2 brings it anyway.",
    "pydantic": "Checks a mapping and says what is wrong where; its reference page and JSON schema come from it.",
    "python-calamine": "Reads .xlsx, .xls and .ods.",
    "rapidfuzz": "Finds the column, the diagnosis or the code that a misspelt word means, among thousands.",
}
PERMISSIVE = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "PSF-2.0",
        "Unlicense",
        "Zlib",
    ]
)
# Licences that ask for more than a notice, and why they may be here.
EXCEPTIONS = {
    "certifi": "MPL-2.0 asks for the sources of changed files; it is a list of certificates that we do not change.",
    "psycopg": "LGPL-3.0-only lets a program of any licence import it; an extra that the user installs.",
    "psycopg-binary": "LGPL-3.0-only lets a program of any licence import it; an extra that the user installs.",
}
# How packages without a licence expression write theirs.
_SPELT = {
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd license": "BSD",
    "3-clause bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}


@dataclass(frozen=True, slots=True)
class Pin:
    """A line of requirements*.txt: what is installed, where, the sha256 of its files, and who asks for it."""

    name: str
    version: str
    marker: str
    sha256: tuple[str, ...]
    via: tuple[str, ...]

    @property
    def here(self) -> bool:
        """Is it installed on this machine and this Python?"""
        return not self.marker or Marker(self.marker).evaluate()


def pins(file: str = "requirements.txt", folder: Path = ROOT) -> list[Pin]:
    """The pins of a file, as `make lock` writes them."""
    blocks = re.split(r"\n(?=[a-z0-9])", (folder / file).read_text(encoding="utf-8"))
    return [_pin(block) for block in blocks if "==" in block.partition("\n")[0]]


def _pin(block: str) -> Pin:
    name, version, marker = re.match(r"([^=]+)==([^ ]+)(?: ; (.*?))? \\", block).groups(default="")  # type: ignore[union-attr]
    via = re.findall(r"^    #(?: via)? +(?!via$|-c )(\S+)", block, re.MULTILINE)
    return Pin(name, version, marker, tuple(re.findall(r"--hash=sha256:(\w+)", block)), tuple(via))


@cache
def direct() -> dict[str, Requirement]:
    """What pyproject.toml asks for, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {canonicalize_name(asked.name): asked for asked in map(Requirement, project["dependencies"])}


@cache
def uses() -> dict[str, list[Path]]:
    """For every package of others that the product imports: the files that do."""
    known = packages_distributions()
    found: dict[str, list[Path]] = {}
    for path in house.sources():
        for top in sorted(_tops(path) - set(sys.stdlib_module_names) - {house.NAME}):
            found.setdefault(canonicalize_name(known.get(top, [top])[0]), []).append(path)
    return found


def _tops(path: Path) -> set[str]:
    names = {alias.name for node in house.nodes(path) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in house.nodes(path) if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in names}


def licences(extras: Sequence[str] = ()) -> dict[str, str]:
    """The licence of every pin that is installed here, and of the extras named."""
    return {name: licence(distribution(name)) for name in [*(pin.name for pin in pins() if pin.here), *extras]}


def licence(found: Distribution) -> str:
    """The licence of a package as an SPDX expression, from its metadata."""
    said = found.metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    classified = [text.rpartition(" :: ")[2] for text in said.get_all("Classifier") or () if text.startswith("License ::")]
    text = classified[0] if classified else (said.get("License") or "").partition("\n")[0].strip()
    return _SPELT.get(text.lower(), text)


def is_permissive(expression: str) -> bool:
    """Does the licence ask for no more than a notice?"""
    parts = re.sub(r"[()]", "", expression).split(" AND ")
    return all(any(choice.strip() in PERMISSIVE for choice in part.split(" OR ")) for part in parts)


def weight(name: str) -> tuple[int, int]:
    """Bytes that a package takes: its files, and the modules that Python compiled from them."""
    found = [0, 0]
    for file in distribution(name).files or ():
        place = Path(str(file.locate()))
        if place.is_file():
            found[file.suffix == ".pyc"] += place.stat().st_size
    return found[0], found[1]


def page() -> str:
    """docs/dependencies.md."""
    here = [pin.name for pin in pins() if pin.here]
    sizes, known = {name: weight(name) for name in here}, licences()
    order = sorted(here, key=lambda name: (-sizes[name][0], name))
    return "\n".join([*_summary(order, sizes), "", *_asked_for(order, sizes, known), "", *_brought(order, sizes, known), "", *_words(), ""])


def _summary(order: Sequence[str], sizes: dict[str, tuple[int, int]]) -> Iterator[str]:
    total, compiled = (sum(size[part] for size in sizes.values()) for part in (0, 1))
    bare = sum(sizes[name][0] for name in order[:8])
    yield "# Dependencies"
    yield ""
    yield f"Written by `make weight` on {platform.system()} {platform.machine()}, Python {platform.python_version()}. MB are millions of bytes as installed."
    yield ""
    yield f"`requirements.txt` installs {len(order)} packages, which take {_mb(total)} MB, and up to {_mb(compiled)} MB more for"
    yield "the modules that Python compiles when pip installs them. These eight are most of it:"
    yield f"{', '.join(order[:8])} take {bare / total:.0%} of the MB. Streamlit itself asks for pandas, numpy, pyarrow and pydeck."


def _asked_for(order: Sequence[str], sizes: dict[str, tuple[int, int]], known: dict[str, str]) -> Iterator[str]:
    yield "## What we ask for, and why"
    yield "| package | MB | licence | files of ours that import it | why |"
    yield "|---|--:|---|--:|---|"
    for name in (name for name in order if name in direct()):
        yield f"| {name} | {_mb(sizes[name][0])} | {known[name]} | {len(uses().get(name, ()))} | {WHY[name]} |"


def _brought(order: Sequence[str], sizes: dict[str, tuple[int, int]], known: dict[str, str]) -> Iterator[str]:
    via = {pin.name: pin.via for pin in pins() if pin.here}
    yield "## What these bring"
    yield "| package | MB | licence | brought by |"
    yield "|---|--:|---|---|"
    for name in (name for name in order if name not in direct()):
        yield f"| {name} | {_mb(sizes[name][0])} | {known[name]} | {', '.join(via[name])} |"


def _words() -> Iterator[str]:
    yield "## Optional"
    yield "The extra `postgresql` brings psycopg, for a store in PostgreSQL; DuckDB does not need it. Sign-in is no extra: a server that others"
    yield "reach has to have it, and nobody should find out after the installation that it is not there."
    yield ""
    yield "## Pythons and systems"
    yield "`python -m tests.wheels` asks PyPI: every pin has a wheel for Python 3.11 to 3.13 on Linux (x86-64 and ARM), Windows and Macs with Apple"
    yield "silicon. On a Mac with Intel, cryptography has none: pip builds it, and needs Rust."
    yield ""
    yield "## Licences"
    yield "All licences are permissive (they ask for a notice and no more), except these:"
    yield from (f"- {name}: {reason}" for name, reason in EXCEPTIONS.items())


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(page())  # noqa: T201  (this is what the command is for)
