"""What the figures of a comparison share: the colours of the two treatments, and dots with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import SMALLEST, Figure, Look, Note, axis, layout, note
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import has_row, inside, shown_as

Row = Mapping[str, Any]
STAGES = {term.code: term.stage for term in (*v.TREATMENTS, *v.TREATMENT_CLASSES)} | {
    term.code: term.stage if term.done else "conservative" for term in v.STRATEGIES
}
SYMBOLS = {"a": "circle", "b": "diamond"}  # a second cue beside the colour
GLYPHS = {"a": "\u25cf", "b": "\u25c6"}


def colours(released: Released, look: Look) -> dict[str, str]:
    """The fixed colour of each treatment; the second has none where both are of one stage, whose colours are alike."""
    a, b = (str(released.options[arm]) for arm in ("a", "b"))
    return {"a": look.treatment(a), "b": look.one if STAGES[a] == STAGES[b] else look.treatment(b)}


def dots(answer: Released, look: Look, given: Sequence[tuple[str, str, Row]]) -> Figure:
    """One dot with its interval a row, the line of no difference, and which side means what; a row is given with its name and what stands under it."""
    rows, places = [row for _, _, row in given], list(range(len(given)))
    reach = max(abs(end) for row in rows for end in (row["low"], row["high"], row["difference"]) if end is not None) * 1.1
    reach = max(reach, 0.05)
    write = shown_as(answer)
    texts = [w.with_interval(row["difference"], row["low"], row["high"], write) if has_row(row) else "not known" for row in rows]
    hovers = [m.hover(title, text, under) for (title, under, _), text in zip(given, texts, strict=True)]
    points = m.points([row["difference"] for row in rows], places, hovers, color=look.one, size=11, line={"color": look.paper, "width": 1})
    limits = [(place, row["difference"], row["low"], row["high"]) for place, row in zip(places, rows, strict=True)]
    small = f'<br><span style="font-size:{SMALLEST}px;color:{look.quiet}">%s</span>'
    ticks = [title + (small % under if under else "") for title, under, _ in given]
    right = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "yanchor": "middle", "align": "left"}
    tall = 44 if any(under for _, under, _ in given) else 30
    shared = layout(
        look,
        height=135 + tall * len(given),
        margin={"l": 12, "r": 130, "t": 54, "b": 66},
        xaxis=axis(look, "Difference in points with 95 % interval; 0 is no difference", range=[-reach, reach]),
        yaxis=m.names(look, showgrid=False, range=[len(given) - 0.5, -0.5], tickvals=places, ticktext=ticks),
        shapes=[m.upright(0, color=look.same, width=1.4)],
        annotations=[*(note(look, text, y=place, **right) for place, text in enumerate(texts)), *_sides(answer, look)],
    )
    return {"data": [points, *m.whiskers(look, limits)], "layout": shared}


def _sides(released: Released, look: Look) -> list[Note]:
    """Which side of zero means what, in words above the chart."""
    lower = w.instrument(released.options["outcome"]).better == "lower"
    left, right = (inside(released, arm) for arm in ("ab" if lower else "ba"))
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6, "x": 0, "xref": "x"}
    return [
        note(look, f"\u2190 {left}<br>did better", align="right", xanchor="right", xshift=-10, **above),
        note(look, f"{right} \u2192<br>did better", align="left", xanchor="left", xshift=10, **above),
    ]
