"""`make bench`: generate, load, ask and click at four sizes beside the peers, print the tables and write two documents.

`python -m benchmarks --half browser` measures one half only (docs/benchmarks_browser.md; the other is `answers`), `--sizes 2000,10000` fewer
sizes, which leaves the documents alone. The part of docs/benchmarks.md about many people at once stays as it is: `python -m benchmarks.users --write`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.browser_targets import Browsed
from benchmarks.document import BROWSER_DOCUMENT, DOCUMENT, browser_document, document
from benchmarks.exporting import export_times
from benchmarks.measure import ROOT, in_own_process
from benchmarks.results import Result
from benchmarks.workloads import BROWSED, SIZES
from synapse_analytics.synthetic import generate

WORK = ROOT / "build" / "bench"
ANSWERS, BROWSER = "answers", "browser"  # the two halves


def stored(patients: int) -> tuple[Path, str, float]:
    """A folder of its own with a bundle that was made anew, the database it will be loaded into, and the seconds it took to make."""
    folder = WORK / str(patients)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say(f"{patients:,} patients: generating")
    start = time.perf_counter()
    generate(folder / "bundle", patients=patients, seed=7)
    return folder, f"duckdb:///{folder / 'store'}", time.perf_counter() - start


def measured(patients: int, recording: Path, half: str) -> tuple[Result | None, Browsed | None]:
    """Both halves at one size, or one of them; bundle and store are made anew and removed afterwards."""
    folder, database, generated = stored(patients)
    say(f"{patients:,} patients: checking and loading")
    loading = in_own_process("loading", str(folder / "bundle"), database)
    generation = str(next(path for path in (folder / "store" / "generations").iterdir() if path.is_dir()))
    answers = browsed = None
    if half != BROWSER:
        answers = Result(
            patients, generated, loading, *on_server(patients, database, generation, recording), export_times(database, folder)
        )
    if half != ANSWERS and patients in BROWSED:
        browsed = Browsed(patients, *in_browser(patients, database, generation))
    shutil.rmtree(folder)
    return answers, browsed


def on_server(patients: int, database: str, generation: str, recording: Path) -> tuple[Any, Any, Any, Any]:
    """The server's half: pages, single answers, memory, and the same numbers by other means."""
    say(f"{patients:,} patients: asking what every page asks")
    pages = in_own_process("pages", database, str(recording))
    say(f"{patients:,} patients: touring every page")
    touring = in_own_process("touring", database)
    say(f"{patients:,} patients: the peers, and exports")
    peers = {kind: in_own_process("peers", kind, generation) for kind in ("duckdb", "pandas")}
    return pages["pages"], pages["single"], touring, peers


def in_browser(patients: int, database: str, generation: str) -> tuple[Any, Any]:
    """The browser's half: every page, and our page Diagnoses by other means."""
    say(f"{patients:,} patients: clicking through every page in a browser")
    clicking = in_own_process("clicking", database)
    say(f"{patients:,} patients: the same charts in plain Streamlit and in Dash")
    web_peers = {kind: in_own_process("peer_clicking", kind, generation) for kind in ("streamlit", "dash")}
    return clicking, web_peers


def say(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def main() -> None:
    """Measure, print and, for all sizes, write the documents."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--sizes")
    parser.add_argument("--half", choices=(ANSWERS, BROWSER, ""), default="")
    asked = parser.parse_args()
    usual = BROWSED if asked.half == BROWSER else SIZES
    sizes = tuple(int(size) for size in asked.sizes.split(",")) if asked.sizes else usual
    WORK.mkdir(parents=True, exist_ok=True)
    recording = WORK / "recording.json"
    say("recording what every page asks")
    recording.write_text(json.dumps(in_own_process("recording")), encoding="utf-8")
    found = [measured(size, recording, asked.half) for size in sizes]
    command = " ".join(["python -m benchmarks", *sys.argv[1:]]) if sys.argv[1:] else "make bench"
    answers, browsed = [one for one, _ in found if one], [one for _, one in found if one]
    if answers:
        told(document(answers, command), DOCUMENT, keep=sizes == usual)
    if browsed:
        told(browser_document(browsed, command), BROWSER_DOCUMENT, keep=sizes == usual)


def told(text: str, place: Path, *, keep: bool) -> None:
    """Print a document, and keep it."""
    sys.stdout.write(text)
    if keep:
        place.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
