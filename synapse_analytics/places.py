"""Where the pages, the launcher and the documents lie, and what this program is called: in a checkout, or installed from a wheel.

A wheel has the top of the repository in its folder `served` (setup.py): the same files in the same order, so one path serves both.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SERVED = _PACKAGE / "served"
IS_INSTALLED = _SERVED.is_dir()
TOP = _SERVED if IS_INSTALLED else _PACKAGE.parent
LAUNCHER = TOP / "dashboard.py"
SAMPLE = TOP / "sample_data"  # in a checkout only
# A checkout has no command of its own.
PROGRAM = "synapse-analytics" if IS_INSTALLED else "python -m synapse_analytics"


def page_file(name: str) -> Path:
    """The script of a page."""
    return TOP / "pages" / f"{name}.py"


def document(name: str) -> str:
    """A document as a reader finds it: by its place in the repository, or where it was installed."""
    return str(TOP / "docs" / name) if IS_INSTALLED else f"docs/{name}"
