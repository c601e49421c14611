"""What a comparison says of its two arms: their names, which fared better, what the visits before say, and who is compared with whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.estimates import side_of_zero
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
ARMS = ("a", "b")
NO_DIFFERENCE = "no clear difference"
FLOW = {
    "started": "Started it",
    "had_other_before": "Left out: had the other, or more intensive care, before",
    "no_baseline": "Left out: no score in the 60 days before the start",
    "unlike": "Left out: too few patients like them in one of the groups",
    "window_open": "Left out: the time of the answer at {at} is not over yet",
    "died": "Left out: died before the time of the answer at {at} was over",
    "crossed_over": "Left out: care changed before the time of the answer at {at} began",
    "expected": "Expected to answer at {at}",
    "answered_late": "Left out: answered only after care had changed",
    "not_answered": "Left out: did not answer",
    "answered": "Answered, and are compared",
}


def name(released: Released, arm: str) -> str:
    """The label of arm a or b."""
    return w.treatment(released.options[arm])


def inside(released: Released, arm: str) -> str:
    """The label of arm a or b inside a sentence."""
    return v.inside(name(released, arm))


def shown_as(released: Released) -> Callable[[float | None], str]:
    """How differences and means of this outcome are written: on a scale to 10, a tenth would hide on which side of zero a limit lies."""
    decimals = 2 if w.instrument(released.options["outcome"]).high <= 10 else 1
    return lambda value: w.number(value, decimals)


def has_row(row: Row) -> bool:
    """Whether a difference has a row of its own: it is known, or it may not be told."""
    return row["difference"] is not None or "difference" in row["withheld"]


def refused(released: Released) -> str:
    """Why no difference is shown, with the arms by name; a general word where the answer gives none."""
    quality = released.tables["quality"]
    text = quality[0]["refused"] if quality else None
    if not text:
        return "No method could be fitted to so few answers."
    return re.sub(r"\b([Aa]rm) ([ab])\b", lambda found: f"{found[1]} {found[2].upper()} ({inside(released, found[2])})", str(text))


def verdict(released: Released) -> str:
    """The headline: what is so at the time asked for, and at which visits before it something else is so."""
    quality = released.tables["quality"][0]
    a, b, at = inside(released, "a"), inside(released, "b"), horizon(released)
    said = {
        "refused": f"{name(released, 'a')} and {b} cannot be compared here",
        "no_clear_difference": f"No clear difference at {at} between {a} and {b}",
        "methods_disagree": f"The methods disagree at {at}: no conclusion about {a} and {b}",
        "a_improved_more": f"Patients who had {a} fared better at {at}, and why cannot be told from these data",
        "b_improved_more": f"Patients who had {b} fared better at {at}, and why cannot be told from these data",
    }[quality["verdict"]]
    same = {"no_clear_difference": NO_DIFFERENCE, "a_improved_more": better(released, "a"), "b_improved_more": better(released, "b")}
    others = {text: visits for text, visits in _by_finding(released, before=True).items() if text != same.get(quality["verdict"])}
    return f"{said}; earlier, {_at_visits(others)}" if others else said


def over_visits(released: Released) -> str:
    """What the repeated measures say at each visit, and which visits they cannot judge."""
    found = _by_finding(released, before=False)
    rows = {row["visit"]: row for row in released.tables["mmrm"]}
    unknown = [visit.label for visit in visits_judged(released) if side_of(rows.get(visit.code)) is None]
    text = f"Repeated measures, adjusted: {_at_visits(found)}."
    return text if not unknown else f"{text} Not known at {listed(unknown)}: too few answers in one group."


def visits_judged(released: Released) -> Sequence[v.Visit]:
    """The visits from the first that the repeated measures judge to the time asked for, with those between that they cannot judge."""
    judged = {row["visit"] for row in released.tables["mmrm"]}
    last = [visit.label for visit in v.VISITS].index(horizon(released))
    first = next((place for place, visit in enumerate(v.VISITS) if visit.code in judged), last)
    return v.VISITS[first : last + 1]


def horizon(released: Released) -> str:
    """The time asked for: `12 months`."""
    return f"{released.options['month']} months"


def better(released: Released, arm: str) -> str:
    """`patients who had discectomy fared better`."""
    return f"patients who had {inside(released, arm)} fared better"


def listed(texts: Sequence[str]) -> str:
    """`6 weeks`, `6 weeks and 3 months`, `6 weeks, 3 months and 6 months`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def side_of(row: Row | None) -> int | None:
    """On which side of zero the interval of a row lies, 0 if it holds zero; None where there is no interval."""
    return None if row is None or row["low"] is None or row["high"] is None else side_of_zero(row["low"], row["high"])


def _by_finding(released: Released, *, before: bool) -> dict[str, list[str]]:
    """Finding -> the visits it holds at, in order; `before`: without the time asked for."""
    lower = w.instrument(released.options["outcome"]).better == "lower"
    said = {0: NO_DIFFERENCE, -1: better(released, "a" if lower else "b"), 1: better(released, "b" if lower else "a")}
    found: dict[str, list[str]] = {}
    for row in released.tables["mmrm"]:
        side, label = side_of(row), w.visit(row["visit"])
        if side is not None and not (before and label == horizon(released)):
            found.setdefault(said[side], []).append(label)
    return found


def _at_visits(found: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{text} at {listed(visits)}" for text, visits in found.items())


def who_is_compared(released: Released) -> list[dict[str, str]]:
    """One row per step from the start to the analysis, one column per arm: what is kept, what is left out and why.

    Counts are of episodes; a reason that leaves out nobody has no row. Below stand how complete the answers are and when it began.
    """
    quality, at = released.tables["quality"][0], horizon(released)
    strategy = next((term for term in v.STRATEGIES if term.code == released.options["a"]), None)
    texts = FLOW | ({"started": f"Under care on day {strategy.day}"} if strategy else {})

    def line(text: str, row: Row, code: str, write: Callable[[float], str] = _whole) -> dict[str, str]:
        return {"Episodes": text} | {name(released, arm): _cell(row, f"{code}_{arm}", write) for arm in ARMS}

    lines = [
        line(texts[row["step"]].format(at=at), row, "n")
        for row in released.tables["flow"]
        if not row["left_out"] or any(row[f"n_{arm}"] or f"n_{arm}" in row["withheld"] for arm in ARMS)
    ]
    lines += [line("Followed up", quality, "completeness", w.share), line(f"Care changed by {at}", quality, "crossover", w.share)]
    if not strategy:
        lines.append(line("Median day of the start", quality, "start_day"))
    if quality["ess_a"] is not None or quality["ess_b"] is not None:
        lines.append(line("Effective sample size after weighting", quality, "ess"))
    return lines


def _whole(value: float) -> str:
    return w.number(value, 0)


def _cell(row: Row, column: str, write: Callable[[float], str]) -> str:
    if row[column] is not None:
        return write(row[column])
    return w.WITHHELD if column in row["withheld"] else "\u2013"
