"""Tables of text to files, the same bytes everywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Rows = Iterable[dict[str, Any]]


def write_csv(path: Path, rows: Rows, *, separator: str = ",", encoding: str = "utf-8", columns: Sequence[str] = ()) -> None:
    """A table with the columns of its first row, or with these; what a row does not have stays empty."""
    held = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(held[0]), delimiter=separator, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in held)
    path.write_bytes(text.getvalue().encode(encoding))


def plain(value: float | None) -> str:
    """A number without needless digits; empty for none."""
    return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
