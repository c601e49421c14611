"""Whether those who answered differ from those who did not: the baseline table behind every completeness."""

from __future__ import annotations

import math
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, THOUSAND, notes, number, scored, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES, Counts, Key
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import sd, smd, smd_of_shares
from synapse_analytics.queries.population import population
from synapse_analytics.queries.response import FLAGS, NUMBERS, baselines_by_answer

Row = dict[str, Any]
VARIABLES = ("age_years", "female", "baseline", "symptom_weeks", "bmi", "smoker", "operated")
UNITS = {"age_years": 1, "symptom_weeks": 1, "bmi": THOUSAND, "baseline": THOUSAND}
SIDES = {True: "answered", False: "not_answered"}
BASELINES = TableRule(
    "baselines",
    (
        label("variable"),
        label("group"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN, reach="reach"),
        Measure("sd", Kind.MEAN, reach="reach"),
        Measure("share", Kind.SHARE, "patients", part="yes_patients", outside="no_patients", count="yes", of="n"),
        Measure("smd", Kind.RATE, "patients", part="other_patients"),
    ),
)


@analysis(INSTRUMENT, MONTH, INDEX)
def baseline_by_response(clinic: Clinic, cohort: Cohort, *, instrument: str | None, month: int, index: str) -> Released:
    """Do the patients who answered differ at baseline from those who did not?

    Among the episodes expected at the visit: n recorded, mean and SD of numbers, share of yes/no (operated: at any time).
    smd = answered minus not answered, standardised (Austin 2009).
    """
    asked = scored(clinic, cohort, instrument, index)
    people = population(clinic, cohort)
    found = baselines_by_answer(asked, visit_of(month))
    reach = v.REACH | {"baseline": asked.instrument.reach}
    rows = [row for name in VARIABLES for row in _rows(name, reach.get(name), *found)]
    options = {"instrument": asked.instrument.code, "month": month, "index": index}
    return release(question(clinic, "baseline_by_response", cohort, **options), people, [(BASELINES, rows)], notes=notes(asked))


def _rows(name: str, reach: float | None, found: Counts, operated: Counts) -> list[Row]:
    """Both sides of one variable."""
    sides = [_side(name, found, operated, (answered,)) | {"reach": reach} for answered in SIDES]
    difference = _difference(name, *sides)
    others = (side["patients"] for side in reversed(sides))
    return [
        {"variable": name, "group": group, "smd": difference, "other_patients": other} | side
        for group, side, other in zip(SIDES.values(), sides, others, strict=True)
    ]


def _side(name: str, found: Counts, operated: Counts, side: Key) -> Row:
    place = found.place.get(side)
    if name in NUMBERS:
        return _number(name, found, place)
    if name in FLAGS:
        recorded, yes = FLAGS[name]
        counts = (
            found.episodes(recorded),
            found.episodes(yes),
            found.patients(recorded),
            found.patients(yes),
            found.outside(yes, recorded),
        )
        return _share(*(number(column, place) for column in counts))
    with_it, without = (operated.place.get((*side, held)) for held in (True, False))
    whole = (number(found.episodes(), place), number(operated.episodes(), with_it), number(found.patients(), place))
    return _share(*whole, *(number(operated.patients(), place) for place in (with_it, without)))


def _number(name: str, found: Counts, place: int | None) -> Row:
    recorded = () if name == "baseline" else (name,)  # a baseline is what they have in common
    columns = (found.episodes(*recorded), found.total(name), found.total(name + SQUARES))
    n, total, squares = (number(column, place) for column in columns)
    spread, unit = sd(n, total, squares), UNITS[name]
    shown = {"mean": total / n / unit if n else None, "sd": None if spread is None else spread / unit, "share": None}
    patients = number(found.patients(*recorded), place)
    return _share(n, 0, patients, 0, patients) | shown


def _share(n: int, yes: int, patients: int, yes_patients: int, no_patients: int) -> Row:
    support = {"patients": patients, "yes_patients": yes_patients, "no_patients": no_patients}
    return {"n": n, "yes": yes, "share": yes / n if n else None, "mean": None, "sd": None} | support


def _difference(name: str, a: Row, b: Row) -> float | None:
    """Answered minus not answered; None where a side is empty, or has no spread to compare with."""
    if not a["n"] or not b["n"]:
        return None
    found = smd(a["mean"], a["sd"], b["mean"], b["sd"]) if name in NUMBERS else smd_of_shares(a["share"], b["share"])
    return None if found is None or not math.isfinite(found) else found
