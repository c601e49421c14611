"""Complementary withholding: what is withheld must not be found by subtracting the shown cells from a shown total."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from synapse_analytics.disclosure.cells import Verdict, close_linked
from synapse_analytics.disclosure.policy import Kind, Policy, TableRule

GROUP = "group"


def close_recoverable(verdicts: Sequence[Verdict], rule: TableRule, policy: Policy) -> None:
    """Close the next smallest cells of every breakdown until no withheld one can be found by subtraction."""
    supports = dict.fromkeys(measure.patients for measure in rule.measures if measure.kind is Kind.COUNT)
    breakdowns = list(_breakdowns(verdicts, rule))
    changed = True
    while changed:  # a cell closed in one direction of a cross-table may be alone in the other
        changed = False
        for support in supports:
            for members in breakdowns:
                changed |= _close_breakdown(members, support, rule, policy)


def close_across(judged: Sequence[tuple[TableRule, list[Verdict]]], policy: Policy) -> None:
    """What is closed of a row is closed in every other table of the answer that tells about the same row.

    Two tables that share their labels and supports would otherwise answer for each other.
    """
    changed = True
    while changed:
        changed = False
        same: dict[frozenset, list[tuple[TableRule, Verdict]]] = {}
        for rule, verdicts in judged:
            labels = tuple(measure.name for measure in rule.measures if measure.kind is Kind.LABEL)
            for verdict in verdicts:
                same.setdefault(frozenset((name, verdict.row[name]) for name in labels), []).append((rule, verdict))
        for members in same.values():
            closed = set().union(*(verdict.closed for _, verdict in members))
            for rule, verdict in members:
                before = len(verdict.closed)
                verdict.closed |= closed & set(verdict.row)
                close_linked(verdict, rule.measures)
                changed |= len(verdict.closed) > before
        if changed:
            for rule, verdicts in judged:
                close_recoverable(verdicts, rule, policy)


def _breakdowns(verdicts: Sequence[Verdict], rule: TableRule) -> Iterable[list[Verdict]]:
    labels = tuple(measure.name for measure in rule.measures if measure.kind is Kind.LABEL)
    directions = set() if rule.within is None else {rule.within}
    if GROUP in labels:
        directions.add(tuple(name for name in labels if name != GROUP))
    for direction in sorted(directions):
        found: dict[tuple, list[Verdict]] = {}
        for verdict in verdicts:
            found.setdefault(tuple(verdict.row[name] for name in direction), []).append(verdict)
        yield from (members for members in found.values() if len(members) > 1)


def _close_breakdown(members: list[Verdict], support: str, rule: TableRule, policy: Policy) -> bool:
    filled = [verdict for verdict in members if verdict.patients(support) > 0]
    hidden = [verdict for verdict in filled if support in verdict.closed]
    shown = sorted((verdict for verdict in filled if support not in verdict.closed), key=lambda verdict: verdict.patients(support))
    changed = False
    while hidden and shown and not _is_safe(hidden, support, policy):
        smallest = shown.pop(0)
        smallest.closed.add(support)
        close_linked(smallest, rule.measures)
        hidden.append(smallest)
        changed = True
    return changed


def _is_safe(hidden: list[Verdict], support: str, policy: Policy) -> bool:
    return len(hidden) > 1 and sum(verdict.patients(support) for verdict in hidden) >= policy.smallest_count
