"""What the gate refuses to let out, whatever an analysis declared: it reads the finished answer once more.

The rules stand in the policy. A refusal is a fault of an analysis, not of whoever asked: it names table, column and rule,
and never the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure.labels import is_label
from synapse_analytics.disclosure.policy import Kind, Measure, Policy, Question, Row, TableRule
from synapse_analytics.disclosure.rounding import COUNTS, shortened
from synapse_analytics.disclosure.sentences import is_plain
from synapse_analytics.errors import UnsafeAnswer

# Columns of these names count people or episodes, however they are declared.
COUNTED = frozenset({"n", "of", "all", "patients", "episodes", "events", "expected", "answered", "responders", "rows", "at_risk"})
SHARES_CALLED_SO = frozenset({"bounds.answered"})  # the share of those who answered, beside its two bounds
# What describes the n episodes of its row and nobody else.
DESCRIBES_N = ("mean", "sd", "median", "q1", "q3", "p10", "p90")


def check_answer(question: Question, tables: Iterable[tuple[TableRule, Sequence[Row]]], notes: Sequence[str]) -> None:
    """Raise UnsafeAnswer if a cell of the shown tables, or a note, is one that the policy does not let out."""
    for note in notes:
        _require(is_plain(note, question.names), question, "a note", "it names a number of the data")
    for rule, rows in tables:
        for measure in rule.measures:
            where = f"the column {measure.name} of the table {rule.name}"
            _require(_is_declared(rule, measure), question, where, "a column that counts must be declared as a count")
            broken = _broken(measure, rule.name, [row[measure.name] for row in rows], question)
            _require(broken is None, question, where, str(broken))
        _require(_groups_hold(rule, rows, question.policy), question, f"the table {rule.name}", "a group too small has a mean or median")


def _require(held: bool, question: Question, where: str, why: str) -> None:  # noqa: FBT001 - the condition is the point
    if not held:
        raise UnsafeAnswer(
            f"The answer {question.name} is not shown, because {where} breaks the policy '{question.policy.name}': {why}. Please report it."
        )


def _is_declared(rule: TableRule, measure: Measure) -> bool:
    here = f"{rule.name}.{measure.name}"
    return measure.name not in COUNTED or measure.kind in COUNTS or here in SHARES_CALLED_SO or here == "limits.n"


def _broken(measure: Measure, table: str, values: Sequence[Any], question: Question) -> str | None:
    """The rule that one of the shown values of a column breaks, in words."""
    if measure.kind is Kind.LABEL:
        legal = all(is_label(table, measure.name, value, question.names) for value in values)
        plain = all(
            is_plain(value, question.names) for value in values if isinstance(value, str) and " " in value and measure.name != "reason"
        )
        return None if legal and plain else "it is declared as a label and holds what is no word, unit or period"
    numbers = [value for value in values if value is not None and not isinstance(value, bool | str)]
    if not all(is_plain(value, question.names) for value in values if isinstance(value, str)):
        return "a sentence names a number of the data"
    if measure.kind in COUNTS:
        return _broken_count(numbers, question.policy)
    if not all(isinstance(value, int | float) for value in numbers):
        return "it holds what is neither a number nor a word"
    policy = question.policy
    return None if all(value == shortened(value, policy) for value in numbers) else f"it has more than {policy.digits} significant digits"


def _broken_count(numbers: Sequence[Any], policy: Policy) -> str | None:
    if not all(isinstance(value, int) and value >= 0 for value in numbers):
        return "a count is a whole number"
    if not all(value % policy.count_step == 0 for value in numbers):
        return f"a count is no multiple of {policy.count_step}"
    return None if all(value == 0 or value >= policy.counted for value in numbers) else f"it holds a count under {policy.counted}"


def _groups_hold(rule: TableRule, rows: Sequence[Row], policy: Policy) -> bool:
    """No mean, spread or quantile stands beside an n below the smallest group."""
    names = {measure.name: measure.kind for measure in rule.measures}
    if names.get("n") is not Kind.COUNT or "of" in names:
        return True
    described = [name for name in DESCRIBES_N if name in names]
    return not any(_is_few(row, policy) and any(row[name] is not None for name in described) for row in rows)


def _is_few(row: Mapping[str, Any], policy: Policy) -> bool:
    return row["n"] is not None and 0 < row["n"] < policy.group
