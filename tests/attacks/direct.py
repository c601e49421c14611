"""Attack 1, direct cells: is a forbidden number simply there?

Assumes nothing: the stranger reads the document. Under `publish` he finds a shown count of 1 to 10, a number that rests on one
(numerator, complement, denominator, arm), a whole number that is no multiple of 5, a number finer than two significant digits,
a number in words. Under `clinic` he finds a share, mean, median, curve or rate of 1 to 4 patients.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from synapse_analytics.disclosure import Kind, Measure
from tests.attacks.desk import Desk, Line, Seen, Told
from tests.attacks.finding import Finding, Result, asked_words, cell_words

FEW = range(1, 11)  # what `publish` shows of nothing
GROUP = range(1, 5)  # what `clinic` tells counts of, and nothing else
STEP = 5
DIGITS = 2
# Fewest patients a number of this kind may rest on, from the policy itself and not from the code that is under attack.
FEWEST = {
    "publish": {"mean": 11, "interval": 11, "median": 22, "quartile": 44, "tail": 110, "rate": 30, "curve": 11, "at_risk": 11, "share": 11},
    "clinic": {"mean": 5, "interval": 10, "median": 10, "quartile": 20, "tail": 50, "rate": 10, "curve": 10, "at_risk": 10, "share": 5},
}
# Numbers that name a row, a setting or a target: places on an axis, ends of bins, ranks, numbers of periods. They tell of nobody.
AXES = frozenset(
    [
        "day",
        "month",
        "week",
        "to_week",
        "from",
        "to",
        "step",
        "order",
        "times",
        "gap_collapse",
        "combination_overlap",
        "nominal",
        "target",
        "width",
        "delta",
        "landmark",
        "weeks_seen",
        "points",
        "trial",
        "synthetic",
    ]
)
# The landmark days stand in the reasons of one answer: they are fixed, other days may be of the data.
PERIODS = re.compile(r"\d+ (?=quarters|half-years|years|months|weeks)|(?<=within )(?:90|180) (?=days)")
OF_PATIENTS = ("patients", "value")  # counts of patients, not of episodes
OF_ROW = ("patients",)  # support columns of the people that the row's n counts
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


def direct(desk: Desk) -> Result:
    """Read every cell of every document that was asked for."""
    result = Result("direct cells", desk.policy)
    if desk.policy == "publish":
        for seen, text in _changing_words(desk):
            result.report(Finding("number in words", desk.known.name, f"{seen.ask.name}.notes", asked_words(seen), "", text, None, "read"))
    for seen in desk.seen():
        read = _of_publish if desk.policy == "publish" else _of_clinic
        for kind, where, cell, released, truth in read(seen, desk.known.per_patient, result):
            place = f"{seen.ask.name}.{where}"
            result.report(Finding(kind, desk.known.name, place, asked_words(seen), cell, released, truth, "read"))
    return result


Hit = tuple[str, str, str, Any, Any]


def _of_publish(seen: Seen, per_patient: int | None, result: Result) -> Iterator[Hit]:
    for name in ("n", "episodes", "withheld"):
        if name != "withheld" and isinstance(seen.document[name], int) and seen.document[name] % STEP:
            yield "no multiple of 5", f"({name})", "", seen.document[name], None
    for line in seen.lines:
        for column, value in line.row.items():
            if value is None or column == "withheld" or isinstance(value, bool):
                continue
            result.tried += 1
            where, cell = f"{line.table}.{column}", cell_words(line.row)
            if isinstance(value, int | float):
                yield from ((kind, where, cell, value, truth) for kind, truth in _number(column, value, line, per_patient))


def _number(column: str, value: float, line: Line, per_patient: int | None) -> Iterator[tuple[str, Any]]:
    """What is wrong with a released number."""
    measure, told = _measure(line, column), line.truth
    if column in AXES:
        return
    truth = told.row.get(column) if told else None
    yield from ((kind, truth) for kind in _form(value, measure))
    if measure is not None and told is not None:
        yield from _rests(truth, measure, patients_behind(told, measure, per_patient))


def _form(value: float, measure: Measure | None) -> Iterator[str]:
    """Is it finer than it may be?"""
    if measure is not None and measure.kind is Kind.LABEL:
        yield "number in a label"
    if isinstance(value, int) or (value == int(value) and _is_count(measure)):
        if value % STEP:
            yield "no multiple of 5"
    elif float(f"{value:.{DIGITS}g}") != value:
        yield "more than two digits"


def _rests(truth: Any, measure: Measure, behind: dict[str, int]) -> Iterator[tuple[str, Any]]:
    """Does it rest on too few?"""
    few = {name: n for name, n in behind.items() if n in FEW}
    if few and _is_count(measure):
        yield "count of 1 to 10 shown", f"{truth} {few}"
    elif few:
        yield f"rests on a {'/'.join(few)} of 1 to 10", f"{truth} {few}"
    elif thin := _thin(behind, measure, "publish"):
        yield f"{measure.kind} of too few", f"{truth} {thin}"


def _of_clinic(seen: Seen, per_patient: int | None, result: Result) -> Iterator[Hit]:
    """Numbers of groups of 1 to 4; counts are shown on purpose."""
    for line in seen.lines:
        told = line.truth
        for column, value in line.row.items():
            measure = _measure(line, column)
            if told is None or measure is None or value is None or column == "withheld" or _is_count(measure) or measure.kind is Kind.LABEL:
                continue
            result.tried += 1
            where, cell = f"{line.table}.{column}", cell_words(line.row)
            behind = patients_behind(told, measure, per_patient)
            few = {name: n for name, n in behind.items() if n in GROUP and name in ("denominator", "other arm")}
            if few:
                yield f"{measure.kind} of 1 to 4 patients", where, cell, value, few
            elif thin := _thin(behind, measure, "clinic"):
                yield f"{measure.kind} of too few", where, cell, value, thin


def _thin(behind: dict[str, int], measure: Measure, policy: str) -> dict[str, int]:
    """The sides of a number that are smaller than its kind needs."""
    fewest = FEWEST[policy].get(str(measure.kind), 0)
    return {name: n for name, n in behind.items() if name in ("denominator", "other arm") and 0 < n < fewest}


def patients_behind(told: Told, measure: Measure, per_patient: int | None) -> dict[str, int]:
    """The patients a cell rests on: as declared, and counted from the episodes where every patient has the same number of them."""
    names = {"denominator": measure.patients, "other arm" if measure.kind is Kind.RATE else "numerator": measure.part}
    names |= {} if measure.kind is Kind.RATE else {"complement": measure.outside}
    found = {side: told.row[name] for side, name in names.items() if name and isinstance(told.row.get(name), int)}
    return found | (_recounted(told.row, measure, per_patient, found) if per_patient and measure.kind is not Kind.RATE else {})


def _others(row: dict[str, Any], measure: Measure) -> dict[str, int]:
    """Those of the denominator who are not in the numerator, where nobody can be in both."""
    whole, part = row.get(measure.patients), row.get(measure.part or "")
    return {"complement": whole - part} if isinstance(whole, int) and isinstance(part, int) and measure.kind is Kind.SHARE else {}


def _recounted(row: dict[str, Any], measure: Measure, per_patient: int, found: dict[str, int]) -> dict[str, int]:
    """The same from the episodes; a count that is a multiple of 5 may have been rounded by the analysis already."""
    if measure.count and measure.of:
        top, bottom = row.get(measure.count), row.get(measure.of)
        if not isinstance(top, int) or not isinstance(bottom, int) or not (top % STEP or bottom % STEP):
            return _others(row, measure)
        return {"numerator": top // per_patient, "complement": -(-(bottom - top) // per_patient), "denominator": -(-bottom // per_patient)}
    if measure.part:
        return _others(row, measure)
    n = row.get(measure.name if _is_count(measure) else "n")
    if isinstance(n, int) and n % STEP and measure.name not in OF_PATIENTS and (_is_count(measure) or measure.patients in OF_ROW):
        return {"denominator": min(found.get("denominator") or n, -(-n // per_patient))}  # a count may name a support of nobody
    return {}


def _measure(line: Line, column: str) -> Measure | None:
    return next((measure for measure in line.truth.rule.measures if measure.name == column), None) if line.truth else None


def _is_count(measure: Measure | None) -> bool:
    return measure is not None and measure.kind in (Kind.COUNT, Kind.AT_RISK)


def _changing_words(desk: Desk) -> Iterator[tuple[Seen, str]]:
    """Sentences that say another number to another cohort: what changes with the cohort is made of its data."""
    said: dict[Any, dict[str, Seen]] = {}
    for seen in desk.seen():
        for text in _texts(seen):
            known = PERIODS.sub("", text)
            said.setdefault((seen.ask.name, seen.ask.options, NUMBER.sub("#", known)), {}).setdefault(known, seen)
    yield from ((seen, text) for texts in said.values() if len(texts) > 1 for text, seen in texts.items())


def _texts(seen: Seen) -> Iterator[str]:
    yield from seen.document["notes"]
    if seen.document["refused"]:
        yield seen.document["refused"]
    for line in seen.lines:
        for column in ("sentence", "refused", "verdict"):
            if isinstance(line.row.get(column), str):
                yield line.row[column]
