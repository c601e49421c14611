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
# The thing that is scored, and what a lower and a higher score of it are called; of a pain less and more.
THINGS = {
    "odi": ("disability", "less", "more"),
    "eq5d5l_index": ("quality of life", "lower", "higher"),
    "eq_vas": ("health as patients rate it", "lower", "higher"),
}
IMPROVED = {"odi": "clearly less disability", "eq5d5l_index": "a clearly better quality of life"}


def sentence(released: Released) -> str:
    """`After a discectomy pain was less than after physical therapy at 3 months, by 1.4 points (0.7 to 2.1), and not clearly different ...`.

    Both differences are of one method: the repeated measures, or overlap weights at the time asked for where the first cannot be fitted.
    """
    a, b = (after(released.options[arm]) for arm in "ab")
    if is_refused(released):
        return f"{name(released, 'a')} and {v.inside(name(released, 'b'))} cannot be compared here."
    rows = stated(released)
    if not rows:
        return "The differences are withheld: too few patients."
    (first, at), *rest = rows
    side = side_of(first)
    than = f"{ALIKE} from that {b}" if side == 0 else f"{_way(released, side)} than {b}"
    said = f"{w.capital(a)} {thing_of(released.options['outcome'])} was {than} at {at}{_size(released, first)}"
    for row, later in rest:
        said += _then(released, side, row) + f" at {later}{_size(released, row)}"
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
        return f"{which} smaller than {what}, even at the limits of the intervals."
    if all(abs(row["difference"]) < least for row, _ in rows):
        return f"{which} smaller than {what}; the interval at {listed(wide)} reaches it."
    return ""


def smallest_change(outcome: str) -> float | None:
    """The smallest important change in points, of the scores that have one."""
    return next((preset.threshold for preset in v.presets_of(outcome) if "minimal important change" in preset.source), None)


def frequencies(released: Released) -> str:
    """`Of 100 similar patients, 71 had clearly less pain at 3 months after a discectomy and 52 after physical therapy; at 12 months 69 and 66.`"""
    rows = [row for row in released.tables["responders"] if row["share_a"] is not None]
    if not rows:
        return ""
    a, b = (after(released.options[arm]) for arm in "ab")
    first, *rest = rows
    one, other = _of_100(first)
    outcome = released.options["outcome"]
    said = f"Of 100 similar patients, {one} had {clearly_improved(outcome)} at {w.visit(first['visit'])} {a} and {other} {b}"
    for row in rest:
        said += f"; at {w.visit(row['visit'])} {' and '.join(_of_100(row))}"
    for row in released.tables["responders"]:
        said += f"; at {w.visit(row['visit'])} the numbers are withheld" if "share_a" in row["withheld"] else ""
    rule = next(preset for preset in v.presets_of(outcome) if preset.kind == "points")
    return f"{said}. Clearly means a change of at least {rule.threshold:g} points."


def clearly_improved(outcome: str) -> str:
    """What an improvement by at least the smallest important change is called."""
    return IMPROVED.get(outcome) or f"clearly less {w.thing(outcome)}"


def _of_100(row: Row) -> Sequence[str]:
    return [w.in_hundred(row[f"share_{arm}"]) for arm in "ab"]


def thing_of(outcome: str) -> str:
    """What a score is about: `pain`, `disability`, `quality of life`."""
    return _things(outcome)[0]


def _things(outcome: str) -> tuple[str, str, str]:
    return THINGS.get(outcome) or (w.thing(outcome), "less", "more")


def _way(released: Released, side: int | None) -> str:
    return _things(released.options["outcome"])[1 if side == -1 else 2]


def _then(released: Released, before: int | None, row: Row) -> str:
    """How the second half of the sentence goes on from the first."""
    side = side_of(row)
    if side == 0:
        return ", nor" if before == 0 else f", and {ALIKE}"
    if side == before:
        return f", and still {_way(released, side)}"
    return f", but {_way(released, side)}"


def _size(released: Released, row: Row) -> str:
    """`, by 1.4 points (0.7 to 2.1)` of a clear difference, ` (-0.4, -1.0 to 0.2)` of an unclear one; a second decimal where zero needs it."""
    ends = [row["difference"], row["low"], row["high"]]
    outcome, side = released.options["outcome"], side_of(row)
    decimals = w.decimals(outcome)
    if any(end and not float(f"{end:.{decimals}f}") for end in ends):
        decimals += 1
    value, low, high = (w.number(abs(end) if side else end, decimals) for end in ends)
    if side == 0:
        return f" ({value}, {low} to {high})"
    return f", by {value} points ({' to '.join((high, low) if side == -1 else (low, high))})"


def _disagree(released: Released) -> str:
    if released.tables["quality"][0]["verdict"] != "methods_disagree":
        return ""
    return f" The methods disagree at {horizon(released)}, so no conclusion can be drawn for that time."
