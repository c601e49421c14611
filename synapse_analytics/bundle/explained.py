"""Why a bundle was refused, in words: the one text that the command line and the page Data both show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synapse_analytics.bundle.legal import legal_values
from synapse_analytics.bundle.problems import Check, Problem, Warning_
from synapse_analytics.bundle.rules import IDENTITY, RULES, STRUCTURE, VALUES
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.vocabulary.plurals import counted

SHOWN = 5  # places of one rule: enough to recognise the cause; `check --format csv` lists a thousand
ADVICE = {
    STRUCTURE: "Correct how the files are written, and load the bundle again.",
    VALUES: "Correct the values in the system they come from, write the files again and load the bundle again.",
    IDENTITY: "Remove whatever identifies a person before the files leave the hospital's systems, and load the bundle again.",
}
_COLUMNS = {(name, column.name): column for file in FILES for name in file.names for column in file.columns}


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that the bundle broke: what is wrong and how often, the first places, and what to do."""

    heading: str
    places: tuple[str, ...]
    advice: str


def explained(check: Check) -> tuple[Reason, ...]:
    """Every rule that the bundle broke, in the order in which the files broke them."""
    order = list(dict.fromkeys([*(problem.rule for problem in check.problems), *check.counts]))
    return tuple(_reason(rule, check.counts[rule], [p for p in check.problems if p.rule == rule]) for rule in order)


def warned(warnings: Iterable[Warning_]) -> tuple[str, ...]:
    """The warnings of an accepted bundle, a sentence or two each."""
    return tuple(f"{RULES[one.rule].sentence} Found {counted(one.n, 'time')} in {one.file}." for one in warnings)


def _reason(rule: str, number: int, problems: list[Problem]) -> Reason:
    places = [_place(problem) for problem in problems[:SHOWN]]
    if number > len(places):
        places.append(f"and {counted(number - len(places), 'more place')}.")
    return Reason(f"{RULES[rule].sentence} {counted(number, 'problem')} ({rule}).", tuple(places), ADVICE[RULES[rule].kind])


def _place(problem: Problem) -> str:
    """Where, which value (masked), the nearest legal value or other hint, and what is legal there."""
    parts = [problem.file, f"line {problem.line:,}" if problem.line else f"row {problem.row:,}" if problem.row else ""]
    parts += [f"column {problem.column}" if problem.column else "", f"value {problem.value}" if problem.value else ""]
    column = _COLUMNS.get((problem.file, problem.column))
    legal = legal_values(column) if column and RULES[problem.rule].kind == VALUES else ""
    hint = "" if problem.hint in legal and problem.rule != "unknown_code" else problem.hint
    said = [f"Nearest code: {hint}" if problem.rule == "unknown_code" and hint else hint, f"Legal: {legal}" if legal else ""]
    return ". ".join([", ".join(part for part in parts if part), *(part[0].upper() + part[1:] for part in said if part)]) + "."
