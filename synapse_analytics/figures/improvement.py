"""The figures of who improved: responders by two denominators, and the bounds of what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import findings as f
from synapse_analytics.figures import marks as m
from synapse_analytics.figures import words as w
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, nothing

Row = Mapping[str, Any]


@figure
def responders(released: Released, look: Look) -> Figure:
    """The share that reached a preset, of those who answered and of all who were expected to."""
    rows, by = released.tables["groups"], released.options.get("by")
    preset = v.find(v.PRESETS, released.options["preset"])
    given = []
    for place, row in reversed(list(enumerate(rows))):
        name = w.group(by, row["group"])
        limits = w.between(row["low"], row["high"], w.share)
        hover = m.hover(
            name,
            w.share_who(row["share"], "of those who answered"),
            f"95 % interval {limits}" if limits else "",
            w.part_of(row["responders"], row["n"], "who answered"),
            _of_expected(row),
        )
        given.append(
            m.Bar(name, row["share"], row["low"], row["high"], w.colour(by, row["group"], place, look.one), w.share(row["share"]), hover)
        )
    under = [_denominators(row) for row in reversed(rows)]
    shared = layout(
        look,
        f"How many {'reached' if preset.kind == 'state' else 'improved by'} {preset.label} after {released.options['month']} months?",
        _reached(rows, by),
        height=m.bar_height(len(rows), extra=86) + 14 * len(rows),
        xaxis=axis(
            look,
            "Share of those who answered, with 95 % interval (higher is better)",
            range=[0, 1.12],
            tickformat=".0%",
            tickvals=[0, 0.25, 0.5, 0.75, 1],
        ),
        yaxis=axis(
            look,
            "",
            showgrid=False,
            tickfont={"size": 13, "color": look.text},
            tickvals=[bar.label for bar in given],
            ticktext=[
                f'{bar.label}<br><span style="font-size:11px;color:{look.quiet}">{below}</span>'
                for bar, below in zip(given, under, strict=True)
            ],
        ),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _denominators(row: Row) -> str:
    if row["responders"] is None or row["share_of_expected"] is None:
        return "too few for a share" + ("" if row["n"] is None else f", {w.count(row['n'])} answered")
    return f"{w.part_of(row['responders'], row['n'], 'answered')}; {_of_expected(row)}"


def _of_expected(row: Row) -> str:
    """Of all who were expected, those who did not answer counted as not improved."""
    if row["share_of_expected"] is None:
        return "share of those expected withheld"
    return f"{w.share(row['share_of_expected'])} of {w.those(row['expected'])} expected"


def _reached(rows: Sequence[Row], by: str | None) -> str:
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return "Too few answers to be shown."
    if len(rows) == 1:
        row = known[0]
        of_all = (
            ""
            if row["share_of_expected"] is None
            else f" Of {w.those(row['expected'])} expected, counting those who did not answer as not improved: {w.share(row['share_of_expected'])}."
        )
        return f"{w.with_interval(row['share'], row['low'], row['high'], w.share)} of {w.those(row['n'])} who answered.{of_all}"
    groups = f.compared(rows, by, "share", "n")
    return f"Of those who answered: {groups.ends(w.share)}.{groups.rest}" if groups.may_be_said else groups.none


@figure
def bounds(released: Released, look: Look) -> Figure:
    """The share between two extremes: nobody who did not answer improved, or all of them did."""
    rows = [row for row in released.tables["bounds"] if row["expected"] != 0]
    known = [row for row in rows if row["worst"] is not None and row["best"] is not None]
    question = "What if those who did not answer differ?"
    if not known:
        return nothing(look, "Too few patients were expected for this to be shown.", question)
    by, first = released.options.get("by"), known[0]
    said = "Each line runs from \u201cnone of them improved\u201d to \u201call did\u201d; the point is the share of those who answered."
    if len(released.tables["bounds"]) == 1:
        said = f"Between {w.share(first['worst'])} (none of them improved) and {w.share(first['best'])} (all did)."
    data, ends = m.ranges(look, [_bound(row, by, w.colour(by, row["group"], place, look.one)) for place, row in enumerate(rows)])
    title = "Share improved of all expected (higher is better)"
    shared = layout(
        look,
        question,
        said,
        height=m.bar_height(len(rows), extra=80),
        xaxis=axis(look, title, range=[0, 1.18], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]),
        yaxis=m.names(look, showgrid=False, autorange="reversed"),
        annotations=ends,
    )
    return {"data": data, "layout": shared}


def _bound(row: Row, by: str | None, colour: str) -> m.Bar:
    name = w.group(by, row["group"])
    if row["worst"] is None or row["best"] is None:
        return m.Bar(name, None, None, None, colour, w.WITHHELD, m.hover(name, w.WITHHELD))
    hover = m.hover(
        name,
        f"{w.share(row['answered'])} of those who answered",
        f"{w.share(row['worst'])} if none of the others improved",
        f"{w.share(row['best'])} if all of them did",
        f"{w.count(row['expected'])} expected",
    )
    return m.Bar(name, row["answered"], row["worst"], row["best"], colour, f"{w.share(row['worst'])} to {w.share(row['best'])}", hover)
