"""Do the intervals of patients_like_mine hold for episodes that were held out?

Up to 150 episodes per diagnosis are each compared with the nearest episodes of other patients (age, sex, duration, pain and ODI at
the first visit, width 1). They are drawn by what is recorded of them, so that neither the order of rows in a file nor an id
decides. share is the part of them that lies inside the interval between the quantiles of their neighbours; nominal is the part that
should. Scores are whole numbers, so shares lie a little above.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import THOUSAND, Row, share_support, wilson_cells
from synapse_analytics.analyses.headline import is_pain
from synapse_analytics.analyses.likeness import FEWEST, in_calipers, nearest_to
from synapse_analytics.analyses.measures import counts_of, labels, shares_of
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import TableRule
from synapse_analytics.queries.similar import Answered, answered, headline_of

Array = np.ndarray
HELD_OUT = 150  # episodes per diagnosis and instrument: a share of 0.8 is then known to +- 0.06
INTERVALS = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9)}
USED = ("age", "sex", "symptom_weeks", "pain", "odi")
CALIBRATION = TableRule(
    "calibration", (*labels("diagnosis", "instrument", "month", "nominal"), *counts_of("n", "inside"), *shares_of("inside"))
)


@analysis(Option("month", 12, (3, 12, 24), "which reference visit is predicted, in months"))
def calibration(clinic: Clinic, cohort: Cohort, *, month: int) -> Found:
    """Do the intervals of patients_like_mine hold for episodes that were held out?

    Up to 150 episodes per diagnosis, drawn by what is recorded of them (so that neither the order of rows in a file nor an
    id decides), are each compared with the nearest episodes of other patients (age, sex,
    duration, pain and ODI at the first visit, width 1). `share` of them lie inside the interval between the quantiles of
    those; `nominal` is the share that should. Scores are whole numbers, so shares lie a little above.
    """
    rows: list[Row] = []
    used = USED if is_pain(clinic) else tuple(name for name in USED if name != "pain")
    for instrument in dict.fromkeys((headline_of(clinic), v.position(v.INSTRUMENTS, "odi"))):
        found = answered(clinic, cohort, instrument, v.position(v.VISITS, f"month_{month}"), used)
        shown = {"instrument": v.INSTRUMENTS[instrument].code, "month": month}
        for place, diagnosis in enumerate(v.DIAGNOSES):
            rows += [{"diagnosis": diagnosis.code} | shown | row for row in _measure(found, found.diagnosis == place)]
    order = v.codes(v.DIAGNOSES)
    rows.sort(key=lambda row: order.index(row["diagnosis"]))  # stable: the instruments stay in their order
    return Found([(CALIBRATION, rows)])


def _measure(found: Answered, chosen: Array) -> list[Row]:
    patient, truth = found.patient[chosen], found.score[chosen] / THOUSAND
    if len(truth) < FEWEST:
        return []
    attributes = in_calipers({name: values[chosen] for name, values in found.attributes.items()})
    drawn = np.argsort(_lots(found, chosen), kind="stable")[:HELD_OUT]
    hits: dict[float, list[int]] = {nominal: [] for nominal in INTERVALS}
    for number in drawn.tolist():
        values = _foretold(attributes, truth, patient, number)
        if values is not None:
            for nominal, (low, high) in INTERVALS.items():
                inside = np.quantile(values, low) <= truth[number] <= np.quantile(values, high)
                hits[nominal].append(number if inside else -number - 1)
    return [{"nominal": nominal} | _cells(patient, np.array(own)) for nominal, own in hits.items() if own]


def _lots(found: Answered, chosen: Array) -> Array:
    """A number for each chosen episode by which episodes are drawn, as even as chance; only episodes that are alike share one.

    Alike are episodes with the same attributes and score, whose patients have alike episodes: either of them gives the same answer.
    """
    recorded = pd.DataFrame({name: values[chosen] for name, values in found.attributes.items()} | {"score": found.score[chosen]})
    own = pd.util.hash_pandas_object(recorded, index=False)
    of_patient = own.groupby(found.patient[chosen]).transform("sum")
    return pd.util.hash_pandas_object(pd.DataFrame({"own": own, "of_patient": of_patient}), index=False).to_numpy()


def _foretold(attributes: dict[str, Array], truth: Array, patient: Array, number: int) -> Array | None:
    """The scores of the nearest others of one held-out episode; None where they are too few."""
    asked = {name: values[number] for name, values in attributes.items() if not np.isnan(values[number])}
    places = nearest_to(attributes, asked, len(truth), 1.0).places
    places = places[patient[places] != patient[number]]
    return truth[places] if len(np.unique(patient[places])) >= FEWEST else None


def _cells(patient: Array, tested: Array) -> Row:
    """`tested` holds the place of an episode inside its interval, and -1 - place of one outside."""
    inside, beyond = tested[tested >= 0], -tested[tested < 0] - 1
    everybody, within, outside = (len(np.unique(patient[places])) for places in (np.concatenate([inside, beyond]), inside, beyond))
    counts = share_support("inside", "n", Counted(len(inside), within), Counted(len(tested), everybody), outside)
    return counts | wilson_cells(len(inside), len(tested))
