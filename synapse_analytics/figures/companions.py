"""The figures of what goes with each diagnosis: other diagnoses, symptoms, investigations, and scores at the first visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.diagnoses import heat
from synapse_analytics.figures.theme import Figure, Look, axis, in_order, layout, nothing, old_figure
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]


@old_figure
def co_diagnoses(released: Released, look: Look) -> Figure:
    """A matrix: of the episodes with a primary diagnosis (rows), the share that also has another (columns)."""
    rows = [row for row in released.tables["co_diagnoses"] if row["diagnosis"] != row["other_diagnosis"]]
    if not any(row["n"] for row in rows):
        return nothing(
            look, "No secondary diagnoses are recorded for this cohort, or too few to be shown.", "Which diagnoses occur together?"
        )
    down, across = in_order(rows, "diagnosis"), v.codes(v.DIAGNOSES)
    cells = {(row["diagnosis"], row["other_diagnosis"]): row for row in rows}
    name = {term.code: term.label for term in v.DIAGNOSES}
    body = heat(look, [name[code] for code in down], [name[code] for code in across], [[cells.get((d, a)) for a in across] for d in down])
    pairs = f.compared(rows, None, "share", "of")
    said = pairs.none
    if pairs.rows:
        top = pairs.most
        together = f"{w.inside(name[top['diagnosis']])} with {w.inside(name[top['other_diagnosis']])}"
        said = f"Most often: {together}, {_share_of(top)}."
    said = f"{said} Rows: primary diagnosis; columns: also recorded."
    return body | {"layout": layout(look, "Which diagnoses occur together?", said, **body["layout"])}


@old_figure
def symptoms(released: Released, look: Look) -> Figure:
    """The share with each symptom, by group."""
    return _by_group(released, look, "symptoms", "symptom", v.SYMPTOMS, "Which symptoms go with which diagnosis?")


@old_figure
def investigations(released: Released, look: Look) -> Figure:
    """The share that had each investigation, by group."""
    return _by_group(released, look, "investigations", "investigation", v.INVESTIGATIONS, "Who is investigated, and how?")


def _by_group(released: Released, look: Look, table: str, column: str, terms: tuple[v.Term, ...], question: str) -> Figure:  # noqa: PLR0913, PLR0917  (one drawing for two questions)
    rows, by = released.tables[table], released.options.get("by")
    groups = in_order(rows, "group")
    if not groups:
        return nothing(look, " ".join(released.notes) or "Nothing is recorded.", question)
    cells = {(row["group"], row[column]): row for row in rows}
    heads = [term.label for term in terms]
    body = heat(
        look, [w.group(by, group) for group in groups], heads, [[cells.get((group, term.code)) for term in terms] for group in groups]
    )
    return body | {"layout": layout(look, question, _most(rows, column, terms, by), **body["layout"])}


def _most(rows: Sequence[Row], column: str, terms: tuple[v.Term, ...], by: str | None) -> str:
    known = f.compared(rows, by, "share", "of")
    if not known.rows:
        return known.none
    top = known.most
    where = "" if by is None or by in f.UNITS else f" in {w.inside(w.group(by, top['group']))}"
    return f"Most often: {w.inside(v.find(terms, top[column]).label)}{where}, {_share_of(top)}."


def _share_of(row: Row) -> str:
    """A share with its interval and both counts: `59 % (54 to 63 %), 262 of 445 episodes`."""
    return f"{w.with_interval(row['share'], row['low'], row['high'], w.share)}, {w.part_of(row['n'], row['of'], 'episodes')}"


@old_figure
def yields(released: Released, look: Look) -> Figure:
    """How often an investigation that was done confirmed the diagnosis."""
    rows = [row for row in released.tables["investigations"] if row["n"] != 0]
    question = "How often does an investigation confirm the diagnosis?"
    if not any(row["n"] for row in rows):
        return nothing(look, "No investigation was done often enough to be shown.", question)
    given = []
    for row in rows[::-1]:
        name = v.find(v.INVESTIGATIONS, row["investigation"]).label
        limits = w.between(row["yield_low"], row["yield_high"], w.share)
        day = "" if row["median_day"] is None else f"median day {row['median_day']:.0f}"
        text = w.share_and_part(row["yield"], row["confirmed"], row["n"])
        hover = m.hover(
            name,
            w.share_who(row["yield"], "confirmed"),
            w.part_of(row["confirmed"], row["n"]),
            f"95 % interval {limits}" if limits else "",
            day,
        )
        given.append(m.Bar(name, row["yield"], row["yield_low"], row["yield_high"], look.one, text, hover))
    known = f.compared(rows, None, "yield", "n")
    said = f"Every investigation was done in fewer than {f.ENOUGH} episodes: too few to say which confirms most often."
    if known.rows:
        top = known.most
        share = w.with_interval(top["yield"], top["yield_low"], top["yield_high"], w.share)
        counts = f"{w.count(top['confirmed'])} of {w.count(top['n'])} done"
        said = f"{v.find(v.INVESTIGATIONS, top['investigation']).label} confirms most often: {share}, {counts}."
    shared = layout(
        look,
        question,
        said,
        height=m.bar_height(len(rows)),
        xaxis=axis(
            look, "Confirmed, of those done, with 95 % interval", range=[0, 1.28], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
        ),
        yaxis=axis(look, "", showgrid=False, tickfont={"size": 13, "color": look.text}),
    )
    return {"data": m.bars(look, given), "layout": shared}


@old_figure
def baseline_score(released: Released, look: Look, *, variable: str) -> Figure:
    """The mean of a score at the first visit, by group, with interval and n."""
    instrument = v.find(v.INSTRUMENTS, variable.removeprefix("baseline_"))
    by = released.options.get("by")
    rows = [row for row in released.tables["baseline_table"] if row["variable"] == variable and row["n"] != 0]
    question = f"{instrument.label.split(' (')[0]} at the first visit"
    if not rows:
        return nothing(look, "This score was not recorded at the first visit.", question)
    ends = [row[column] for row in rows for column in ("mean", "low") if row[column] is not None]
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["mean"] for row in rows[::-1]],
        "y": [w.group(by, row["group"]) for row in rows[::-1]],
        "marker": {"color": [look.colour(by, row["group"], place) for place, row in reversed(list(enumerate(rows)))], "size": 11},
        "hoverinfo": "text",
        "hovertext": [
            m.hover(w.group(by, r["group"]), w.with_interval(r["mean"], r["low"], r["high"]), f"SD {w.number(r['sd'])}", m.n_of(r["n"]))
            for r in rows[::-1]
        ],
    }
    shared = layout(
        look,
        question,
        _severest(rows, by, instrument),
        height=m.bar_height(len(rows)),
        margin={"l": 12, "r": 24, "t": 10, "b": 48},
        xaxis=axis(
            look,
            w.wrapped(f"Mean with 95 % interval, {instrument.low:g} to {instrument.high:g}, {w.BETTER[instrument.better]}", 44),
            range=[min([0.0, *ends]), instrument.high],
        ),
        yaxis=axis(
            look,
            "",
            tickfont={"size": 13, "color": look.text},
            tickvals=[w.group(by, r["group"]) for r in rows],
            ticktext=[_with_n(r, by, look) for r in rows],
        ),
        annotations=[gaps.word(look, w.group(by, row["group"])) for row in rows if row["mean"] is None],
    )
    limits = m.whiskers(look, [(w.group(by, row["group"]), row["mean"], row["low"], row["high"]) for row in rows])
    return {"data": [data, *limits], "layout": shared}


def _with_n(row: Row, by: str | None, look: Look) -> str:
    return f'{w.group(by, row["group"])}<br><span style="font-size:11px;color:{look.quiet}">{m.n_of(row["n"])}</span>'


def _severest(rows: Sequence[Row], by: str | None, instrument: v.Instrument) -> str:
    if len(rows) == 1 and rows[0]["mean"] is not None:
        return f"Mean {w.with_interval(rows[0]['mean'], rows[0]['low'], rows[0]['high'])}, {m.n_of(rows[0]['n'])}."
    known = f.compared(rows, by, "mean", "n")
    if not known.may_be_said:
        return known.none
    if by in f.UNITS:
        return f"Mean {known.ends(w.number)}.{known.rest}"
    top = known.most if instrument.better == "lower" else known.least
    mean = w.with_interval(top["mean"], top["low"], top["high"])
    return f"Most severe: {w.inside(w.group(by, top['group']))}, mean {mean}, {m.n_of(top['n'])}.{known.rest}"
