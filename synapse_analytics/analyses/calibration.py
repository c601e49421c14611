"""Do the intervals of patients like mine hold? Measured on episodes that were held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.likeness import FEWEST, THOUSAND, in_units, nearest_to
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, label, outside
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import wilson
from synapse_analytics.queries.population import population
from synapse_analytics.queries.similar import Candidates, answers, candidates, headline_of

Array = np.ndarray
Row = dict[str, Any]
HELD_OUT = 150  # episodes per diagnosis and instrument: a share of 0.8 is then known to +- 0.06
STEP = 2_654_435_761  # Knuth's multiplier: an even, repeatable draw of patients by key
INTERVALS = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9)}
USED = ("age", "sex", "symptom_weeks", "pain", "odi")
CALIBRATION = TableRule(
    "calibration",
    (
        label("diagnosis"),
        label("instrument"),
        label("month"),
        label("nominal"),
        N,
        Measure("inside", Kind.COUNT, "inside_patients"),
        *(
            Measure(name, Kind.SHARE, "patients", part="inside_patients", count="inside", of="n", outside="outside_patients")
            for name in ("share", "low", "high")
        ),
    ),
)


@analysis(Option("month", 12, (3, 12, 24), "which reference visit is foretold"))
def calibration(clinic: Clinic, cohort: Cohort, *, month: int) -> Released:
    """Do the intervals of patients_like_mine hold for episodes that were held out?

    Up to 150 episodes per diagnosis, drawn by key, are each compared with the nearest episodes of other patients (age, sex,
    duration, pain and ODI at the first visit, width 1). `share` of them lie inside the interval between the quantiles of
    those; `nominal` is the share that should. Scores are whole numbers, so shares lie a little above.
    """
    check_allowed(cohort, clinic.policy.name)
    people = population(clinic, cohort)
    rows: list[Row] = []
    for place, diagnosis in enumerate(v.DIAGNOSES):
        found = candidates(clinic, cohort, place)
        for instrument in (headline_of(clinic), v.position(v.INSTRUMENTS, "odi")):
            rows += [{"diagnosis": diagnosis.code} | row for row in _measure(clinic, cohort, place, found, (instrument, month))]
    return release(question(clinic, "calibration", cohort, month=month), people, [(CALIBRATION, rows)])


def _measure(clinic: Clinic, cohort: Cohort, diagnosis: int, found: Candidates, wanted: tuple[int, int]) -> list[Row]:
    instrument, month = wanted
    visit = v.position(v.VISITS, f"month_{month}")
    if not len(found.episode):
        return []
    truth = answers(clinic, cohort, diagnosis, found, (instrument, visit))[:, visit] / THOUSAND
    answered = np.flatnonzero(~np.isnan(truth) & (found.closed_visits >= visit))
    if len(answered) < FEWEST:
        return []
    attributes = {name: values[answered] for name, values in in_units(found).items()}
    drawn = np.argsort(found.patient[answered] * STEP % 2**32, kind="stable")[:HELD_OUT]
    hits = {nominal: [] for nominal in INTERVALS}  # type: dict[float, list[int]]
    for number in drawn.tolist():
        values = _foretold(attributes, truth[answered], found.patient[answered], number)
        if values is not None:
            for nominal, (low, high) in INTERVALS.items():
                inside = np.quantile(values, low) <= truth[answered][number] <= np.quantile(values, high)
                hits[nominal].append(number if inside else -number - 1)
    patient = found.patient[answered]
    code = v.INSTRUMENTS[instrument].code
    return [
        {"instrument": code, "month": month, "nominal": nominal} | _cells(patient, np.array(own)) for nominal, own in hits.items() if own
    ]


def _foretold(attributes: dict[str, Array], truth: Array, patient: Array, number: int) -> Array | None:
    """The scores of the nearest others of one held-out episode; None where they are too few."""
    asked = {name: float(attributes[name][number]) for name in USED if not np.isnan(attributes[name][number])}
    places = nearest_to(attributes, asked, 1.0).places
    places = places[patient[places] != patient[number]]
    return truth[places] if len(np.unique(patient[places])) >= FEWEST else None


def _cells(patient: Array, tested: Array) -> Row:
    """`tested` holds the place of an episode inside its interval, and -1 - place of one outside."""
    inside, beyond = tested[tested >= 0], -tested[tested < 0] - 1
    n, yes = len(tested), len(inside)
    share = wilson(yes, n)
    patients = len(np.unique(patient[np.concatenate([inside, beyond])]))
    within, without = len(np.unique(patient[inside])), len(np.unique(patient[beyond]))
    cells: Row = {"n": n, "inside": yes, "share": share.value, "low": share.low, "high": share.high}
    return cells | {
        "patients": patients,
        "inside_patients": within,
        "outside_patients": max(without, outside(within, patients, n=yes, of=n)),
    }
