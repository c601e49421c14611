"""Answers about improving enough: responder shares with both denominators, and who did not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, PRESET, chosen_preset, enough, notes, number, scored, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import wilson
from synapse_analytics.queries.outcomes import Scored
from synapse_analytics.queries.population import population
from synapse_analytics.queries.response import improved


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
        Measure("best", Kind.SHARE, "expected_patients", "hopeful_patients", "others_patients", count="hopeful", of="expected"),
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
    people, visit = population(clinic, cohort, by=by), visit_of(month)
    asked = enough(scored(clinic, cohort, instrument, index, by), lambda given: improved(given, preset.code, visit)[0], "answered", "able")
    rows = _response_rows(asked, preset, visit)
    options = {"instrument": instrument, "preset": preset.code, "month": month, "index": index, "by": by}
    said = (*notes(asked), f"Improved means {preset.label} on {asked.instrument.label}. Source: {preset.source}.")
    return release(question(clinic, "responders", cohort, **options), people, [(GROUPS, rows), (BOUNDS, rows)], notes=said)


def _response_rows(asked: Scored, preset: v.Preset, visit: int) -> list[dict[str, Any]]:
    found, hopeful = improved(asked, preset.code, visit)
    columns = {
        "n": found.episodes("answered", "able"),
        "responders": found.episodes("met"),
        "cannot_respond": found.episodes("answered") - found.episodes("answered", "able"),
        "expected": found.episodes("able"),
        "n_patients": found.patients("answered", "able"),
        "responders_patients": found.patients("met"),
        "others_patients": found.outside("met", "answered", "able"),
        "cannot_respond_patients": found.outside("able", "answered"),
        "expected_patients": found.patients("able"),
        "unimproved_patients": found.outside("met", "able"),
        "missing_patients": found.outside("answered", "able"),
    }
    rows = []
    for key, group in asked.groups(found.keys):
        counts = {name: number(column, found.place.get(key)) for name, column in columns.items()}
        place = hopeful.place.get(key)
        counts |= {"hopeful": number(hopeful.episodes("able"), place), "hopeful_patients": number(hopeful.patients("able"), place)}
        rows.append({"group": group} | counts | _shares(counts))
    return rows


def _shares(counts: Mapping[str, int]) -> dict[str, float | None]:
    share = wilson(counts["responders"], counts["n"])
    tops = (counts["responders"], counts["n"], counts["hopeful"])
    worst, completeness, best = (top / counts["expected"] if counts["expected"] else None for top in tops)
    of_expected = {"share_of_expected": worst, "completeness": completeness, "worst": worst, "best": best}
    return {"share": share.value, "low": share.low, "high": share.high, "answered": share.value} | of_expected
