"""Answers about improving enough: responder shares with both denominators, and who did not answer."""

from __future__ import annotations

from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, PRESET, Scored, chosen_preset, patients_outside, scored, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import wilson
from synapse_analytics.queries.outcomes import index_scores, visit_scores
from synapse_analytics.queries.population import population
from synapse_analytics.queries.response import expected_counts, response_counts


def _responded(name: str) -> Measure:
    return Measure(name, Kind.SHARE, "n_patients", part="responders_patients", outside="others_patients", count="responders", of="n")


def _of_expected(name: str) -> Measure:
    return Measure(
        name, Kind.SHARE, "expected_patients", part="responders_patients", outside="unimproved_patients", count="responders", of="expected"
    )


EXPECTED = Measure("expected", Kind.COUNT, "expected_patients")
COMPLETENESS = Measure(
    "completeness", Kind.SHARE, "expected_patients", part="n_patients", outside="missing_patients", count="n", of="expected"
)
COUNTS = (label("group"), Measure("n", Kind.COUNT, "n_patients"), Measure("responders", Kind.COUNT, "responders_patients"))
GROUPS = TableRule(
    "groups",
    (
        *COUNTS,
        *(_responded(name) for name in ("share", "low", "high")),
        EXPECTED,
        _of_expected("share_of_expected"),
        COMPLETENESS,
        Measure("cannot_respond", Kind.COUNT, "cannot_respond_patients"),
    ),
)
BOUNDS = TableRule(
    "bounds",
    (
        *COUNTS,
        EXPECTED,
        _of_expected("worst"),
        _responded("answered"),
        Measure("best", Kind.SHARE, "expected_patients", outside="others_patients"),
    ),
)


@analysis(INSTRUMENT, PRESET, MONTH, INDEX, split_by())
def responders(clinic: Clinic, cohort: Cohort, *, month: int, index: str, by: str | None, **chosen: str | None) -> Released:
    """What share of patients improved enough?

    n = answered episodes whose baseline can reach the preset; the others are counted in cannot_respond. share = of those
    answered, with Wilson limits; share_of_expected counts a missing answer as not improved. bounds: the same share if
    nobody (worst) or everybody (best) who did not answer had improved.
    """
    instrument, preset = chosen_preset(clinic, chosen["instrument"], chosen["preset"])
    asked = scored(clinic, cohort, instrument, index, by)
    people = population(clinic, cohort, by=by)
    rows = _response_rows(asked, preset, visit_of(month))
    options = {"instrument": instrument, "preset": preset.code, "month": month, "index": index, "by": by}
    notes = (*asked.notes(), f"Improved means {preset.label} on {asked.instrument.label}. Source: {preset.source}.")
    return release(question(clinic, "responders", cohort, **options), people, [(GROUPS, rows), (BOUNDS, rows)], notes=notes)


def _response_rows(asked: Scored, preset: v.Preset, visit: int) -> list[dict[str, Any]]:
    answered = response_counts(asked.clinic, asked.rows(visit_scores, visit_scores.c.visit == visit), preset, asked.instrument)
    closed = asked.rows(index_scores, index_scores.c.closed_visits >= visit)
    expected = expected_counts(asked.clinic, closed, preset, asked.instrument)
    none = dict.fromkeys([name + end for name in ("n", "responders", "others", "cannot_respond") for end in ("", "_patients")], 0)
    rows = []
    for group, code in asked.groups({**expected, **answered}):
        counts = none | {"expected": 0, "expected_patients": 0} | answered.get((group,), {}) | expected.get((group,), {})
        rows.append({"group": code} | counts | _shares(counts) | _outside(counts))
    return rows


def _outside(counts: dict[str, int]) -> dict[str, int]:
    """Patients expected who did not improve (or did not answer), and who did not answer."""
    pairs = {"unimproved_patients": "responders", "missing_patients": "n"}
    return {
        name: patients_outside((counts["expected"], counts[part]), (counts["expected_patients"], counts[f"{part}_patients"]))
        for name, part in pairs.items()
    }


def _shares(counts: dict[str, int]) -> dict[str, float | None]:
    share = wilson(counts["responders"], counts["n"])
    of_expected: list[float | None] = [None] * 3
    if counts["expected"]:
        tops = (counts["responders"], counts["n"], counts["expected"] - counts["others"])
        of_expected = [top / counts["expected"] for top in tops]
    worst, completeness, best = of_expected
    names = ("share", "low", "high", "share_of_expected", "completeness", "worst", "answered", "best")
    return dict(zip(names, (share.value, share.low, share.high, worst, completeness, worst, share.value, best), strict=True))
