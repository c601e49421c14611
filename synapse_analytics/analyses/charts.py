"""The points of a control chart and what they say: limits from closed periods only, and from none that must be withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synapse_analytics.analyses.overview import N, values_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.analyses.values import MONTH, PER, SHARES, Fetched, Row, by_period, is_closed, last_month
from synapse_analytics.disclosure import Kind, Measure, Policy, TableRule, rounded, shortened, survives
from synapse_analytics.estimates import control_charts as spc
from synapse_analytics.indicators import Indicator, Measured
from synapse_analytics.queries.calendar import month_name, quarter_name
from synapse_analytics.vocabulary.periods import of_quarter, spoken

MOSTLY = 5  # four of five periods must be shown, or there is no chart
HIDDEN = {
    "month": "Too many months rest on too few patients for a chart; try quarters.",
    "quarter": "Too many quarters rest on too few patients for a chart.",
}
EMPTY = {"n": 0, "value": None, "patients": 0, "hit_patients": 0, "miss_patients": 0}
LIMITS = dict.fromkeys(("centre", "low", "high", "rule", "meaning"))


@dataclass(frozen=True, slots=True)
class Chart:
    """The rows of the points, and what the closed ones that may be shown say together."""

    rows: list[Row]
    direction: str
    found: spc.Variation
    sentence: str
    target: float | None
    hidden: bool  # too many periods are too small

    @property
    def assurance(self) -> str | None:
        """Against the target: met, missed or hit and miss; None without a target, a direction or lasting limits."""
        if self.target is None or self.direction == "none":
            return None
        return spc.assurance(self.found.limits, self.target, higher_is_better=self.direction == "higher")


def points_rule(measured: Measured) -> TableRule:
    """What the gate is told about the points of a chart."""
    value = values_of(measured)[0]
    if measured in SHARES:
        value = Measure("value", Kind.SHARE, "patients", "hit_patients", "miss_patients", count="events", of="n")
    follows = Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN  # withheld where the value is, never made again
    limits = (Measure(name, follows, part=value.part, outside=value.outside) for name in LIMITS)
    events = Measure("events", Kind.COUNT, value.part or "patients")
    return TableRule("points", (label("period"), label("quarter"), label("state"), N, events, value, *limits))


def chart(found: Fetched, asked: Indicator, period: str) -> Chart:
    """The control chart of an indicator by month or quarter."""
    rows = _rows(found, asked, period)
    settings, policy = found.clinic.settings, found.clinic.policy
    kept = survives(points_rule(asked.measured), rows, "value", policy)
    closed = [row for row in rows if row["state"] == "closed" and row["value"] is not None]
    told = [row for row, stays in zip(rows, kept, strict=True) if stays and row["state"] == "closed" and row["value"] is not None]
    hidden = MOSTLY * len(told) < (MOSTLY - 1) * len(closed)  # those left would be the ones in which nothing happened
    told = [] if hidden else told
    steps = [change.month for change in settings.recalculations(asked.name)]
    limits = _limits(asked, told, closed, _starts(period, told, steps))
    limits = replace(limits, gaps=_gaps(rows, told))
    values = np.array([row["value"] for row in told], dtype=float)
    variation = spc.variation(spc.special_causes(values, limits), values, limits, asked.direction)
    for place, row in enumerate(told):
        row |= {"centre": float(limits.centre[place]), "low": float(limits.low[place]), "high": float(limits.high[place])}
        row |= {"rule": variation.rules[place], "meaning": variation.meanings[place]}
    target = settings.target(asked.name)
    sentence = HIDDEN[period] if hidden else spc.verdict(variation, [spoken(row["period"]) for row in told], period)
    return Chart(rows, asked.direction, variation, sentence, asked.target if target is None else target, hidden)


def _gaps(rows: Sequence[Row], told: Sequence[Row]) -> tuple[int, ...]:
    """Points before which a period is missing or withheld."""
    order = {row["period"]: place for place, row in enumerate(rows)}
    places = [order[row["period"]] for row in told]
    return tuple(k for k in range(1, len(places)) if places[k] - places[k - 1] > 1)


def _rows(found: Fetched, asked: Indicator, period: str) -> list[Row]:
    """Every period from the first to the last with any index, so that a gap is a gap; of a count to the end of the data."""
    keys, made = by_period(found, asked, period)
    if not keys:
        return []
    last = keys[-1]
    if asked.measured is Measured.COUNT and not found.cohort.month_to:
        last = last_month(found.clinic) if period == MONTH else last_month(found.clinic) // 3
    place = {key: number for number, key in enumerate(keys)}
    name, policy = (month_name if period == MONTH else quarter_name), found.clinic.policy
    rows = []
    for key in range(keys[0], last + 1):
        counted = made.row(place[key]) if key in place else EMPTY | {"events": None if made.events is None else 0}
        if asked.measured is Measured.COUNT and counted["value"] is None:
            counted["value"] = 0
        said = name(key)
        state = "closed" if is_closed(found.clinic, asked, key, period) else "open"
        rows.append(_as_shown(asked, counted, policy) | LIMITS | {"period": said, "quarter": of_quarter(said), "state": state})
    return rows


def _as_shown(asked: Indicator, point: Row, policy: Policy) -> Row:
    """n, events and value as the policy shows them: limits made of exact counts would tell them beside rounded ones."""
    if not policy.rounds or point["value"] is None:
        return point
    n, events = rounded(point["n"], policy), rounded(point["events"], policy)
    value = point["value"]
    if events is not None and n:
        value = min(1.0, events / n) if asked.measured in SHARES else PER * events / n
    shown = rounded(value, policy) if asked.measured is Measured.COUNT else shortened(value, policy)
    return point | {"n": n, "events": events, "value": shown}


def _starts(period: str, told: Sequence[Row], months: Sequence[str]) -> list[int]:
    """Where the limits begin anew: at the first shown period from each documented month on."""
    begin = months if period == MONTH else [of_quarter(month) for month in months]
    return [next((place for place, row in enumerate(told) if row["period"] >= first), len(told)) for first in begin]


def _limits(asked: Indicator, told: Sequence[Row], closed: Sequence[Row], starts: Sequence[int]) -> spc.Limits:
    """XmR for means, medians (about their median) and counts; p (or p') for shares; u for rates.

    The centre of p and u is that of all closed periods, withheld ones too: leaving out the small ones would shift it.
    """
    values = np.array([row["value"] for row in told], dtype=float)
    if asked.measured not in (*SHARES, Measured.RATE):
        ties = asked.measured is Measured.MEDIAN
        return spc.segmented(lambda part: spc.xmr(values[part], about_median=ties), len(values), starts)
    events, n = (np.array([row[name] for row in told], dtype=float) for name in ("events", "n"))
    if asked.measured is Measured.RATE:
        found = spc.segmented(lambda part: spc.u_chart(events[part], n[part], _centre(told[part], closed)), len(n), starts)
        return spc.Limits(found.kind, found.centre * PER, found.low * PER, found.high * PER, found.starts)
    return spc.segmented(lambda part: spc.p_chart(events[part], n[part], _centre(told[part], closed)), len(n), starts)


def _centre(told: Sequence[Row], closed: Sequence[Row]) -> float | None:
    """Events by n over all closed periods from the first to the last of these."""
    if not told:
        return None
    counted = [row for row in closed if told[0]["period"] <= row["period"] <= told[-1]["period"]]
    return sum(row["events"] for row in counted) / sum(row["n"] for row in counted)
