"""release(): the only place where a Released answer is made. Nothing in here queries or draws."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np

from synapse_analytics.disclosure.cells import Need, need_of
from synapse_analytics.disclosure.policy import Kind, Policy, Question, Row, TableRule, check_policy
from synapse_analytics.disclosure.refusals import check_answer
from synapse_analytics.disclosure.released import Released, _seal
from synapse_analytics.disclosure.rounding import COUNTS, hold_curves, round_rows, rounded

WITHHELD = "withheld"
Tables = Sequence[tuple[TableRule, Sequence[Row]]]


def release(question: Question, population: tuple[int, int], tables: Tables, *, notes: tuple[str, ...] = ()) -> Released:
    """Apply the policy to every cell and wrap the answer; `population` is (patients, episodes) of the cohort.

    Every row of `tables` holds the columns that its rule names and their support columns. A table may come in parts under the
    same name, each with a rule of its own.
    """
    policy = check_policy(question.policy)
    patients, episodes = (int(count) for count in population)
    asked = {
        "name": question.name,
        "cohort": question.cohort,
        "generation": question.generation,
        "policy": policy.name,
        "options": frozen(question.options),
    }
    if is_too_small(patients, policy):
        refused = f"This cohort has fewer than {policy.group} patients. To protect them, nothing about it is shown."
        return _seal(Released, **asked, n=None, episodes=None, tables=frozen({}), withheld=0, refused=refused, notes=())
    parts = [(rule, _release_table(rule, rows, policy)) for rule, rows in tables]
    check_answer(question, parts, notes)
    released: dict[str, tuple[Row, ...]] = {}
    for rule, shown in parts:
        released[rule.name] = released.get(rule.name, ()) + shown
    return _seal(
        Released,
        **asked,
        n=rounded(patients, policy),
        episodes=rounded(episodes, policy),
        tables=MappingProxyType(released),
        withheld=sum(len(row[WITHHELD]) for rows in released.values() for row in rows),
        refused=None,
        notes=(*notes, *_small_arms(tables, policy)),
    )


def is_too_small(patients: int, policy: Policy) -> bool:
    """True if a cohort of so many patients is refused as a whole."""
    return 0 < patients < policy.group


def survives(rule: TableRule, column: str, supports: Mapping[str, np.ndarray], policy: Policy) -> np.ndarray:
    """True for each row that keeps this cell, from the patients of all rows: a number derived from many rows may use only those."""
    return need_of(next(measure for measure in rule.measures if measure.name == column), policy).is_met(supports)


def _release_table(rule: TableRule, rows: Sequence[Row], policy: Policy) -> tuple[Row, ...]:
    needs = _needs_of(rule, policy)
    shown = [_shown(row, needs, policy) for row in rows]
    for name in (measure.name for measure in rule.measures if measure.kind in COUNTS):
        for cells in shown:  # arrays with gaps hold whole numbers as 3.0
            cells[name] = int(cells[name]) if isinstance(cells[name], float) and cells[name].is_integer() else cells[name]
    if policy.rounds:
        round_rows(shown, rows, rule, policy)
        hold_curves(shown, rows, rule, policy)
    return tuple(MappingProxyType(cells) for cells in shown)


@functools.lru_cache(maxsize=512)
def _needs_of(rule: TableRule, policy: Policy) -> tuple[Need, ...]:
    return tuple(need_of(measure, policy) for measure in rule.measures)


def _shown(row: Row, needs: Sequence[Need], policy: Policy) -> dict[str, Any]:
    cells = {need.name: frozen(row[need.name]) for need in needs}
    # A number that cannot be computed is not withheld; where counts are rounded, even its absence would tell one patient from two.
    withheld = tuple([need.name for need in needs if (policy.rounds or cells[need.name] is not None) and need.is_withheld(row)])
    for name in withheld:
        cells[name] = None
    cells[WITHHELD] = withheld
    return cells


def _small_arms(tables: Tables, policy: Policy) -> tuple[str, ...]:
    small = sum(
        any(policy.arm <= int(row[measure.patients] or 0) < policy.small_arm for measure in rule.measures if measure.kind is Kind.RATE)
        for rule, rows in tables
        for row in rows
    )
    if not small:
        return ()
    return (f"Some numbers here come from groups of fewer than {policy.small_arm} patients: read with care.",)


def frozen(value: Any) -> Any:
    """The value as plain Python that nobody can change: no NaN, no infinity, no list, no numpy scalar."""
    kind = type(value)
    if (kind is float and isfinite(value)) or value is None or kind in (str, bool, int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen(item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
