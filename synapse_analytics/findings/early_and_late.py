"""The two sentences of a comparison: the difference early and late, and how many of 100 similar patients clearly improved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import after, horizon, is_refused, listed, name, side_of

Row = Mapping[str, Any]
EARLY = "month_3"
ALIKE = "not clearly different"
ENDS = ("difference", "low", "high")
# What is scored, where the name of the score does not say it.
THINGS = {"odi": "disability", "eq5d5l_index": "quality of life", "eq_vas": "health as patients rate it"}
IMPROVED = {"odi": "clearly less disability", "eq5d5l_index": "a clearly better quality of life"}


def sentence(released: Released) -> str:
    """`At 3 months, pain was 1.4 points lower after a discectomy than after physical therapy (0.7 to 2.1); at 12 months ...`.

    Both differences are of one method: the repeated measures, or overlap weights at the time asked for where the first cannot be fitted.
    """
    a, b = (after(released.options[arm]) for arm in "ab")
    if is_refused(released):
        return f"{name(released, 'a')} and {v.inside(name(released, 'b'))} cannot be compared here."
    rows = stated(released)
    if not rows:
        return "The differences are withheld: too few patients."
    (first, at), *rest = rows
    side, thing = side_of(first), thing_of(released.options["outcome"])
    found = f"was {ALIKE} {a} and {b}" if side == 0 else f"was {_by(released, first)} {a} than {b}"
    said = f"At {at}, {thing} {found} ({_limits(released, first)})"
    for row, later in rest:
        said += f"{_then(released, side, row, later)} ({_limits(released, row)})"
    return f"{said}.{_disagree(released)}"


def stated(released: Released) -> list[tuple[Row, str]]:
    """The differences that the sentence states, with their times: at 3 months and at the time asked for."""
    rows = {row["visit"]: row for row in released.tables["mmrm"]}
    codes = [visit.code for visit in v.VISITS if visit.code == EARLY or visit.label == horizon(released)]
    found = [(rows[code], w.visit(code)) for code in codes if side_of(rows.get(code)) is not None]
    if found:
        return found
    weighted = (row for row in released.tables["estimates"] if row["method"] == "overlap" and side_of(row) is not None)
    return [(row, horizon(released)) for row in weighted]


def importance(released: Released) -> str:
    """Whether the stated differences are smaller than the smallest important change; empty where they are not, or where none is defined."""
    least, rows = smallest_change(released.options["outcome"]), stated(released)
    if least is None or not rows or is_refused(released):
        return ""
    what = f"the smallest important change ({least:g} points)"
    wide = [at for row, at in rows if max(abs(row["low"]), abs(row["high"])) >= least]
    which = "Both differences are" if len(rows) > 1 else "The difference is"
    if not wide:
        own = "their 95 % intervals" if len(rows) > 1 else "its 95 % interval"
        return f"{which} smaller than {what}, even at the ends of {own}."
    if all(abs(row["difference"]) < least for row, _ in rows):
        return f"{which} smaller than {what}, but the 95 % interval at {listed(wide)} reaches it."
    return ""


def smallest_change(outcome: str) -> float | None:
    """The smallest important change in points, of the scores that have one."""
    return next((preset.threshold for preset in v.presets_of(outcome) if "minimal important change" in preset.source), None)


def frequencies(released: Released) -> str:
    """`At 3 months, 71 of 100 similar patients had clearly less pain after a discectomy and 52 of 100 after physical therapy; ...`"""
    rows = [row for row in released.tables["responders"] if row["share_a"] is not None]
    if not rows:
        return ""
    a, b = (after(released.options[arm]) for arm in "ab")
    first, *rest = rows
    one, other = _of_100(first)
    outcome = released.options["outcome"]
    said = f"At {w.visit(first['visit'])}, {one} of 100 similar patients had {clearly_improved(outcome)} {a} and {other} of 100 {b}"
    for row in rest:
        said += f"; at {w.visit(row['visit'])}, {' and '.join(_of_100(row))} of 100"
    for row in released.tables["responders"]:
        said += f"; at {w.visit(row['visit'])}, the numbers are withheld" if "share_a" in row["withheld"] else ""
    rule = next(preset for preset in v.presets_of(outcome) if preset.kind == "points")
    return f"{said}. “Clearly” means by at least {rule.threshold:g} points."


def clearly_improved(outcome: str) -> str:
    """What an improvement by at least the smallest important change is called."""
    return IMPROVED.get(outcome) or f"clearly less {w.thing(outcome)}"


def _of_100(row: Row) -> Sequence[str]:
    return [w.in_hundred(row[f"share_{arm}"]) for arm in "ab"]


def thing_of(outcome: str) -> str:
    """What a score is about: `pain`, `disability`, `quality of life`."""
    return THINGS.get(outcome) or w.thing(outcome)


def _then(released: Released, before: int | None, row: Row, at: str) -> str:
    """How the sentence goes on from its first half."""
    side = side_of(row)
    if side == 0:
        return f"; nor was it at {at}" if before == 0 else f"; at {at}, it was {ALIKE}"
    if side == before:
        return f"; at {at}, it was still {_by(released, row)}"
    return f"; but at {at}, it was {_by(released, row)}"


def _by(released: Released, row: Row) -> str:
    """`1.4 points lower`."""
    return f"{_written(released, row)[0]} points {_way(row['difference'])}"


def _limits(released: Released, row: Row) -> str:
    """`0.7 to 2.1` of a clear difference; of an unclear one the difference, too: `0.4 lower; 1.0 lower to 0.2 higher`."""
    value, low, high = _written(released, row)
    if side_of(row) != 0:
        return " to ".join((high, low) if row["difference"] < 0 else (low, high))
    ways = [text if not float(text) else f"{text} {_way(row[end])}" for text, end in zip((value, low, high), ENDS, strict=True)]
    return f"{ways[0]}; {ways[1]} to {ways[2]}"


def _way(value: float) -> str:
    return "lower" if value < 0 else "higher"


def _written(released: Released, row: Row) -> list[str]:
    """The difference and its limits without their sign; a second decimal where zero needs it."""
    ends, decimals = [row[end] for end in ENDS], w.decimals(released.options["outcome"])
    if any(end and not float(f"{end:.{decimals}f}") for end in ends):
        decimals += 1
    return [w.number(abs(end), decimals) for end in ends]


def _disagree(released: Released) -> str:
    if released.tables["quality"][0]["verdict"] != "methods_disagree":
        return ""
    return f" The methods disagree at {horizon(released)}, so no conclusion can be drawn for that time."
