"""Is there a wheel of every pin for each Python and system that we name? `python -m tests.wheels` asks PyPI by uv and prints it.

Where there is none, pip builds the package from its sources, and needs a compiler.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

from tests.dependencies import ROOT

PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {
    "x86_64-manylinux_2_28": "Linux, x86-64",
    "aarch64-manylinux_2_28": "Linux, ARM",
    "aarch64-apple-darwin": "Mac, Apple silicon",
    "x86_64-apple-darwin": "Mac, Intel",
    "x86_64-pc-windows-msvc": "Windows, x86-64",
}


def missing(system: str, python: str) -> str:
    """What has no wheel there, as uv says it; empty if nothing."""
    options = ("--quiet", "--no-deps", "--only-binary=:all:", f"--python-platform={system}", f"--python-version={python}")
    command = [sys.executable, "-m", "uv", "pip", "compile", "requirements.txt", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.search(r"Because (\S+) has no", done.stderr)
    return found[1] if found else done.stderr.strip() if done.returncode else ""


def table() -> Iterator[str]:
    """A line for each system: a word for each Python."""
    for system, name in SYSTEMS.items():
        yield f"{name:20} " + ", ".join(f"{python}: {missing(system, python) or 'all'}" for python in PYTHONS)


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)  # noqa: T201  (this is what the command is for)
