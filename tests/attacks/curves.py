"""Attack 5, curves: how many had the event between two shown points?

Assumes that the stranger knows the method (Aalen-Johansen) and puts curve, horizons and at-risk row of one group on one line of
time. S/n, by which a step is divided among events, never falls and lies between 1 / n at the start and (1 - F) / n at the end.
A number of events, or of those who left, is found when a single value from 1 to 10 is left. Also counted: shown points that
rest on 1 to 10 events so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import Any, NamedTuple

from synapse_analytics.analyses.escalation import MONTHS
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.cohort import group_label
from synapse_analytics.disclosure import CLINIC, PUBLISH
from synapse_analytics.queries.escalation import HAD, Times, days_to_escalation, escalations
from tests.attacks.desk import Desk, Seen
from tests.attacks.direct import FEW, GROUP
from tests.attacks.finding import Finding, Result, asked_words
from tests.attacks.ledger import Ledger
from tests.attacks.scores import half_digit

EVENT = 1
HAIR = 1e-9
TABLES = {"curve": "day", "horizons": "month"}


class Point(NamedTuple):
    """What is known of one day: how many are at risk before it, and the curve on it."""

    day: int
    low: float
    high: float
    fewest: int
    many: int
    table: str
    shown: tuple[Any, Any]


def curves(desk: Desk) -> Result:
    """Every curve that was asked for."""
    result = Result("curves and at-risk rows", desk.policy)
    for seen in desk.seen():
        if seen.ask.name == "time_to_escalation":
            result.tried += 1
            for group, points in _lines(seen, desk.policy).items():
                _between(seen, desk, group, points, result)
    return result


def _lines(seen: Seen, policy: str) -> dict[str, list[Point]]:
    """The points of each group in the order of time; a row that repeats the one before it tells nothing new."""
    found: dict[str, list[Point]] = {}
    ledger = Ledger(exact=policy == "clinic")
    for table, axis in TABLES.items():
        before: dict[str, tuple[Any, Any]] = {}
        for row in seen.document["tables"].get(table, []):
            shown = row["incidence"], row["at_risk"]
            if None in shown or not row["at_risk"] or before.get(row["group"]) == shown:
                continue
            before[row["group"]] = shown
            half = half_digit(row["incidence"]) if policy == "publish" else 0.0
            day = row["day"] if axis == "day" else MONTHS[row["month"]]
            point = Point(day, row["incidence"] - half, row["incidence"] + half, *ledger.interval(row["at_risk"]), table, shown)
            found.setdefault(row["group"], []).append(point)
    return {group: sorted(points) for group, points in found.items()}


def _truth(desk: Desk, seen: Seen) -> dict[str, Times]:
    """When it happened in each group that is shown: which groups are put together is public."""
    by, event = seen.document["options"]["by"], seen.document["options"]["event"]
    frank, cohort = desk.known.frank, seen.ask.cohort
    split = joined(by, escalations(frank, cohort, by, event=event), PUBLISH if desk.policy == "publish" else CLINIC, HAD)
    return {group_label(split, one.group): one for one in days_to_escalation(frank, cohort, split, event=event)}


def _between(seen: Seen, desk: Desk, group: str, points: list[Point], result: Result) -> None:
    times = _truth(desk, seen)[group]
    for one, two in zip(points, points[1:], strict=False):
        if one.day != two.day:
            for kind, guess, truth in _guesses(points[0], one, two, times):
                _judge(result, desk, seen, (kind, f"day {one.day} to {two.day} {group}", (one.shown, two.shown), truth), guess)
    if desk.policy == "publish":
        for point in points:
            events = _count(times, -1, point.day)
            if events in FEW and point.high > 0:
                kind = "curve point resting on 1 to 10 events"
                _report(result, desk, seen, (kind, f"{point.table} day {point.day} {group}", point.shown, events))


def _guesses(start: Point, one: Point, two: Point, times: Times) -> Iterator[tuple[str, range, int]]:
    """(what, the values it can have, the truth) between two points."""
    yield "events between two points", _events(start, one, two), _count(times, one.day, two.day)
    left = int(times.episodes[(times.days >= one.day) & (times.days < two.day)].sum())
    yield "leaving between two at-risk numbers", range(max(0, one.fewest - two.many), one.many - two.fewest + 1), left


def _judge(result: Result, desk: Desk, seen: Seen, what: tuple[str, str, Any, int], guess: range) -> None:
    few, truth = GROUP if desk.policy == "clinic" else FEW, what[-1]
    result.tried += 1
    if len(guess) == 1 and guess[0] in few:
        if guess[0] == truth:
            _report(result, desk, seen, what)
        else:
            result.wrong += 1


def _report(result: Result, desk: Desk, seen: Seen, found: tuple[str, str, Any, int]) -> None:
    kind, place, shown, truth = found
    result.resting += "resting" in kind
    where = f"time_to_escalation.{place.split()[0] if 'point resting' in kind else 'curve+horizons'}"
    result.report(Finding(kind, desk.known.name, where, asked_words(seen), place, shown, truth, "incidence and at risk"))


def _count(times: Times, after: int, until: int) -> int:
    """Events after one day up to another."""
    return int(times.episodes[(times.days > after) & (times.days <= until) & (times.causes == EVENT)].sum())


def _events(start: Point, one: Point, two: Point) -> range:
    """How many events the step from one point to the next can be."""
    least, most = max(0.0, two.low - one.high), two.high - one.low
    if most < 0:
        return range(0)
    largest = min(1.0, max(0.0, 1 - two.low) / max(1, two.fewest - 1)) or 1.0
    return range(ceil(least / largest - HAIR), floor(most * start.many + HAIR) + 1)
