"""The gate's second look: it reads the finished answer and refuses one that breaks the policy, whatever the analysis declared.

A refusal is a fault of the analysis, not of the person who asked: it names table, column and rule, and never the value.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from synapse_analytics.disclosure.labels import SENTENCES, is_label
from synapse_analytics.disclosure.policy import Kind, Policy, Question, Row, TableRule
from synapse_analytics.disclosure.rounding import COUNTS, shortened
from synapse_analytics.disclosure.sentences import is_plain
from synapse_analytics.errors import UnsafeAnswer

# Columns of these names count people or episodes, however they are declared.
COUNTED = frozenset({"n", "of", "all", "patients", "episodes", "events", "expected", "answered", "responders", "rows", "at_risk"})
NOT_COUNTED = frozenset({"bounds.answered", "limits.n"})  # a share beside its two bounds, and the axis of a funnel
# Columns that describe the n episodes of their row.
DESCRIBES_N = ("mean", "sd", "median", "q1", "q3", "p10", "p90")


def check_answer(question: Question, parts: Sequence[tuple[TableRule, Sequence[Row]]], notes: Sequence[str]) -> None:
    """Raise UnsafeAnswer if a cell of the shown tables, or a note, breaks the policy."""
    if not _are_plain(notes, question):
        raise _refusal(question, "a note", "it names a number of the data")
    columns: dict[tuple[str, str, Kind], list[Any]] = {}
    for rule, rows in parts:
        for measure in rule.measures:
            columns.setdefault((rule.name, measure.name, measure.kind), []).extend([row[measure.name] for row in rows])
    for (table, name, kind), values in columns.items():
        if (why := _broken(table, name, kind, values, question)) is not None:
            raise _refusal(question, f"the column {name} of the table {table}", why)
    for rule, rows in parts:
        if not _groups_hold(rule, rows, question.policy):
            raise _refusal(question, f"the table {rule.name}", "a group too small has a mean or median")


def _refusal(question: Question, where: str, why: str) -> UnsafeAnswer:
    policy = question.policy.name
    return UnsafeAnswer(f"The answer {question.name} is not shown, because {where} breaks the policy '{policy}': {why}. Please report it.")


def _broken(table: str, name: str, kind: Kind, values: Sequence[Any], question: Question) -> str | None:
    """The rule that one of the shown values of a column breaks, in words."""
    if name in COUNTED and kind not in COUNTS and f"{table}.{name}" not in NOT_COUNTED:
        return "a column that counts must be declared as a count"
    texts = {value for value in values if isinstance(value, str)}
    if kind is Kind.LABEL:
        words = texts if name in SENTENCES else ()
        legal = all(is_label(table, name, value, question.names) for value in set(values))
        return None if legal and _are_plain(words, question) else "it is declared as a label and holds what is no word, unit or period"
    if not _are_plain(texts, question):
        return "a sentence names a number of the data"
    types = set(map(type, values)) - {type(None), bool, str}
    if kind in COUNTS:
        return "a count is a whole number" if types - {int} else _broken_count(values, question.policy)
    if types - {int, float}:
        return "it holds what is neither a number nor a word"
    policy = question.policy
    fine = policy.digits is not None and any(value != shortened(value, policy) for value in values)
    return f"it has more than {policy.digits} significant digits" if fine else None


def _are_plain(texts: Iterable[str], question: Question) -> bool:
    return all(is_plain(text, question.names) for text in texts)


def _broken_count(values: Sequence[Any], policy: Policy) -> str | None:
    counts = [value for value in values if value and not isinstance(value, str)]
    least = min(counts, default=policy.counted)
    if least < 0:
        return "a count is not negative"
    if policy.rounds and any(value % policy.count_step for value in counts):
        return f"a count is no multiple of {policy.count_step}"
    return None if least >= policy.counted else f"it holds a count under {policy.counted}"


def _groups_hold(rule: TableRule, rows: Sequence[Row], policy: Policy) -> bool:
    """True if no mean, spread or quantile stands beside an n below the smallest group."""
    described = _describe_n(rule)
    return not described or not any(
        row["n"] and row["n"] < policy.group and any(row[name] is not None for name in described) for row in rows
    )


@functools.lru_cache(maxsize=512)
def _describe_n(rule: TableRule) -> tuple[str, ...]:
    """The columns that describe the n of their row; none beside a column `of`, where n is only the numerator of a share."""
    kinds = {measure.name: measure.kind for measure in rule.measures}
    return tuple(name for name in DESCRIBES_N if name in kinds) if kinds.get("n") is Kind.COUNT and "of" not in kinds else ()
