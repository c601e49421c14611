"""docs/benchmarks.md and docs/benchmarks_browser.md: the machine, the command, the tables, the targets that are missed, and what was tried."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import browser_tables, tables
from benchmarks.browser_targets import Browsed, missed_in_browser
from benchmarks.measure import ROOT, milliseconds
from benchmarks.results import Result, missed
from benchmarks.written import as_part, part_of

DOCUMENT, BROWSER_DOCUMENT = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "benchmarks_browser.md"
USERS_PART = "people"  # of the document, which `python -m benchmarks.users --write` writes
TRIED = Path(__file__).with_name("tried.md")  # written by hand


def machine() -> str:
    """What it was measured on."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pandas", "streamlit", "plotly"))
    processor = names[0] if names else platform.machine()
    return f"{platform.system()}, {os.cpu_count()} cores ({processor}), {memory:.0f} GB; Python {platform.python_version()}, {libraries}"


def loop_milliseconds() -> float:
    """How fast this machine is, the same measure everywhere."""

    def loop() -> int:
        total = 0
        for number in range(3_000_000):
            total += number * number
        return total

    return milliseconds(loop)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def document(results: list[Result], command: str) -> str:
    """The whole page."""
    lines = "\n".join(missed(results) or ["None."])
    people = as_part(USERS_PART, part_of(DOCUMENT.read_text(encoding="utf-8"), USERS_PART) if DOCUMENT.exists() else "")
    tried = f"\n{TRIED.read_text(encoding='utf-8').strip()}\n" if TRIED.exists() else ""
    return f"""# Benchmarks

Printed by `{command}` on {machine()}. Synthetic data, seed 7.
To compare machines: three million additions of squares in a plain Python loop take {loop_milliseconds():.0f} ms on it.
A benchmark, not a test: read the ratios before the times. Times are medians in milliseconds, server side, of questions of which nothing is remembered.

The questions are recorded from the pages themselves (benchmarks/recording.py): all that a page and its header ask.
Six cohorts: everyone, one diagnosis, older women, operated, one site over two years, smokers in severe pain.

## What each page asks when it opens
Median and worst are those of the six cohorts. Peak MB is the most memory that the serving process held while the tab was opened
(see Memory); it may still hold what the page before has left.

{tables.opening_tables(results)}

## Every other tab
Statements, SQL and memory are those of the largest size.

{tables.tab_table(results)}

## Single answers, everyone
{tables.single_table(results)}

## The same numbers by other means, everyone
The peers read the base tables: raw DuckDB SQL the Parquet files of the generation, pandas frames that are already in memory. They count distinct
patients as we do, and a test holds their numbers against ours. Ours is all that the page asks; the peers are spared limits, verdicts of control charts,
the policy, the cumulative incidence of surgery (they take the plain share), conservative days before the first escalation, and of pathways the union of
courses, combined steps, end states and changes.

{tables.peer_table(results)}

## Memory, peak MB
Ours is one process that starts as the server does and opens every page and every tab through the router, for everyone and then for one diagnosis.

{tables.memory_table(results)}

## Check and load
{tables.load_table(results)}

## Export of all episodes
{tables.export_table(results)}

## Many people at once
{people}

## Targets that are missed
{lines}
{tried}"""


def browser_document(results: Sequence[Browsed], command: str) -> str:
    """The page of what is waited for in a browser."""
    lines = "\n".join(missed_in_browser(results) or ["None."])
    return f"""# Benchmarks in the browser

Printed by `{command}` on {machine()}. Synthetic data, seed 7.
To compare machines: three million additions of squares in a plain Python loop take {loop_milliseconds():.0f} ms on it. A benchmark, not a test.

{browser_tables.section(results)}

## Targets that are missed
{lines}
"""
