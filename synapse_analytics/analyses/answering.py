"""Whether those who answered differ from those who did not: the baseline table behind every completeness."""

from __future__ import annotations

import math
from typing import Any

from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, THOUSAND, scored, visit_of
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import sd, smd, smd_of_shares
from synapse_analytics.queries.answering import FLAGS, NUMBERS, baselines_by_answer
from synapse_analytics.queries.outcomes import index_scores
from synapse_analytics.queries.population import population

Counts = dict[str, int]
VARIABLES = ("age_years", "female", "baseline", "symptom_weeks", "bmi", "smoker", "operated")
UNITS = {"age_years": 1, "symptom_weeks": 1, "bmi": THOUSAND, "baseline": THOUSAND}
BASELINES = TableRule(
    "baselines",
    (
        label("variable"),
        label("group"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN),
        Measure("sd", Kind.MEAN),
        Measure("share", Kind.SHARE, "patients", part="yes_patients"),
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
    found = baselines_by_answer(clinic, asked.rows(index_scores), visit_of(month))
    sides = {"answered": found.get(True, {}), "not_answered": found.get(False, {})}
    rows = [row for name in VARIABLES for row in _rows(name, sides)]
    options = {"instrument": asked.instrument.code, "month": month, "index": index}
    return release(question(clinic, "baseline_by_response", cohort, **options), people, [(BASELINES, rows)], notes=asked.notes())


def _rows(name: str, sides: dict[str, Counts]) -> list[dict[str, Any]]:
    cells = {code: _number(name, counts) if name in NUMBERS else _flag(name, counts) for code, counts in sides.items()}
    difference = _difference(name, *cells.values())
    patients = {code: counts.get(f"{name}_n_patients", 0) for code, counts in sides.items()}
    other = dict(zip(patients, reversed(patients.values()), strict=True))
    return [
        {"variable": name, "group": code, "smd": difference, "patients": patients[code], "other_patients": other[code]} | found
        for code, found in cells.items()
    ]


def _number(name: str, counts: Counts) -> dict[str, Any]:
    n, total, squares = (counts.get(f"{name}_{end}", 0) for end in ("n", "total", "squares"))
    spread, unit = sd(n, total, squares), UNITS[name]
    shown = {"mean": total / n / unit if n else None, "sd": None if spread is None else spread / unit}
    return {"n": n, "share": None, "yes_patients": 0} | shown


def _flag(name: str, counts: Counts) -> dict[str, Any]:
    n, yes = counts.get(f"{name}_n", 0), counts.get(f"{name}_yes", 0)
    return {"n": n, "mean": None, "sd": None, "share": yes / n if n else None, "yes_patients": counts.get(f"{name}_yes_patients", 0)}


def _difference(name: str, a: dict[str, Any], b: dict[str, Any]) -> float | None:
    """Answered minus not answered; None where a side is empty, or has no spread to compare with."""
    if not a["n"] or not b["n"]:
        return None
    found = smd_of_shares(a["share"], b["share"]) if name in FLAGS else smd(a["mean"], a["sd"], b["mean"], b["sd"])
    return None if found is None or not math.isfinite(found) else found
