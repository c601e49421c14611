"""A released control chart, read once for both of its drawings: the one on the page and the one that is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures.verdicts import ASSURANCE, MARKS, OPEN, USUAL
from synapse_analytics.findings import words as w
from synapse_analytics.indicators import Indicator, Measured, indicator
from synapse_analytics.vocabulary.periods import MONTHS_IN, period_of, place_of, spoken, within

Row = Mapping[str, Any]
MOST_TICKS = 14
ROOM = 0.08  # of the span of the values, left free above and below


@dataclass(frozen=True, slots=True)
class Point:
    """One month, quarter or so: its place in time, its name, its value with the limits there, and which mark it gets."""

    x: int
    period: str
    value: float | None
    centre: float | None
    low: float | None
    high: float | None
    n: int | None
    mark: str  # key of MARKS
    rule: str | None
    is_open: bool

    @property
    def waits(self) -> bool:
        """True if nobody of this period can have answered yet: nothing is missing here."""
        return self.is_open and self.n == 0


@dataclass(frozen=True, slots=True)
class Step:
    """A documented recalculation of the limits."""

    x: int
    period: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: the indicator, what its chart says as a whole, the points and the steps."""

    declared: Indicator
    summary: Row
    points: tuple[Point, ...]
    steps: tuple[Step, ...]

    @property
    def unit(self) -> str:
        """What the values are in."""
        return str(self.summary["unit"])

    @property
    def period(self) -> str:
        """What a point is: a month, quarter, half-year or year."""
        return str(self.summary["period"])

    @property
    def middle(self) -> str:
        """What the centre line is: of a median it is the median of the points."""
        return "median" if self.declared.measured is Measured.MEDIAN else "mean"

    @property
    def last_closed(self) -> Point | None:
        """The last point that has limits."""
        return next((point for point in reversed(self.points) if point.centre is not None), None)

    @property
    def open_from(self) -> int | None:
        """From which place on the follow-up is still open."""
        return next((point.x for point in self.points if point.is_open), None)

    @property
    def marks(self) -> list[str]:
        """The kinds of points there are, in the order of MARKS."""
        there = {point.mark for point in self.points if point.value is not None}
        return [mark for mark in MARKS if mark in there]

    def span(self) -> tuple[float, float]:
        """Lowest and highest of everything drawn, with room; a share stays within 0 and 1, a count above 0."""
        known = [value for point in self.points for value in (point.value, point.low, point.high) if value is not None]
        known += [] if self.summary["target"] is None else [self.summary["target"]]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        room = ((high - low) or abs(high) or 1.0) * ROOM
        floor = low - room if self.unit == "points" else max(low - room, -room / 2)
        return floor, min(high + room, 1 + room / 2) if self.unit == "share" else high + room


def read(released: Released) -> Chart:
    """The chart of a released answer of `control_chart`."""
    summary = released.tables["summary"][0]
    points = tuple(_point(row) for row in released.tables["points"])
    steps = [(row["period"], row["reason"]) for row in released.tables["steps"]]
    by = str(summary["period"])
    placed = (Step(place_of(within(period, by)), period, reason) for period, reason in steps)
    judged = [point.x for point in points if point.centre is not None]  # a step after the last of them has changed nothing yet
    drawn = tuple(step for step in placed if judged and judged[0] < step.x <= judged[-1])
    return Chart(indicator(str(summary["name"])), summary, points, drawn)


def _point(row: Row) -> Point:
    is_open = row["state"] == "open"
    mark = OPEN if is_open else row["meaning"] or USUAL
    numbers = (row["value"], row["centre"], row["low"], row["high"], row["n"])
    return Point(place_of(row["period"]), row["period"], *numbers, mark, row["rule"], is_open)


def ticks(points: Sequence[Point], most: int = MOST_TICKS) -> list[tuple[Point, str, str]]:
    """The points that are named under the axis: the point, its month, quarter or so, and its year where that is new."""
    per_year = 12 // MONTHS_IN[period_of(points[0].period)] if points else 1
    steps = [step for step in (1, 2, 3, 4, 6, 12) if per_year % step == 0] + [per_year * years for years in (2, 5, 10)]
    step = next((step for step in steps if len(points) <= most * step), steps[-1])
    chosen = [point for point in points if step == 1 or point.x % step == 0]
    named, year = [], ""
    for point in chosen:
        parts = spoken(point.period).split()  # of a year there is but one
        named.append((point, parts[0], parts[-1] if len(parts) > 1 and parts[-1] != year else ""))
        year = parts[-1]
    return named


def is_shown(released: Released) -> bool:
    """Whether there is a chart: the analysis draws none of which fewer than nine of ten points may be shown."""
    return released.tables["summary"][0]["chart"] is not None


def refusal(released: Released) -> str:
    """Why there is no chart, in words."""
    return str(released.tables["summary"][0]["sentence"] or "Too few patients to judge its course.")


def answer(chart: Chart) -> str:
    """The verdict in words, then the mean with its limits, the target and what to beware of."""
    row = chart.summary
    said = [row["sentence"] or ""]
    if row["period"] != row["judged_by"]:
        said.append(f"This is the verdict by {row['period']}; the overview judges by {row['judged_by']}.")
    if row["centre"] is not None:
        limits = w.amounts_between(row["low"], row["high"], chart.unit)
        said.append(f"{chart.middle.capitalize()} {w.amount(row['centre'], chart.unit)}, limits {limits}.")
    if row["target"] is not None:
        assured = f": {ASSURANCE[row['assurance']]}" if row["assurance"] else ""
        said.append(f"Target {w.amount(row['target'], chart.unit)}{assured}.")
    said += [f"Limits anew from {spoken(step.period)}: {step.reason.rstrip('.')}." for step in chart.steps]
    return " ".join(part for part in said if part)


def sizes(chart: Chart) -> str:
    """How many episodes (or patients) a point rests on: `n 14 to 46 each`."""
    known = [point.n for point in chart.points if point.n is not None and point.value is not None]
    if not known or chart.unit == "patients":
        return ""
    low, high = min(known), max(known)
    return f"n {w.count(low)}{f' to {w.count(high)}' if high != low else ''} each"


def scale(chart: Chart) -> str:
    """The name of the value axis: title, unit where it is not said, and which way is better."""
    unit = {"points": ", points", "days": ", days"}.get(chart.unit, "")
    better = "" if chart.declared.direction == "none" else f", {chart.declared.direction} is better"
    drawn = f", {chart.declared.drawn_as}" if chart.declared.drawn_as else ""
    return f"{chart.declared.title}{drawn}{unit}{better}"
