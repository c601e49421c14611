"""The figures of how differently patients change: the distribution, and the score afterwards against the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, Note, axis, in_order, layout, nothing, old_figure
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]


@old_figure
def changes(released: Released, look: Look) -> Figure:
    """How the changes are distributed: bins, better on one side, worse on the other."""
    rows, by = released.tables["bins"], released.options.get("by")
    instrument = released.options["instrument"]
    better = w.instrument(instrument).better
    if not rows:
        return nothing(
            look, "Nobody in this cohort answered this score at both times.", f"How differently did {w.thing(instrument)} change?"
        )
    groups = in_order(rows, "group")
    drawn = [row for row in rows if row["share"] != 0] or rows
    width = min(row["to"] - row["from"] for row in rows)  # where neighbours are one bin, the bar is as wide as both
    span = (min(row["from"] for row in drawn) - width, max(row["to"] for row in drawn) + width)
    shown = {row["group"] for row in rows if row["share"] is not None}
    names = [w.group(by, group) + ("" if group in shown else ": too few") for group in groups]
    title = f"Change in {w.thing(instrument)}, {'negative' if better == 'lower' else 'positive'} is better"
    axes, headings = m.panels(look, names, title, span)
    data: list[m.Trace] = []
    hidden: list[Note] = []
    for place, group in enumerate(groups):
        mine = [row for row in rows if row["group"] == group]
        hidden += _hidden(look, mine, m.axis_name("x", place)) if group in shown else []
        data.append(
            {
                "type": "bar",
                "xaxis": m.axis_name("x", place),
                "yaxis": "y",
                "x": [(row["from"] + row["to"]) / 2 for row in mine],
                "width": [(row["to"] - row["from"]) * 0.92 for row in mine],
                "y": [row["share"] for row in mine],
                "marker": {"color": [_side(row, better, look) for row in mine]},
                "hoverinfo": "text",
                "hovertext": [
                    m.hover(f"{w.number(r['from'], 1)} to {w.number(r['to'], 1)}", w.share(r["share"]), m.n_of(r["n"])) for r in mine
                ],
            }
        )
    shared = layout(
        look,
        f"How differently do patients change by {released.options['month']} months?",
        _sides(rows, better, by),
        height=320,
        margin={"l": 12, "r": 18, "t": 34 if len(groups) > 1 else 12, "b": 54},
        yaxis=axis(look, "Share of those who answered", tickformat=".0%", rangemode="tozero"),
        annotations=[*(headings if len(groups) > 1 else []), *hidden],
        bargap=0.06,
        **axes,
    )
    return {"data": data, "layout": shared}


def _hidden(look: Look, rows: Sequence[Row], xref: str) -> list[Note]:
    """A cross in the place of each bar that is withheld: an empty place would be nobody."""
    x = [(row["from"] + row["to"]) / 2 for row in rows]
    hovers = [f"{w.number(row['from'], 1)} to {w.number(row['to'], 1)}: {w.share(row['share'])}" for row in rows]
    y, none = [row["share"] for row in rows], [None] * len(rows)
    return gaps.crosses(look, [m.Series("", look.quiet, x, y, none, none, hovers)], xref=xref)


def _side(row: Row, better: str, look: Look) -> str:
    middle = (row["from"] + row["to"]) / 2
    if row["from"] <= 0 < row["to"] and abs(middle) <= (row["to"] - row["from"]) / 2:
        return look.same
    return look.better if (middle < 0) == (better == "lower") else look.worse


def _sides(rows: Sequence[Row], better: str, by: str | None) -> str:
    """The answer in shares of everybody who answered, never of the bars alone."""
    colours = "Blue: better; orange: worse; grey: the bar that holds no change."
    if any(row["n"] is None for row in rows):
        return f"Some bars are withheld: too few patients, so no share of all is said. {colours}"
    groups = [_sides_of([row for row in rows if row["group"] == group], better) for group in in_order(rows, "group")]
    if len(groups) > 1:
        compared = f.compared(groups, by, "share", "n")
        amount = "; ".join(dict.fromkeys(group["better"] for group in groups))  # where neighbours are one bar, groups may differ
        return f"{amount.capitalize()}: {compared.ends(w.share)}. {colours}{compared.rest}" if compared.may_be_said else compared.none
    (found,) = groups
    if found["share"] is None or any(row["share"] is None for row in rows):
        return "Too few answers for shares to be shown."
    said = [f"{w.share(n / found['n'])} {words}" for n, words in found["parts"]]
    return f"Of {found['n']:,} who answered {', '.join(said)}. {colours}"


def _sides_of(rows: Sequence[Row], better: str) -> dict[str, Any]:
    """How many changes of one group lie below, in and above the bar that holds no change; neighbours may be one bar."""
    n = sum(row["n"] for row in rows)
    (middle,) = [row for row in rows if row["from"] <= 0 < row["to"]]
    below, above = (
        sum(row["n"] for row in rows if row["to"] <= middle["from"]),
        sum(row["n"] for row in rows if row["from"] >= middle["to"]),
    )
    down, up = ("got better", "got worse") if better == "lower" else ("got worse", "got better")
    low, high = (f"{abs(middle[end]):g}" for end in ("from", "to"))
    same = f"stayed the same or {up} by less than {high}" if middle["from"] == 0 else f"changed by less than {low} down or {high} up"
    parts = [
        (below, f"{down} by any amount" if middle["from"] == 0 else f"{down} by more than {low}"),
        (middle["n"], same),
        (above, f"{up} by {high} or more"),
    ]
    good, words = parts[0] if better == "lower" else parts[-1]
    return {"group": rows[0]["group"], "n": n, "share": good / n if n else None, "better": words, "parts": parts}


@old_figure
def against_baseline(released: Released, look: Look) -> Figure:
    """The follow-up score for each baseline score: mean with 95 % interval, and the line of no change."""
    rows, by = released.tables["by_baseline"], released.options.get("by")
    instrument = released.options["instrument"]
    question = "Where do patients end up, from where they started?"
    if all(row["mean"] is None for row in rows):
        return nothing(look, "Too few patients at each baseline score to be shown.", question)
    given = []
    for place, group in enumerate(in_order(rows, "group")):
        mine = _answered([row for row in rows if row["group"] == group])
        name = w.group(by, group)
        x = [(row["from"] + row["to"]) / 2 for row in mine]
        hovers = [
            m.hover(
                f"{name}, baseline {w.number(r['from'], 0)} to {w.number(r['to'], 0)}",
                f"mean {w.with_interval(r['mean'], r['low'], r['high'])} later",
                m.n_of(r["n"]),
            )
            for r in mine
        ]
        given.append(
            m.Series(
                name,
                look.colour(by, group, place),
                x,
                [r["mean"] for r in mine],
                [r["low"] for r in mine],
                [r["high"] for r in mine],
                hovers,
            )
        )
    term = w.instrument(instrument)
    shared = layout(
        look,
        question,
        f"Mean score after {released.options['month']} months for each score at the first visit, with 95 % interval. On the dotted line nothing changed; {'below' if term.better == 'lower' else 'above'} it patients improved.",
        height=380,
        margin={"l": 12, "r": m.label_margin(given) if len(given) > 1 else 24, "t": 12, "b": 48},
        xaxis=axis(look, f"{term.label} at the first visit", range=[term.low, term.high]),
        yaxis=axis(look, w.wrapped(f"After {released.options['month']} months, {w.BETTER[term.better]}", 44), range=[term.low, term.high]),
        shapes=[
            {
                "type": "line",
                "x0": term.low,
                "y0": term.low,
                "x1": term.high,
                "y1": term.high,
                "line": {"color": look.line, "width": 1.2, "dash": "dot"},
            }
        ],
        annotations=[
            *(m.end_labels(look, given, (term.low, term.high), 380) if len(given) > 1 else []),
            *gaps.crosses(look, given),
        ],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _answered(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows from the first to the last baseline that anybody had."""
    there = [place for place, row in enumerate(rows) if row["n"] != 0]
    return rows[there[0] : there[-1] + 1] if there else ()
