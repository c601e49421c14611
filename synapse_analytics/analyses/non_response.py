"""Whether those who answered differ from those who did not: the baseline table behind every completeness."""

from __future__ import annotations

import math

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import THOUSAND, Row, ratio, share_support
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.measures import N, labels, means_of, share_of
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, in_force, notes, scored, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES, Counted, Counts
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.estimates.descriptive import sd, smd, smd_of_shares
from synapse_analytics.queries.response import FLAGS, NUMBERS, baselines_by_answer

VARIABLES = ("age_years", "female", "baseline", "symptom_weeks", "bmi", "smoker", "operated")
UNITS = {"age_years": 1, "symptom_weeks": 1, "bmi": THOUSAND, "baseline": THOUSAND}
SIDES = {True: "answered", False: "not_answered"}
DIFFERENCE = Measure("smd", Kind.RATE, "patients", part="other_patients")
BASELINES = TableRule("baselines", (*labels("variable", "group"), N, *means_of("mean", "sd"), share_of("yes"), DIFFERENCE))


@analysis(INSTRUMENT, MONTH, INDEX, settle=in_force)
def baseline_by_response(clinic: Clinic, cohort: Cohort, *, instrument: str, month: int, index: str) -> Found:
    """Do the patients who answered differ at baseline from those who did not?

    Among the episodes expected at the visit: n recorded, mean and SD of numbers, share of yes/no (operated: at any time). smd is
    answered minus not answered, standardised (Austin 2009).
    """
    asked = scored(clinic, cohort, instrument, index)
    found = baselines_by_answer(asked, visit_of(month))
    reach = v.REACH | {"baseline": asked.instrument.reach}
    rows = [row | {"reach": reach.get(name)} for name in VARIABLES for row in _rows(name, *found)]
    return Found([(BASELINES, rows)], notes(asked))


def _rows(name: str, found: Counts, operated: Counts) -> list[Row]:
    """Both sides of one variable."""
    sides = [_side(name, Group.at(found, (answered,), code), operated) for answered, code in SIDES.items()]
    difference = _difference(name, *sides)
    others = (side["patients"] for side in reversed(sides))
    return [
        {"variable": name, "group": group, "smd": difference, "other_patients": other} | side
        for group, side, other in zip(SIDES.values(), sides, others, strict=True)
    ]


def _side(name: str, group: Group, operated: Counts) -> Row:
    if name in NUMBERS:
        return _number(name, group)
    if name in FLAGS:
        recorded, yes = FLAGS[name]
        return _share(group.support("yes", "n", yes, recorded))
    with_it, without = (Group.at(operated, (group.code == "answered", held), name) for held in (True, False))
    return _share(share_support("yes", "n", with_it.counted(), group.counted(), without.patients()))


def _number(name: str, group: Group) -> Row:
    recorded = group.counted(*(() if name == "baseline" else (name,)))  # a baseline is what they have in common
    total = group.total(name)
    cells = {"mean": ratio(total, recorded.episodes), "sd": sd(recorded.episodes, total, group.total(name + SQUARES))}
    shown = {column: None if value is None else value / UNITS[name] for column, value in cells.items()}
    return share_support("yes", "n", Counted(0, 0), recorded) | shown | {"share": None}


def _share(support: Row) -> Row:
    return support | {"share": ratio(support["yes"], support["n"]), "mean": None, "sd": None}


def _difference(name: str, a: Row, b: Row) -> float | None:
    """Answered minus not answered; None where a side is empty, or has no spread to compare with."""
    if not a["n"] or not b["n"]:
        return None
    found = smd(a["mean"], a["sd"], b["mean"], b["sd"]) if name in NUMBERS else smd_of_shares(a["share"], b["share"])
    return None if found is None or not math.isfinite(found) else found
