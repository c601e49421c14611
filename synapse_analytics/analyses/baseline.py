"""The baseline table ("Table 1"): who the groups were at the first visit, and how much they differ before any treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import OF, N, in_order, label, share_cells, share_measure
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES, Counts
from synapse_analytics.disclosure import Kind, Measure, Policy, Released, TableRule, release
from synapse_analytics.estimates.descriptive import mean_interval, sd, smd, smd_of_shares
from synapse_analytics.queries.diagnoses import characteristics
from synapse_analytics.queries.population import population
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


NOT_RECORDED = Measure("not_recorded", Kind.COUNT, "patients_not_recorded")


def _rule(low: Measure, high: Measure) -> TableRule:
    mean, spread = (Measure(name, Kind.MEAN, reach="reach") for name in ("mean", "sd"))
    difference = Measure("smd", Kind.RATE, "arm", part="other_arm")
    return TableRule(
        "baseline_table",
        (
            label("group"),
            label("variable"),
            label("level"),
            N,
            OF,
            NOT_RECORDED,
            share_measure("share"),
            mean,
            spread,
            low,
            high,
            difference,
        ),
    )


def _limits_of_a_share(name: str) -> Measure:
    return Measure(name, Kind.INTERVAL, "patients_of", "patients", "patients_outside", count="n", of="of")


# The limits are those of a mean in one row and those of a share in another, so the table comes in parts.
NUMBER = _rule(Measure("low", Kind.INTERVAL, reach="reach"), Measure("high", Kind.INTERVAL, reach="reach"))
LEVEL = _rule(_limits_of_a_share("low"), _limits_of_a_share("high"))


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the table, by its place among what was counted, and the place of the first group, to which it is compared."""

    found: Counts
    place: int
    first: int

    @property
    def is_first(self) -> bool:
        """True if there is nothing to compare."""
        return self.place == self.first

    def episodes(self, *names: str) -> int:
        """Episodes of the group with these facts."""
        return int(self.found.episodes(*names)[self.place])

    def patients(self, *names: str) -> int:
        """Distinct patients behind them."""
        return int(self.found.patients(*names)[self.place])

    def arms(self, variable: str) -> dict[str, Any]:
        """The patients of both sides of a difference."""
        patients = self.found.patients(variable)
        return {"arm": int(patients[self.place]), "other_arm": int(patients[self.first])}


@analysis(split_by("diagnosis"))
def baseline_table(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Who are the patients at the first visit, and how do the groups differ?

    Of every variable `of` is the episodes of the group that have it recorded, and not_recorded the others. Numbers have mean, SD
    and limits of the mean of the recorded; lists and yes/no have n, its share of the recorded and Wilson limits. smd is the standardised difference of the group minus the first group; of a list the largest of its
    levels, without sign (Austin 2009); under the policy publish without levels of a few patients.
    """
    people = population(clinic, cohort, by=by)
    split = joined(by, characteristics(clinic, cohort, by), clinic.policy)
    found = characteristics(clinic, cohort, split)
    order = in_order(split, found)
    parts: list[tuple[TableRule, list[dict[str, Any]]]] = [(NUMBER, [])]
    for code, place in order:
        group = Group(found, place, order[0][1])
        parts.append((NUMBER, [_row(code, EPISODES, None) | _support(group) | _not_recorded(group)]))
        for variable in VARIABLES:
            missing = _not_recorded(group, variable)
            rows = [_row(code, variable, level) | cells | missing for level, cells in _cells(group, variable, clinic.policy)]
            parts.append((NUMBER if variable in NUMBERS else LEVEL, rows))
    return release(question(clinic, "baseline_table", cohort, by=by), people, parts)


def _row(group: str, variable: str, level: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("share", "mean", "sd", "low", "high", "smd"))
    return {"group": group, "variable": variable, "level": level, "arm": 0, "other_arm": 0} | empty


def _cells(group: Group, variable: str, policy: Policy) -> list[tuple[str | None, dict[str, Any]]]:
    """The rows of one variable in one group, as (level, cells)."""
    if variable in NUMBERS:
        return [(None, _number(group, variable))]
    if variable in FLAGS:
        difference = _largest_difference(group, variable, ("yes",), policy)
        return [("yes", _level(group, variable, "yes") | difference)]
    levels = v.codes(LEVELS[variable])
    whole = _support(group, variable) | _largest_difference(group, variable, levels, policy)
    return [(None, whole), *((level, _level(group, variable, level)) for level in levels)]


def _support(group: Group, *variable: str) -> dict[str, Any]:
    """The episodes of the group that have the variable recorded, as n and as denominator."""
    n, patients = group.episodes(*variable), group.patients(*variable)
    return {"n": n, "of": n, "patients": patients, "patients_of": patients, "patients_outside": 0}


def _not_recorded(group: Group, *variable: str) -> dict[str, Any]:
    """The episodes of the group that have the variable not recorded: of no variable, none."""
    n = group.episodes() - group.episodes(*variable)
    patients = int(group.found.outside(variable[0])[group.place]) if variable else 0
    return {"not_recorded": n, "patients_not_recorded": patients}


def _number(group: Group, variable: str) -> dict[str, Any]:
    """n recorded, mean, SD and limits, in the variable's own unit."""
    unit = NUMBERS[variable]
    sums, other = (_sums(group.found, variable, place) for place in (group.place, group.first))
    mean, spread, other_spread = mean_interval(*sums), sd(*sums), sd(*other)
    cells = {"mean": mean.value, "low": mean.low, "high": mean.high, "sd": spread}
    difference = None
    if not group.is_first and sums[0] and other[0]:
        difference = smd(sums[1] / sums[0], spread, other[1] / other[0], other_spread)
    shown = {name: None if value is None else value / unit for name, value in cells.items()}
    return _support(group, variable) | shown | {"smd": difference, "reach": v.REACH[variable]} | group.arms(variable)


def _sums(found: Counts, variable: str, place: int) -> tuple[int, int, int]:
    columns = (found.episodes(variable), found.total(variable), found.total(variable + SQUARES))
    n, total, squares = (int(column[place]) for column in columns)
    return n, total, squares


def _level(group: Group, variable: str, level: str) -> dict[str, Any]:
    """n and share of the recorded at one level."""
    name = f"{variable}:{level}"
    of = group.patients(variable)
    outside = int(group.found.outside(name, variable)[group.place])
    return share_cells(group.episodes(name), group.episodes(variable), group.patients(name), of, outside)


def _largest_difference(group: Group, variable: str, levels: Sequence[str], policy: Policy) -> dict[str, Any]:
    """The standardised difference of a yes/no (signed), or the largest of the levels of a list (without sign)."""
    if group.is_first:
        return {}
    differences = [_share_difference(group, variable, level) for level in levels if _is_clear(group.found, variable, level, policy)]
    # One level that all of one group have and nobody of the other has no standardised difference: then the variable has none.
    known = [] if None in differences else [difference for difference in differences if difference is not None]
    largest = max(known, key=abs, default=None)
    return {"smd": largest if largest is None or len(levels) == 1 else abs(largest)} | group.arms(variable)


def _is_clear(found: Counts, variable: str, level: str, policy: Policy) -> bool:
    """True if no group has a few patients at the level, or all but a few: with the shares shown, a difference would tell them."""
    name = f"{variable}:{level}"
    counts = np.concatenate([found.patients(name), found.outside(name, variable)])
    return not ((counts > 0) & (counts < policy.counted)).any()


def _share_difference(group: Group, variable: str, level: str) -> float | None:
    of, at_level = group.found.episodes(variable), group.found.episodes(f"{variable}:{level}")
    shares = [int(at_level[place]) / int(of[place]) if of[place] else None for place in (group.place, group.first)]
    return None if shares[0] is None or shares[1] is None else smd_of_shares(shares[0], shares[1])
