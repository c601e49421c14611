"""The figures of what goes with each diagnosis: other diagnoses, symptoms, investigations, and scores at the first visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import heat, share_bars
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout
from synapse_analytics.findings import companions as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]


@figure(said.co_diagnoses)
def co_diagnoses(released: Released, look: Look) -> Figure:
    """A matrix: of the episodes with a primary diagnosis (rows), the share that also has another (columns)."""
    rows, names = said.pairs(released), {term.code: term.label for term in v.DIAGNOSES}
    down = {code: names[code] for code in in_order(rows, "diagnosis")}
    return heat(look, rows, ("diagnosis", down), ("other_diagnosis", names))


@figure(said.symptoms)
def symptoms(released: Released, look: Look) -> Figure:
    """The share with each symptom, by group."""
    return _by_group(released, look, "symptoms", "symptom", v.SYMPTOMS)


@figure(said.investigations)
def investigations(released: Released, look: Look) -> Figure:
    """The share that had each investigation, by group."""
    return _by_group(released, look, "investigations", "investigation", v.INVESTIGATIONS)


def _by_group(released: Released, look: Look, table: str, column: str, terms: tuple[v.Term, ...]) -> Figure:
    rows, by = released.tables[table], released.options.get("by")
    groups = {group: w.group(by, group) for group in in_order(rows, "group")}
    return heat(look, rows, ("group", groups), (column, {term.code: term.label for term in terms}))


@figure(said.yields)
def yields(released: Released, look: Look) -> Figure:
    """How often an investigation that was done confirmed the diagnosis."""
    rows = [row for row in released.tables["investigations"] if row["n"] != 0]
    return share_bars(look, [_confirmed(row, look) for row in rows[::-1]], "Confirmed, of those done, with 95 % interval")


def _confirmed(row: Row, look: Look) -> m.Bar:
    name, (value, low, high) = v.find(v.INVESTIGATIONS, row["investigation"]).label, (row["yield"], row["yield_low"], row["yield_high"])
    day = "" if row["median_day"] is None else f"median day {row['median_day']:.0f}"
    counts, limits = w.part_of(row["confirmed"], row["n"]), w.interval({"low": low, "high": high})
    hover = m.hover(name, w.share_who(value, "confirmed"), counts, limits, day)
    return m.Bar(name, value, low, high, look.one, w.share_and_part(value, row["confirmed"], row["n"]), hover)


@figure(said.baseline_score)
def baseline_score(released: Released, look: Look, *, variable: str) -> Figure:
    """The mean of a score at the first visit, by group, with interval and n."""
    rows, by = said.recorded(released, variable), released.options.get("by")
    term = w.instrument(variable.removeprefix("baseline_"))
    given = [_mean(row, by, look.colour(by, row["group"], place)) for place, row in enumerate(rows)]
    ends = [value for bar in given for value in (bar.value, bar.low) if value is not None]
    title = f"Mean with 95 % interval, {term.low:g} to {term.high:g}, {w.BETTER[term.better]}"
    shared = layout(
        look,
        height=m.bar_height(len(rows)),
        margin={"l": 12, "r": 24, "t": 10, "b": 66},
        xaxis=axis(look, w.wrapped(title, 44), range=[min([0.0, *ends]), term.high]),
        yaxis=m.names(look, {bar.label: bar.text for bar in given}),
        annotations=[gaps.word(look, bar.label) for bar in given if bar.value is None],
    )
    limits = m.whiskers(look, [(bar.label, bar.value, bar.low, bar.high) for bar in given])
    return {"data": [m.dots(given[::-1], size=11), *limits], "layout": shared}


def _mean(row: Row, by: str | None, colour: str) -> m.Bar:
    name, n = w.group(by, row["group"]), w.n_of(row["n"])
    hover = m.hover(name, w.with_interval(row["mean"], row["low"], row["high"]), f"SD {w.number(row['sd'])}", n)
    return m.Bar(name, row["mean"], row["low"], row["high"], colour, n, hover)
