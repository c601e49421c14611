"""The figures of patients like mine: what became of them as one hundred people, what they received, how they scored later, who improved and who was operated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import share_bars
from synapse_analytics.figures.icons import Hundred, icons
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, note
from synapse_analytics.findings import alike as words
from synapse_analytics.findings import care
from synapse_analytics.findings import patients_like_mine as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
Draw = Callable[[Sequence[Row], int], list[m.Trace]]  # the rows of one panel, and its place


@figure(said.alike)
def alike(released: Released, look: Look) -> Figure:
    """Who was operated within a year and who had clearly improved at 12 months, each as one hundred people; what is withheld is not drawn."""
    given, (operated_, better) = [], words.year(released)
    if operated_ is not None:
        given.append(_hundred(("Had surgery", "within a year"), operated_, look.treatment("surgery")))
    if better is not None:
        label = (w.capital(words.improved(words.headline(released))), "at 12 months")
        given.append(_hundred(label, better, look.better, f"of {better['n']:,} who answered"))
    return icons(look, given)


def _hundred(label: Sequence[str], row: Row, colour: str, *more: str) -> Hundred:
    limits = words.limits(row["low"], row["high"])
    return Hundred(label, words.hundreds(row["share"]), (words.of_100(row["share"]) + (f" ({limits})" if limits else ""), *more), colour)


@figure(said.received)
def received(released: Released, look: Look) -> Figure:
    """The orders of treatment, the most frequent first."""
    every = released.tables["pathways"]
    rows = [row for row in every if row["share"] is not None]
    return share_bars(
        look,
        [_received(row, look) for row in reversed(rows)],
        "Share of similar patients",
        upto=max(row["share"] for row in rows),
        room=1.3,
        height=m.bar_height(len(rows), extra=80),
        annotations=gaps.left_out(look, len(every) - len(rows), "order is", "orders are"),
    )


def _received(row: Row, look: Look) -> m.Bar:
    steps, text = care.pathway(row["steps"]), f"{w.share(row['share'])}  \u00b7  {w.count(row['n'])}"
    unit = care.units_of(row["steps"][0])[0]
    colour = look.treatment(unit)
    return m.Bar(w.wrapped(steps, 46), row["share"], None, None, colour, text, m.hover(steps, text))


@figure(said.scores)
def scores(released: Released, look: Look, *, instrument: str) -> Figure:
    """Median, quartiles and the middle 80 % of the score at each month, of all and by the highest stage of care."""
    term = w.instrument(instrument)

    def draw(cells: Sequence[Row], place: int) -> list[m.Trace]:
        return [trace for row in cells for trace in _spread(row, look, place)]

    return _by_month(
        look, said.scored(released, instrument), draw, needs="median", title=w.scale(instrument), span=(float(term.low), float(term.high))
    )


def _by_month(look: Look, rows: Sequence[Row], draw: Draw, *, needs: str, **panels: Any) -> Figure:
    """A panel for each month with a row for each group; a word stands where a panel has no row of a group, or no value of what it `needs`."""
    groups, months = in_order(rows, "group"), in_order(rows, "month")
    axes, notes = _panels(look, [f"{month} months" for month in months], **panels)
    data: list[m.Trace] = []
    for place, month in enumerate(months):
        cells = {row["group"]: row for row in rows if row["month"] == month}
        data += draw([cells[group] for group in groups if group in cells], place)
        shown = {group for group, row in cells.items() if row[needs] is not None}
        xaxis = m.axis_name("x", place)
        notes += [gaps.word(look, _group(group), "too few", xaxis=xaxis) for group in groups if group not in shown]
    names = [_group(group) for group in reversed(groups)]
    shared = layout(
        look,
        height=m.bar_height(len(groups), extra=110),
        margin={"l": 12, "r": 24, "t": 34, "b": 56},
        yaxis=m.names(look, showgrid=False, categoryorder="array", categoryarray=names),
        annotations=notes,
        **axes,
    )
    return {"data": data, "layout": shared}


def _panels(
    look: Look, names: Sequence[str], title: str, span: tuple[float, float], **more: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Small multiples side by side with one shared scale: the x axes (`xaxis`, `xaxis2` ...) and the headings."""
    gap = 0.03 if len(names) > 4 else 0.045
    width = (1 - gap * (len(names) - 1)) / len(names)
    axes, headings = {}, []
    for place, name in enumerate(names):
        start = place * (width + gap)
        middle = start + width / 2
        axes[m.axis_name("xaxis", place)] = axis(
            look,
            title if len(names) == 1 else "",
            domain=[start, start + width],
            range=list(span),
            nticks=4 if len(names) > 1 else 12,
            **more,
        )
        headings.append(
            note(look, f"<b>{name}</b>", x=middle, xref="paper", xanchor="center", y=1, yref="paper", yanchor="bottom", yshift=4)
        )
    if len(names) > 1:
        headings.append(note(look, title, x=0.5, xref="paper", xanchor="center", y=0, yref="paper", yanchor="top", yshift=-26))
    return axes, headings


def _spread(row: Row, look: Look, place: int) -> list[m.Trace]:
    """A thin line over the middle 80 %, a thick one over the middle half, a point at the median."""
    colour, y = _stage_colour(row["group"], look), _group(row["group"])
    where = {"xaxis": m.axis_name("x", place), "yaxis": "y"}
    traces = [
        where | m.line([row[low], row[high]], [y, y], color=colour, width=width)
        for low, high, width in (("p10", "p90", 2), ("q1", "q3", 8))
        if row[low] is not None and row[high] is not None
    ]
    followed = "" if row["completeness"] is None else f"{w.share(row['completeness'])} of {w.those(row['expected'])} expected answered"
    spans = {
        "middle half": w.between(row["q1"], row["q3"], said.one_decimal),
        "middle 80 %": w.between(row["p10"], row["p90"], said.one_decimal),
    }
    parts = [f"{span} {limits}" for span, limits in spans.items() if limits]
    hover = m.hover(f"{y}, {row['month']} months", f"median {said.one_decimal(row['median'])}", *parts, w.n_of(row["n"]), followed)
    return [*traces, where | m.points([row["median"]], [y], [hover], color=colour, size=12, line={"color": look.paper, "width": 2})]


def _group(code: str) -> str:
    return words.RECEIVED.get(code) or care.treatment(code)


def _stage_colour(code: str, look: Look) -> str:
    return look.colour("highest_stage", code)


@figure(said.responders)
def responders(released: Released, look: Look) -> Figure:
    """The share that improved by the preset of pain, at each month, of all and by stage."""

    def draw(cells: Sequence[Row], place: int) -> list[m.Trace]:
        return m.bars(look, [_improved(row, look) for row in reversed(cells)], xaxis=m.axis_name("x", place))

    marks = {"title": "Share of those who answered (higher is better)", "span": (0, 1.8), "tickformat": ".0%", "tickvals": [0, 0.5, 1]}
    return _by_month(look, said.improved(released), draw, needs="group", **marks)  # a bar writes itself that its share is withheld


def _improved(row: Row, look: Look) -> m.Bar:
    name = _group(row["group"])
    hover = m.hover(f"{name}, {row['month']} months", w.with_interval(row["share"], row["low"], row["high"], w.share), w.n_of(row["n"]))
    share = w.share(row["share"], width=w.width(row["low"], row["high"]))
    size = "" if row["share"] is None else f" \u00b7 {w.n_of(row['n'])}"
    return m.Bar(name, row["share"], row["low"], row["high"], _stage_colour(row["group"], look), f"{share}{size}", hover)


@figure(said.operated)
def operated(released: Released, look: Look) -> Figure:
    """The share operated within 3, 6 and 12 months, by Aalen and Johansen."""
    rows = released.tables["surgery"]
    top = max(row["high"] or row["incidence"] for row in rows if row["incidence"] is not None)
    given, title = [_operated(row, look) for row in reversed(rows)], "Share of similar patients who had surgery"
    return share_bars(look, given, title, upto=min(top, 1.0), room=1.9, height=m.bar_height(len(rows), extra=80))


def _operated(row: Row, look: Look) -> m.Bar:
    left = "" if row["at_risk"] is None else f"  \u00b7  {w.count(row['at_risk'])} still followed"
    label, text = f"Within {row['month']} months", w.with_interval(row["incidence"], row["low"], row["high"], w.share) + left
    return m.Bar(label, row["incidence"], row["low"], row["high"], look.treatment("surgery"), text, m.hover(label, text))
