"""What happened to patients like this one: the clinic's own nearest episodes, described and never predicted from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.likeness import FEWEST, OPTIONS, THOUSAND, WIDTH, Nearest, asked_for, in_units, nearest_to
from synapse_analytics.analyses.pooling import rare
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import presets_of
from synapse_analytics.analyses.shares import N, label, outside
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.errors import NotAllowed
from synapse_analytics.estimates.descriptive import quantile_from_counts, wilson
from synapse_analytics.estimates.survival import aalen_johansen, at, at_risk
from synapse_analytics.queries.population import population
from synapse_analytics.queries.similar import Candidates, answers, candidates, headline_of, names_of_pathways

Array = np.ndarray
Row = dict[str, Any]
MONTHS = (3, 12, 24)
OPERATED_DAYS = {3: 91, 6: 182, 12: 365}
MOST_PATHWAYS = 10
ALL, OTHER = "all", "other"
QUANTILES = {"p10": 0.1, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9}

MATCHED = TableRule(
    "matched",
    (
        N,
        Measure("median_distance", Kind.MEDIAN),
        Measure("p90_distance", Kind.TAIL),
        label("width"),
        label("refused"),
    ),
)
PATHWAYS = TableRule("pathways", (label("steps"), N, Measure("share", Kind.SHARE, "patients_all", part="patients", count="n", of="all")))
EXPECTED = Measure("expected", Kind.COUNT, "expected_patients")
OUTCOMES = TableRule(
    "outcomes",
    (
        label("group"),
        label("instrument"),
        label("month"),
        N,
        EXPECTED,
        Measure("completeness", Kind.SHARE, "expected_patients", part="patients", count="n", of="expected"),
        Measure("p10", Kind.TAIL),
        Measure("q1", Kind.QUARTILE),
        Measure("median", Kind.MEDIAN),
        Measure("q3", Kind.QUARTILE),
        Measure("p90", Kind.TAIL),
    ),
)
RESPONDERS = TableRule(
    "responders",
    (
        label("group"),
        label("preset"),
        label("month"),
        N,
        Measure("responders", Kind.COUNT, "responder_patients"),
        *(
            Measure(name, Kind.SHARE, "patients", part="responder_patients", count="responders", of="n", outside="other_patients")
            for name in ("share", "low", "high")
        ),
    ),
)
SURGERY = TableRule(
    "surgery",
    (label("month"), *(Measure(name, Kind.CURVE) for name in ("incidence", "low", "high")), Measure("at_risk", Kind.AT_RISK)),
)
SENTENCE = (
    "These are this clinic's own patients, as like the one described as there are; what happened to them is no promise. The stage of "
    "care reached shows what became of them, not what caused it: it must not be read as a comparison of treatments."
)


@analysis(*OPTIONS, WIDTH)
def patients_like_mine(clinic: Clinic, cohort: Cohort, *, diagnosis: str, width: float, **chosen: Any) -> Released:
    """What happened to patients like this one?

    The nearest own episodes of the same diagnosis: distance is the root mean square of the differences in calipers over what is
    given (age 10 years, pain 1.5, ODI 10, BMI 4, symptoms half or twice as long, sex and smoking 1; not recorded counts 1),
    within `width` and at most the 500 nearest. outcomes: quantiles of the score at the visit, of all and by highest stage of
    care; responders: of those who answered and could; surgery: cumulative incidence (Aalen-Johansen) from the first visit.
    """
    if clinic.policy.name == "publish":
        raise NotAllowed("The policy 'publish' does not allow patients_like_mine: a single patient's particulars are too fine a question.")
    asked = asked_for(chosen)
    options = {**chosen, "diagnosis": diagnosis, "width": width}
    to_ask, people = question(clinic, "patients_like_mine", cohort, **options), population(clinic, cohort)
    place = v.position(v.DIAGNOSES, diagnosis)
    everybody = candidates(clinic, cohort, place)
    near = nearest_to(in_units(everybody), asked, width)
    found = everybody.where(near.places)
    tables = [(MATCHED, [_matched(found, near, width)])]
    if len(np.unique(found.patient)) < FEWEST:
        return release(to_ask, people, tables)
    scores = _scores(clinic, cohort, place, everybody, near)
    tables += [
        (PATHWAYS, _pathways(clinic, found)),
        (OUTCOMES, [row for code, values in scores.items() for row in _outcomes(found, code, values)]),
        (RESPONDERS, [row for code, values in scores.items() for row in _responders(found, code, values)]),
        (SURGERY, list(_operated(found))),
    ]
    return release(to_ask, people, tables, notes=(SENTENCE,))


def _patients(found: Candidates, chosen: Array) -> int:
    return len(np.unique(found.patient[chosen]))


def _matched(found: Candidates, near: Nearest, width: float) -> Row:
    n = len(found.episode)
    refused = f"Fewer than {FEWEST} patients are this much alike. Widen the calipers or give fewer particulars."
    patients = len(np.unique(found.patient))
    middle, far = (float(np.quantile(near.distance, q)) if n else None for q in (0.5, 0.9))
    return {
        "n": n,
        "patients": patients,
        "median_distance": middle,
        "p90_distance": far,
        "width": width,
        "refused": refused if patients < FEWEST else None,
    }


def _scores(clinic: Clinic, cohort: Cohort, diagnosis: int, everybody: Candidates, near: Nearest) -> dict[str, Array]:
    """Per instrument the scores (units) of the nearest: the baseline first, then every reference visit."""
    last = v.position(v.VISITS, f"month_{MONTHS[-1]}")
    scores = {}
    for place, name in {headline_of(clinic): "pain", v.position(v.INSTRUMENTS, "odi"): "odi"}.items():
        found = answers(clinic, cohort, diagnosis, everybody, (place, last))[near.places]
        found[:, 0] = everybody.attributes[name][near.places]
        scores[v.INSTRUMENTS[place].code] = found / THOUSAND
    return scores


def _groups(found: Candidates) -> Iterator[tuple[str, Array]]:
    yield ALL, np.ones(len(found.episode), dtype=bool)
    for place, stage in enumerate(v.STAGES):
        if (found.stage == place).any():
            yield stage.code, found.stage == place


def _outcomes(found: Candidates, instrument: str, scores: Array) -> Iterator[Row]:
    for group, members in _groups(found):
        for month in MONTHS:
            visit = v.position(v.VISITS, f"month_{month}")
            expected = members & ~np.isnan(scores[:, 0]) & (found.closed_visits >= visit)
            here = expected & ~np.isnan(scores[:, visit])
            values, counts = np.unique(scores[here, visit], return_counts=True)
            row: Row = {"group": group, "instrument": instrument, "month": month, "n": int(here.sum()), "expected": int(expected.sum())}
            row |= {"patients": _patients(found, here), "expected_patients": _patients(found, expected)}
            row["completeness"] = row["n"] / row["expected"] if row["expected"] else None
            yield row | {name: quantile_from_counts(values, counts, q) for name, q in QUANTILES.items()}


def _responders(found: Candidates, instrument: str, scores: Array) -> Iterator[Row]:
    """By the first preset of the instrument, which says how many points."""
    preset = next((preset for preset in presets_of(instrument) if preset.kind == "points"), None)
    if preset is None:
        return
    baseline = scores[:, 0]
    for group, members in _groups(found):
        for month in MONTHS:
            visit = v.position(v.VISITS, f"month_{month}")
            here = members & (baseline >= preset.threshold) & ~np.isnan(scores[:, visit]) & (found.closed_visits >= visit)
            # Scores have three decimals at most: halves of a thousandth cannot decide, rounding of the difference must not either.
            better = here & (np.round(baseline - scores[:, visit], 6) >= preset.threshold)
            n, yes = int(here.sum()), int(better.sum())
            share = wilson(yes, n)
            row: Row = {"group": group, "preset": preset.code, "month": month, "n": n, "responders": yes}
            row |= {"share": share.value, "low": share.low, "high": share.high, "patients": _patients(found, here)}
            row["responder_patients"] = _patients(found, better)
            row["other_patients"] = max(_patients(found, here & ~better), outside(row["responder_patients"], row["patients"], n=yes, of=n))
            yield row


def _operated(found: Candidates) -> Iterator[Row]:
    waiting = found.surgery_cause >= 0
    curve = aalen_johansen(found.surgery_day[waiting], found.surgery_cause[waiting])
    for month, day in OPERATED_DAYS.items():
        left = at_risk(curve, day)
        estimate = at(curve, day)
        shown = (estimate.value, estimate.low, estimate.high) if left else (None, None, None)
        patients = _patients(found, waiting & (found.surgery_day >= day))
        yield dict(zip(("incidence", "low", "high"), shown, strict=True)) | {"month": month, "at_risk": left, "patients": patients}


def _pathways(clinic: Clinic, found: Candidates) -> list[Row]:
    """The most frequent orders of treatment; what is rare is pooled."""
    words = names_of_pathways(clinic, np.unique(found.pathway).tolist())
    steps = np.array([words[int(pathway)] for pathway in found.pathway])
    names, row_of, counts = np.unique(steps, return_inverse=True, return_counts=True)
    patients = np.array([_patients(found, row_of == k) for k in range(len(names))])
    order = np.lexsort((names, -counts))
    kept = set(order[:MOST_PATHWAYS].tolist()) - set(
        np.flatnonzero(rare(patients, np.zeros(len(names)), clinic.policy.group)).tolist()
    )
    rows: list[Row] = []
    shared = {"patients_all": len(np.unique(found.patient)), "all": len(steps)}
    for k in [*(k for k in order if k in kept), -1]:
        here = row_of == k if k >= 0 else ~np.isin(row_of, list(kept))
        n = int(here.sum())
        if n:
            steps_of = tuple(str(names[k]).split("|")) if k >= 0 else (OTHER,)
            rows.append({"steps": steps_of, "n": n, "share": n / len(steps), "patients": _patients(found, here)} | shared)
    return rows
