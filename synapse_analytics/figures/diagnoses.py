"""The figures of the mix of diagnoses: of everybody, and within each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.groups import POOLED
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import bar_table as t
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import share_bars
from synapse_analytics.figures.theme import Figure, Look, figure, html_figure
from synapse_analytics.findings import diagnoses as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
IN_POOL = "pooled"  # in place of a share
MOST = 24  # groups side by side; of more the largest are shown


@figure(said.mix)
def mix(released: Released, look: Look) -> Figure:
    """How often each primary diagnosis is, the most frequent first; a click on a bar filters."""
    rows = said.by_size(released.tables["diagnoses"])[::-1]
    upto = max((row["high"] or row["share"] or 0 for row in rows), default=0) or 0.1
    under = [w.n_of(row["n"]) for row in rows]
    title, height = "Share of episodes, with 95 % interval", m.bar_height(len(rows), extra=72)
    given = [_bar(row, look) for row in rows]
    return share_bars(look, given, title, upto=upto, room=1.2, under=under, height=height, margin={"b": 66})


def _bar(row: Row, look: Look) -> m.Bar:
    """The bar of a diagnosis; its code is what a click filters by, nothing where the bar is a pool."""
    name, pools = said.diagnosis(row["diagnosis"]), row["diagnosis"] == POOLED
    share = w.share(row["share"], width=w.width(row["low"], row["high"]))
    hover = m.hover(name, share, w.interval(row, row["share"]), w.part_of(row["n"], row["of"], "episodes"))
    colour = look.quiet if pools else look.one
    return m.Bar(name, row["share"], row["low"], row["high"], colour, share, hover, "" if pools else row["diagnosis"])


@html_figure(said.mix_by)
def mix_by(released: Released, look: Look) -> str:
    """The mix within each group as one table of shades; where there is one diagnosis, the episodes of each group."""
    rows, by = said.mix_rows(released), released.options["by"]
    sizes = {row["group"]: row["of"] for row in rows}
    groups = _side_by_side(sizes, by)
    rows = [row for row in rows if row["group"] in groups]
    columns = [_column(by, group, "" if said.counts_only(rows) else w.n_of(sizes[group])) for group in groups]
    lines = [t.Line(said.diagnosis(code), _cells(rows, by, code, groups)) for code in _by_size(rows)]
    more = f"The {MOST} largest of {len(sizes)} groups are shown; the download has all of them." if len(sizes) > MOST else ""
    table = t.bar_table(look, columns, lines, caption="Diagnoses within each group", corner="Diagnosis")
    return table + t.notes(look, more, t.counts_alone(lines), said.not_drawn(released))


def _side_by_side(sizes: Mapping[str, int | None], by: str) -> list[str]:
    """The groups in their order, of each sex together; where there are many, the largest of them."""
    groups = sorted(sizes, key=lambda group: -(sizes[group] or 0))[:MOST]
    ranks = [term.code for term in v.SEXES]
    sex = {group: group.rpartition("_")[2] if by == "age_sex" else "" for group in groups}
    return sorted(groups, key=lambda group: (ranks.index(sex[group]) if sex[group] in ranks else len(ranks), list(sizes).index(group)))


def _column(by: str, group: str, under: str) -> t.Column:
    """The head of a group; of an age and sex together the sex stands once above its ages."""
    age, _, sex = group.rpartition("_")
    if by == "age_sex" and age:
        return t.Column(age, under, w.group("sex", sex))
    return t.Column(w.group(by, group), under)


def _by_size(rows: Sequence[Row]) -> list[str]:
    """The diagnoses that somebody has, those of most episodes first, what is pooled last."""
    codes = [code for code in in_order(rows, "diagnosis") if any(row["n"] != 0 for row in rows if row["diagnosis"] == code)]
    sizes = {code: sum(row["n"] or 0 for row in rows if row["diagnosis"] == code) for code in codes}
    return sorted(codes, key=lambda code: (code == POOLED, -sizes[code]))


def _cells(rows: Sequence[Row], by: str, code: str, groups: Sequence[str]) -> list[t.Cell]:
    mine = {row["group"]: row for row in rows if row["diagnosis"] == code}
    column = "n" if said.counts_only(rows) else "share"
    deepest = max((row[column] for row in rows if row[column] is not None), default=0)
    cells = []
    for group in groups:
        row = mine.get(group)
        if row is None:
            cells.append(t.Cell(IN_POOL if code in said.in_pool(rows, group) else t.NOTHING))
            continue
        hover = (
            f"{said.diagnosis(code)}: {w.group(by, group)}",
            w.interval(row, row["share"], in_table=True),
            w.part_of(row["n"], row["of"], "episodes"),
        )
        if column == "n" and row["n"] is not None:
            cells.append(t.Cell(w.count(row["n"]), hover[0], tint=row["n"] / deepest if deepest else 0.0, quiet=False))
        else:
            cells.append(t.of_share(row["share"], row["n"], *hover, deepest=deepest))
    return cells
