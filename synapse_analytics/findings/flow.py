"""What is said of the flow of pathways: the most frequent one, and how the picture is to be read."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import care
from synapse_analytics.findings.finding import Finding, finding, nothing

OTHER = "other"  # rare steps and rare pathways, put together
ENDS = v.codes(v.END_STATES)
COLOURS = "Width: episodes. Blue: the score improved over the step, orange: it got worse, grey: about the same or not known."


@finding("pathways")
def flow(released: Released) -> Finding:
    """The most frequent pathway with its episodes, and how the picture is to be read."""
    question, rows = "Which treatment follows which?", released.tables["pathways"]
    if not any(row["n"] for row in rows):
        return nothing(question, "Too few patients took the same steps to show them.")
    hidden = any(row["n"] is None for row in rows)
    small = " Pathways whose number is withheld are not drawn." if hidden else ""
    if released.policy == "publish":  # rounded numbers do not tell with which step the rare ones begin
        small += " Other pathways include rare ones that begin with a step shown here by its name."
    small += _not_all(released)
    treated = [row for row in released.tables["ways"] if row["n"] and row["steps"][0] not in ("untreated", OTHER)]
    if not treated:
        return Finding(question, "", f"{COLOURS}{small}")
    top = max(treated, key=lambda row: row["n"])
    episodes = "1 episode" if top["n"] == 1 else f"{top['n']:,} episodes"
    only = "" if top["steps"][-1] == "more" else " only"
    reading = f"{COLOURS} Rare steps and pathways are \u201cother pathways\u201d.{small}"
    return Finding(question, f"Most common: {care.pathway(top['steps'])}{only} ({episodes}).", reading)


def _not_all(released: Released) -> str:
    """Why the episodes of the picture are not those of the cohort, where they are not: n is what the first visit counts."""
    drawn = sum(row["n"] or 0 for row in released.tables["pathways"])
    if released.episodes is None or drawn == released.episodes:
        return ""
    if released.policy == "publish":
        return f" Each number is rounded separately, so the steps after the first visit add up to {drawn:,}, not to {released.episodes:,}."
    return f" The first visit counts {drawn:,} of {released.episodes:,} episodes: the others are on the pathways that are withheld."
