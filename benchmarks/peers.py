"""The same numbers by other means: `python -m benchmarks.peers KIND FOLDER`, KIND being duckdb or pandas.

FOLDER is that of a generation, with the base tables as Parquet and the manifest, which says until when the data reach.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from benchmarks import plain_pandas, raw_duckdb
from benchmarks.measure import milliseconds, peak_megabytes


def duckdb_times(folder: Path, until: str) -> dict[str, float]:
    """Median milliseconds of each question as raw SQL over the files."""
    connection = raw_duckdb.opened(folder)

    def rows(statements: tuple[str, ...]) -> None:
        for statement in statements:
            raw_duckdb.ask(connection, statement, until).fetchall()

    return {name: milliseconds(partial(rows, statements), 3) for name, statements in raw_duckdb.QUESTIONS.items()}


def pandas_times(folder: Path, until: str) -> dict[str, float]:
    """Median milliseconds of each question in plain pandas, the frames already in memory."""
    frames = plain_pandas.read(folder)
    return {name: milliseconds(partial(question, frames, until), 3) for name, question in plain_pandas.QUESTIONS.items()}


def main(kind: str, folder: str) -> None:
    """Time all questions of one kind."""
    until = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["data_until"]
    times = {"duckdb": duckdb_times, "pandas": pandas_times}[kind](Path(folder), until)
    sys.stdout.write(json.dumps({"times": times, "megabytes": peak_megabytes()}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
