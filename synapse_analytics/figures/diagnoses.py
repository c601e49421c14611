"""The figures of the diagnoses page: the mix, what goes with each diagnosis, and the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.groups import POOLED
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, in_order, layout, nothing, old_figure, shade
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w

IN_POOL = "pooled"  # in place of a share
PERCENT = {"tickformat": ".0%", "rangemode": "tozero"}


def _name(code: str) -> str:
    return "Other diagnoses, pooled" if code == POOLED else v.find(v.DIAGNOSES, code).label


def _colour(look: Look, code: str) -> str:
    return look.quiet if code == POOLED else v.find(v.DIAGNOSES, code).colour


def _filter_code(code: str) -> str:
    """What a click filters by: nothing where the bar is a pool."""
    return "" if code == POOLED else code


def _most_frequent(rows: Sequence[Mapping[str, Any]]) -> str:
    """The answer in a sentence: the most frequent diagnosis with its share, interval and n; all of them where several are as frequent."""
    known = [row for row in rows if row["share"] is not None and row["diagnosis"] != POOLED]
    top = max((row["share"] for row in known), default=None)
    if not top:
        return "Every diagnosis is too rare to be shown."
    first, *others = [row for row in known if row["share"] == top]
    if others:
        return f"{' and '.join(_name(row['diagnosis']) for row in (first, *others))} are the most frequent: {w.share(top)} each."
    if top == 1:
        return f"Every episode is of {w.inside(_name(first['diagnosis']))}, {m.n_of(first['n'])}."
    said = w.with_interval(top, first["low"], first["high"], w.share)
    return f"{_name(first['diagnosis'])} is the most frequent: {said}, {m.n_of(first['n'])}."


def _bar(row: Mapping[str, Any], label: str, colour: str, code: str = "") -> m.Bar:
    text = w.share(row["share"]) if row["n"] is None else f"{w.share(row['share'])}  \u00b7  {row['n']:,}"
    limits = w.between(row["low"], row["high"], w.share)
    hover = m.hover(label, w.share(row["share"]), f"95 % interval {limits}" if limits else "", m.n_of(row["n"]))
    return m.Bar(label, row["share"], row["low"], row["high"], colour, text, hover, code)


def _percent(upto: float) -> dict[str, Any]:
    """How an axis of shares is marked: none beyond 100 %."""
    return PERCENT if upto * 1.28 <= 1 else PERCENT | {"tickvals": [0, 0.25, 0.5, 0.75, 1]}


def _upto(rows: Sequence[Mapping[str, Any]]) -> float:
    return max((row["high"] or row["share"] or 0 for row in rows), default=0) or 0.1


@old_figure
def mix(released: Released, look: Look, *, chosen: Sequence[str] = ()) -> Figure:
    """How often each primary diagnosis is; a click on a bar filters."""
    rows = released.tables["diagnoses"][::-1]
    data = m.bars(
        look,
        [_bar(row, _name(row["diagnosis"]), _colour(look, row["diagnosis"]), _filter_code(row["diagnosis"])) for row in rows],
        chosen=chosen,
    )
    shared = layout(
        look,
        "Which diagnoses do our patients have?",
        _most_frequent(released.tables["diagnoses"]),
        height=m.bar_height(len(rows)),
        xaxis=axis(look, "Share of episodes, with 95 % interval", range=[0, _upto(rows) * 1.28], **_percent(_upto(rows))),
        yaxis=axis(look, "", tickfont={"size": 13, "color": look.text}, showgrid=False),
    )
    return {"data": data, "layout": shared}


@old_figure
def mix_by(released: Released, look: Look, *, by: str, question: str, only: str = "") -> Figure:
    """The mix within each group, as small multiples with one scale; many groups become a table of shades.

    `only` keeps the groups of one sex where the split is by age and sex together.
    """
    rows = [row for row in released.tables["diagnoses"] if row["group"].endswith(only) and not row["group"].startswith("not_")]
    if not rows:
        return nothing(look, "No patients of this sex in the cohort.", question)
    if only:
        rows, by = [{**row, "group": row["group"].removesuffix(only)} for row in rows], "age_band"
    groups = in_order(rows, "group")
    if len(groups) > 5:
        return _shaded(look, rows, by, question)
    span = (0, _upto(rows) * 1.04)
    axes, headings = m.panels(
        look, [w.group(by, group) for group in groups], "Share of episodes within the group, with 95 % interval", span, **PERCENT
    )
    data = []
    for place, group in enumerate(groups):
        mine = [row for row in rows if row["group"] == group][::-1]
        data += _dots(look, mine, m.axis_name("x", place))
        hidden = [(_name(row["diagnosis"]), w.share_of(None, row["n"])) for row in mine if row["share"] is None]
        hidden += [(_name(code), IN_POOL) for code in _in_pool(rows, group)]
        headings += [gaps.word(look, name, text, xaxis=m.axis_name("x", place)) for name, text in hidden]
    headings += gaps.alone(look, rows, "share")
    shared = layout(
        look,
        question,
        _differs(rows, by),
        height=m.bar_height(len(in_order(rows, "diagnosis")), extra=96),
        margin={"l": 12, "r": 18, "t": 34, "b": 52},
        yaxis=axis(look, "", tickfont={"size": 13, "color": look.text}),
        annotations=headings,
        **axes,
    )
    return {"data": data, "layout": shared}


def _in_pool(rows: Sequence[Mapping[str, Any]], group: str) -> list[str]:
    """The diagnoses that have no row of their own in a group that pools its rare ones."""
    own = {row["diagnosis"] for row in rows if row["group"] == group}
    return [code for code in in_order(rows, "diagnosis") if code not in own] if POOLED in own else []


def _dots(look: Look, rows: Sequence[Mapping[str, Any]], xaxis: str) -> list[m.Trace]:
    given = [_bar(row, _name(row["diagnosis"]), _colour(look, row["diagnosis"])) for row in rows]
    limits = [(bar.label, bar.value, bar.low, bar.high) for bar in given]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "xaxis": xaxis,
        "yaxis": "y",
        "x": [bar.value for bar in given],
        "y": [bar.label for bar in given],
        "marker": {"color": [bar.colour for bar in given], "size": 10, "line": {"color": look.paper, "width": 1}},
        "hoverinfo": "text",
        "hovertext": [bar.hover for bar in given],
        "cliponaxis": False,
    }
    return [dots, *m.whiskers(look, limits, colour=look.quiet, xaxis=xaxis, yaxis="y")]


def _differs(rows: Sequence[Mapping[str, Any]], by: str) -> str:
    """The diagnosis whose share differs most between the groups that are large enough, and where."""
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["group"]] = sizes.get(row["group"], 0) + (row["n"] or 0)
    found = []
    for code in in_order(rows, "diagnosis"):
        mine = [row for row in rows if row["diagnosis"] == code and row["group"] in sizes]
        known = f.compared(mine, by, "share", lambda row: sizes[row["group"]])
        if len(known.rows) > 1 and code != POOLED:  # what is pooled is not the same in every group
            found.append((known.most["share"] - known.least["share"], code, known))
    if not found:
        return f.Compared(by, "share", (), len(sizes)).none if len(sizes) > 1 else f.ONE_GROUP
    most, code, known = max(found, key=lambda part: part[0])
    pools = sum(code in _in_pool(rows, group) for group in sizes)
    pooled = f" In {pools} {'group' if pools == 1 else 'groups'} it is pooled with other rare diagnoses." if pools else ""
    return (
        f"{_name(code)} differs most: {known.ends(w.share)}.{known.rest}{pooled}"
        if most
        else f"No diagnosis differs between the groups.{known.rest}"
    )


def _shaded(look: Look, rows: Sequence[Mapping[str, Any]], by: str, question: str) -> Figure:
    groups, codes = in_order(rows, "group"), in_order(rows, "diagnosis")
    cells = {(row["group"], row["diagnosis"]): row for row in rows}
    body = heat(
        look,
        [w.group(by, group) for group in groups],
        [_name(code) for code in codes],
        [[cells.get((g, c)) for c in codes] for g in groups],
    )
    for texts, group in zip(body["data"][0]["text"], groups, strict=True):
        for code in _in_pool(rows, group):
            texts[codes.index(code)] = IN_POOL
    return body | {"layout": layout(look, question, _differs(rows, by), **body["layout"])}


def heat(look: Look, down: Sequence[str], across: Sequence[str], cells: Sequence[Sequence[Mapping[str, Any] | None]]) -> Figure:
    """A table of shares with shaded cells; where there is no share, the cell shows its count or says that it is withheld."""
    top = max((cell["share"] for row in cells for cell in row if cell and cell["share"] is not None), default=1) or 1
    values = [[None if cell is None or cell["share"] is None else cell["share"] for cell in row] for row in cells]
    texts = [["" if cell is None else w.share_of(cell["share"], cell["n"]) for cell in row] for row in cells]
    hovers = [
        [
            "" if cell is None else m.hover(f"{name}: {head}", w.share_of(cell["share"], cell["n"]), _limits(cell), m.n_of(cell["n"]))
            for head, cell in zip(across, row, strict=True)
        ]
        for name, row in zip(down, cells, strict=True)
    ]
    data = {
        "type": "heatmap",
        "x": [w.wrapped(head, 16) for head in across],
        "y": list(down),
        "z": values,
        "zmin": 0,
        "zmax": top,
        "colorscale": [[0, shade(look, 0)], [1, shade(look, 1)]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": texts,
        "texttemplate": "%{text}",
        "textfont": {"size": 12, "color": look.text},
        "hoverinfo": "text",
        "hovertext": hovers,
        "hoverongaps": False,
    }
    size = {
        "height": 96 + 30 * len(down),
        "margin": {"l": 12, "r": 18, "t": 12, "b": 12},
        "xaxis": axis(look, "", side="top", showgrid=False, tickangle=0, tickfont={"size": 12, "color": look.text}),
        "yaxis": axis(look, "", showgrid=False, autorange="reversed", tickfont={"size": 12, "color": look.text}),
        "annotations": gaps.alone(look, [cell for row in cells for cell in row if cell is not None], "share"),
    }
    return {"data": [data], "layout": size}


def _limits(cell: Mapping[str, Any]) -> str:
    limits = w.between(cell.get("low"), cell.get("high"), w.share)
    return f"95 % interval {limits}" if limits else ""
