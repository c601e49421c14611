"""The figures of patients like mine: what they received, how they scored later, who improved and who was operated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, Note, axis, layout, nothing, old_figure
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
ALL = "all"
FEW = "too few"
NONE_YET = "Too few patients are alike to show this."


@old_figure
def received(released: Released, look: Look) -> Figure:
    """The orders of treatment, the most frequent first."""
    question = "What did they receive, in which order?"
    rows = [row for row in released.tables.get("pathways", ()) if row["share"] is not None]
    if not rows:
        return nothing(look, NONE_YET, question)
    given = []
    for row in rows[::-1]:
        words = " \u2192 ".join(w.step(step) for step in row["steps"])
        text = f"{w.share(row['share'])}  \u00b7  {w.count(row['n'])}"
        given.append(m.Bar(w.wrapped(words, 46), row["share"], None, None, _colour(row["steps"][0], look), text, m.hover(words, text)))
    first = rows[0]
    steps = " \u2192 ".join(w.step(step) for step in first["steps"])
    shared = layout(
        look,
        question,
        f"{'Most often: ' if first['steps'] != ('other',) else ''}{steps}, {w.share(first['share'])} of them. The colour is that of the first step.",
        height=m.bar_height(len(rows), extra=80),
        xaxis=axis(look, "Share of these episodes", range=[0, max(row["share"] for row in rows) * 1.3], tickformat=".0%"),
        yaxis=m.names(look, showgrid=False),
        annotations=gaps.left_out(look, len(released.tables["pathways"]) - len(rows), "order is", "orders are"),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _colour(step: str, look: Look) -> str:
    unit = w.units_of(step)[0]
    terms: tuple[v.Term, ...] = (*v.TREATMENTS, *v.TREATMENT_CLASSES)
    return next((term.colour for term in terms if term.code == unit), look.quiet)


@old_figure
def scores(released: Released, look: Look, *, instrument: str) -> Figure:
    """Median, quartiles and the middle 80 % of the score at each month, of all and by the highest stage of care."""
    question = f"What was their {w.thing(instrument)} later?"
    rows = [row for row in released.tables.get("outcomes", ()) if row["instrument"] == instrument and row["n"] != 0]
    known = [row for row in rows if row["median"] is not None]
    if not known:
        return nothing(look, NONE_YET, question)
    groups, months = in_order(rows, "group"), in_order(rows, "month")
    span = (w.instrument(instrument).low * 1.0, w.instrument(instrument).high * 1.0)
    axes, headings = m.panels(look, [f"{month} months" for month in months], w.scale(instrument), span)
    data: list[dict[str, Any]] = []
    for place, month in enumerate(months):
        cells = {row["group"]: row for row in rows if row["month"] == month}
        data += [trace for group in groups if group in cells for trace in _spread(cells[group], look, place)]
        headings += _hidden(look, groups, [row for row in cells.values() if row["median"] is not None], place)
    shared = layout(
        look,
        question,
        _later(known),
        height=m.bar_height(len(groups), extra=110),
        margin={"l": 12, "r": 18, "t": 34, "b": 56},
        yaxis=m.names(look, showgrid=False, categoryorder="array", categoryarray=[_group(group) for group in groups[::-1]]),
        annotations=headings,
        **axes,
    )
    return {"data": data, "layout": shared}


def _hidden(look: Look, groups: Sequence[str], known: Sequence[Row], place: int) -> list[Note]:
    """A word in the row of each group of which a panel shows nothing."""
    there = {row["group"] for row in known}
    return [gaps.word(look, _group(group), FEW, xaxis=m.axis_name("x", place)) for group in groups if group not in there]


def _spread(row: Row, look: Look, place: int) -> list[dict[str, Any]]:
    """A thin line over the middle 80 %, a thick one over the middle half, a point at the median."""
    colour, y = _stage_colour(row["group"], look), _group(row["group"])
    where = {"type": "scatter", "xaxis": m.axis_name("x", place), "yaxis": "y"}
    traces = [
        where | {"mode": "lines", "x": [row[low], row[high]], "y": [y, y], "line": {"color": colour, "width": width}, "hoverinfo": "skip"}
        for low, high, width in (("p10", "p90", 2), ("q1", "q3", 8))
        if row[low] is not None and row[high] is not None
    ]
    followed = "" if row["completeness"] is None else f"{w.share(row['completeness'])} of {w.those(row['expected'])} expected answered"
    parts = [f"median {w.number(row['median'], 1)}", _ends(row, "q1", "q3", "middle half"), _ends(row, "p10", "p90", "middle 80 %")]
    hover = m.hover(f"{y}, {row['month']} months", *parts, m.n_of(row["n"]), followed)
    dot = {"color": colour, "size": 12, "line": {"color": look.paper, "width": 2}}
    return [*traces, where | {"mode": "markers", "x": [row["median"]], "y": [y], "marker": dot, "hoverinfo": "text", "hovertext": [hover]}]


def _ends(row: Row, low: str, high: str, words: str) -> str:
    return "" if row[low] is None or row[high] is None else f"{words} {w.number(row[low], 1)} to {w.number(row[high], 1)}"


def _later(rows: list[Row]) -> str:
    said = []
    for row in rows:
        if row["group"] == ALL:
            followed = "" if row["completeness"] is None else f", {w.share(row['completeness'])} followed up"
            half = _ends(row, "q1", "q3", "middle half")
            said.append(
                f"{row['month']} months: median {w.number(row['median'], 1)} ({f'{half}, ' if half else ''}{m.n_of(row['n'])}{followed})"
            )
    drawn = {"q1": "thick line: middle half", "p10": "thin line: middle 80 %"}
    lines = "; ".join(text for end, text in drawn.items() if any(row[end] is not None for row in rows))
    key = f"{lines[0].upper()}{lines[1:]}." if lines else "The point is the median."
    return f"{'; '.join(said)}. {key}" if said else key


def _group(code: str) -> str:
    return "All of them" if code == ALL else "No treatment" if code == "none" else w.treatment(code)


def _stage_colour(code: str, look: Look) -> str:
    return next((stage.colour for stage in v.STAGES if stage.code == code), look.one)


@old_figure
def responders(released: Released, look: Look) -> Figure:
    """The share that improved by the preset of pain, at each month, of all and by stage."""
    table = released.tables.get("responders", ())
    preset = table[0]["preset"] if table else None
    rows = [row for row in table if row["preset"] == preset and row["n"] != 0]
    if all(row["share"] is None for row in rows):
        return nothing(look, NONE_YET, "How many improved?")
    question = f"How many improved by {v.find(v.PRESETS, str(preset)).label}?"
    groups, months = in_order(rows, "group"), in_order(rows, "month")
    axes, headings = m.panels(
        look, [f"{month} months" for month in months], "Share of those who answered (higher is better)", (0, 1.8), tickformat=".0%"
    )
    for part in axes.values():
        part["tickvals"] = [0, 0.5, 1]
    data: list[dict[str, Any]] = []
    for place, month in enumerate(months):
        cells = {row["group"]: row for row in rows if row["month"] == month}
        given = [_share_bar(cells[group], look) for group in groups[::-1] if group in cells]
        data += m.bars(look, given, xaxis=m.axis_name("x", place))
        headings += _hidden(look, [group for group in groups if group not in cells], [], place)
    every = [row for row in rows if row["group"] == ALL and row["share"] is not None]
    said = "; ".join(f"{r['month']} months: {w.with_interval(r['share'], r['low'], r['high'], w.share)}, {m.n_of(r['n'])}" for r in every)
    shared = layout(
        look,
        question,
        f"{said or 'Only some groups are large enough'}. With 95 % interval.",
        height=m.bar_height(len(groups), extra=110),
        margin={"l": 12, "r": 18, "t": 34, "b": 56},
        yaxis=m.names(look, showgrid=False, categoryorder="array", categoryarray=[_group(group) for group in groups[::-1]]),
        annotations=headings,
        **axes,
    )
    return {"data": data, "layout": shared}


def _share_bar(row: Row, look: Look) -> m.Bar:
    name = _group(row["group"])
    hover = m.hover(f"{name}, {row['month']} months", w.with_interval(row["share"], row["low"], row["high"], w.share), m.n_of(row["n"]))
    size = "" if row["share"] is None else f" \u00b7 {m.n_of(row['n'])}"
    return m.Bar(name, row["share"], row["low"], row["high"], _stage_colour(row["group"], look), f"{w.share(row['share'])}{size}", hover)


@old_figure
def operated(released: Released, look: Look) -> Figure:
    """The share operated within 3, 6 and 12 months, by Aalen and Johansen."""
    question = "How many were operated?"
    rows = released.tables.get("surgery", ())
    known = [row for row in rows if row["incidence"] is not None]
    if not known:
        return nothing(look, NONE_YET, question)
    colour = next(stage.colour for stage in v.STAGES if stage.code == "surgery")
    given = []
    for row in rows[::-1]:
        text = w.with_interval(row["incidence"], row["low"], row["high"], w.share)
        left = "" if row["at_risk"] is None else f"  \u00b7  {w.count(row['at_risk'])} still at risk"
        label = f"Within {row['month']} months"
        given.append(m.Bar(label, row["incidence"], row["low"], row["high"], colour, f"{text}{left}", m.hover(label, f"{text}{left}")))
    last = known[-1]
    top = max(row["high"] or row["incidence"] for row in known)
    shared = layout(
        look,
        question,
        f"{w.with_interval(last['incidence'], last['low'], last['high'], w.share)} within {last['month']} months of the first visit "
        "(cumulative incidence with 95 % interval).",
        height=m.bar_height(len(rows), extra=80),
        xaxis=axis(look, "Operated, share of all that are alike", range=[0, min(top * 1.9, 1.9)], tickformat=".0%"),
        yaxis=m.names(look, showgrid=False),
    )
    return {"data": m.bars(look, given), "layout": shared}
