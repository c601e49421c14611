"""Where the header of a table stands, and whether its names can be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.vocabulary.plurals import counted

LOOKED_AT = 60  # rows from the top in which the header is looked for
MOST_COLUMNS = 999
_FULL = 0.6  # a header fills at least this share of the cells that rows usually fill; a title fills one or two
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*|\d{1,2}[-. ][A-Za-z]{3,9}[-. ]\d{2,4}")

Rows = Sequence[Sequence[str | None]]


def header_of(rows: Rows) -> int | None:
    """The position of the header among the first rows (from 0); None when no row looks like one."""
    filled = [sum(bool(cell and cell.strip()) for cell in row) for row in rows]
    full = max(2, _FULL * _usual(filled)) if max(filled, default=0) > 1 else 1
    first = [place for place, count in enumerate(filled) if count >= full]
    for place in first:
        if is_header(rows[place]):
            return place
        if filled[place] == max(filled[place : place + 3]):  # as full as the rows below: a record, not a title
            return None
    return None


def _usual(filled: Sequence[int]) -> int:
    """How many cells are filled in most rows that have more than one."""
    common = Counter(count for count in filled if count > 1).most_common()
    return max((count for count, times in common if times == common[0][1]), default=1)


def is_header(row: Sequence[str | None]) -> bool:
    """True for names: no dates, no numbers but those that rise, as the months 0, 3, 6, 12 of visits."""
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    if any(_DATE.fullmatch(cell) for cell in cells) or len(numbers) == len(cells):
        return False
    if not numbers:
        return True
    values = [int(cell) if cell.isdigit() else -1 for cell in numbers]
    return len(values) > 1 and min(values) >= 0 and all(left < right for left, right in zip(values, values[1:], strict=False))


def names_of(row: Sequence[str | None]) -> list[str]:
    """The names of the columns on one line each; a column without a name is called by its number."""
    return [" ".join((cell or "").split()) or f"column {number}" for number, cell in enumerate(row, 1)]


def check_names(names: Sequence[str], spot: Spot, faults: Faults) -> bool:
    """True when every column can be told from the others; else the fault is added. `spot` is the row of the header."""
    if len(names) > MOST_COLUMNS:
        sentence = f"The table has {counted(len(names), 'column')}. Allowed: {MOST_COLUMNS} at most."
        faults.add(sentence, "Export only the columns that are needed.", [spot])
        return False
    double = [name for name, times in Counter(names).items() if times > 1]
    if double:
        sentence = "Several columns have the same name."
        advice = (
            "Give each column of the header its own name. Or write into the mapping, under files and the name of the file, which row is the"
            " header: header: 3; and where it has two rows, such as visits above scores, the second of them and header_rows: 2."
        )
        faults.add(sentence, advice, [Spot(spot.file, spot.sheet, spot.row, name) for name in double])
    return not double


def no_header(spot: Spot, stated: int | None, faults: Faults) -> None:
    """The fault that no row looks like a header, or that the row which the mapping states is not there."""
    if stated:
        sentence = "The row that the mapping calls the header is not there, or stands too far down."
        faults.add(sentence, f"Allowed: a row among the first {2 * LOOKED_AT} that the file has.", [replace(spot, row=stated)])
        return
    advice = "Write into the mapping, under files and the name of the file: header: 3 (the number of its row), add a row of names, or take it out."
    faults.add(f"No row among the first {LOOKED_AT} looks like a header.", advice, [spot])
