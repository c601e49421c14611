"""The figures of whether care follows response: before escalation, while waiting, the plateau, and how firm the pathways are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import share_bars
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout
from synapse_analytics.findings import care
from synapse_analytics.findings import response as said
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
AS_USUAL = (30, 14)  # days of gap_collapse and combination_overlap with which pathways are read everywhere else


@figure(said.responding)
def responding(released: Released, look: Look) -> Figure:
    """The share that was already responding when care escalated, by group."""
    return _shares(released, look, "escalated", "responding")


@figure(said.waiting)
def waiting(released: Released, look: Look) -> Figure:
    """The share of those not helped after 12 weeks that had no escalation in the next 12, by group."""
    return _shares(released, look, "waiting", "not_escalated")


def _shares(released: Released, look: Look, table: str, part: str) -> Figure:
    by = released.options.get("by")
    scored = [row for row in released.tables[table] if row["scored"] != 0]
    given = [_share(row, by, part, look.colour(by, row["group"])) for row in reversed(scored)]
    return share_bars(
        look, given, "Share of patients with a score, with 95 % interval", room=1.35, height=m.bar_height(len(given), extra=80)
    )


def _share(row: Row, by: str | None, part: str, colour: str) -> m.Bar:
    name, (value, low, high) = w.group(by, row["group"]), (row[f"share_{part}{end}"] for end in ("", "_low", "_high"))
    text = w.share_and_part(value, row[part], row["scored"], w.width(low, high))
    days = row.get("median_days_waited")
    waited = "" if days is None else f"median {w.number(days, 0)} days after the first visit"
    return m.Bar(name, value, low, high, colour, text, m.hover(name, text, w.interval({"low": low, "high": high}, value), waited))


@figure(said.plateau)
def plateau(released: Released, look: Look) -> Figure:
    """The week from which conservative care brings no further improvement, by diagnosis and class."""
    given = [_plateau(row, look) for row in reversed(said.known_plateaus(released))]
    hidden = sum("week" in row["withheld"] for row in released.tables["plateaus"])
    shared = layout(
        look,
        height=m.bar_height(len(given), extra=80),
        margin={"l": 12, "r": 150, "t": 10, "b": 51},
        xaxis=axis(look, "Weeks since the start of the treatment", range=[0, 53]),
        yaxis=m.names(look, showgrid=False),
        annotations=gaps.left_out(look, hidden, "treatment is", "treatments are"),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _plateau(row: Row, look: Look) -> m.Bar:
    treatment = v.find(v.TREATMENT_CLASSES, row["treatment_class"])
    name = f"{v.find(v.DIAGNOSES, row['diagnosis']).label}, {w.inside(treatment.label)}"
    end = row["median_at_end"] if row["week"] is None else row["median_at_plateau"]
    pain, answers = f"pain {w.number(row['median_at_start'], 1)} \u2192 {w.number(end, 1)}", f"{w.count(row['n'])} answers"
    if row["week"] is None:
        text = f"still falls in week {row['weeks_seen']}, {pain}"
        facts = [text, answers]
    else:
        text = f"week {row['week']:g}, {pain}"
        facts = [
            f"clear fall until week {row['week']:g}" if row["week"] else "no clear fall",
            f"median {pain}",
            f"answers until week {row['weeks_seen']}",
            answers,
        ]
    week = row["week"] or 0
    return m.Bar(w.wrapped(name, 40), week, week, row["weeks_seen"], look.treatment(treatment.code), text, m.hover(name, *facts))


@figure(said.firmness)
def firmness(released: Released, look: Look) -> Figure:
    """The share on each frequent pathway under 16 definitions: from the least to the most, and under the default."""
    given = [_firm(steps, rows, look) for steps, rows in said.read_pathways(released).items()][::-1]
    hidden = sum(row["share"] is None for row in released.tables["pathways"])
    data, ends = m.ranges(look, given)
    shared = layout(
        look,
        height=m.bar_height(len(given), extra=80),
        xaxis=axis(look, "Share of all episodes", range=[0, max(bar.high or 0 for bar in given) * 1.3], tickformat=".0%"),
        yaxis=m.names(look, showgrid=False, categoryarray=[bar.label for bar in given]),
        annotations=[*ends, *gaps.left_out(look, hidden, "share is", "shares are")],
    )
    return {"data": data, "layout": shared}


def _firm(steps: Sequence[str], rows: Sequence[Row], look: Look) -> m.Bar:
    usual = next((row["share"] for row in rows if (row["gap_collapse"], row["combination_overlap"]) == AS_USUAL), None)
    low, high = (end(row["share"] for row in rows) for end in (min, max))
    name, text = care.pathway(steps), w.share(low) if w.share(low) == w.share(high) else f"{w.share(low)} to {w.share(high)}"
    hover = m.hover(name, w.share_who(usual, "by the usual definition"), f"{text} under {len(rows)} definitions")
    return m.Bar(w.wrapped(name, 46), usual, low, high, look.one, text, hover)
