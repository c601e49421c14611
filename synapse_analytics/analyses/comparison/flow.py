"""The way of each arm from its start to the analysis: who is left out at which step, and why, so that every count adds up."""

from __future__ import annotations

from collections.abc import Iterator

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import Row, count_cells
from synapse_analytics.analyses.comparison.study import ARMS, Study
from synapse_analytics.counts import Counted


def flow_rows(study: Study) -> list[Row]:
    """One row per step: episodes still there, or left out at it for one reason; the first reason that fits counts."""
    arms = [dict(_steps(study, place)) for place in range(len(ARMS))]
    return [_row(step, [arm[step] for arm in arms]) for step in arms[0]]


def _row(step: tuple[str, bool], counts: list[Counted]) -> Row:
    row: Row = dict(zip(("step", "left_out"), step, strict=True))
    for arm, counted in zip(ARMS, counts, strict=True):
        row |= count_cells(f"n_{arm}", counted)
    return row


def _steps(study: Study, place: int) -> Iterator[tuple[tuple[str, bool], Counted]]:
    """(step, whether it is left out) with its count, in order."""
    reached, own = study.reached[place], study.sides[ARMS[place]]
    yield ("started", False), reached.started
    yield ("had_other_before", True), reached.had_other_before
    yield ("no_baseline", True), reached.no_baseline
    yield ("unlike", True), study.unlike[place]
    number, visit = study.people.numbers, study.visits[-1]
    is_open = number["index_day"] + v.VISITS[visit].last > number["days_surely_observed"]
    has_died = ~is_open & (number["closed_visits"] < visit)
    expected = study.expected[:, -1]
    for code, here in (
        ("window_open", is_open),
        ("died", has_died),
        ("crossed_over", ~is_open & ~has_died & ~expected),  # only where answers after a crossover do not count
    ):
        yield (code, True), study.counted(own & here)
    yield ("expected", False), study.counted(own & expected)
    yield ("answered_late", True), study.counted(own & study.answered_late)
    yield ("not_answered", True), study.counted(own & expected & ~study.analysed & ~study.answered_late)
    yield ("answered", False), study.counted(own & study.analysed)
