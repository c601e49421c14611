"""The figure of the landmark comparison: each difference as it was and adjusted, with its interval and the line of no difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, note
from synapse_analytics.findings import injection_before_surgery as said

Row = Mapping[str, Any]
AXES = {"operated": ("fewer of 100 had surgery", "more of 100 had surgery", 100), "day_of_surgery": ("days earlier", "days later", 1)}
LEFT, RIGHT = "\u2190", "\u2192"


@figure(said.differences)
def differences(released: Released, look: Look, *, measure: str) -> Figure:
    """With minus without an injection: a dot for each landmark and method, at the latest time that may be shown."""
    less, more, scale = AXES.get(measure, ("points lower", "points higher", 1))
    rows = said.shown(released, measure)
    names, hidden = (
        [f"{said.METHODS[row['method']]}, day {row['landmark']}" for row in given] for given in (rows, said.withheld(released, measure))
    )
    tints = [look.one if row["method"] == said.ADJUSTED else look.quiet for row in rows]
    values = [tuple(None if row[name] is None else scale * row[name] for name in ("difference", "low", "high")) for row in rows]
    reach = 1.15 * max(abs(end) for each in values for end in each if end is not None) or 1
    hovers = [m.hover(name, said.measure_name(row), said.difference(row)) for name, row in zip(names, rows, strict=True)]
    dots = m.points([value for value, *_ in values], names, hovers, color=tints, size=11, line={"color": look.paper, "width": 1})
    limits = [(name, value, low, high) for name, (value, low, high) in zip(names, values, strict=True)]
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4, "x": 0, "xref": "x"}
    shared = layout(
        look,
        height=m.bar_height(len(rows) + len(hidden), extra=90),
        margin={"l": 12, "r": 18, "t": 34, "b": 51},
        xaxis=axis(look, "Difference with 95 % interval", range=[-reach, reach]),
        yaxis=m.names(look, showgrid=False, autorange="reversed", categoryarray=[*names, *hidden]),
        shapes=[m.upright(0, color=look.same, width=1.4)],
        annotations=[
            *(gaps.word(look, name) for name in hidden),
            note(look, f"{LEFT} {less}", xanchor="right", xshift=-6, **above),
            note(look, f"{more} {RIGHT}", xanchor="left", xshift=6, **above),
        ],
    )
    return {"data": [dots, *m.whiskers(look, limits)], "layout": shared}
