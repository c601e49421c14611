"""What clinics do to their tables before they hand them on: columns, rows, dates, codes, numbers, and identifiers in every place."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from random import Random

from tests.faults.intake_samples import NO_PATIENTS, Cells, Drawn
from tests.faults.planted import IN_NAMES, PLANTED

Change = Callable[[Random, Cells], None]
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)( .*)?")
_DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
_ODD_DATES = (
    "31/02/2023",
    "2023-02-31",
    "00/00/0000",
    "29/02/2023",
    "2023-13-05",
    "5/6/23",
    "0024-03-05",
    "9999-12-31",
    "45000",
    "12:30",
    "March",
)
_ODD_NUMBERS = (
    "1e400",
    "-5",
    "7,5",
    "1.234,5",
    "٧",
    "७",
    "9" * 400,
    "NaN",
    "inf",
    "-0",
    "1_000",
    "0x1F",
    "½",
    "7 / 10",
    "+7",
    " 7 ",
    "--",
    "1E5",
)
_ODD_TEXTS = (
    "", " ", "\u200b", "\u202e7", "x" * 40_000, '"', '""', "'", "a;b,c\td|e", "line\nbreak", "carriage\rreturn", "=1+1", '=cmd|"/C calc"!A0',
    "@SUM(A1)", "+91...", "-", "*", "NA", "NULL", "None", "\\N", "999", "\0", "\ufeff", "\ud7ff", "<script>alert(1)</script>", "{{7*7}}", "%s%n",
    "../../etc/passwd", "\x1f", "\x1b[31m", "ＦＵＬＬ", "e\u0301", "🦴", "#REF!", "TRUE", "Ⅷ",
)  # fmt: skip
_HEADERS = (
    "",
    "Name",
    "DOB",
    "column 1",
    "x" * 500,
    "=1+1",
    "a\nb",
    "table",
    "row",
    "?",
    "*",
    "ODI %",
    "\u202eSex",
    "null",
    "1",
    "2024-01-01",
)


def _top(cells: Cells) -> int:
    """The row of the header: the fullest among the first."""
    return max(range(min(5, len(cells))), key=lambda place: (sum(cell != "" for cell in cells[place][:20]), -place))


def _some_row(random: Random, cells: Cells) -> int:
    return random.randrange(_top(cells), len(cells))


def _some_column(random: Random, cells: Cells) -> int:
    return random.randrange(len(cells[_top(cells)]))


def drop_column(random: Random, cells: Cells) -> None:
    place = _some_column(random, cells)
    for row in cells:
        del row[place : place + 1]


def swap_columns(random: Random, cells: Cells) -> None:
    left, right = _some_column(random, cells), _some_column(random, cells)
    for row in cells:
        if max(left, right) < len(row):
            row[left], row[right] = row[right], row[left]


def swap_contents(random: Random, cells: Cells) -> None:
    head = list(cells[_top(cells)])
    swap_columns(random, cells)
    cells[_top(cells)] = head


def double_column(random: Random, cells: Cells) -> None:
    place, name = _some_column(random, cells), random.choice(("same", "other"))
    for number, row in enumerate(cells):
        row.append(f"{row[place]} again" if number == _top(cells) and name == "other" else row[min(place, len(row) - 1)])


def rename_column(random: Random, cells: Cells) -> None:
    head = cells[_top(cells)]
    place = random.randrange(len(head))
    name = str(head[place])
    head[place] = random.choice((*_HEADERS, name.upper(), f" {name} ", f"{name}s", name[:-1]))


def thousand_columns(random: Random, cells: Cells) -> None:
    wide = random.choice((300, 970, 1_100))
    for number, row in enumerate(cells):
        row += [f"extra {place}" if number == _top(cells) else "" for place in range(wide)]


def shuffle_rows(random: Random, cells: Cells) -> None:
    top = _top(cells) + 1
    rows = cells[top:]
    random.shuffle(rows)
    cells[top:] = rows


def double_rows(random: Random, cells: Cells) -> None:
    cells += [list(cells[_some_row(random, cells)]) for _ in range(random.choice((1, 3, 50)))]


def drop_rows(random: Random, cells: Cells) -> None:
    keep = random.choice((0.0, 0.3, 0.9))
    top = _top(cells) + random.choice((0, 1, 1, 1, 1))
    cells[top:] = [row for row in cells[top:] if random.random() < keep]
    if not cells:
        cells.append([""])


def ragged_rows(random: Random, cells: Cells) -> None:
    row = cells[_some_row(random, cells)]
    row += ["more"] * random.choice((0, 1, 3))
    del row[random.randrange(len(row) + 1) :]


def same_id(random: Random, cells: Cells) -> None:
    """The id of one person given to another."""
    first = random.choice((0, 1, 2))
    left, right = cells[_some_row(random, cells)], cells[_some_row(random, cells)]
    if first < min(len(left), len(right)):
        left[first] = right[first]


def header_twice(random: Random, cells: Cells) -> None:
    cells.insert(_some_row(random, cells) + 1, list(cells[_top(cells)]))


def title_rows(random: Random, cells: Cells) -> None:
    wide = len(cells[_top(cells)])
    for _ in range(random.choice((1, 2, 70))):
        cells.insert(0, [random.choice(("Register", "Printed 05-01-2026", "", *PLANTED)), *[""] * (wide - 1)])


def totals(random: Random, cells: Cells) -> None:
    wide = len(cells[_top(cells)])
    cells.append([random.choice(("Total", "Mean", f"Total: {len(cells)}", "* provisional", *PLANTED)), *["12"] * (wide - 1)])
    if random.random() < 0.5:
        cells.insert(len(cells) - 1, [""] * wide)


def only_header(random: Random, cells: Cells) -> None:
    del cells[_top(cells) + random.choice((0, 1, 1)) :]
    if not cells:
        cells.append([""])


def _each_cell(random: Random, cells: Cells, change: Callable[[str], str], share: float) -> None:
    for row in cells[_top(cells) + 1 :]:
        for place, cell in enumerate(row):
            if random.random() < share:
                text = cell.isoformat() if isinstance(cell, date) else str(cell)
                if (new := change(text)) != text:
                    row[place] = new


def other_dates(random: Random, cells: Cells) -> None:
    """Dates in another form: of the country beyond, in words, with two digits, as the count of days of a spreadsheet."""
    form = random.choice(("%m/%d/%Y", "%d/%m/%y", "%d-%b-%Y", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "serial", "%Y%m%d", "%d/%m/%Y %H:%M"))

    def change(text: str) -> str:
        iso, day_first = _ISO.fullmatch(text), _DAY_FIRST.fullmatch(text)
        if not iso and not day_first:
            return text
        year, month, day = (iso[1], iso[2], iso[3]) if iso else (day_first[3], day_first[2], day_first[1])  # type: ignore[index]
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            return text
        return str((found - date(1899, 12, 30)).days) if form == "serial" else found.strftime(form)

    _each_cell(random, cells, change, random.choice((0.1, 1.0)))


def odd_dates(random: Random, cells: Cells) -> None:
    """31 February, treatment before birth, dates that are none."""

    def change(text: str) -> str:
        is_date = _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text)
        if not is_date:
            return text
        return random.choice((*_ODD_DATES, re.sub(r"\d{4}", random.choice(("1890", "1950", "2099")), text)))

    _each_cell(random, cells, change, random.choice((0.02, 0.2)))


def odd_numbers(random: Random, cells: Cells) -> None:
    _each_cell(
        random,
        cells,
        lambda text: random.choice(_ODD_NUMBERS) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text,
        random.choice((0.02, 0.3)),
    )


def decimal_commas(random: Random, cells: Cells) -> None:
    _each_cell(random, cells, lambda text: re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", text), random.choice((0.2, 1.0)))


def typos(random: Random, cells: Cells) -> None:
    def change(text: str) -> str:
        if len(text) < 4 or not text[0].isalpha():
            return text
        place = random.randrange(1, len(text))
        return random.choice((text[:place] + text[place + 1 :], text.upper(), f"{text} ", text[:place] + "z" + text[place:]))

    _each_cell(random, cells, change, random.choice((0.02, 0.3)))


def odd_texts(random: Random, cells: Cells) -> None:
    for _ in range(random.choice((1, 5))):
        row = cells[_some_row(random, cells)]
        if row:
            row[random.randrange(len(row))] = random.choice(_ODD_TEXTS)


def empty_cells(random: Random, cells: Cells) -> None:
    _each_cell(random, cells, lambda _text: "", random.choice((0.05, 0.5)))


def planted_cells(random: Random, cells: Cells) -> None:
    for _ in range(random.choice((1, 4, 20))):
        row = cells[_some_row(random, cells)]
        if row:
            row[random.randrange(len(row))] = random.choice(PLANTED)


def planted_column(random: Random, cells: Cells) -> None:
    """A column full of one identifier, or of several, under its own or another name."""
    top = _top(cells)
    one = random.choice(PLANTED) if random.random() < 0.5 else None
    place = random.randrange(len(cells[top]) + 1)
    name = random.choice(("Extra", "code", "Patient Name", "Remark", "Diagnosis 2", "Surgeon", "x"))
    for row in cells[top + 1 :]:
        row[place : place + 1] = [one or random.choice(PLANTED)]
    if place == len(cells[top]):
        cells[top].append(name)


def planted_header(random: Random, cells: Cells) -> None:
    head = cells[_top(cells)]
    head[random.randrange(len(head))] = random.choice(IN_NAMES)


def planted_new_header(random: Random, cells: Cells) -> None:
    for number, row in enumerate(cells):
        row.append(random.choice(IN_NAMES) if number == _top(cells) else random.choice(("", "7")))


CHANGES: tuple[Change, ...] = (
    drop_column, swap_columns, swap_contents, double_column, rename_column, thousand_columns, shuffle_rows, double_rows, drop_rows, ragged_rows,
    same_id, header_twice, title_rows, totals, only_header, other_dates, odd_dates, odd_numbers, decimal_commas, typos, odd_texts, empty_cells,
    planted_cells, planted_column, planted_header, planted_new_header,
)  # fmt: skip


def change_tables(random: Random, drawn: Drawn) -> None:
    """One change to one table."""
    change = random.choice(CHANGES)
    name = random.choice([name for name in drawn.tables if not (change.__name__.startswith("planted") and name in NO_PATIENTS)])
    drawn.done.append(f"{change.__name__}({name})")
    change(random, drawn.tables[name])
