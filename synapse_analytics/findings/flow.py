"""What is said of the flow of pathways: the most frequent one, and how a pathway ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
Steps = tuple[str, ...]
OTHER = "other"  # rare steps and rare pathways, put together
ENDS = v.codes(v.END_STATES)
COLOURS = "Width: episodes. Blue: the score improved over the step, orange: it got worse, grey: about the same or not known."


@finding("pathways")
def flow(released: Released) -> Finding:
    """The most frequent pathway with its episodes, and how the picture is to be read."""
    question, rows = "Which way do patients go?", released.tables["pathways"]
    if not any(row["n"] for row in rows):
        return nothing(question, "No two patients took steps that can be shown together.")
    hidden = any(row["n"] is None for row in rows)
    small = " Pathways whose number is withheld are not drawn." if hidden else ""
    if released.policy == "publish":  # rounded numbers do not tell with which step the rare ones begin
        small += " Other ways also hold rare pathways that begin with a step that has a name."
    sizes = _sizes(released)
    if not sizes:
        return Finding(question, "", f"{COLOURS}{small}")
    top = max(sizes, key=lambda steps: sizes[steps])
    episodes = f"{'' if is_whole(released, top) else 'at least '}{sizes[top]:,} episodes"
    reading = f"{COLOURS} Rare steps and pathways are \u201cother ways\u201d.{small}"
    return Finding(question, f"Most frequent: {w.pathway(top)} ({episodes}).", reading)


def _sizes(released: Released) -> Counter[Steps]:
    """The episodes of each pathway that begins with a treatment that has a name, of the numbers that are shown."""
    sizes: Counter[Steps] = Counter()
    for row in released.tables["pathways"]:
        if row["n"] is not None and row["steps"] and row["steps"][0] not in ("untreated", OTHER):
            sizes[tuple(row["steps"])] += row["n"]
    return sizes


def is_whole(released: Released, steps: Steps) -> bool:
    """True if all ends of a pathway are shown: none is withheld, and none may be pooled with those of other pathways."""
    rows = released.tables["pathways"]
    pools_ends = released.policy == "publish" and any(tuple(row["steps"]) == (OTHER,) for row in rows)
    return not pools_ends and all(row["n"] is not None for row in rows if tuple(row["steps"]) == steps)


@finding("pathways")
def endings(released: Released, *, chosen: Sequence[str] = ()) -> Finding:
    """The most frequent end of the chosen pathway, with its share where enough patients took it."""
    steps = tuple(chosen)
    question, ends = f"How did it end? {w.pathway(steps)}", ends_of(released, steps)
    known = {code: n for code, n in ends.items() if n is not None}
    if not known:
        return nothing(question, "Too few patients took this pathway for it to be shown.")
    total, whole, enough = sum(known.values()), is_whole(released, steps), has_shares(released, steps)
    best = max(known, key=lambda code: known[code])
    most = w.share(known[best] / total) if enough else w.count(known[best])
    answer = f"{total:,} episodes{'' if whole else ' in the ends that are shown'}; most often {w.treatment(best).lower()}, {most}."
    few = "" if enough else " Too few patients for shares."
    return Finding(question, f"{answer}{few}{'' if whole else ' Ends with very few patients are withheld.'}")


def ends_of(released: Released, steps: Steps) -> dict[str, int | None]:
    """The episodes of each end state of a pathway, in clinical order; None where a number of it is withheld."""
    counts: dict[str, list[int | None]] = {code: [] for code in ENDS}
    for row in rows_of(released, steps):
        if row["end_state"] in counts:
            counts[row["end_state"]].append(row["n"])
    return {code: None if None in found else sum(n or 0 for n in found) for code, found in counts.items() if found}


def rows_of(released: Released, steps: Steps) -> list[Row]:
    """The rows of one pathway, one for each end."""
    return [row for row in released.tables["pathways"] if tuple(row["steps"]) == steps]


def has_shares(released: Released, steps: Steps) -> bool:
    """True if enough patients took a pathway for shares of it: some row shows what rests on its own patients, and none is left out."""
    return is_whole(released, steps) and any(row["completeness"] is not None for row in rows_of(released, steps))
