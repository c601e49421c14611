"""What is missing from a figure, marked at its place: a cross at the top of its time or bar, a word beside its name; never a nought.

The marks are notes with a name, so that `figure` (see theme) can say above the chart what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.figures.marks import Series
from synapse_analytics.figures.theme import CROSS, EXPLAINED, Look, Note, note
from synapse_analytics.findings import words as w

TOO_FEW = f"{CROSS} too few patients to show"
ALONE = "n = ...: too few patients to show a share"
EACH = 5  # neighbours that are missing get a cross each up to so many, and share one in their middle beyond
NAMED = 2  # groups that are not drawn are named up to so many, so that the line stays short
ROW = 13  # px between the crosses of two series


def crosses(look: Look, given: Sequence[Series], *, xref: str = "x", yref: str = "paper", below: bool = False) -> list[Note]:
    """A cross over every point that a series lacks, in its colour; a series that has none at all is named."""
    marks: list[Note] = []
    row = 0
    for series in given:
        missing = _runs(series) if any(value is not None for value in series.y) else []
        for x, hover in missing:
            shift = ROW * row if below else -ROW * row
            mark = note(look, CROSS, x=x, xref=xref, y=0 if below else 1, yref=yref, yanchor="bottom" if below else "top", yshift=shift)
            mark |= {"font": mark["font"] | {"size": 14, "color": series.colour}, "hovertext": hover, "captureevents": True}
            marks.append(mark)
        row += bool(missing)
    unseen = [series.label for series in given if series.y and all(value is None for value in series.y)]
    if marks:
        marks.append(explained(look, TOO_FEW))
    return [*marks, *not_drawn(look, unseen, len(given))]


def not_drawn(look: Look, unseen: Sequence[str], of: int) -> list[Note]:
    """A sentence above the chart that names the groups of which nothing is drawn; none where that are all."""
    if not unseen or len(unseen) == of:
        return []
    named = ", ".join(unseen) if len(unseen) <= NAMED else f"{len(unseen)} of {of} groups"
    return [explained(look, f"not drawn, too few patients: {named}")]


def _runs(series: Series) -> list[tuple[float, str]]:
    """Where the crosses of a series stand, and what a hover says there."""
    runs: list[list[tuple[float, str]]] = [[]]
    for x, y, hover in zip(series.x, series.y, series.hover, strict=True):
        if y is None:
            runs[-1].append((x, hover))
        elif runs[-1]:
            runs.append([])
    found = []
    for run in runs:
        found += run if len(run) <= EACH else [((run[0][0] + run[-1][0]) / 2, f"{run[0][1]}<br>to<br>{run[-1][1]}")]
    return found


def word(look: Look, name: str | float, text: str = w.WITHHELD, *, xaxis: str = "x") -> Note:
    """A word at the start of the row of a name, where its value would be."""
    return note(look, f"<i>{text}</i>", x=0, xref=f"{xaxis} domain", xanchor="left", xshift=4, y=name, yref="y", yanchor="middle")


def left_out(look: Look, count: int, one: str, many: str) -> list[Note]:
    """A sentence above the chart that so many are not drawn, where they have no place on it."""
    return [explained(look, f"{count:,} {one if count == 1 else many} not drawn: too few patients")] if count else []


def alone(look: Look, rows: Sequence[Mapping[str, Any]], column: str) -> list[Note]:
    """What a count without its share means, where there is one."""
    return [explained(look, ALONE)] if any(row[column] is None and row["n"] for row in rows) else []


def explained(look: Look, text: str) -> Note:
    """What a mark means, which `figure` writes above the chart."""
    return note(look, text, name=EXPLAINED)
