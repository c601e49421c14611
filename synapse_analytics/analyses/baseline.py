"""The baseline table ("Table 1"): who the groups were at the first visit, and how much they differ before any treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.diagnoses import in_order
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import OF, N, label, share_cells, share_measure
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Policy, Released, TableRule, release, rounded
from synapse_analytics.estimates.descriptive import mean_interval, sd, smd, smd_of_shares, wilson
from synapse_analytics.queries.diagnoses import FLAGS, LEVELS, NUMBERS, baseline_levels, baseline_numbers
from synapse_analytics.queries.grouped import EVERY, Counted
from synapse_analytics.queries.population import population

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
BASELINE = TableRule(
    "baseline_table",
    (
        label("group"),
        label("variable"),
        label("level"),
        N,
        OF,
        share_measure("share"),
        Measure("mean", Kind.MEAN),
        Measure("sd", Kind.MEAN),
        *(Measure(name, Kind.INTERVAL, "interval_of", part="patients") for name in ("low", "high")),
        Measure("smd", Kind.RATE, "arm", part="other_arm"),
    ),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A group and the first group of the table, to which it is compared; they are the same in the first group's rows."""

    group: Counted
    first: Counted

    @property
    def is_first(self) -> bool:
        """Is there nothing to compare?"""
        return self.group is self.first


@analysis(split_by("diagnosis"))
def baseline_table(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Who are the patients at the first visit, and how do the groups differ?

    Numbers have n recorded, mean, SD and limits of the mean; lists and yes/no have n, share of the recorded (`of`) and
    Wilson limits. smd is the standardised difference of the group minus the first group; of a list the largest of its
    levels, without sign and without levels of a few patients (Austin 2009).
    """
    people = population(clinic, cohort, by=by)
    levels = {found.group: found for found in baseline_levels(clinic, cohort, by)}
    counted = [(group, _joined(found, levels[found.group])) for group, found in in_order(by, baseline_numbers(clinic, cohort, by))]
    groups = [found for _, found in counted]
    rows: list[dict[str, Any]] = []
    for group, found in counted:
        pair = Pair(found, groups[0])
        rows.append(_row(group, EPISODES, None) | _number_support(found, EVERY) | {"of": found.episodes[EVERY]})
        for variable in VARIABLES:
            rows += [_row(group, variable, level) | cells for level, cells in _cells(pair, variable, groups, clinic.policy)]
    return release(question(clinic, "baseline_table", cohort, by=by), people, [(BASELINE, rows)])


def _joined(numbers: Counted, levels: Counted) -> Counted:
    """What was counted of one group in two scans."""
    return Counted(numbers.group, {**numbers.episodes, **levels.episodes}, {**numbers.patients, **levels.patients}, numbers.sums)


def _row(group: str, variable: str, level: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("share", "mean", "sd", "low", "high", "smd"))
    return {"group": group, "variable": variable, "level": level, "arm": 0, "other_arm": 0} | empty


def _cells(pair: Pair, variable: str, groups: Sequence[Counted], policy: Policy) -> list[tuple[str | None, dict[str, Any]]]:
    """The rows of one variable in one group, as (level, cells)."""
    if variable in NUMBERS:
        return [(None, _number(pair, variable))]
    if variable in FLAGS:
        difference = _largest_difference(pair, variable, ("yes",), groups, policy)
        return [("yes", _level(pair.group, variable, "yes", policy) | difference)]
    levels = v.codes(LEVELS[variable][1])
    whole = _number_support(pair.group, variable) | _largest_difference(pair, variable, levels, groups, policy)
    return [(None, whole), *((level, _level(pair.group, variable, level, policy)) for level in levels)]


def _number_support(found: Counted, variable: str) -> dict[str, Any]:
    """n recorded, with nothing outside it."""
    patients = found.patients[variable]
    return {
        "n": found.episodes[variable],
        "of": found.episodes[EVERY],
        "patients": patients,
        "patients_of": patients,
        "patients_outside": 0,  # whose value is not recorded says nothing about them
        "interval_of": patients,
    }


def _number(pair: Pair, variable: str) -> dict[str, Any]:
    """n recorded, mean, SD and limits, in the variable's own unit."""
    unit = NUMBERS[variable][1]
    sums, other = _sums(pair.group, variable), _sums(pair.first, variable)
    mean, spread, other_spread = mean_interval(*sums), sd(*sums), sd(*other)
    cells = {"mean": mean.value, "low": mean.low, "high": mean.high, "sd": spread}
    difference = None
    if not pair.is_first and sums[0] and other[0]:
        difference = smd(sums[1] / sums[0], spread, other[1] / other[0], other_spread)
    return (
        _number_support(pair.group, variable)
        | {name: None if value is None else value / unit for name, value in cells.items()}
        | {"smd": difference, "arm": pair.group.patients[variable], "other_arm": pair.first.patients[variable]}
    )


def _sums(found: Counted, variable: str) -> tuple[int, int, int]:
    return found.episodes[variable], found.sums[variable], found.sums[f"{variable}:squares"]


def _level(found: Counted, variable: str, level: str, policy: Policy) -> dict[str, Any]:
    """n and share of the recorded at one level."""
    name = f"{variable}:{level}"
    n, of, patients, patients_of = found.episodes[name], found.episodes[variable], found.patients[name], found.patients[variable]
    # The gate rounds n, of and share; limits from exact counts would give them away.
    shown_of = rounded(of, policy) or 0
    limits = wilson(min(rounded(n, policy) or 0, shown_of), shown_of)
    return share_cells(n, of, patients, patients_of) | {"low": limits.low, "high": limits.high, "interval_of": patients_of}


def _largest_difference(pair: Pair, variable: str, levels: Sequence[str], groups: Sequence[Counted], policy: Policy) -> dict[str, Any]:
    """The standardised difference of a yes/no (signed), or the largest of the levels of a list (without sign)."""
    if pair.is_first:
        return {}
    compared = [level for level in levels if all(_is_clear(found, variable, level, policy) for found in groups)]
    differences = [_share_difference(pair, variable, level) for level in compared]
    known = [difference for difference in differences if difference is not None]
    largest = max(known, key=abs, default=None)
    shown = largest if largest is None or len(levels) == 1 else abs(largest)
    return {"smd": shown, "arm": pair.group.patients[variable], "other_arm": pair.first.patients[variable]}


def _is_clear(found: Counted, variable: str, level: str, policy: Policy) -> bool:
    """Neither a few patients nor all but a few: with the shares shown, a difference would tell a withheld one."""
    part = found.patients[f"{variable}:{level}"]
    return not 0 < part < policy.count and not 0 < found.patients[variable] - part < policy.count


def _share_difference(pair: Pair, variable: str, level: str) -> float | None:
    shares = [
        found.episodes[f"{variable}:{level}"] / found.episodes[variable] if found.episodes[variable] else None
        for found in (pair.group, pair.first)
    ]
    return None if shares[0] is None or shares[1] is None else smd_of_shares(shares[0], shares[1])
