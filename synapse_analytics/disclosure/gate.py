"""release(): the only place where a Released answer is made. Nothing in here queries or draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import Any

from synapse_analytics.disclosure.cells import Verdict, is_withheld, judge
from synapse_analytics.disclosure.policy import Kind, Policy, Question, Row, TableRule
from synapse_analytics.disclosure.recovery import close_across, close_recoverable
from synapse_analytics.disclosure.released import Released, _Answer, _seal
from synapse_analytics.disclosure.rounding import hold_curves, round_rows, rounded

WITHHELD = "withheld"


def release(
    question: Question,
    population: tuple[int, int],
    tables: Sequence[tuple[TableRule, Sequence[Row]]],
    *,
    notes: tuple[str, ...] = (),
) -> Released:
    """Apply the policy to every cell and wrap the answer; `population` is (patients, episodes) of the cohort.

    Every row of `tables` holds the columns its rule names and their support columns; parts of one table may have rules
    of their own under the same name.
    """
    policy = question.policy
    patients, episodes = (int(count) for count in population)
    asked = {
        "name": question.name,
        "cohort": question.cohort,
        "generation": question.generation,
        "policy": policy.name,
        "options": frozen(question.options),
    }
    if 0 < patients < policy.smallest_count:
        refused = f"This cohort has fewer than {policy.smallest_count} patients. To protect them nothing about it is shown."
        return _seal(Released, _Answer(**asked, n=None, episodes=None, tables=frozen({}), withheld=0, refused=refused))
    judged = [(rule, _judged(rule, rows, policy)) for rule, rows in tables]
    close_across(judged, policy)
    released: dict[str, tuple[Row, ...]] = {}
    for rule, verdicts in judged:  # a table may come in parts of the same columns, each under the rule of its kind
        released[rule.name] = released.get(rule.name, ()) + _release_table(rule, verdicts, policy)
    answer = _Answer(
        **asked,
        n=rounded(patients, policy),
        episodes=rounded(episodes, policy),
        tables=MappingProxyType(released),
        withheld=sum(len(row[WITHHELD]) for rows in released.values() for row in rows),
        notes=(*notes, *_small_arms(tables, policy)),
    )
    return _seal(Released, answer)


def _judged(rule: TableRule, rows: Sequence[Row], policy: Policy) -> list[Verdict]:
    plain = [{name: frozen(value) for name, value in row.items()} for row in rows]
    verdicts = [judge(row, rule.measures, policy) for row in plain]
    close_recoverable(verdicts, rule, policy)
    return verdicts


def survives(rule: TableRule, rows: Sequence[Row], column: str, policy: Policy) -> list[bool]:
    """Which rows of a table would keep this cell: what is derived from many rows must rest on those alone."""
    measure = next(measure for measure in rule.measures if measure.name == column)
    return [not is_withheld(verdict, measure, policy) for verdict in _judged(rule, rows, policy)]


def _release_table(rule: TableRule, verdicts: Sequence[Verdict], policy: Policy) -> tuple[Row, ...]:
    shown = []
    for verdict in verdicts:
        withheld = tuple(measure.name for measure in rule.measures if is_withheld(verdict, measure, policy))
        cells = {measure.name: None if measure.name in withheld else verdict.row[measure.name] for measure in rule.measures}
        shown.append(cells | {WITHHELD: withheld})
    round_rows(shown, rule, policy)
    hold_curves(shown, [verdict.row for verdict in verdicts], rule, policy)
    return tuple(MappingProxyType(cells) for cells in shown)


def _small_arms(tables: Sequence[tuple[TableRule, Sequence[Row]]], policy: Policy) -> tuple[str, ...]:
    small = sum(
        any(policy.arm <= int(row[measure.patients] or 0) < policy.small_arm for measure in rule.measures if measure.kind is Kind.RATE)
        for rule, rows in tables
        for row in rows
    )
    if not small:
        return ()
    return (f"{small} of the shown rates rest on groups of fewer than {policy.small_arm} patients: small, read with care.",)


def frozen(value: Any) -> Any:
    """The value as plain Python that nobody can change: no NaN, no infinity, no list, no numpy scalar."""
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen(item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
