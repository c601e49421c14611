"""The way from all episodes of the cohort to those compared: who is left out at which step, and why, so that every count adds up.

First episodes are counted, then starts: an episode that began both treatments has two, and the row `twice` says how many have.
"""

from __future__ import annotations

from collections.abc import Iterator

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import Row, count_cells
from synapse_analytics.analyses.comparison.rules import FEWEST_OF_STEP
from synapse_analytics.analyses.comparison.study import ARMS, Study
from synapse_analytics.counts import Counted
from synapse_analytics.queries.comparison import Entered

NO_ARM: Row = {f"n_{arm}": None for arm in ARMS} | {f"n_{arm}_patients": 0 for arm in ARMS}


def flow_rows(study: Study) -> list[Row]:
    """One row per step: n still there (`left_out` false), or left out at it for one reason; the first reason that fits counts.

    cohort = neither + either; either + twice = started; started = n_a + n_b = all that are left out after it + answered.
    """
    arms = [dict(_steps(study, place)) for place in range(len(ARMS))]
    return [*_before(study.entered), *(_row(step, [arm[step] for arm in arms]) for step in arms[0])]


def _before(entered: Entered) -> Iterator[Row]:
    """The episodes of the cohort up to the start; a part is told only where the other may be."""
    fewest = min((part.patients for part in (entered.neither, entered.either) if part.patients), default=0)
    for step, counted, least in (
        ("cohort", entered.cohort, entered.cohort.patients),
        ("neither", entered.neither, fewest),
        ("either", entered.either, fewest),
        ("twice", entered.both, entered.both.patients),
    ):
        yield {"step": step, "left_out": step == "neither"} | count_cells("n", counted) | NO_ARM | {FEWEST_OF_STEP: least}


def _row(step: tuple[str, bool], counts: list[Counted]) -> Row:
    row: Row = dict(zip(("step", "left_out"), step, strict=True))
    for arm, counted in zip(ARMS, counts, strict=True):
        row |= count_cells(f"n_{arm}", counted)
    # Patients with starts in both arms would count twice in a sum: as many as there are at least.
    both = Counted(sum(counted.episodes for counted in counts), max(counted.patients for counted in counts))
    fewest = min((counted.patients for counted in counts if counted.patients), default=0)
    return row | count_cells("n", both) | {FEWEST_OF_STEP: fewest}


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
