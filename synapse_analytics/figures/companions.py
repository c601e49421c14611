"""The figures of what goes with each diagnosis: other diagnoses, symptoms, investigations, and scores at the first visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures import bar_table as t
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, figure, html_figure, layout
from synapse_analytics.findings import companions as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
EVERYBODY = "All patients"


@html_figure(said.co_diagnoses)
def co_diagnoses(released: Released, look: Look) -> str:
    """A table of shades: of the episodes with a primary diagnosis (rows), the share that also has another (columns)."""
    rows = said.pairs(released)
    sizes = {row["diagnosis"]: row["of"] for row in rows}
    down = sorted(sizes, key=lambda code: -(sizes[code] or 0))
    across = sorted(in_order(rows, "other_diagnosis"), key=lambda code: down.index(code) if code in down else len(down))
    names, places = {term.code: term.label for term in v.DIAGNOSES}, {(row["diagnosis"], row["other_diagnosis"]): row for row in rows}
    deepest = max((row["share"] for row in rows if row["share"] is not None), default=0)
    lines = [
        t.Line(names[code], [_pair(places.get((code, other)), names, deepest) for other in across], w.n_of(sizes[code])) for code in down
    ]
    columns = [t.Column(names[code], over="Also recorded") for code in across]
    table = t.bar_table(look, columns, lines, caption="Diagnoses that occur together", corner="Primary diagnosis")
    return table + t.notes(look, t.counts_alone(lines))


def _pair(row: Row | None, names: Mapping[str, str], deepest: float) -> t.Cell:
    if row is None:
        return t.Cell("")
    name = f"{names[row['diagnosis']]} with {w.inside(names[row['other_diagnosis']])}"
    return t.of_share(
        row["share"],
        row["n"],
        name,
        w.interval(row, row["share"], in_table=True),
        w.part_of(row["n"], row["of"], "episodes"),
        deepest=deepest,
    )


@html_figure(said.symptoms)
def symptoms(released: Released, look: Look, *, also: Released | None = None) -> str:
    """The share with each symptom, a column for each group; `also` is the same of all patients together, in the first column."""
    alone, groups, by = _columns("symptoms", released, also)
    lines = []
    for term in _by_share(v.SYMPTOMS, "symptom", alone or groups):
        own, split = _own(alone, "symptom", term), _own(groups, "symptom", term)
        lines.append(
            t.Line(term.label, [_share(term, row, EVERYBODY if row in own else w.group(by, row["group"])) for row in (*own, *split)])
        )
    columns = [*_heads(alone, None), *_heads(groups, by)]
    table = t.bar_table(look, columns, lines, caption="Symptoms at the first visit: share of episodes", corner="Symptom")
    return table + t.notes(look, t.counts_alone(lines))


@html_figure(said.investigations)
def investigations(released: Released, look: Look, *, also: Released | None = None) -> str:
    """Each investigation: of how many patients it is done, how often it confirms the diagnosis, when; `also` is the same by group."""
    alone, groups, by = _columns("investigations", released, also)
    lines = []
    for term in _by_share(v.INVESTIGATIONS, "investigation", alone or groups):
        own = [cell for row in _own(alone, "investigation", term) for cell in _done(term, row)]
        split = [_share(term, row, w.group(by, row["group"])) for row in _own(groups, "investigation", term)]
        lines.append(t.Line(term.label, [*own, *split]))
    heads = [t.Column("Done"), t.Column("Confirmed the diagnosis, of those done"), t.Column("Median days to the first")] if alone else []
    columns = [*heads, *_heads(groups, by, over="Done, by group" if by != "diagnosis" else "Done, by primary diagnosis")]
    table = t.bar_table(
        look, columns, lines, caption="Investigations: how many were done, and how many confirmed the diagnosis", corner="Investigation"
    )
    return table + t.notes(look, t.counts_alone(lines))


def _columns(table: str, released: Released, also: Released | None) -> tuple[list[Row], list[Row], str | None]:
    """The rows of all patients together, and those of the groups with by what they are split; of one group alone nothing is compared."""
    given = [released, *([check_released(also)] if also else [])]
    alone = [row for answer in given if answer.options.get("by") is None for row in answer.tables.get(table, ())]
    split = next((answer for answer in given if answer.options.get("by") is not None), None)
    rows = [row for row in split.tables.get(table, ()) if row["of"] != 0] if split else []
    sizes = {row["group"]: row["of"] or 0 for row in rows}
    if alone and len(sizes) < 2:
        rows = []
    by = str(split.options["by"]) if split else None
    return alone, sorted(rows, key=lambda row: -sizes[row["group"]]) if by == "diagnosis" else rows, by


def _by_share(terms: Sequence[v.Term], column: str, rows: Sequence[Row]) -> list[v.Term]:
    """The terms, those of the highest share of all first."""
    highest = {term.code: max((row["share"] or 0 for row in rows if row[column] == term.code), default=0) for term in terms}
    return sorted(terms, key=lambda term: -highest[term.code])


def _own(rows: Sequence[Row], column: str, term: v.Term) -> list[Row]:
    return [row for row in rows if row[column] == term.code]


def _heads(rows: Sequence[Row], by: str | None, *, over: str = "") -> list[t.Column]:
    sizes = {row["group"]: row["of"] for row in rows}
    return [t.Column(w.group(by, group), w.n_of(of), over) for group, of in sizes.items()]


def _share(term: v.Term, row: Row, group: str) -> t.Cell:
    return t.of_share(
        row["share"],
        row["n"],
        f"{term.label}: {group}",
        w.interval(row, row["share"], in_table=True),
        w.part_of(row["n"], row["of"], "episodes"),
    )


def _done(term: v.Term, row: Row) -> list[t.Cell]:
    """How many had it, how often it confirmed, and on which day it was done first."""
    counts = w.part_of(row["n"], row["of"]) if row["share"] is not None else ""
    done = t.of_share(row["share"], row["n"], term.label, w.interval(row, row["share"], in_table=True), under=counts)
    if row["n"] == 0:
        return [done, t.Cell(), t.Cell()]
    limits, counts = (
        w.interval({"low": row["yield_low"], "high": row["yield_high"]}, row["yield"], in_table=True),
        w.part_of(row["confirmed"], row["n"]),
    )
    if row["yield"] is None:
        found = t.Cell(w.WITHHELD if row["confirmed"] is None else counts)
    else:
        found = t.of_share(row["yield"], row["confirmed"], f"{term.label}: confirmed", limits, under=counts)
    day = row["median_day"]
    return [done, found, t.Cell(w.WITHHELD) if day is None else t.Cell(w.days(day), quiet=False)]


@figure(said.baseline_score)
def baseline_score(released: Released, look: Look, *, variable: str) -> Figure:
    """The mean of a score at the first visit, by group, with interval and n."""
    rows, by = said.recorded(released, variable), released.options.get("by")
    term = w.instrument(variable.removeprefix("baseline_"))
    given = [_mean(row, by, look.colour(by, row["group"])) for row in rows]
    ends = [value for bar in given for value in (bar.value, bar.low) if value is not None]
    title = f"Mean with 95 % interval, {term.low:g} to {term.high:g}, {w.BETTER[term.better]}"
    shared = layout(
        look,
        height=m.bar_height(len(rows), extra=96),
        margin={"l": 12, "r": 24, "t": 10, "b": 66},
        xaxis=axis(look, title, range=[min([0.0, *ends]), term.high]),
        yaxis=m.names(look, {bar.label: bar.text for bar in given}),
        annotations=[gaps.word(look, bar.label) for bar in given if bar.value is None],
    )
    limits = m.whiskers(look, [(bar.label, bar.value, bar.low, bar.high) for bar in given])
    return {"data": [m.dots(given[::-1], size=11), *limits], "layout": shared}


def _mean(row: Row, by: str | None, colour: str) -> m.Bar:
    name, n = w.group(by, row["group"]), w.n_of(row["n"])
    hover = m.hover(name, w.with_interval(row["mean"], row["low"], row["high"]), f"SD {w.number(row['sd'])}", n)
    return m.Bar(name, row["mean"], row["low"], row["high"], colour, n, hover)
