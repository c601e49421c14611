"""The figures of the mix of diagnoses: of everybody, and within each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.groups import POOLED
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import heat, share_bars
from synapse_analytics.figures.theme import Figure, Look, Note, figure, layout
from synapse_analytics.findings import diagnoses as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
IN_POOL = "pooled"  # in place of a share
MOST_PANELS = 5  # side by side; more groups become a table of shades


@figure(said.mix)
def mix(released: Released, look: Look, *, chosen: Sequence[str] = ()) -> Figure:
    """How often each primary diagnosis is; a click on a bar filters."""
    rows = released.tables["diagnoses"][::-1]
    title = "Share of episodes, with 95 % interval"
    return share_bars(look, [_bar(row, look) for row in rows], title, upto=_upto(rows), chosen=chosen)


def _bar(row: Row, look: Look) -> m.Bar:
    """The bar of a diagnosis; its code is what a click filters by, nothing where the bar is a pool."""
    name, pools = said.diagnosis(row["diagnosis"]), row["diagnosis"] == POOLED
    text = w.share(row["share"]) if row["n"] is None else f"{w.share(row['share'])}  \u00b7  {row['n']:,}"
    hover = m.hover(name, w.share(row["share"]), w.interval(row), w.n_of(row["n"]))
    colour = look.quiet if pools else v.find(v.DIAGNOSES, row["diagnosis"]).colour
    return m.Bar(name, row["share"], row["low"], row["high"], colour, text, hover, "" if pools else row["diagnosis"])


def _upto(rows: Sequence[Row]) -> float:
    return max((row["high"] or row["share"] or 0 for row in rows), default=0) or 0.1


@figure(said.mix_by)
def mix_by(released: Released, look: Look, *, only: str = "") -> Figure:
    """The mix within each group, as small multiples with one scale; many groups become a table of shades. `only` as in mix_rows."""
    rows, by = said.mix_rows(released, only)
    groups = {group: w.group(by, group) for group in in_order(rows, "group")}
    if len(groups) > MOST_PANELS:
        return _shaded(look, rows, groups)
    title = "Share of episodes within the group, with 95 % interval"
    axes, notes = m.panels(look, list(groups.values()), title, (0, _upto(rows) * 1.04), tickformat=".0%")
    data = []
    for place, group in enumerate(groups):
        mine, xaxis = [row for row in rows if row["group"] == group][::-1], m.axis_name("x", place)
        data += _dots(look, mine, xaxis)
        notes += _without_share(look, mine, said.in_pool(rows, group), xaxis)
    shared = layout(
        look,
        height=m.bar_height(len(in_order(rows, "diagnosis")), extra=96),
        margin={"l": 12, "r": 18, "t": 34, "b": 52},
        yaxis=m.names(look),
        annotations=[*notes, *gaps.alone(look, rows, "share")],
        **axes,
    )
    return {"data": data, "layout": shared}


def _dots(look: Look, rows: Sequence[Row], xaxis: str) -> list[m.Trace]:
    given = [_bar(row, look) for row in rows]
    place = {"xaxis": xaxis, "yaxis": "y", "cliponaxis": False}
    dots = m.dots(given, size=10, line={"color": look.paper, "width": 1}) | place
    limits = [(bar.label, bar.value, bar.low, bar.high) for bar in given]
    return [dots, *m.whiskers(look, limits, colour=look.quiet, xaxis=xaxis, yaxis="y")]


def _without_share(look: Look, rows: Sequence[Row], pooled: Sequence[str], xaxis: str) -> list[Note]:
    """In place of each missing point of a group its count, that it is withheld, or that the diagnosis is in the pool."""
    texts = [(row["diagnosis"], w.share_of(None, row["n"])) for row in rows if row["share"] is None]
    texts += [(code, IN_POOL) for code in pooled]
    return [gaps.word(look, said.diagnosis(code), text, xaxis=xaxis) for code, text in texts]


def _shaded(look: Look, rows: Sequence[Row], groups: Mapping[str, str]) -> Figure:
    codes = in_order(rows, "diagnosis")
    drawn = heat(look, rows, ("group", groups), ("diagnosis", {code: said.diagnosis(code) for code in codes}))
    for texts, group in zip(drawn["data"][0]["text"], groups, strict=True):
        for code in said.in_pool(rows, group):
            texts[codes.index(code)] = IN_POOL
    return drawn
