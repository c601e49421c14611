"""What is said of scores over time: the change at a visit, and how the weeks between visits are to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
FEW = "Too few answers to say how it changed."


@finding("score_over_time")
def trajectory(released: Released, *, measure: str = "mean") -> Finding:
    """The mean change at 12 months (else at the last visit that has one), n and follow-up; of groups from the least to the most."""
    instrument, rows = released.options["instrument"], released.tables["visits"]
    question = f"How does {w.thing(instrument)} change over time?"
    if not any(row["n"] is None or row["n"] > 0 for row in rows):
        return nothing(question, "Nobody in this cohort answered this score.")
    drawn = "mean" if measure == "mean" else "median"
    if all(row[drawn] is None for row in rows):
        return nothing(question, FEW)
    changed = [row for row in rows if row["change"] is not None]
    if not changed:
        return Finding(question, FEW)
    at = max(changed, key=lambda row: (row["visit"] == "month_12", v.codes(v.VISITS).index(row["visit"])))["visit"]
    at_visit = [row for row in rows if row["visit"] == at]
    by = released.options.get("by")
    return Finding(question, _change(at_visit[0], instrument, measure) if by is None else _compared(at_visit, instrument, by))


def _change(row: Row, instrument: str, measure: str) -> str:
    visit = w.visit(row["visit"])
    how = "" if measure == "mean" else " on average"
    said = f"{w.moved(instrument, row['change'], row['change_low'], row['change_high'], how)} at {visit}"
    if row["change_low"] is None:
        change = w.number(row["change"], w.decimals(instrument))
        said = f"changed by {change} points on average at {visit}, of too few patients for an interval"
    followed = "" if row["completeness"] is None else f", {w.share_who(row['completeness'], 'followed up')}"
    return f"{w.name(instrument)} {said}, {w.n_of(row['n'])}{followed}."


def _compared(rows: Sequence[Row], instrument: str, by: str) -> str:
    known = f.compared(rows, by, "change", "n")
    if not known.may_be_said:
        return known.none
    change = known.ends(lambda value: w.number(value, w.decimals(instrument)))
    return f"Mean change at {w.visit(rows[0]['visit'])}, in points: {change}; {w.BETTER[w.instrument(instrument).better]}.{known.rest}"


@finding("score_over_time")
def weekly(released: Released) -> Finding:
    """How the weekly means are to be read, and of how many weeks (or spans of weeks) they are."""
    question = f"What does {w.thing(released.options['instrument'])} look like week by week?"
    rows = [row for row in released.tables["weeks"] if row["mean"] is not None]
    if not rows:
        return nothing(question, "No week has enough answers to be shown.")
    spans = any(row["week"] != row["to_week"] for row in rows)
    of = "for each group where enough answered"
    if released.options.get("by") is None:
        of = f"{len(rows)} weeks{' or spans of weeks' if spans else ''} with enough answers"
    flat = " A flat piece is one mean of several weeks, in which few answered." if spans else ""
    return Finding(question, "", f"Mean of all answers of a week, {of}.{flat} Weeks between visits hold fewer and other patients.")
