"""What a control chart says, and its released rows read once for every drawing of it: the one on the page and the one that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing
from synapse_analytics.findings.verdicts import ASSURANCE, OPEN, POINTS, TOO_FEW, USUAL
from synapse_analytics.indicators import Indicator, Measured, indicator
from synapse_analytics.vocabulary.periods import place_of, spoken, within

Row = Mapping[str, Any]
MARKED = ("improvement", "concern", "change")  # the states of a chart whose last point is marked
MAYBE_CHANCE = "Among so many indicators this may be chance."


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
    mark: str  # key of POINTS
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
class Change:
    """A change of level: from which place on, and the levels before and after."""

    x: int
    before: float
    after: float


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
    def change(self) -> Change | None:
        """The recent change of its course, if there is one."""
        row = self.summary
        return None if row["since"] is None else Change(place_of(row["since"]), row["before"], row["after"])

    @property
    def marks(self) -> list[str]:
        """The kinds of points there are, in the order of POINTS."""
        there = {point.mark for point in self.points if point.value is not None}
        return [mark for mark in POINTS if mark in there]


def read(released: Released) -> Chart:
    """The chart of a released answer of `control_chart`."""
    summary = released.tables["summary"][0]
    points = tuple(_point(row) for row in released.tables["points"])
    steps = (
        Step(place_of(within(row["period"], str(summary["period"]))), row["period"], row["reason"]) for row in released.tables["steps"]
    )
    judged = [point.x for point in points if point.centre is not None]  # a step after the last of them has changed nothing yet
    drawn = tuple(step for step in steps if judged and judged[0] < step.x <= judged[-1])
    return Chart(indicator(str(summary["name"])), summary, points, drawn)


def _point(row: Row) -> Point:
    is_open = row["state"] == "open"
    mark = OPEN if is_open else row["meaning"] or USUAL
    numbers = (row["value"], row["centre"], row["low"], row["high"], row["n"])
    return Point(place_of(row["period"]), row["period"], *numbers, mark, row["rule"], is_open)


@finding("control_chart")
def control_chart(released: Released) -> Finding:
    """The verdict in words, then the mean with its limits, the target and what to beware of.

    Nothing is drawn where the analysis draws no chart: fewer than nine of ten points may be shown.
    """
    chart = read(released)
    row, question = chart.summary, chart.declared.question
    if row["chart"] is None:
        return nothing(question, str(row["sentence"] or "Too few patients to judge this over time."))
    said = [_course(chart)]
    if row["period"] != row["judged_by"]:
        said.append(f"Judged by {row['period']} here; the Overview judges by {row['judged_by']}.")
    if row["centre"] is not None:
        limits = w.amounts_between(row["low"], row["high"], chart.unit, like=row["centre"])
        said.append(f"{chart.middle.capitalize()} {w.amount(row['centre'], chart.unit)}, limits {limits}.")
    if row["target"] is not None:
        assured = f": {ASSURANCE[row['assurance']]}" if row["assurance"] else ""
        said.append(f"Target {w.amount(row['target'], chart.unit)}{assured}.")
    said += [f"Limits recalculated from {spoken(step.period)}: {step.reason.rstrip('.')}." for step in chart.steps]
    return Finding(question, " ".join(part for part in said if part))


def _course(chart: Chart) -> str:
    """Whether the indicator changed in the last two years, and what its points say against the limits.

    A mark by the rules of one chart may be chance where many charts are looked at; the course takes that into account.
    """
    row, sentence = chart.summary, str(chart.summary["sentence"] or "")
    if row["course"] is None or row["course"] == TOO_FEW:
        return sentence
    if row["since"] is None:
        marked = row["variation"] in MARKED
        return f"{sentence} {MAYBE_CHANCE}" if marked else f"No change beyond chance in the latest two years. {sentence}"
    way = "Higher" if row["after"] > row["before"] else "Lower"
    meant = {"improvement": " This is an improvement.", "concern": " This is a concern."}.get(str(row["course"]), "")
    after, before = (w.level(row[which], chart.unit, chart.period) for which in ("after", "before"))
    against = f" Against the limits: {sentence[:1].lower()}{sentence[1:]}" if sentence else ""
    return f"{way} since {spoken(row['since'])}: {after}; {before} before.{meant}{against}"


def sizes(chart: Chart) -> str:
    """How many episodes (or patients) a point rests on: `n 14 to 46 each`."""
    known = [point.n for point in chart.points if point.n is not None and point.value is not None]
    if not known or chart.unit == "patients":
        return ""
    low, high = min(known), max(known)
    return f"n {w.count(low)}{f' to {w.count(high)}' if high != low else ''} each"
