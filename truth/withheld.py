"""How much the policy `clinic` withholds: `python -m truth.withheld` prints it by answer, split and size of the clinic.

Counts stand apart from shares, which a group of 1 to 4 patients does not show, and from what needs more patients still (means,
medians, limits, comparisons, curves).
Cells are told apart by the names of their columns alone, so that this file runs on an older version as it is.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from synapse_analytics import analyses, audit
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import SynapseError
from synapse_analytics.indicators import Measured, indicator
from synapse_analytics.store import load_bundle
from synapse_analytics.synthetic import generate
from truth.tables import percent, table

SIZES = (150, 300, 600, 2_000)
SEED = 1
SPLITS = ("diagnosis", "sex")
# Names of rows, and words: where there is nothing to say a sentence is empty, so it is no cell.
LABELS = """name title unit theme direction group judged_by diagnosis symptom investigation other_diagnosis variable level stage steps times
end_state step source target day month visit weeks_seen treatment_class gap_collapse combination_overlap from to method covariate arm subgroup
attribute delta refused width instrument preset nominal target_source chart charts period state points trial units pooled model version
left_out filter file column clinic generation loaded_at sha256 synthetic data_until first_month last_month headline reason verdict side sentence
adjusted_verdict adjusted_side adjusted_sentence rule meaning variation assurance withheld"""
COUNTS = """n of events expected answered confirmed adherent red_flags scored responding not_escalated responders cannot_respond combined
inside recorded not_recorded both_arms of_former patients episodes rows"""
SHARES = ("share", "yield", "completeness", "crossover", "worst", "best")
VALUES = ("value", "low", "high")
Row = Mapping[str, Any]
Cells = Counter[tuple["Part", bool]]  # how many cells of a part are withheld (true) or shown


class Part(StrEnum):
    """The parts of the cells, as they are headed."""

    COUNTS = "counts"
    SHARES = "shares"
    STATISTICS = "statistics"


def part_of(column: str, row: Row, measured: Measured | None) -> Part | None:
    """Which part a cell belongs to; None if it names the row, or if such a number can never be there."""
    if column in LABELS.split() or column == "week" and "weeks_seen" not in row or column == "n" and "version" in row:
        return None
    if column == "events" and measured in (Measured.COUNT, Measured.MEAN, Measured.MEDIAN):
        return None
    if "worst" in row and column == "answered":
        return Part.SHARES
    if column.removesuffix("_a").removesuffix("_b") in COUNTS.split() or (column == "value" and measured is Measured.COUNT):
        return Part.COUNTS
    of_a_share = column.startswith(SHARES)
    if column in VALUES:
        of_a_share = "share" in row and "mean" not in row if measured is None else measured not in (Measured.MEAN, Measured.MEDIAN)
    return Part.SHARES if of_a_share else Part.STATISTICS


def counted(released: Released) -> Cells:
    """The cells of an answer; what is empty without being withheld is none."""
    found: Cells = Counter()
    for row in (row for rows in released.tables.values() for row in rows):
        name = row.get("name", released.options.get("indicator"))
        measured = None if name is None else indicator(name).measured
        for column, value in row.items():
            part, withheld = part_of(column, row, measured), column in row["withheld"]
            if part is not None and (withheld or value is not None):
                found[part, withheld] += 1
    return found


def asked(clinic: Clinic) -> Iterator[tuple[tuple[str, str], Cells]]:
    """Every answer as it is asked by default, and where it can be split by diagnosis and by sex too; a refusal has no cells."""
    for name, declared in analyses.answers().items():
        by = next((option for option in declared.options if option.name == "by"), None)
        splits = [None] if by is None else dict.fromkeys([by.default, *(split for split in SPLITS if split in (by.legal or ()))])
        for split in splits:
            try:
                released = analyses.answer(clinic, name, **({} if split is None else {"by": split}))
            except SynapseError:
                continue
            yield (name, split or "none"), counted(released)


def clinic_of(patients: int, folder: Path) -> Clinic:
    """A made-up clinic of so many patients."""
    generate(folder / "bundle", patients=patients, seed=SEED)
    database = f"duckdb:///{folder / 'store'}"
    load_bundle(folder / "bundle", database)
    return open_clinic(database, policy="clinic")


def share(cells: Cells, part: Part) -> str:
    """The share of the cells of a part that are withheld."""
    withheld, shown = cells[part, True], cells[part, False]
    return percent(withheld / (withheld + shown)) if withheld + shown else "-"


def report(sizes: tuple[int, ...] = SIZES) -> str:
    """The table: a row per answer and split, three columns per size, and a last row over all cells."""
    found: dict[tuple[str, str], dict[int, Cells]] = {}
    for size in sizes:
        with TemporaryDirectory() as folder:
            for key, cells in asked(clinic_of(size, Path(folder))):
                for row in (key, ("all cells", "all")):
                    found.setdefault(row, {}).setdefault(size, Counter()).update(cells)
            audit.flush()  # while its folder is there
    found["all cells", "all"] = found.pop(("all cells", "all"))
    header = ["answer", "by", *(f"{size:,}: {part}" for size in sizes for part in Part)]
    return table(header, [[*key, *(share(of.get(size, Counter()), part) for size in sizes for part in Part)] for key, of in found.items()])


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
