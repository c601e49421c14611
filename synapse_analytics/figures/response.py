"""The figures of whether care follows response: before escalation, while waiting, the plateau, and how firm the pathways are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, layout, nothing, old_figure
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
FEW = "Too few patients to be shown."


@old_figure
def responding(released: Released, look: Look) -> Figure:
    """The share that was already responding when care escalated, by group."""
    event = released.options["event"]
    question = f"Did care escalate to {'an injection' if event == 'injection' else 'surgery'} although it was helping?"
    given = [(row, "share_responding", "responding") for row in released.tables["escalated"]]
    return _shares(released, look, (question, "had improved by 2 points or more just before"), given)


@old_figure
def waiting(released: Released, look: Look) -> Figure:
    """The share of those not helped after 12 weeks that had no escalation in the next 12, by group."""
    question = "Did care stay the same although it was not helping?"
    given = [(row, "share_not_escalated", "not_escalated") for row in released.tables["waiting"]]
    return _shares(
        released, look, (question, "of those not helped by 12 weeks had neither injection nor surgery in the following 12"), given
    )


def _shares(released: Released, look: Look, words: tuple[str, str], given: list[tuple[Row, str, str]]) -> Figure:
    question, meaning = words
    by = released.options.get("by")
    rows = [(place, *part) for place, part in enumerate(given) if part[0]["scored"] != 0]
    if all(row[share] is None for _, row, share, _ in rows):
        return nothing(look, FEW, question)
    bars = []
    for place, row, share, part in reversed(rows):
        name = w.group(by, row["group"])
        text = w.share_and_part(row[share], row[part], row["scored"])
        limits = w.between(row[f"{share}_low"], row[f"{share}_high"], w.share)
        days = row.get("median_days_waited")
        waited = "" if days is None else f"median {w.number(days, 0)} days after the first visit"
        hover = m.hover(name, text, f"95 % interval {limits}" if limits else "", waited)
        colour = look.colour(by, row["group"], place)
        bars.append(m.Bar(name, row[share], row[f"{share}_low"], row[f"{share}_high"], colour, text, hover))
    shared = layout(
        look,
        question,
        _held(given, by, meaning),
        height=m.bar_height(len(bars), extra=80),
        xaxis=axis(
            look, "Share of those with a score, with 95 % interval", range=[0, 1.35], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
        ),
        yaxis=m.names(look, showgrid=False),
    )
    return {"data": m.bars(look, bars), "layout": shared}


def _held(given: list[tuple[Row, str, str]], by: str | None, meaning: str) -> str:
    """The share in words: of all, or from the least to the most of the groups."""
    (row, share, part), *others = given
    if not others and by is None:
        said = w.with_interval(row[share], row[f"{share}_low"], row[f"{share}_high"], w.share)
        return f"{said} {meaning}, {w.part_of(row[part], row['scored'])}."
    known = f.compared([row for row, *_ in given], by, share, "scored")
    if not known.may_be_said:
        return known.none
    said = known.ends(w.share)
    return f"{said[0].upper()}{said[1:]} {meaning}.{known.rest}"


@old_figure
def plateau(released: Released, look: Look) -> Figure:
    """The week from which conservative care brings no further improvement, by diagnosis and class."""
    question = "From when on does conservative care bring no further improvement?"
    rows = [row for row in released.tables["plateaus"] if not {"week", "median_at_end"} & set(row["withheld"])]
    if not rows:
        return nothing(look, "No treatment has enough answers over enough weeks.", question)
    bars = [_plateau(row) for row in rows[::-1]]
    shared = layout(
        look,
        question,
        "The bar ends at the week after which the median pain falls by less than 1 point; thin line: weeks with answers. "
        f"{'Without a bar: pain still falls where the answers end. ' if any(row['week'] is None for row in rows) else ''}Different patients answer at different times, so this describes and does not decide.",
        height=m.bar_height(len(rows), extra=80),
        margin={"l": 12, "r": 150, "t": 10, "b": 48},
        xaxis=axis(look, "Weeks since the start of the treatment", range=[0, 53]),
        yaxis=m.names(look, showgrid=False),
        annotations=gaps.left_out(
            look, sum("week" in row["withheld"] for row in released.tables["plateaus"]), "treatment is", "treatments are"
        ),
    )
    return {"data": m.bars(look, bars), "layout": shared}


def _plateau(row: Row) -> m.Bar:
    diagnosis = v.find(v.DIAGNOSES, row["diagnosis"]).label
    treatment = v.find(v.TREATMENT_CLASSES, row["treatment_class"])
    name = f"{diagnosis}, {treatment.label[0].lower()}{treatment.label[1:]}"
    if row["week"] is None:
        pain = f"pain {w.number(row['median_at_start'], 1)} \u2192 {w.number(row['median_at_end'], 1)}"
        said = f"still falls in week {row['weeks_seen']}, {pain}"
        return m.Bar(
            w.wrapped(name, 40), 0, 0, row["weeks_seen"], treatment.colour, said, m.hover(name, said, f"{w.count(row['n'])} answers")
        )
    pain = f"pain {w.number(row['median_at_start'], 1)} \u2192 {w.number(row['median_at_plateau'], 1)}"
    hover = m.hover(
        name, f"from week {row['week']:g}", f"median {pain}", f"answers until week {row['weeks_seen']}", f"{w.count(row['n'])} answers"
    )
    return m.Bar(w.wrapped(name, 40), row["week"], row["week"], row["weeks_seen"], treatment.colour, f"week {row['week']:g}, {pain}", hover)


@old_figure
def firmness(released: Released, look: Look) -> Figure:
    """The share on each frequent pathway under 16 definitions: from the least to the most, and under the default."""
    question = "Do the frequent pathways depend on how pathways are read?"
    rows = [row for row in released.tables["pathways"] if row["share"] is not None]
    if not rows:
        return nothing(look, FEW, question)
    hidden = len(released.tables["pathways"]) - len(rows)
    given = []
    for steps in dict.fromkeys(row["steps"] for row in rows):
        mine = [row for row in rows if row["steps"] == steps]
        usual = next((row["share"] for row in mine if (row["gap_collapse"], row["combination_overlap"]) == (30, 14)), None)
        low, high = min(row["share"] for row in mine), max(row["share"] for row in mine)
        name = " \u2192 ".join(w.step(step) for step in steps)
        text = f"{w.share(low)} to {w.share(high)}"
        hover = m.hover(name, w.share_who(usual, "as usually read"), f"{text} under {len(mine)} definitions")
        given.append(m.Bar(w.wrapped(name, 46), usual, low, high, look.one, text, hover))
    data, ends = m.ranges(look, given[::-1])
    widest = max(given, key=lambda bar: (bar.high or 0) - (bar.low or 0))
    shared = layout(
        look,
        question,
        f"Most of all \u201c{widest.label.replace('<br>', ' ')}\u201d: {widest.text} of all episodes. Line: gaps of 0 to 90 days and overlaps of 0 to 30; point: as usually read (30 and 14).",
        height=m.bar_height(len(given), extra=80),
        xaxis=axis(look, "Share of all episodes", range=[0, max(bar.high or 0 for bar in given) * 1.3], tickformat=".0%"),
        yaxis=m.names(look, showgrid=False),
        annotations=[*ends, *gaps.left_out(look, hidden, "share is", "shares are")],
    )
    return {"data": data, "layout": shared}
