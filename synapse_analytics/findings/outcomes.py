"""What is said of scores over time: the change at a visit, when patients stop improving, and how the weeks between visits are to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.difference import real
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
OTHERS = "Grey lines: the other groups."
FEW = "Too few answers to say how it changed."


@finding("score_over_time")
def trajectory(released: Released, *, measure: str = "mean") -> Finding:
    """The mean change at 12 months (else at the last visit that has one), n and follow-up; of groups from the least to the most."""
    instrument, rows = released.options["instrument"], released.tables["visits"]
    question = f"How does {w.thing(instrument)} change over time?"
    if not any(row["n"] is None or row["n"] > 0 for row in rows):
        return nothing(question, "No patient of this cohort answered this score.")
    drawn = "mean" if measure == "mean" else "median"
    if all(row[drawn] is None for row in rows):
        return nothing(question, FEW)
    changed = [row for row in rows if row["change"] is not None]
    if not changed:
        return Finding(question, FEW)
    at = max(changed, key=lambda row: (row["visit"] == "month_12", v.codes(v.VISITS).index(row["visit"])))["visit"]
    at_visit = [row for row in rows if row["visit"] == at]
    by = released.options.get("by")
    if by is not None:
        important = w.important(instrument)
        dashed = f"Dashed line: {important.replace(': ', ' (')}). " if important else ""
        reading = f"{dashed}{OTHERS} Below each time: how many answered."
        return Finding(question, _compared(at_visit, instrument, by), reading if len(f.in_order(rows, "group")) > 1 else "")
    return Finding(question, _change(at_visit[0], instrument, measure) + _improving(rows, instrument))


def _change(row: Row, instrument: str, measure: str) -> str:
    visit = w.visit(row["visit"])
    how = "" if measure == "mean" else " on average"
    said = f"{w.moved(instrument, row['change'], row['change_low'], row['change_high'], how)} at {visit}"
    if row["change_low"] is None:
        change = w.number(row["change"], w.decimals(instrument))
        said = f"changed by {change} points on average at {visit}, with too few patients for an interval"
    followed = "" if row["completeness"] is None else f", {w.share_who(row['completeness'], 'followed up')}"
    return f"{w.name(instrument)} {said}, {w.n_of(row['n'])}{followed}."


def _improving(rows: Sequence[Row], instrument: str) -> str:
    """From which visit on no further improvement by 12 months is clear: its mean, paired, has an interval that reaches no change.

    It is said only of a score that is clearly better at 12 months. Not clear is not the same as none: the interval stands beside it.
    """
    sign = 1 if w.instrument(instrument).better == "higher" else -1
    year = next((row for row in rows if row["visit"] == "month_12"), None)
    known = [row for row in rows if row["further_low"] is not None and row["further_high"] is not None]
    if year is None or not _is_better(year, "change", sign) or not known:
        return ""
    row = next((row for row in known if not _is_better(row, "further", sign)), known[-1])
    step = w.with_interval(row["further"], row["further_low"], row["further_high"], lambda x: w.number(x, w.decimals(instrument)))
    visit, end = w.visit(row["visit"]), w.visit("month_12")
    if _is_better(row, "further", sign):
        return f" Patients still improve after {visit}{_little(row, instrument)}: {step} points by {end}."
    how = "they get worse again" if _is_better(row, "further", -sign) else "there is no clear further improvement"
    return f" From {visit} to {end} {how}: {step} points."


def _little(row: Row, instrument: str) -> str:
    """A clear improvement that is too small to matter: its whole interval lies within the smallest important change."""
    important = v.important_change(instrument)
    limits = abs(row["further_low"]), abs(row["further_high"])
    return ", but by less than the smallest important change" if important and max(limits) < important.threshold else ""


def _is_better(row: Row, name: str, sign: int) -> bool:
    """True if the whole interval of a change lies on the better side."""
    limits = row[f"{name}_low"], row[f"{name}_high"]
    return None not in limits and min(sign * limit for limit in limits) > 0


def _compared(rows: Sequence[Row], instrument: str, by: str) -> str:
    known = f.compared(rows, by, "change", "n")
    if not known.may_be_said:
        return known.none
    change = known.ends(lambda value: w.number(value, w.decimals(instrument)))
    better = w.BETTER[w.instrument(instrument).better]
    chance = real(known, "change_low", "change_high")
    return f"Mean change at {w.visit(rows[0]['visit'])}, in points: {change}; {better}.{chance}{known.rest}"


@finding("score_by_week")
def weekly(released: Released) -> Finding:
    """How the means are to be read, in steps of how many weeks they are, and why."""
    question = f"How does {w.thing(released.options['instrument'])} change between visits?"
    rows = [row for row in released.tables["weeks"] if row["mean"] is not None and row["low"] is not None]
    if not rows:
        return nothing(question, "No week has enough answers to show.")
    step = rows[0]["step"]
    said = (
        "Each point is the mean of a week, with its 95 % interval."
        if step == 1
        else f"Each point is the mean of {step} weeks, with its 95 % interval: single weeks"
    )
    if step > 1:
        said += " have too few patients." if released.options.get("step") is None else " are taken together."
    wider = any(row["to_week"] - row["week"] >= step for row in rows)
    flat = " A longer flat line is one mean over several of these periods, each with few answers." if wider else ""
    grey = f" {OTHERS}" if len(f.in_order(rows, "group")) > 1 else ""
    return Finding(question, "", f"{said}{flat}{grey} Between visits, fewer and different patients answer.")
