"""The figures of who improved: responders by two denominators, and the bounds of what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import QUARTERS, share_bars
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout
from synapse_analytics.findings import improvement as said
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]


@figure(said.responders)
def responders(released: Released, look: Look) -> Figure:
    """The share that reached a preset, of those who answered and of all who were expected to."""
    rows, by = released.tables["groups"], released.options.get("by")
    given = [_responded(row, by, look.colour(by, row["group"])) for row in rows][::-1]
    return share_bars(
        look,
        given,
        "Share of those who answered, with 95 % interval (higher is better)",
        room=1.12,
        under=[_denominators(row) for row in reversed(rows)],
        height=m.bar_height(len(rows), extra=70) + 28 * len(rows),
    )


def _responded(row: Row, by: str | None, hue: str) -> m.Bar:
    name = w.group(by, row["group"])
    share = w.share(row["share"], width=w.width(row["low"], row["high"]))
    who = "share withheld" if row["share"] is None else f"{share} of those who answered"
    hover = m.hover(name, who, w.interval(row, row["share"]), w.part_of(row["responders"], row["n"], "who answered"), _of_expected(row))
    return m.Bar(name, row["share"], row["low"], row["high"], hue, share, hover)


def _denominators(row: Row) -> str:
    if row["responders"] is None or row["share_of_expected"] is None:
        return "too few to show a share" + ("" if row["n"] is None else f", {w.count(row['n'])} answered")
    return f"{w.part_of(row['responders'], row['n'], 'answered')}<br>{_of_expected(row)}"


def _of_expected(row: Row) -> str:
    """Of all who were expected, those who did not answer counted as not improved."""
    if row["share_of_expected"] is None:
        return "share of those expected withheld"
    return f"{w.share(row['share_of_expected'])} of {w.those(row['expected'])} expected"


@figure(said.bounds)
def bounds(released: Released, look: Look) -> Figure:
    """The share between two extremes: nobody who did not answer improved, or all of them did."""
    rows, by = [row for row in released.tables["bounds"] if row["expected"] != 0], released.options.get("by")
    data, ends = m.ranges(look, [_bound(row, by, look.colour(by, row["group"])) for row in rows])
    shared = layout(
        look,
        height=m.bar_height(len(rows), extra=80),
        xaxis=axis(look, "Share improved, of all expected (higher is better)", range=[0, 1.18], **QUARTERS),
        yaxis=m.names(look, showgrid=False, autorange="reversed"),
        annotations=ends,
    )
    return {"data": data, "layout": shared}


def _bound(row: Row, by: str | None, hue: str) -> m.Bar:
    name = w.group(by, row["group"])
    if row["worst"] is None or row["best"] is None:
        return m.Bar(name, None, None, None, hue, w.WITHHELD, m.hover(name, w.WITHHELD))
    worst, best = w.share(row["worst"]), w.share(row["best"])
    nobody = row["answered"] is None and "answered" not in row["withheld"]
    answered = "nobody has answered" if nobody else w.share_who(row["answered"], "of those who answered")
    expected = f"{w.count(row['expected'])} expected"
    hover = m.hover(name, answered, f"{worst} if none of those who did not answer improved", f"{best} if all of them did", expected)
    return m.Bar(name, row["answered"], row["worst"], row["best"], hue, f"{worst} to {best}", hover)
