"""What is said of how pathways end: all of them by their first treatment, and one that is followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import care
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
STATES = v.codes(v.END_STATES)
OVER = "Within two years of the first visit"


@finding("pathways")
def by_first(released: Released) -> Finding:
    """Of all episodes how many ended resolved or improved, worse, or were lost."""
    question = "How do pathways end, by first treatment?"
    if not any(row["n"] for row in released.tables["ends"]):
        return nothing(question, "Too few patients to be shown.")
    end = {row["ended"]: row for row in released.tables["end"]}
    well, worse, lost = (_of_them(end.get(code)) for code in ("resolved+improved", "worse", "lost"))
    both = f"{well} resolved or improved and {worse.removesuffix(' of 100')} got worse"
    one = f"{well} resolved or improved" if well else f"{worse} got worse" if worse else ""
    parts = [both if well and worse else one, f"{lost} were lost to follow-up" if lost else ""]
    said = "; ".join(part for part in parts if part)
    rounded = "Numbers are rounded, so a bar may end a little before or after 100 %." if released.policy == "publish" else ""
    return Finding(question, f"{f'{said}. ' if said else ''}{OVER}, {w.n_of(released.episodes)}.", rounded)


def _of_them(row: Row | None) -> str:
    """`61 of 100`; of a hundred or fewer the numbers themselves; empty where they are withheld."""
    return "" if row is None or row["n"] is None or not row["of"] else w.of_hundred(row["n"], row["of"], row["share"])


@finding("pathways")
def endings(released: Released, *, chosen: Sequence[str] = ()) -> Finding:
    """The most frequent end of the chosen pathway, with its share where enough patients took it."""
    question, row = f"How did this pathway end? {care.pathway(chosen)}", way_of(released, chosen)
    known = {} if row is None else {code: row[code] for code in STATES if row[code]}
    if row is None or row["n"] is None or not known:
        return nothing(question, "Too few patients took this pathway to show it.")
    best = max(known, key=lambda code: known[code])
    most = w.share(known[best] / row["n"]) if has_shares(row) else w.count(known[best])
    few = "" if has_shares(row) else " Too few patients to show shares."
    hidden = " Outcomes with very few patients are withheld." if any(row[code] is None for code in STATES) else ""
    return Finding(question, f"{row['n']:,} episodes. Most common end: {care.treatment(best).lower()}, {most}.{few}{hidden}")


def way_of(released: Released, steps: Sequence[str]) -> Row | None:
    """The row of one pathway."""
    return next((row for row in released.tables["ways"] if tuple(row["steps"]) == tuple(steps)), None)


def has_shares(row: Row) -> bool:
    """True if enough patients took a pathway for shares of it, and none of its ends is left out."""
    return row["completeness"] is not None and None not in (row[code] for code in STATES)
