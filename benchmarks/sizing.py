"""How large a machine: `python -m benchmarks.sizing` prints what a store and a server take by the number of patients.

`--write` also writes it to docs/operations.md; `--sizes 2000,1000000` measures other sizes. Nothing of a browser
is needed: a person is a websocket that opens pages as a link does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.document import machine
from benchmarks.entering import cookie
from benchmarks.measure import ROOT, in_own_process
from benchmarks.recording import pages
from benchmarks.serving import Server, dashboard, started
from benchmarks.sessions import session
from benchmarks.tables import table, whole
from benchmarks.written import write_part
from synapse_analytics.store.building import KEPT
from synapse_analytics.synthetic import generate

SIZES = (2_000, 20_000, 100_000)
PATIENCE = 600.0  # s for a page: here memory counts, and all come at once
PEOPLE, FROM = 10, 30  # each asks about people from another age on
PLACE, PART = ROOT / "docs" / "operations.md", "sizing"
MOST = KEPT + 1  # data versions: beside the newest the one that served before
HEADER = [
    "patients",
    "bundle MB",
    "load s",
    "load, peak MB",
    "data version MB",
    "server MB",
    "after 1 person MB",
    f"after {PEOPLE} people MB",
]
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Size:
    """What so many patients take: MB on disk and in memory, seconds of a load."""

    patients: int
    bundle: float
    seconds: float
    loading: float
    version: float
    serving: tuple[float, float, float]  # when it has started, after one person, after all of them

    @property
    def memory(self) -> float:
        """What the server and a load beside it hold together."""
        return max(self.serving) + self.loading

    @property
    def disk(self) -> float:
        """The data versions that are kept, the one that is built, one backup, and the bundle."""
        return (MOST + 2) * self.version + self.bundle


def size_of(folder: Path) -> float:
    """MB of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE


def measured(patients: int, folder: Path) -> Size:
    """Make a bundle, load it, serve it, and let people in."""
    say(f"{patients:,} patients")
    bundle, home = folder / "bundle", folder / "store"
    generate(bundle, patients=patients, seed=7)
    loading: dict[str, Any] = in_own_process("loading", str(bundle), f"duckdb:///{home}")
    version = next(path for path in (home / "generations").iterdir() if path.is_dir())
    with started(dashboard, "api/healthz", {"SYNAPSE_HOME": str(home)}) as server:
        serving = asyncio.run(visited(server))
    found = Size(patients, size_of(bundle), loading["check"] + loading["build"], loading["megabytes"], size_of(version), serving)
    shutil.rmtree(folder)
    return found


async def visited(server: Server) -> tuple[float, float, float]:
    """What the server holds before anybody came, after one person went through all pages, and after all of them did, each asking about other people."""
    before = server.megabytes()
    await visit(server, 0)
    one = server.megabytes()
    await asyncio.gather(*(visit(server, number) for number in range(1, PEOPLE)))
    return before, one, server.megabytes()


async def visit(server: Server, number: int) -> None:
    """One person opens every page, each of people from another age on. RuntimeError where a page does not open."""
    for page in pages():
        async with session(server.address, cookie(server.address)) as tab:
            tab.patience = PATIENCE
            took = await tab.ask([opening(page, number)], 0)
        if took.error:
            raise RuntimeError(f"{page} does not open: {took.error}")


def opening(page: str, number: int) -> BackMsg:
    """What a browser says when it opens a page by its address."""
    message = BackMsg()
    message.rerun_script.page_name = "" if page == "overview" else page
    message.rerun_script.query_string = f"age_from={FROM + number}"
    return message


def advice(found: list[Size]) -> str:
    """What to buy, as it follows from the table."""
    said = ", ".join(
        f"{whole(size.patients)} patients {whole(size.memory)} MB of memory and {whole(size.disk)} MB of disk" for size in found
    )
    return (
        f"A server with its {PEOPLE} people and a load beside it, which may happen at the same time, and on disk the {MOST} data versions that are kept at most, "
        f"the one that is being built, one backup as large as a data version, and the bundle: {said}. The system itself and the audit log come on top."
    )


def section(found: list[Size], command: str) -> str:
    """The table and the advice."""
    rows = [
        [whole(one.patients), whole(one.bundle), f"{one.seconds:.1f}", whole(one.loading), whole(one.version), *map(whole, one.serving)]
        for one in found
    ]
    return f"Printed by `{command}` on {machine()}. Synthetic data, seed 7.\n\n{table(HEADER, rows)}\n\n{advice(found)}"


def say(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="benchmarks.sizing")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        found = [measured(int(size), Path(folder) / size) for size in asked.sizes.split(",")]
    text = section(found, " ".join(["python -m benchmarks.sizing", *sys.argv[1:]]))
    sys.stdout.write(f"{text}\n")
    if asked.write:
        write_part(PLACE, PART, text)


if __name__ == "__main__":
    main()
