"""The output of the command line: tables for people, JSON or CSV for machines on stdout; progress and notes on stderr."""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.progress import Task as Bar
from rich.table import Table
from rich.text import Text

from synapse_analytics.progress import Progress

WIDTH_OF_A_PIPE = 160  # characters of a table when stdout is no terminal, which would know its width
SHORTEST_FOR_A_RATE = 0.5  # seconds of work; before that a rate is noise
SECONDS_BETWEEN_LINES = 2.0  # of progress in a log file or pipe
# A spreadsheet runs a cell that starts with one of these; some turn the full-width ones into the plain ones.
FORMULA_STARTS = tuple("=+-@|%\t\r\n＝＋－＠｜％")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class RateColumn(ProgressColumn):
    """Units of work per second."""

    def render(self, task: Bar) -> Text:
        """The rate of one bar, empty until it is known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


def note(text: str) -> None:
    """Write a sentence to stderr, for the person at the terminal; stdout holds only the result."""
    Console(stderr=True, highlight=False, emoji=False).print(text, markup=False)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A Progress that draws bars with rate and time left on a terminal, or prints lines when stderr is none."""
    if not sys.stderr.isatty():
        yield _line_progress()
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        known: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in known:
                known[what] = bars.add_task(what, total=total or None)
            bars.update(known[what], completed=done, total=total or None)

        yield show


def _line_progress() -> Progress:
    began: dict[str, float] = {}
    last = {"at": 0.0}

    def show(what: str, done: int, total: int) -> None:
        now = time.monotonic()
        start = began.setdefault(what, now)
        finished = bool(total) and done >= total
        if now - last["at"] < SECONDS_BETWEEN_LINES and not finished:
            return
        last["at"] = now
        rate = done / (now - start) if now - start > SHORTEST_FOR_A_RATE else 0.0
        left = f", {(total - done) / rate:,.0f} s left" if rate and total > done else ""
        of = f" of {total:,}" if total else ""
        print(f"{what}: {done:,}{of}" + (f", {rate:,.0f}/s{left}" if rate else ""), file=sys.stderr)  # noqa: T201 - this is the terminal

    return show


def safe_text(text: str) -> str:
    """The text with a leading apostrophe when a spreadsheet would take it for a formula; `-3` is a number and stays."""
    if text.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write_json(value: Any) -> None:
    """One JSON document on stdout."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False, default=_plain)
    sys.stdout.write("\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if hasattr(value, "item"):  # a numpy scalar
        return value.item()
    return str(value)


def write_rows(rows: Sequence[Mapping[str, Any]], form: Format, title: str = "") -> None:
    """Rows of plain values as a table, JSON or CSV on stdout."""
    if form is Format.JSON:
        write_json(list(rows))
    elif form is Format.CSV:
        _write_csv(rows)
    else:
        _write_table(rows, title)


def _write_csv(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([_for_a_spreadsheet(value) for value in row.values()] for row in rows)


def _for_a_spreadsheet(value: Any) -> Any:
    """What is written to a file and opened there is no formula; a carriage return alone, which is not quoted, begins no line."""
    text = _joined(value)
    return safe_text(text).replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


def _joined(value: Any) -> Any:
    return " > ".join(map(str, value)) if isinstance(value, (list, tuple)) else value


def _write_table(rows: Sequence[Mapping[str, Any]], title: str) -> None:
    table = Table(header_style="bold")
    for name, value in (rows[0] if rows else {}).items():
        table.add_column(name.replace("_", " "), justify="right" if isinstance(value, (int, float)) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_writable(_cell(value)) for value in row.values()))
    width = None if sys.stdout.isatty() else WIDTH_OF_A_PIPE
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    if rows and title:  # above the table, not as its title, which would break an id where the table is narrow
        console.print(_writable(title), style="bold", soft_wrap=True)
    console.print(table if rows else f"{title}: nothing to show.")


def _writable(text: str) -> str:
    """The text with escapes for what the terminal cannot write, as on stderr; JSON and CSV are for machines and keep every letter."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(_joined(value))
