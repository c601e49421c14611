"""The baseline table ("Table 1"): who the groups were at the first visit, and how much they differ before any treatment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row, limit_cells, share_support
from synapse_analytics.analyses.groups import Group, joined_groups
from synapse_analytics.analyses.measures import counts_of, intervals_of, labels, means_of, share_of
from synapse_analytics.analyses.options import split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES
from synapse_analytics.disclosure import Kind, Measure, Policy, TableRule
from synapse_analytics.estimates.descriptive import mean_interval, sd, smd, smd_of_shares
from synapse_analytics.queries.diagnoses import characteristics
from synapse_analytics.store.characteristics import FLAGS, LEVELS, NUMBERS

# Rows of the table, in the order a paper has them; a variable is a number, a closed list or a yes/no.
VARIABLES = (
    "age_years",
    "sex",
    "bmi",
    "smoker",
    "comorbidities",
    "occupation",
    "symptom_weeks",
    "red_flags",
    *(f"baseline_{term.code}" for term in v.INSTRUMENTS),
)
EPISODES = "episodes"  # the first row of a group: all its episodes


def _rule(limits: tuple[Measure, ...]) -> TableRule:
    counts, numbers = counts_of("n", "of", "not_recorded"), (share_of("n", "of"), *means_of("mean", "sd"))
    difference = Measure("smd", Kind.RATE, "arm", part="other_arm")
    return TableRule("baseline_table", (*labels("group", "variable", "level"), *counts, *numbers, *limits, difference))


# The limits are those of a mean in one row and those of a share in another, so the table comes in parts.
NUMBER = _rule(intervals_of("low", "high"))
LEVEL = _rule(tuple(replace(share_of("n", "of", name), kind=Kind.INTERVAL) for name in ("low", "high")))


@dataclass(frozen=True, slots=True)
class Side:
    """One group of the table beside the first one, with which it is compared."""

    group: Group
    first: Group

    @property
    def is_first(self) -> bool:
        """True if there is nothing to compare."""
        return self.group.place == self.first.place

    def arms(self, variable: str) -> Row:
        """The patients on both sides of a difference."""
        return {"arm": self.group.patients(variable), "other_arm": self.first.patients(variable)}


@analysis(split_by("diagnosis"))
def baseline_table(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Found:
    """Who are the patients at the first visit, and how do the groups differ?

    For every variable, the column `of` counts the episodes of the group in which it is recorded, and not_recorded the others. Numbers
    have mean, SD and the limits of the mean; lists and yes/no have n, its share of the recorded episodes, and Wilson limits. smd is the
    standardised difference of the group minus the first group; for a list it is the largest of its levels, without sign (Austin 2009);
    under the policy publish it leaves out levels of a few patients.
    """
    _, groups = joined_groups(by, clinic.policy, lambda split: characteristics(clinic, cohort, split))
    parts: list[tuple[TableRule, list[Row]]] = [(NUMBER, [])]
    for group in groups:
        side = Side(group, groups[0])
        parts.append((NUMBER, [_row(group, EPISODES, None) | _recorded(group) | _not_recorded(group)]))
        for variable in VARIABLES:
            missing = _not_recorded(group, variable)
            rows = [_row(group, variable, level) | cells | missing for level, cells in _cells(side, variable, clinic.policy)]
            parts.append((NUMBER if variable in NUMBERS else LEVEL, rows))
    return Found(parts)


def _row(group: Group, variable: str, level: str | None) -> Row:
    empty = dict.fromkeys(("share", "mean", "sd", "low", "high", "smd"))
    return {"group": group.code, "variable": variable, "level": level, "arm": 0, "other_arm": 0} | empty


def _cells(side: Side, variable: str, policy: Policy) -> Iterator[tuple[str | None, Row]]:
    """The rows of one variable in one group, as (level, cells)."""
    if variable in NUMBERS:
        yield None, _number(side, variable)
        return
    levels = ("yes",) if variable in FLAGS else v.codes(LEVELS[variable])
    difference = _largest_difference(side, variable, levels, policy)
    if variable not in FLAGS:  # the difference of a list stands in a row of its own
        yield None, _recorded(side.group, variable) | difference
        difference = {}
    for level in levels:
        yield level, side.group.share("n", "of", f"{variable}:{level}", variable) | difference


def _recorded(group: Group, *variable: str) -> Row:
    """The episodes of the group that have the variable recorded, as n and as denominator."""
    counted = group.counted(*variable)
    return share_support("n", "of", counted, counted, 0)


def _not_recorded(group: Group, *variable: str) -> Row:
    """The episodes of the group that do not have the variable recorded: without a variable, none."""
    patients = group.outside(variable[0]) if variable else 0
    return {"not_recorded": group.episodes() - group.episodes(*variable), "not_recorded_patients": patients}


def _number(side: Side, variable: str) -> Row:
    """n recorded, mean, SD and limits, in the variable's own unit."""
    sums, other = _sums(side.group, variable), _sums(side.first, variable)
    spread, other_spread = sd(*sums), sd(*other)
    difference = None
    if not side.is_first and sums[0] and other[0]:
        difference = smd(sums[1] / sums[0], spread, other[1] / other[0], other_spread)
    cells = limit_cells(mean_interval(*sums), ("mean", "low", "high")) | {"sd": spread}
    shown = {name: None if value is None else value / NUMBERS[variable] for name, value in cells.items()}
    return _recorded(side.group, variable) | shown | {"smd": difference, "reach": v.REACH[variable]} | side.arms(variable)


def _sums(group: Group, variable: str) -> tuple[int, int, int]:
    return group.episodes(variable), group.total(variable), group.total(variable + SQUARES)


def _largest_difference(side: Side, variable: str, levels: Sequence[str], policy: Policy) -> Row:
    """The standardised difference of a yes/no (signed), or the largest of the levels of a list (without sign)."""
    if side.is_first:
        return {}
    differences = [_share_difference(side, variable, level) for level in levels if _is_clear(side.group, variable, level, policy)]
    # One level that all of one group have and nobody of the other has no standardised difference: then the variable has none.
    known = [] if None in differences else [difference for difference in differences if difference is not None]
    largest = max(known, key=abs, default=None)
    return {"smd": largest if largest is None or len(levels) == 1 else abs(largest)} | side.arms(variable)


def _is_clear(group: Group, variable: str, level: str, policy: Policy) -> bool:
    """True if no group has a few patients at the level, or all but a few: beside the shares, a difference would give their number away."""
    name = f"{variable}:{level}"
    patients = np.concatenate([group.counts.patients(name), group.counts.outside(name, variable)])
    return not ((patients > 0) & (patients < policy.counted)).any()


def _share_difference(side: Side, variable: str, level: str) -> float | None:
    of, other_of = side.group.episodes(variable), side.first.episodes(variable)
    if not of or not other_of:
        return None
    name = f"{variable}:{level}"
    return smd_of_shares(side.group.episodes(name) / of, side.first.episodes(name) / other_of)
