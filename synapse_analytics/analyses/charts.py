"""The points of a control chart and what they say: limits from closed months only, and from none that must be withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synapse_analytics.analyses.overview import N, values_of
from synapse_analytics.analyses.points import Fetched, cells, is_closed, point
from synapse_analytics.analyses.shares import label
from synapse_analytics.analyses.sources import SOURCES, plain
from synapse_analytics.disclosure import Kind, Measure, Policy, TableRule, rounded, survives
from synapse_analytics.estimates import control_charts as spc
from synapse_analytics.queries.calendar import month_name, quarter_name
from synapse_analytics.queries.indicators import MONTH
from synapse_analytics.vocabulary.indicators import Indicator, Measured
from synapse_analytics.vocabulary.periods import of_quarter, spoken

SHARES = (Measured.SHARE, Measured.INCIDENCE)
PER = 100  # rates are per 100
MOSTLY = 5  # four of five periods must be told, or there is no chart
HIDDEN = {
    "month": "Too many months rest on too few patients for a chart; try quarters.",
    "quarter": "Too many quarters rest on too few patients for a chart.",
}
Row = dict[str, Any]


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


def points_rule(measured: Measured, by: str) -> TableRule:
    """What the gate is told about the points of a chart."""
    value = values_of(measured)[0]
    if measured in SHARES:
        value = Measure("value", Kind.SHARE, part="hit_patients", outside="miss_patients", count="events", of="n")
    follows = Kind.MEDIAN if measured is Measured.MEDIAN else Kind.MEAN  # withheld where the value is, never recomputed
    limits = (Measure(name, follows, part=value.part) for name in ("centre", "low", "high", "rule", "meaning"))
    events = Measure("events", Kind.COUNT, value.part or "patients")
    columns = (label("period"), label("quarter"), label("state"), N, events, value, *limits)
    return TableRule("points", columns)


def chart(found: Fetched, asked: Indicator) -> Chart:
    """The control chart of an indicator by month or quarter."""
    rows = [_row(found, asked, key) for key in _keys(found, asked)]
    settings, policy = found.clinic.settings, found.clinic.policy
    closed = [row for row in rows if row["state"] == "closed" and row["value"] is not None]
    kept = survives(points_rule(asked.measured, found.by), rows, "value", policy)
    told = [row for row, stays in zip(rows, kept, strict=True) if stays and any(row is other for other in closed)]
    hidden = MOSTLY * len(told) < (MOSTLY - 1) * len(closed)  # those left would be the ones in which nothing happened
    told = [] if hidden else told
    steps = [change.month for change in settings.recalculations(asked.name)]
    limits = _limits(asked, told, closed, _starts(found.by, told, steps))
    limits = replace(limits, gaps=_gaps(rows, told))
    values = np.array([row["value"] for row in told], dtype=float)
    variation = spc.variation(spc.special_causes(values, limits), values, limits, asked.direction)
    for place, row in enumerate(told):
        meaning = variation.meanings[place]
        row |= {"centre": float(limits.centre[place]), "low": float(limits.low[place]), "high": float(limits.high[place])}
        row |= {"rule": variation.rules[place], "meaning": meaning}
    target = settings.target(asked.name)
    sentence = HIDDEN[found.by] if hidden else spc.verdict(variation, [spoken(row["period"]) for row in told], found.by)
    return Chart(rows, asked.direction, variation, sentence, asked.target if target is None else target, hidden)


def _gaps(rows: Sequence[Row], told: Sequence[Row]) -> tuple[int, ...]:
    """Points before which a period is missing or withheld."""
    order = {row["period"]: place for place, row in enumerate(rows)}
    places = [order[row["period"]] for row in told]
    return tuple(k for k in range(1, len(places)) if places[k] - places[k - 1] > 1)


def _keys(found: Fetched, asked: Indicator) -> range:
    """Every period from the first to the last with anything of the family, so that a gap is a gap; of a count to the end of the data."""
    keys = found.keys(asked)
    last = keys[-1] if keys else 0
    if asked.measured is Measured.COUNT and keys and not found.cohort.month_to:
        year, month = map(int, found.clinic.generation.data_until.split("-"))
        last = year * 12 + month - 1 if found.by == MONTH else (year * 12 + month - 1) // 3
    return range(keys[0], last + 1) if keys else range(0)


def _row(found: Fetched, asked: Indicator, key: int) -> Row:
    tally = found.of(asked).get(key)
    closed = is_closed(found.clinic, asked, key, found.by)
    counted = cells(asked, point(found, asked, key))
    events = None
    if tally is not None and asked.measured in SHARES:  # of an incidence the plain share, lost counted as not operated
        n, events = (tally.episodes.get(name, 0) for name in (plain(asked.name).n, plain(asked.name).hit))
        counted |= {"n": n, "value": events / n if n else None}
        counted |= {f"{kind}patients": tally.patients.get(name, 0) for kind, name in _supports(asked)}
    if tally is not None and asked.measured is Measured.RATE:
        events = tally.sums.get(SOURCES[asked.name].sums, 0)
    name = month_name if found.by == MONTH else quarter_name
    nothing = dict.fromkeys(("centre", "low", "high", "rule", "meaning"))
    value = counted["value"] if counted["n"] or asked.measured is Measured.COUNT else None
    shown = _as_shown(asked, {"n": counted["n"], "events": events, "value": value}, found.clinic.policy)
    period = {"period": name(key), "quarter": of_quarter(name(key)), "state": "closed" if closed else "open"}
    return counted | nothing | period | shown


def _as_shown(asked: Indicator, point: Row, policy: Policy) -> Row:
    """n, events and value as the policy shows them: limits made of exact counts would tell them beside rounded ones."""
    if policy.count_step == 1 or point["value"] is None:
        return point
    n, events = rounded(point["n"], policy), rounded(point["events"], policy)
    value: float | None
    if events is not None and n:
        value = min(1.0, events / n) if asked.measured in SHARES else PER * events / n
    else:
        value = rounded(point["value"], policy) if asked.measured is Measured.COUNT else round(point["value"], asked.decimals)
    return {"n": n, "events": events, "value": value}


def _supports(asked: Indicator) -> tuple[tuple[str, str], ...]:
    source = plain(asked.name)
    return (("", source.n), ("hit_", source.hit), ("miss_", source.miss))


def _starts(by: str, told: Sequence[Row], months: Sequence[str]) -> list[int]:
    """Where the limits begin anew: at the first told period from each documented month on."""
    begin = months if by == MONTH else [of_quarter(month) for month in months]
    return [next((place for place, row in enumerate(told) if row["period"] >= period), len(told)) for period in begin]


def _limits(asked: Indicator, told: Sequence[Row], closed: Sequence[Row], starts: Sequence[int]) -> spc.Limits:
    """XmR for means, medians (about their median) and counts; p (or p') for shares; u for rates.

    The centre of p and u is that of all closed periods, withheld ones too: leaving out those with one to four events would
    shift it.
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
