"""What is said of the order of the stages of care: how many had each, and how many were operated without an injection before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import listed
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
HAD = {"conservative": "conservative care", "injection": "an injection", "surgery": "surgery"}
READING = "Each row is the next step of care; widths are shares of all episodes."


@finding("branching")
def branching(released: Released) -> Finding:
    """The share of all episodes that had each stage, and of those operated how many had no injection before."""
    question = "How do patients move from conservative care to surgery?"
    if not any(row["n"] for row in released.tables["branches"]):
        return nothing(question, "Too few patients to be shown.")
    stages = {row["stage"]: row for row in released.tables["stages"]}
    pooled = any("pooled" in row.values() for row in released.tables["branches"])
    rest = " Rare pathways are grouped and not followed further." if pooled else ""
    rest += " Gaps are numbers withheld: too few patients." if any(row["n"] is None for row in released.tables["branches"]) else ""
    return Finding(question, f"{_had(stages)}{_operated(stages.get('no_injection_before'))}.", f"{READING}{rest}")


def _had(stages: Mapping[str, Row]) -> str:
    shares = {words: stages[stage]["share"] for stage, words in HAD.items() if stage in stages}
    known = [f"{w.share(share)} had {words}" for words, share in shares.items() if share is not None]
    if not known:
        return "Too few patients had each kind of care to show shares"
    return f"Within two years {listed([known[0], *(one.replace(' had ', ' ', 1) for one in known[1:])])}"


def _operated(row: Row | None) -> str:
    """Of those operated, in a hundred of them where they are so many."""
    if row is None or not row["of"] or row["n"] is None:
        return ""
    if row["n"] == 0:
        return f"; all {row['of']:,} who had surgery had an injection first"
    n, of = w.of_hundred(row["n"], row["of"], row["share"]).split(" of ")
    return f"; of {of} who had surgery, {n} had no injection first"
