"""The naive twin of patients like mine: one episode after the other, in plain Python, from the definition of the distance."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
CALIPERS = {"age": 10, "pain": 1.5, "odi": 10, "bmi": 4, "symptom_weeks": 0.7, "sex": 1, "smoker": 1}
COLUMNS = {"age": "age_years", "pain": "baseline_nrs_pain", "odi": "baseline_odi"}
WIDTHS = (0.5, 0.75, 1, 1.5, 2, 3)
MOST = 500


def distance(row: Row, asked: Row) -> float:
    """Root mean square of the differences in calipers; what is not recorded is one caliper away."""
    if not asked:
        return 0.0
    return math.sqrt(sum(_gap(name, _value(row, name), wanted) ** 2 for name, wanted in asked.items()) / len(asked))


def _value(row: Row, name: str) -> Any:
    value = row[COLUMNS.get(name, name)]
    return None if name == "sex" and value not in ("female", "male") else value


def _gap(name: str, value: Any, wanted: Any) -> float:
    if value is None:
        return 1.0
    if name in ("sex", "smoker"):
        return float(value != wanted)
    if name == "symptom_weeks":
        return abs(math.log(value + 1) - math.log(wanted + 1)) / 0.7
    return abs(value - wanted) / CALIPERS[name]


def alike(rows: Sequence[Row], asked: Row, width: float) -> list[Row]:
    """The rows within the width; of more than 500 the nearest, and all as near as the last of them."""
    near = sorted((row for row in rows if distance(row, asked) <= width), key=lambda row: distance(row, asked))
    return [row for row in near if len(near) <= MOST or distance(row, asked) <= distance(near[MOST - 1], asked)]


def people(rows: Sequence[Row]) -> int:
    """Distinct patients."""
    return len({row["patient_id"] for row in rows})


def nearness(rows: Sequence[Row], asked: Row) -> dict[str, tuple[int, float | None]]:
    """Of every particular that is a number: how many have it recorded, and the median difference."""
    found = {}
    for name in (name for name in ("age", "symptom_weeks", "pain", "odi", "bmi") if name in asked):
        gaps = [abs(_value(row, name) - asked[name]) for row in rows if _value(row, name) is not None]
        found[name] = (len(gaps), statistics.median(gaps) if gaps else None)
    return found


def ways(rows: Sequence[Row], asked: Row, width: float, enough: int) -> list[tuple[str | None, float, int]]:
    """Each particular left out alone, the most patients first; then the next wider distance, else everything left out; only what finds enough."""
    tried = [(name, width, people(alike(rows, {k: x for k, x in asked.items() if k != name}, width))) for name in asked if len(asked) > 1]
    single = sorted((way for way in tried if way[2] >= enough), key=lambda way: -way[2])
    wider = [(None, step, people(alike(rows, asked, step))) for step in WIDTHS if step > width]
    other = [way for way in (*wider, ("all", width, people(rows))) if way[2] >= enough][:1]
    return [*single, *other]
