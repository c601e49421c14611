"""Why a bundle was refused, in words: the one text that the command line and the page Data both show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from synapse_analytics.bundle.legal import legal_values
from synapse_analytics.bundle.problems import Check, Problem, Warning_
from synapse_analytics.bundle.rules import IDENTITY, RULES, STRUCTURE, VALUES
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.vocabulary.plurals import counted, plural

SHOWN = 5  # places of one rule, and lines of one place: enough to recognise the cause; `check --format csv` lists a thousand
ADVICE = {
    STRUCTURE: "Write the files again as the data dictionary says, and load the bundle again.",
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
    alike: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.file, problem.column, problem.value, problem.hint), []).append(problem)
    shown = list(alike.values())[:SHOWN]
    places = [_place(group) for group in shown]
    if more := number - sum(map(len, shown)):
        places.append(f"And {counted(more, 'more place')}.")
    return Reason(f"{RULES[rule].sentence} {counted(number, 'problem')} ({rule}).", tuple(places), ADVICE[RULES[rule].kind])


def _place(problems: list[Problem]) -> str:
    """Where, which value (masked), the nearest legal value or other hint, and what is legal there: of problems that differ only in their line."""
    one = problems[0]
    parts = [one.file, _lines(problems), f"column {one.column}" if one.column else "", f"value {one.value}" if one.value else ""]
    hint, legal = _help(one)
    said = [
        f"Nearest code: {hint}" if hint and one.rule == "unknown_code" else f"{hint[:1].upper()}{hint[1:]}",
        legal and f"Allowed: {legal}",
    ]
    return ". ".join([", ".join(filter(None, parts)), *filter(None, said)]) + "."


def _lines(problems: list[Problem]) -> str:
    """`lines 3, 5 and 7 more`; a Parquet file has rows, and what concerns a whole file has neither."""
    word, numbers = ("line", [p.line for p in problems]) if problems[0].line else ("row", [p.row for p in problems])
    known = [f"{number:,}" for number in numbers if number]
    more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
    return f"{plural(len(known), word)} {', '.join(known[:SHOWN])}{more}" if known else ""


def _help(problem: Problem) -> tuple[str, str]:
    """The hint, unless what is legal says the same, and what is legal: the range of a score depends on its instrument, and stands in the hint."""
    column = _COLUMNS.get((problem.file, problem.column))
    legal = legal_values(column) if column and RULES[problem.rule].kind == VALUES else ""
    if problem.rule == "out_of_range":
        return "", problem.hint if problem.hint not in legal else legal
    return "" if legal and problem.rule in ("wrong_type", "wrong_form") else problem.hint, legal
