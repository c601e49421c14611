"""`make bench`: generate, load, ask and click at four sizes beside the peers, print the tables and write docs/benchmarks.md.

`python -m benchmarks --sizes 2000,10000` measures fewer sizes and leaves the document alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.document import document
from benchmarks.exporting import export_times
from benchmarks.measure import ROOT, in_own_process
from benchmarks.results import Result
from benchmarks.workloads import BROWSED, SIZES, TRIES, USERS_AT
from synapse_analytics.synthetic import generate

WORK = ROOT / "build" / "bench"
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def measured(patients: int, recording: Path) -> Result:
    """Everything at one size; bundle and store are made anew and removed afterwards."""
    folder = WORK / str(patients)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say(f"{patients:,} patients: generating")
    start = time.perf_counter()
    generate(folder / "bundle", patients=patients, seed=7)
    generated = time.perf_counter() - start
    database = f"duckdb:///{folder / 'store'}"
    say(f"{patients:,} patients: checking and loading")
    loading = in_own_process("loading", str(folder / "bundle"), database)
    say(f"{patients:,} patients: asking what every page asks")
    pages = in_own_process("pages", database, str(recording))
    say(f"{patients:,} patients: touring every page")
    touring = in_own_process("touring", database)
    say(f"{patients:,} patients: the peers")
    generation = next(path for path in (folder / "store" / "generations").iterdir() if path.is_dir())
    peers = {kind: in_own_process("peers", kind, str(generation)) for kind in ("duckdb", "pandas")}
    say(f"{patients:,} patients: exporting")
    exports = export_times(database, folder)
    clicking, web_peers, users = in_browser(patients, database, str(generation)) if patients in BROWSED else ({}, {}, None)
    shutil.rmtree(folder)
    return Result(patients, generated, loading, pages["pages"], pages["single"], touring, peers, exports, clicking, web_peers, users)


def in_browser(patients: int, database: str, generation: str) -> tuple[Any, Any, Any]:
    """The browser's half: every page, our page Diagnoses by other means, and at one size many people."""
    say(f"{patients:,} patients: clicking through every page in a browser")
    clicking = in_own_process("clicking", database, tries=TRIES)
    say(f"{patients:,} patients: the same charts in plain Streamlit and in Dash")
    web_peers = {kind: in_own_process("peer_clicking", kind, generation, tries=TRIES) for kind in ("streamlit", "dash")}
    if patients != USERS_AT:
        return clicking, web_peers, None
    say(f"{patients:,} patients: many people at once")
    return clicking, web_peers, in_own_process("users", database, tries=TRIES)


def say(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def main() -> None:
    """Measure, print and, for all sizes, write the document."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    asked = parser.parse_args().sizes
    sizes = tuple(int(size) for size in asked.split(","))
    WORK.mkdir(parents=True, exist_ok=True)
    recording = WORK / "recording.json"
    say("recording what every page asks")
    recording.write_text(json.dumps(in_own_process("recording")), encoding="utf-8")
    command = "make bench" if sizes == SIZES else f"python -m benchmarks --sizes {asked}"
    text = document([measured(size, recording) for size in sizes], command)
    sys.stdout.write(text)
    if sizes == SIZES:
        DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
