"""What a policy that rounds does to the shown cells: counts to a step, shares from the rounded counts, coarser curves."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from synapse_analytics.disclosure.policy import Kind, Measure, Policy, TableRule

Z95 = 1.959963984540054
Cells = dict[str, Any]


def rounded(count: int | None, policy: Policy) -> int | None:
    """A count at the step of the policy, half up."""
    if count is None or policy.count_step == 1:
        return count
    return (int(count) + policy.count_step // 2) // policy.count_step * policy.count_step


def round_rows(rows: Sequence[Cells], rule: TableRule, policy: Policy) -> None:
    """Round the counts of released rows in place and recompute their shares; nothing to do under exact counts."""
    if policy.count_step == 1:
        return
    for row in rows:
        for measure in rule.measures:
            if measure.kind is Kind.COUNT:
                row[measure.name] = rounded(row[measure.name], policy)
    totals = _totals(rows, rule)
    for row in rows:
        for measure in rule.measures:
            if measure.kind is Kind.SHARE and row[measure.name] is not None:
                row[measure.name] = _share(row, measure, totals, rule, policy)


def _totals(rows: Sequence[Cells], rule: TableRule) -> dict[tuple, int]:
    totals: dict[tuple, int] = {}
    for row in rows:
        for measure in rule.measures:
            if measure.kind is Kind.COUNT:
                key = (measure.name, *(row[name] for name in rule.within or ()))
                totals[key] = totals.get(key, 0) + (row[measure.name] or 0)
    return totals


def _share(row: Cells, measure: Measure, totals: dict[tuple, int], rule: TableRule, policy: Policy) -> float | None:
    count, of = measure.count, measure.of
    if count is None:  # low and high take the counts of the share they belong to
        for other in rule.measures:
            if other.count is not None and (other.patients, other.part) == (measure.patients, measure.part):
                count, of = other.count, other.of
    if count is None:
        return round(row[measure.name], 2)
    top = row[count]
    bottom = row[of] if of is not None else totals.get((count, *(row[name] for name in rule.within or ())))
    if top is None or not bottom:
        return None
    share = min(1.0, top / bottom)
    if measure.name.endswith("low"):
        return wilson(share, bottom)[0]
    return wilson(share, bottom)[1] if measure.name.endswith("high") else share


def wilson(share: float, n: int) -> tuple[float, float]:
    """Limits of a share, recomputed from rounded counts (Wilson 1927); the estimates module lies downstream of the gate."""
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def hold_curves(rows: Sequence[Cells], supports: Sequence[Any], rule: TableRule, policy: Policy) -> None:
    """Let curves move only after `curve_step` events and censorings: between them the last shown point is repeated.

    `supports` are the rows as the analysis gave them, with the numbers at risk.
    """
    curves = [measure for measure in rule.measures if measure.kind is Kind.CURVE]
    if policy.curve_step == 1 or not curves:
        return
    labels = [measure.name for measure in rule.measures if measure.kind is Kind.LABEL][:-1]  # the last label is the time
    held: dict[tuple, tuple[int, Cells]] = {}
    for row, support in zip(rows, supports, strict=True):
        for measure in curves:
            if row[measure.name] is None:
                continue
            key = (measure.name, *(row[name] for name in labels))
            at_risk = int(support[measure.patients] or 0)
            before = held.get(key)
            if before is not None and before[0] - at_risk < policy.curve_step:
                row[measure.name] = before[1][measure.name]
            else:
                held[key] = (at_risk, dict(row))
