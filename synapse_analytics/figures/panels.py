"""Small multiples: a panel for each group on shared axes; of lines each panel has its own in colour before all others in grey.

Panels are read from left to right like a page. How many stand side by side is decided by the width there is: the figure is made for a
wide page, and `ARRANGED` says how its axes lie on narrower ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import ARRANGED, FONT, SMALLEST, Figure, Look, Note, axis, layout, note

MOST = 12  # panels that can be read; of more groups the largest are drawn
COLUMNS = ((560, 1), (900, 2), (1180, 3), (10_000, 4))  # up to so many px wide, so many panels side by side
ACROSS = 0.045  # of the width, between two panels
HEADING, TICKS = 30, 40  # px above and below a panel
KEY_LINE = 18
BEHIND = "behind"  # says of a trace that its lines are those of other panels, where they have their marks
Axis = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """A group: its line, how many it is (None = withheld), what stands under each tick, and two points of its dashed line."""

    series: m.Series
    size: int | None
    ticks: Axis = field(default_factory=dict)
    dashed: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What the panels share: both axes with their ranges, and the lines of words above them."""

    xaxis: Axis
    yaxis: Axis
    words: Sequence[str]
    points: bool = True
    step: bool = False


def largest(sizes: Mapping[str, int | None], shown: str = "") -> list[str]:
    """The groups that have a panel, in their order: the one that is shown, else as many as can be read, the largest."""
    if shown in sizes:
        return [shown]
    kept = sorted(sizes, key=lambda group: -(sizes[group] or 0))[:MOST]
    return [group for group in sizes if group in kept]


def side_by_side(look: Look, given: Mapping[str, Panel], shared: Shared, by: str | None, shown: str = "") -> Figure:
    """A panel of a line for each group that has a point, before the lines of all others in grey; who has none is named above."""
    drawn = {group: panel for group, panel in given.items() if any(value is not None for value in panel.series.y)}
    kept = largest({group: panel.size for group, panel in drawn.items()}, shown)
    data: list[m.Trace] = []
    notes = fewer(look, len(kept), len(drawn))
    notes += gaps.not_drawn(look, [panel.series.label for group, panel in given.items() if group not in drawn], len(given))
    for place, group in enumerate(kept):
        x, y = m.axis_name("x", place), m.axis_name("y", place)
        own = replace(drawn[group].series, colour=look.colour(by, group))
        others = [panel.series for other, panel in drawn.items() if other != group]
        data += [_grey(look, others, shared, (x, y)), *_dashed(look, drawn[group], x, y)]
        data += m.lines(look, [own], points=shared.points, step=shared.step, axes=(x, y))
        notes += gaps.crosses(look, [own], xref=x, yref=f"{y} domain")
    headings = [(drawn[group].series.label, drawn[group].size) for group in kept]
    shared_layout = grid(look, headings, shared, [drawn[group].ticks for group in kept])
    shared_layout["annotations"] += notes
    return {"data": data, "layout": shared_layout}


def fewer(look: Look, kept: int, of: int) -> list[Note]:
    """A sentence above the panels where they are not all groups."""
    return [gaps.explained(look, f"the {kept} largest of {of} groups")] if 1 < kept < of else []


def grid(look: Look, headings: Sequence[tuple[str, int | None]], shared: Shared, ticks: Sequence[Axis] = ()) -> dict[str, Any]:
    """The layout of so many panels: name and size of each above it, the shared axes, and the words above all."""
    count = len(headings)
    height = 300 if count == 1 else 200 if count <= COLUMNS[-1][1] else 150  # px of a panel
    arranged = [{"upto": upto, **_arranged(count, min(columns, count), height)} for upto, columns in COLUMNS]
    base = arranged[-1]
    small = {"tickfont": {"size": SMALLEST, "color": look.quiet}, "automargin": False}
    axes: dict[str, Any] = {}
    notes: list[Note] = []
    for place, (name, size) in enumerate(headings):
        x, y = m.axis_name("x", place), m.axis_name("y", place)
        under = ticks[place] if ticks else {}
        across, up = m.axis_name("xaxis", place), m.axis_name("yaxis", place)
        axes[across] = axis(look, "", anchor=y, tickangle=0, **small) | shared.xaxis | under | base["axes"][across]
        axes[up] = axis(look, "", anchor=x, nticks=4, **small) | shared.yaxis | base["axes"][up]
        notes.append(_heading(look, name, size, (x, y)))
    top = HEADING + KEY_LINE * sum(1 + text.count("<br>") for text in shared.words)
    given = layout(
        look,
        height=base["plot"] + top + TICKS + 8,
        margin={"l": 38, "r": 14, "t": top, "b": TICKS + 8},
        annotations=[*notes, *_words(look, shared.words)],
        **axes,
    )
    given["meta"][ARRANGED] = [{"upto": one["upto"], "axes": one["axes"], "taller": one["plot"] - base["plot"]} for one in arranged]
    return given


def narrow(given: dict[str, Any], wide: Axis, telephone: Axis) -> None:
    """Give the x axis of a layout other words on a narrow page."""
    ends = ((COLUMNS[0][0], telephone), (COLUMNS[-1][0], wide))
    given["meta"][ARRANGED] = [{"upto": upto, "axes": {"xaxis": own}, "taller": 0} for upto, own in ends]


def _arranged(count: int, columns: int, height: int) -> dict[str, Any]:
    """Where each axis lies with so many panels side by side, and how high the panels are together."""
    rows = -(-count // columns)
    plot = rows * height + (rows - 1) * (HEADING + TICKS)
    width = (1 - ACROSS * (columns - 1)) / columns
    axes: dict[str, dict[str, list[float]]] = {}
    for place in range(count):
        row, column = divmod(place, columns)
        left, top = column * (width + ACROSS), 1 - row * (height + HEADING + TICKS) / plot
        axes[m.axis_name("xaxis", place)] = {"domain": [left, min(left + width, 1.0)]}
        axes[m.axis_name("yaxis", place)] = {"domain": [max(top - height / plot, 0.0), top]}
    return {"axes": axes, "plot": plot}


def _grey(look: Look, others: Sequence[m.Series], shared: Shared, axes: tuple[str, str]) -> m.Trace:
    """All other lines as one trace, with a gap between two of them."""
    xs = [value for one in others for value in (*one.x, None)]
    ys = [value for one in others for value in (*one.y, None)]
    return m.line(xs, ys, color=look.line, width=1, shape="hv" if shared.step else "linear") | {
        "xaxis": axes[0],
        "yaxis": axes[1],
        "connectgaps": False,
        "meta": BEHIND,
    }


def _dashed(look: Look, panel: Panel, x: str, y: str) -> list[m.Trace]:
    if panel.dashed is None:
        return []
    xs, ys = zip(*panel.dashed, strict=True)
    return [m.line(xs, ys, color=look.quiet, width=1.2, dash="dash") | {"xaxis": x, "yaxis": y}]


def _heading(look: Look, name: str, size: int | None, axes: tuple[str, str]) -> Note:
    text = f"<b>{name}</b>" + ("" if size is None else f' <span style="color:{look.quiet}">n = {size:,}</span>')
    above = {"x": 0, "xref": f"{axes[0]} domain", "xanchor": "left", "y": 1, "yref": f"{axes[1]} domain", "yanchor": "bottom", "yshift": 4}
    return note(look, text, **above) | {"font": {"size": 13, "color": look.text, "family": FONT}}


def _words(look: Look, words: Sequence[str]) -> list[Note]:
    above = {"x": 0, "xref": "paper", "xanchor": "left", "align": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": HEADING}
    return [note(look, "<br>".join(words), **above)] if words else []
