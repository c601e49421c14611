"""What is installed, tried from end to end: made, checked, loaded, every answer, rows, a report, and every page served.

Run in the environment in which the wheel is installed; needs nothing else.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from synapse_analytics.places import IS_INSTALLED
from synapse_analytics.web.menu import MENU, heading_of
from tests.packaging.visiting import headings, started

PROGRAM = str(Path(sys.executable).with_name("synapse-analytics"))
OURS = re.compile(r"\w+Warning at synapse_analytics/\S+")


def main() -> None:
    """Try everything, and say what was tried; AssertionError with the first that failed."""
    assert IS_INSTALLED, "this is a checkout; install the wheel first"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "store"
        here = Path(folder) / "here"
        here.mkdir()
        told = os.environ | {"SYNAPSE_HOME": str(home), "XDG_STATE_HOME": folder, "PYTHONWARNINGS": "default"}
        said = [_run(here, told, "--version").strip()]
        _run(here, told, "generate", "sample")
        _run(here, told, "check", "sample")
        _run(here, told, "load", "sample")
        names = [row["name"] for row in json.loads(_run(here, told, "answers", "--format", "json"))]
        for name in names:
            _run(here, told, "answer", name, "--format", "json")
        _run(here, told, "export", "rows.zip", "--purpose", "to try the export")
        _run(here, told, "report", "report.html")
        said.append(f"{len(names)} answers, an export and a report")
        with started([PROGRAM, "serve", "--port", str(_port())], here, told) as (link, _):
            assert headings(link, list(MENU)) == {name: heading_of(name) for name in MENU}
        said.append(f"{len(MENU)} pages")
        _no_warning((Path(folder) / "server.log").read_text(encoding="utf-8"))
    print("; ".join(said))  # noqa: T201  (this is what the command is for)


def _run(here: Path, told: dict[str, str], *words: str) -> str:
    done = subprocess.run([PROGRAM, *words], cwd=here, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.returncode, done.stderr[-1000:])
    _no_warning(done.stderr)
    return done.stdout


def _no_warning(said: str) -> None:
    assert not (found := OURS.findall(said)), found


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
