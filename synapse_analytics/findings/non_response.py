"""What is said of who answered: the share of those expected, and how those who did not answer differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import listed
from synapse_analytics.findings.finding import Finding, finding, nothing
from synapse_analytics.vocabulary import inside

Row = Mapping[str, Any]
FEW = "Too few patients were expected to answer to show this."
READING = (
    "Under each name: those who answered, then those who did not. Right of zero: higher in those who answered. "
    f"Shaded: too small to matter (up to {f.NOTABLE:g} SD)."
)
ASKED = {
    "age_years": "Age, years",
    "female": "Share of women",
    "baseline": "Score at the first visit",
    "symptom_weeks": "Weeks of symptoms",
    "bmi": "BMI",
    "smoker": "Share of smokers",
    "operated": "Share who had surgery",
}


@finding("completeness")
def followed_up(released: Released) -> Finding:
    """The share that answered at 12 months, else at the last visit that is due; of groups from the least to the most."""
    question, rows = "How complete is follow-up?", follow_ups(released)
    if not rows:
        return nothing(question, "No follow-up visit is due yet.")
    if all(row["share"] is None for row in rows):
        return nothing(question, FEW)
    return Finding(question, _answered(rows, released.options.get("by")))


def follow_ups(released: Released) -> list[Row]:
    """The rows of the visits after the first."""
    return [row for row in released.tables["visits"] if row["visit"] != "baseline"]


def _answered(rows: Sequence[Row], by: str | None) -> str:
    code = max(f.in_order(rows, "visit"), key=lambda visit: (visit == "month_12", v.codes(v.VISITS).index(visit)))
    mine = [row for row in rows if row["visit"] == code]
    known = [row for row in mine if row["share"] is not None]
    if not known:
        return FEW
    if len(f.in_order(rows, "group")) == 1:
        (row,) = known
        return f"At {w.visit(code)}, {w.share(row['share'])} answered: {w.part_of(row['answered'], row['expected'], 'expected')}."
    groups = f.compared(mine, by, "share", "expected")
    return f"Answered at {w.visit(code)}: {groups.ends(w.share)}.{groups.rest}" if groups.may_be_said else groups.none


@finding("baseline_by_response")
def missing(released: Released) -> Finding:
    """The characteristics by which those who answered differ notably from those who did not."""
    question = "Were patients who did not answer different?"
    pairs = [(row, other) for row, other in answered_or_not(released) if row["smd"] is not None]
    if not pairs:
        return nothing(question, "Too few patients in one of the two groups to compare them.")
    if min(row["n"] or 0 for pair in pairs for row in pair if row is not None) < f.ENOUGH:
        return Finding(
            question, f"Fewer than {f.ENOUGH} patients in one of the two groups: differences like these can arise by chance.", READING
        )
    far = [inside(ASKED[row["variable"]].split(",")[0]) for row, _ in pairs if abs(row["smd"]) > f.NOTABLE]
    if far:
        return Finding(question, f"They differed notably in {listed(far)}.", READING)
    return Finding(question, "They did not differ notably in anything recorded here.", READING)


def answered_or_not(released: Released) -> list[tuple[Row, Row | None]]:
    """Of each characteristic that can differ the row of those who answered and that of those who did not; a withheld one can, too."""
    rows = released.tables["baselines"]
    other = {row["variable"]: row for row in rows if row["group"] != "answered"}
    return [
        (row, other.get(row["variable"]))
        for row in rows
        if row["group"] == "answered" and (row["smd"] is not None or "smd" in row["withheld"])
    ]
