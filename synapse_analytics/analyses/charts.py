"""The points of a control chart and what they say: limits from closed months only, and from none that must be withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synapse_analytics.analyses.points import Fetched, cells, is_closed, point
from synapse_analytics.analyses.sources import SOURCES
from synapse_analytics.disclosure import Policy
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


def chart(found: Fetched, asked: Indicator) -> Chart:
    """The control chart of an indicator by month or quarter."""
    rows = [_row(found, asked, key) for key in _keys(found, asked)]
    settings = found.clinic.settings
    closed = [row for row in rows if row["state"] == "closed" and row["value"] is not None]
    told = _told(closed, asked, found.clinic.policy)
    hidden = MOSTLY * len(told) < (MOSTLY - 1) * len(closed)  # those left would be the ones in which nothing happened
    told = [] if hidden else told
    steps = [change.month for change in settings.recalculations(asked.name)]
    limits = _limits(asked, told, closed, _starts(found.by, told, steps), found.clinic.policy.smallest_count)
    values = np.array([row["value"] for row in told], dtype=float)
    variation = spc.variation(spc.special_causes(values, limits), values, limits, asked.direction)
    for place, row in enumerate(told):
        meaning = variation.meanings[place]
        row |= {"centre": float(limits.centre[place]), "low": float(limits.low[place]), "high": float(limits.high[place])}
        row |= {"rule": variation.rules[place], "meaning": meaning}
    target = settings.target(asked.name)
    sentence = HIDDEN[found.by] if hidden else spc.verdict(variation, [spoken(row["period"]) for row in told], found.by)
    return Chart(rows, asked.direction, variation, sentence, asked.target if target is None else target, hidden)


def _told(closed: Sequence[Row], asked: Indicator, policy: Policy) -> list[Row]:
    """The periods that limits may rest on: not small, and in no quarter of which they would give a single small month away."""
    small = [row["period"] for row in closed if not _may_be_told(row, asked, policy)]
    alone = [quarter for quarter in {row["quarter"] for row in closed} if sum(of_quarter(period) == quarter for period in small) == 1]
    for quarter in alone:
        others = [row for row in closed if row["quarter"] == quarter and row["period"] not in small]
        small += [min(others, key=lambda row: row["patients"])["period"]] if others else []
    return [row for row in closed if row["period"] not in small]


def _keys(found: Fetched, asked: Indicator) -> range:
    """Every period from the first to the last with anything of the family, so that a gap is a gap."""
    keys = found.keys(asked)
    return range(keys[0], keys[-1] + 1) if keys else range(0)


def _row(found: Fetched, asked: Indicator, key: int) -> Row:
    tally = found.of(asked).get(key)
    closed = is_closed(found.clinic, asked, key, found.by)
    counted = cells(asked, point(found, asked, key))
    events = None
    if tally is not None and asked.measured in SHARES:  # of an incidence the plain share, lost counted as not operated
        n, events = (tally.episodes.get(name, 0) for name in (SOURCES[asked.name].n, SOURCES[asked.name].hit))
        counted |= {"n": n, "value": events / n if n else None}
        counted |= {f"{kind}patients": tally.patients.get(name, 0) for kind, name in _supports(asked)}
    if tally is not None and asked.measured is Measured.RATE:
        events = tally.sums.get(SOURCES[asked.name].sums, 0)
    name = month_name if found.by == MONTH else quarter_name
    nothing = dict.fromkeys(("centre", "low", "high", "rule", "meaning"))
    value = counted["value"] if counted["n"] else None
    period = {"period": name(key), "quarter": of_quarter(name(key)), "state": "closed" if closed else "open"}
    return counted | nothing | period | {"events": events, "value": value}


def _supports(asked: Indicator) -> tuple[tuple[str, str], ...]:
    source = SOURCES[asked.name]
    return (("", source.n), ("hit_", source.hit), ("miss_", source.miss))


def _may_be_told(row: Row, asked: Indicator, policy: Policy) -> bool:
    """Whether the gate will surely not find the point small by itself: limits must not tell what a point may not."""
    if asked.measured is Measured.MEAN:
        return row["patients"] >= policy.mean
    if asked.measured is Measured.MEDIAN:
        return row["patients"] >= policy.median
    parts = ("patients",) if asked.measured is Measured.COUNT else ("patients", "hit_patients", "miss_patients")
    return not any(0 < row[part] < policy.smallest_count for part in parts)


def _starts(by: str, told: Sequence[Row], months: Sequence[str]) -> list[int]:
    """Where the limits begin anew: at the first told period from each documented month on."""
    begin = months if by == MONTH else [of_quarter(month) for month in months]
    return [next((place for place, row in enumerate(told) if row["period"] >= period), len(told)) for period in begin]


def _limits(asked: Indicator, told: Sequence[Row], closed: Sequence[Row], starts: Sequence[int], smallest: int) -> spc.Limits:
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
        found = spc.segmented(lambda part: spc.u_chart(events[part], n[part], _centre(told[part], closed, smallest)), len(n), starts)
        return spc.Limits(found.kind, found.centre * PER, found.low * PER, found.high * PER, found.starts)
    return spc.segmented(lambda part: spc.p_chart(events[part], n[part], _centre(told[part], closed, smallest)), len(n), starts)


def _centre(told: Sequence[Row], closed: Sequence[Row], smallest: int) -> float | None:
    """Events by n over all closed periods from the first to the last of these; over the told ones where the rest could be found.

    Events of the withheld periods follow from the centre and the told ones: there must be two of them at least, and enough patients.
    """
    if not told:
        return None
    inside = [row for row in closed if told[0]["period"] <= row["period"] <= told[-1]["period"]]
    rest = [row for row in inside if not any(row is other for other in told)]
    few = any(sum(row[part] for row in rest) < smallest for part in ("hit_patients", "miss_patients"))
    counted = told if len(rest) < 2 or few else inside
    return sum(row["events"] for row in counted) / sum(row["n"] for row in counted)
