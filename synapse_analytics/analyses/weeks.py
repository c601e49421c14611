"""Scores week by week: the course between the visits, in steps of as many weeks as hold enough patients."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.measures import N, labels, mean_with_limits
from synapse_analytics.analyses.options import Option, split_by
from synapse_analytics.analyses.pooling import neighbours
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, Spread, in_force, joined_by, notes, scored
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Key
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.outcomes import Scored
from synapse_analytics.queries.weeks import FIRST, LAST, Sums, Weeks, first_week, weeks_of
from synapse_analytics.store.tables import WEEK_STEPS

WEEKS = TableRule("weeks", (*labels("group", "week", "to_week", "step"), N, *mean_with_limits()))
STEP = Option("step", None, (None, *WEEK_STEPS), "weeks taken together; default: as few as leave nearly every step enough patients")
NEARLY_ALL = 0.9  # of the steps from the index to the end


@analysis(INSTRUMENT, INDEX, STEP, split_by(), settle=in_force)
def score_by_week(clinic: Clinic, cohort: Cohort, *, step: int | None, **chosen: Any) -> Found:
    """How does the score change from week to week?

    The last answer of each episode in a step of 1, 2, 4 or 8 weeks since the index, of everybody who answered then. Without an option
    the step is the narrowest at which nine of ten steps, in all groups together, hold enough patients for an interval under the policy
    in force; if there is none, the widest. Under the policy publish neighbouring steps are one row (week to to_week) until it holds
    enough patients.
    """
    asked = joined_by(scored(clinic, cohort, **chosen), q.indexed, "baseline")
    weeks = weeks_of(asked)
    width = step or next((one for one in WEEK_STEPS[:-1] if _share_held(asked, weeks, one) >= NEARLY_ALL), WEEK_STEPS[-1])
    found = weeks.in_steps(width)
    return Found([(WEEKS, _rows(asked, found, width))], notes(asked))


def _share_held(asked: Scored, weeks: Weeks, step: int) -> float:
    """The share of the steps since the index that hold enough patients for an interval, of all groups that have such a step.

    A step that holds enough is one whose interval the gate would show: the choice tells no more than the picture would.
    """
    first = first_week(0, step)
    held = [key[:-1] for key, sums in weeks.in_steps(step).items() if key[-1] >= first and sums["patients"] >= asked.clinic.policy.interval]
    return len(held) / (len(range(first, LAST + 1, step)) * len(set(held))) if held else 0.0


def _rows(asked: Scored, found: Sums, step: int) -> list[Row]:
    starts: dict[Key, list[int]] = {}
    for key in sorted(found, key=lambda key: key[-1]):
        starts.setdefault(key[:-1], []).append(key[-1])
    rows = []
    for key, group in asked.groups(starts):
        for together in _together([(start, found[*key, start]) for start in starts.get(key, ())], asked.clinic.policy):
            sums = [counts for _, counts in together]
            values = Spread(*(sum(counts[name] for counts in sums) for name in ("n", "total", "squares")))
            patients = max(counts["patients"] for counts in sums)  # at least so many: a patient may answer in several steps
            ends = {"week": max(together[0][0], FIRST), "to_week": min(together[-1][0] + step - 1, LAST), "step": step}
            rows.append({"group": group, "n": values.n, "patients": patients, "reach": asked.instrument.reach} | ends | values.average())
    return rows


def _together(steps: list[tuple[int, dict[str, Any]]], policy: Policy) -> list[list[tuple[int, dict[str, Any]]]]:
    """Each step alone; where the policy rounds neighbours together until one of them holds enough patients."""
    if not policy.rounds:
        return [[step] for step in steps]
    alone = len(steps) + 1  # more than all steps with too few have together
    span = neighbours(np.array([alone if sums["patients"] >= policy.counted else 1 for _, sums in steps], dtype=np.int64), alone)
    return [[step for step, number in zip(steps, span.tolist(), strict=True) if number == one] for one in np.unique(span)]
