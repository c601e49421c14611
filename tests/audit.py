"""Has what we pin a known vulnerability? `make audit` asks PyPI by pip-audit and prints what it found.

Exit codes: 0 none is known, 1 there is one, 2 not every package could be looked up (no network, an index without advisories).
pip-audit itself calls a package that nobody could look up no vulnerability.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tests.dependencies import ROOT

NONE_KNOWN, FOUND, NOT_LOOKED_UP = 0, 1, 2


def asked(file: str) -> list[dict[str, Any]]:
    """What pip-audit says of each pin of a file that is for this machine; empty if nobody answered."""
    options = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")
    command = [sys.executable, "-m", "pip_audit", f"--requirement={file}", *options]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    try:
        return list(json.loads(said)["dependencies"])
    except json.JSONDecodeError:
        return []


def verdict(file: str, packages: Sequence[dict[str, Any]]) -> tuple[int, list[str]]:
    """The exit code, and what to print."""
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    lines = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version yet'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    looked_up = len(packages) - len(unknown)
    lines.append(f"{file}: packages looked up: {looked_up}, known vulnerabilities: {len(lines)}.")
    if len(lines) > 1:
        return FOUND, [*lines, "Raise the version in pyproject.toml or run `make lock ARGS=--upgrade`, then `make test`."]
    if unknown or not packages:
        names = f"Not looked up: {', '.join(unknown)}. " if looked_up else "No package could be looked up. "
        return NOT_LOOKED_UP, [*lines, f"{names}Run it again where the advisories of PyPI can be reached; until then nothing is known."]
    return NONE_KNOWN, lines


def main(file: str) -> int:
    """Ask, print, and say by the exit code what came out."""
    code, lines = verdict(file, asked(file))
    print("\n".join(lines))  # noqa: T201  (this is what the command is for)
    return code


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:2] or ["requirements.txt"])))
