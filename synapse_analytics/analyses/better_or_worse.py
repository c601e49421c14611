"""How many of all who were expected got clearly better, stayed about the same, got clearly worse, or did not answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row, ratio, share_support, wilson_cells
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.measures import counts_of, labels, share_of, shares_of
from synapse_analytics.analyses.options import split_by
from synapse_analytics.analyses.pooling import spans
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, in_force, joined_by, notes, scored, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Key
from synapse_analytics.disclosure import TableRule
from synapse_analytics.errors import UsageError
from synapse_analytics.queries.outcomes import Scored
from synapse_analytics.queries.response import NO_ANSWER, WORSE, verdicts

# The verdicts that stand in a row, by the first and the last of them; neighbours are one row where the policy joins them.
ROWS = {(0, 0): "better", (1, 1): "same", (2, 2): "worse", (0, 1): "not_worse", (1, 2): "not_better", (0, 2): "answered"}
ANSWERS = WORSE + 1  # verdicts of those who answered
OF_ANSWERED = ("of_answered", "of_answered_low", "of_answered_high")
VERDICTS = TableRule(
    "verdicts",
    (
        *labels("group", "verdict"),
        *counts_of("n", "answered", "expected"),
        share_of("n", "expected", "share_of_expected"),
        *shares_of("n", "answered", OF_ANSWERED),
    ),
)


def _instrument_in_force(clinic: Clinic, chosen: Options) -> Options:
    settled = in_force(clinic, chosen)
    if v.important_change(settled["instrument"]) is None:
        known = ", ".join(term.code for term in v.INSTRUMENTS if v.presets_of(term.code))
        raise UsageError(f"No smallest important change of {settled['instrument']} is defined. Scores with one: {known}.")
    return settled


@analysis(INSTRUMENT, MONTH, INDEX, split_by(), settle=_instrument_in_force)
def better_or_worse(clinic: Clinic, cohort: Cohort, *, month: int, **chosen: Any) -> Found:
    """How many are clearly better, about the same or clearly worse?

    A row each, of all episodes expected at the visit (expected). better and worse: the change from baseline is at least the smallest
    important change of the instrument (pain 2 points, ODI 10, EQ-5D 0.3) for the better or for the worse; same: less than that in
    either direction; not_answered: no answer. n counts episodes; share_of_expected is of all expected, of_answered (with Wilson limits)
    of those who answered. Everybody with a baseline counts: a patient whose baseline leaves no room for so large a change (pain 1) can
    only be the same or worse, so that the parts add up to all expected (responders leaves these patients out of n). Under the policy
    publish neighbours are one row until it holds enough patients: not_worse = better or same, not_better = same or worse, answered =
    any of the three.
    """
    visit = visit_of(month)

    def counted(given: Scored) -> Counts:
        return verdicts(given, v.presets_of(given.instrument.code)[0], visit)

    asked = joined_by(scored(clinic, cohort, **chosen), lambda given: _of_answered(counted(given)))
    return Found([(VERDICTS, list(_rows(asked, counted(asked))))], (*notes(asked), _said(asked.instrument)))


def _said(instrument: v.Instrument) -> str:
    preset = v.presets_of(instrument.code)[0]
    return f"Clearly better: {instrument.label} better by {preset.label}. Clearly worse: worse by as much. Source: {preset.source}."


def _of_answered(found: Counts) -> Counts:
    return found.fold(lambda key: None if key[-1] == NO_ANSWER else key)


def _rows(asked: Scored, found: Counts) -> Iterator[Row]:
    """The verdicts of each group in their order, empty ones too, then those who did not answer."""
    spans_of = {key[:-1]: _spans(asked, found, key[:-1]) for key in found.keys}
    parts = found.fold(lambda key: (*key[:-1], spans_of[key[:-1]][key[-1]]))  # each part under its first verdict
    expected = parts.fold(lambda key: key[:-1])
    answered = _of_answered(parts).fold(lambda key: key[:-1])
    without = [_without(parts, first) for first in range(ANSWERS + 1)]
    answered_without = [_without(_of_answered(parts), first) for first in range(ANSWERS)]
    for key, code in asked.groups(spans_of):
        for first in dict.fromkeys(spans_of.get(key, ())):
            n, whole, of = (Group.at(counts, at).counted() for counts, at in ((parts, (*key, first)), (expected, key), (answered, key)))
            row: Row = {"group": code, "verdict": _name(spans_of[key], first)}
            row |= share_support("n", "expected", n, whole, Group.at(without[first], key).patients())
            row |= {"share_of_expected": ratio(n.episodes, whole.episodes)}
            if first == NO_ANSWER:
                yield row | share_support("n", "answered", n, of, 0) | dict.fromkeys(OF_ANSWERED)
            else:
                row |= share_support("n", "answered", n, of, Group.at(answered_without[first], key).patients())
                yield row | wilson_cells(n.episodes, of.episodes, OF_ANSWERED)


def _spans(asked: Scored, found: Counts, group: Key) -> tuple[int, ...]:
    """The first verdict of the row that each verdict of a group is in: itself, or its neighbour until a row holds enough patients."""
    if not asked.clinic.policy.rounds:
        return tuple(range(ANSWERS + 1))

    def place_of(key: Key) -> int | None:
        return key[-1] if key[:-1] == group and key[-1] != NO_ANSWER else None

    span = spans(found, place_of, ANSWERS, asked.clinic.policy.counted).tolist()
    return (*(span.index(number) for number in span), NO_ANSWER)


def _name(firsts: tuple[int, ...], first: int) -> str:
    return "not_answered" if first == NO_ANSWER else ROWS[first, ANSWERS - 1 - firsts[ANSWERS - 1 :: -1].index(first)]


def _without(parts: Counts, first: int) -> Counts:
    """By group the episodes of all parts but one."""
    return parts.fold(lambda key: None if key[-1] == first else key[:-1])
