"""`make bench`: generate, load and ask at three sizes beside the peers, print the tables and write docs/benchmarks.md.

`python -m benchmarks --sizes 10000,100000` measures fewer sizes and leaves the document alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.exporting import export_times
from benchmarks.measure import in_own_process
from synapse_analytics.bundle.synthetic import generate

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "bench"
SIZES = (10_000, 100_000, 1_000_000)
PEER_TWINS = {
    "diagnosis mix": "diagnoses: diagnosis_mix",
    "pain over time by diagnosis": "outcomes: score_over_time {'by': 'diagnosis'}",
    "top pathways": "pathways: pathways",
}


def measured(patients: int) -> dict[str, Any]:
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
    say(f"{patients:,} patients: asking every page")
    pages = in_own_process("pages", database)
    say(f"{patients:,} patients: the peers")
    generation = next(path for path in (folder / "store" / "generations").iterdir() if path.is_dir())
    peers = {kind: in_own_process("peers", kind, str(generation)) for kind in ("duckdb", "pandas")}
    say(f"{patients:,} patients: exporting")
    exports = export_times(database, folder)
    shutil.rmtree(folder)
    return {"patients": patients, "generated": generated, "loading": loading, "pages": pages, "peers": peers, "exports": exports}


def say(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def page_table(results: list[dict[str, Any]]) -> str:
    """Milliseconds of each page's answers: everyone, then the median and the worst of the six cohorts."""
    header = ["page"] + [f"{r['patients']:,}: {what}" for r in results for what in ("everyone", "median", "worst")]
    rows = []
    for page in results[0]["pages"]["pages"]:
        cells = [page]
        for result in results:
            times = result["pages"]["pages"][page]
            cells += [f"{value:,.0f}" for value in (times["everyone"], statistics.median(times.values()), max(times.values()))]
        rows.append(cells)
    slow = [cell for r in results for cell in (f"{r['pages']['other parameters']:,.0f}", "", "")]
    return table(header, [*rows, ["pathways with other parameters", *slow]])


def peer_table(results: list[dict[str, Any]]) -> str:
    """Milliseconds of three questions: ours, raw DuckDB SQL and plain pandas on the same rows, and the ratios."""
    rows = []
    for result in results:
        for question, twin in PEER_TWINS.items():
            ours = result["pages"]["answers"][twin]
            raw, frame = (result["peers"][kind]["times"][question] for kind in ("duckdb", "pandas"))
            rows.append(
                [
                    question,
                    f"{result['patients']:,}",
                    f"{ours:,.0f}",
                    f"{raw:,.0f}",
                    f"{ours / raw:.2f}x",
                    f"{frame:,.0f}",
                    f"{ours / frame:.2f}x",
                ]
            )
    return table(["question", "patients", "ours", "raw DuckDB SQL", "ours / SQL", "pandas", "ours / pandas"], rows)


def load_table(results: list[dict[str, Any]]) -> str:
    """Seconds and megabytes of check and load, beside DuckDB reading the same files without checks."""
    rows = []
    for r in results:
        part = r["loading"]
        total = part["check"] + part["build"]
        rows.append([f"{r['patients']:,}", f"{part['rows']:,}", f"{part['check']:.1f}", f"{part['build']:.1f}", f"{total:.1f}", f"{part['megabytes']:,.0f}",
                     f"{part['plain']['seconds']:.1f}", f"{total / part['plain']['seconds']:.1f}x", f"{r['generated']:.1f}"])  # fmt: skip
    header = ["patients", "rows", "check s", "build s", "total s", "peak MB", "DuckDB unchecked s", "ratio", "generate s"]
    return table(header, rows)


def memory_table(results: list[dict[str, Any]]) -> str:
    """Peak megabytes of a process that answers every page, beside the peers."""
    rows = [
        [
            f"{r['patients']:,}",
            f"{r['pages']['megabytes']:,.0f}",
            f"{r['peers']['duckdb']['megabytes']:,.0f}",
            f"{r['peers']['pandas']['megabytes']:,.0f}",
        ]
        for r in results
    ]
    return table(["patients", "ours, all pages", "raw DuckDB, three questions", "pandas, three questions"], rows)


def export_table(results: list[dict[str, Any]]) -> str:
    """Seconds of the row export of all episodes."""
    rows = [
        [f"{r['patients']:,}", f"{r['exports']['rows']:,}", f"{r['exports']['seconds']:.1f}", f"{r['exports']['copy']:.1f}"]
        for r in results
    ]
    return table(["patients", "rows", "k-anonymous CSV zip s", "DuckDB COPY of the raw rows s"], rows)


def document(results: list[dict[str, Any]]) -> str:
    """The whole of docs/benchmarks.md."""
    return f"""# Benchmarks

Printed by `make bench` on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}. Synthetic data, seed 7.
A benchmark, not a test: read the ratios before the times.

## Each page's answers, server side, no cache, milliseconds
Six cohorts: everyone, one diagnosis, older women, operated, one site over two years, smokers in severe pain.

{page_table(results)}

## The same question by other means, milliseconds, everyone
{peer_table(results)}

## Check and load
{load_table(results)}

## Memory, peak MB
{memory_table(results)}

## Export of all episodes
{export_table(results)}
"""


def main() -> None:
    """Measure, print and, for all sizes, write the document."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    sizes = tuple(int(size) for size in parser.parse_args().sizes.split(","))
    text = document([measured(size) for size in sizes])
    sys.stdout.write(text)
    if sizes == SIZES:
        (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
