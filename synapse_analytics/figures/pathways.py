"""The figures of how long care takes and whether it is stepped: times between steps, escalation and stepped care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group, share_bars
from synapse_analytics.figures.colours import SPLITS
from synapse_analytics.figures.panels import Panel, Shared, side_by_side
from synapse_analytics.figures.theme import Figure, Look, Note, axis, figure, layout, note
from synapse_analytics.findings import care
from synapse_analytics.findings import pathways as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
DAYS_A_MONTH = 30.4375
TOGETHER = 6  # lines of a chart whose names have room at their ends
IN_PANELS = (0, 6, 12, 24)  # months under a panel, for which there are numbers at risk


@figure(said.step_times)
def step_times(released: Released, look: Look) -> Figure:
    """Days from one step to the next: the quartiles as a line, the median as a point."""
    rows = said.most_frequent_steps(released)
    hidden = sum(row["median_days"] is None for row in released.tables["steps"])
    top = max(row["q3_days"] or row["median_days"] for row in rows)
    given = [_days(row, look) for row in rows[::-1]]
    data, ends = m.ranges(look, given)
    shared = layout(
        look,
        height=90 + 34 * len(rows),
        xaxis=axis(look, "Days from one start to the next, median with the middle half", range=[0, top * 1.25]),
        yaxis=m.names(look, showgrid=False, categoryarray=[bar.label for bar in given]),
        annotations=[*ends, *gaps.left_out(look, hidden, "step is", "steps are")],
    )
    return {"data": data, "layout": shared}


def _days(row: Row, look: Look) -> m.Bar:
    source, target, days = care.step(row["source"]), care.step(row["target"]), f"{w.number(row['median_days'], 0)} days"
    hover = m.hover(f"{source} to {target}", f"median {days}", said.quartiles(row), w.n_of(row["n"]))
    label, text = w.wrapped(f"{source} \u2192 {target}", 46), f"{days} \u00b7 {w.count(row['n'])}"
    return m.Bar(label, row["median_days"], row["q1_days"], row["q3_days"], look.one, text, hover)


@figure(said.escalation)
def escalation(released: Released, look: Look, *, shown: str = "") -> Figure:
    """Cumulative incidence of the first injection or surgery, with limits and the numbers at risk underneath.

    Few diagnoses or stages share a chart and are named at their ends; of other groups, which have no colour, each has a panel.
    """
    by, columns = released.options.get("by"), ("incidence", "low", "high")
    given = series_by_group(look, released.tables["curve"], by, x=lambda row: row["day"] / DAYS_A_MONTH, columns=columns, hover=_waiting)
    top = max((value for series in given for value in (*series.y, *series.high) if value is not None), default=0)
    title = f"Had {said.HAD[released.options['event']]}, with 95 % interval"
    up = {"range": [0.0, max(0.02, min(1.0, top * 1.1))], "tickformat": ".0%"}
    if not is_one_chart(released):
        words = [w.wrapped(f"{title}. Across: months since first visit; below them the episodes still waiting", 88)]
        shared = Shared({"range": [0, 24.4], "showgrid": False}, up, words, points=False, step=True)
        return side_by_side(look, _apart(released, given), shared, by, shown)
    return lines_by_group(
        look,
        given,
        axis(look, "Months since first visit", range=[0, 24.4], tickvals=[0, 3, 6, 12, 18, 24], showgrid=False),
        axis(look, title, **up),
        height=330,
        below=0,
        beneath=60 + 18 * (len(given) + 1),
        notes=_at_risk(look, released.tables["horizons"], in_order(released.tables["curve"], "group"), by),
        points=False,
        step=True,
    )


def is_one_chart(released: Released) -> bool:
    """True where the lines of all groups share one chart."""
    groups = in_order(released.tables["curve"], "group")
    return len(groups) <= (TOGETHER if released.options.get("by") in SPLITS else 1)


def _apart(released: Released, given: Sequence[m.Series]) -> dict[str, Panel]:
    """A panel for each group, with its numbers at risk under the months."""
    rows, panels = released.tables["horizons"], {}
    for group, series in zip(in_order(released.tables["curve"], "group"), given, strict=True):
        at_risk = {row["month"]: row["at_risk"] for row in rows if row["group"] == group}
        texts = [f"{month}<br>{at_risk[month]:,}" if at_risk.get(month) else f"{month}<br>\u2013" for month in IN_PANELS]
        panels[group] = Panel(series, at_risk.get(0), {"tickvals": list(IN_PANELS), "ticktext": texts})
    return panels


def _waiting(name: str, row: Row) -> str:
    at_risk = "" if row["at_risk"] is None else f"still waiting: {w.count(row['at_risk'])}"
    return m.hover(f"{name}, day {row['day']}", w.with_interval(row["incidence"], row["low"], row["high"], w.share), at_risk)


def _at_risk(look: Look, rows: Sequence[Row], groups: Sequence[str], by: str | None) -> list[Note]:
    """The numbers at risk at 0, 3, 6, 12 and 24 months, one line per group, under the axis."""
    under = {"y": 0, "yref": "paper", "yanchor": "top"}
    texts = [note(look, "<b>Episodes still waiting</b>", x=0, xref="paper", xanchor="left", yshift=-48, **under)]
    for place, group in enumerate(groups):
        under["yshift"] = -66 - 18 * place
        for row in (row for row in rows if row["group"] == group):
            text, anchor = f"{row['at_risk']:,}" if row["at_risk"] else "\u2013", "left" if row["month"] == 0 else "center"
            texts.append(note(look, text, x=row["month"], xref="x", xanchor=anchor, **under))
        if len(groups) > 1:
            texts.append(note(look, w.group(by, group), x=1, xref="paper", xanchor="left", xshift=8, **under))
    return texts


@figure(said.stepped_care)
def stepped_care(released: Released, look: Look) -> Figure:
    """The share that had enough conservative care first, by group."""
    rows, by = released.tables["groups"], released.options.get("by")
    given = [_preceded(row, by, look.colour(by, row["group"])) for row in rows]
    return share_bars(look, given[::-1], "Share with enough conservative care first, with 95 % interval (higher is better)")


def _preceded(row: Row, by: str | None, colour: str) -> m.Bar:
    name, text = w.group(by, row["group"]), w.share_and_part(row["share"], row["adherent"], row["n"], w.width(row["low"], row["high"]))
    flags = f"{row['red_flags']:,} with red flags left out" if row["red_flags"] else ""
    return m.Bar(name, row["share"], row["low"], row["high"], colour, text, m.hover(name, text, w.interval(row, row["share"]), flags))
