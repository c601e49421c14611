"""The peers of our page Diagnoses in the browser: `python -m benchmarks.peer_clicking KIND FOLDER`, KIND being streamlit or dash.

FOLDER is that of a generation. Plain Streamlit runs with our own interpreter and the versions that we pin. Dash is no dependency of ours:
it is installed into an environment of its own, build/bench/dash, from benchmarks/web_peers/dash_requirements.txt. Where that fails, for
want of a network perhaps, it is said on stderr, null is printed, and the column of Dash stays empty.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from benchmarks.browsing import STREAMLIT, TALL, Marks, browsing
from benchmarks.clicked import middle
from benchmarks.measure import ROOT
from benchmarks.serving import Server, serving, started
from benchmarks.workloads import CLICKS, OPENINGS

PEERS = ROOT / "benchmarks" / "web_peers"
ENVIRONMENT, INSTALLED = ROOT / "build" / "bench" / "dash", "installed.txt"
DASH = Marks("#filters label", '[data-dash-is-loading="true"]')


def dash_interpreter() -> Path | None:
    """The interpreter that has Dash, installed if it is not there in the pinned versions; None where it cannot be installed."""
    python, wanted = ENVIRONMENT / "bin" / "python", PEERS / "dash_requirements.txt"
    done = ENVIRONMENT / INSTALLED
    if done.exists() and done.read_bytes() == wanted.read_bytes():
        return python
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(wanted)]
    try:
        for command in ([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], install):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own interpreter and requirements
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"Dash cannot be installed, its column stays empty: {error}\n")
        return None
    done.write_bytes(wanted.read_bytes())
    return python


def plain_streamlit(generation: str) -> AbstractContextManager[Server]:
    """A server of the page in plain Streamlit."""

    def command(port: int) -> list[str]:
        page = str(PEERS / "plain_streamlit.py")
        return [sys.executable, "-m", "streamlit", "run", page, "--server.port", str(port)]

    return started(command, "_stcore/health", _environment(generation))


def streamlit_times(generation: str) -> dict[str, float]:
    """The page in plain Streamlit."""
    with plain_streamlit(generation) as server:
        return times(server.address, STREAMLIT)


def dash_times(generation: str) -> dict[str, float] | None:
    """The page in Dash, if it can be installed."""
    python = dash_interpreter()
    if python is None:
        return None

    def command(port: int) -> list[str]:
        return [str(python), "-m", "benchmarks.web_peers.dash_page", str(port)]

    with serving(command, "", _environment(generation)) as address:
        return times(address, DASH)


def _environment(generation: str) -> Mapping[str, str]:
    return {"GENERATION": generation, "PYTHONPATH": str(ROOT)}


def times(address: str, marks: Marks) -> dict[str, float]:
    """Medians in ms: until the page stands when it is opened, and from a filter click to the last redraw. Heard as ours is."""
    with browsing(address, marks) as browser:
        firsts = []
        for _ in range(OPENINGS):
            page = browser.open(listen=True, size=TALL)
            firsts.append(page.first)
        clicks = [page.toggle(turn) for turn in range(CLICKS)]
    return {"first": middle(firsts), "filter": middle([click.redrawn for click in clicks])}


def main(kind: str, generation: str) -> None:
    """Measure one peer."""
    found: Any = {"streamlit": streamlit_times, "dash": dash_times}[kind](generation)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
