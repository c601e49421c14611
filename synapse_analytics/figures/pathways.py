"""The figures of the pathways page: cascade, times between steps, escalation and stepped care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import lines_by_group, series_by_group, share_bars
from synapse_analytics.figures.theme import Figure, Look, Note, axis, figure, layout, note
from synapse_analytics.findings import pathways as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
DAYS_A_MONTH = 30.4375
STAGES = {"seen": "Seen", "conservative": "Conservative care", "injection": "Injection", "surgery": "Surgery"}


@figure(said.cascade)
def cascade(released: Released, look: Look) -> Figure:
    """Seen, conservative care, injection, surgery: n, share of all, and the share of those with the stage before that had this one, too."""
    rows = released.tables["stages"]
    if len(in_order(rows, "group")) > 1:
        return _cascade_by(rows, released.options.get("by"), look)
    given = [_stage(row, look) for row in rows[::-1]]
    return share_bars(look, given, "Share of all episodes", room=1.75, height=m.bar_height(len(rows), extra=60))


def _stage(row: Row, look: Look) -> m.Bar:
    name = STAGES[row["stage"]]
    text = f"{w.n_of(row['n']).removeprefix('n = ')}  \u00b7  {w.share_who(row['share_of_all'], 'of all')}"
    colour = next((term.colour for term in v.STAGES if term.code == row["stage"]), look.quiet)
    return m.Bar(name, row["share_of_all"], None, None, colour, text, m.hover(name, text, _of_former(row)))


def _of_former(row: Row) -> str:
    """Who had both stages, as a share of those that had the first; those that had the second alone are in no part of it."""
    first = {"injection": "conservative care", "surgery": "an injection"}.get(row["stage"])
    return "" if first is None or row["share_of_former"] is None else f"of those with {first}: {w.share(row['share_of_former'])}"


def _cascade_by(rows: Sequence[Row], by: str | None, look: Look) -> Figure:
    """A panel for each stage after the first visit, and a bar for each group."""
    groups = in_order(rows, "group")
    seen = {row["group"]: row["n"] for row in rows if row["stage"] == "seen"}
    after = [row for row in rows if row["stage"] != "seen"]
    stages = in_order(after, "stage")
    title = "Share of all episodes of the group"
    axes, headings = m.panels(look, [STAGES[stage] for stage in stages], title, (0, 1.32), tickformat=".0%", tickvals=[0, 0.5, 1])
    data = []
    for place, stage in enumerate(stages):
        mine = {row["group"]: row for row in after if row["stage"] == stage}
        given = [_stage_of(mine[group], by, look.colour(by, group, number)) for number, group in enumerate(groups)]
        data += m.bars(look, given[::-1], xaxis=m.axis_name("x", place))
    shared = layout(
        look,
        height=m.bar_height(len(groups), extra=100),
        margin={"l": 12, "r": 12, "t": 34, "b": 54},
        yaxis=m.names(look, {w.group(by, group): w.n_of(seen.get(group)) for group in reversed(groups)}, showgrid=False),
        annotations=[*headings, *gaps.alone(look, after, "share_of_all")],
        **axes,
    )
    return {"data": data, "layout": shared}


def _stage_of(row: Row, by: str | None, colour: str) -> m.Bar:
    name, share = w.group(by, row["group"]), row["share_of_all"]
    hover = m.hover(f"{name}, {STAGES[row['stage']].lower()}", w.share_who(share, "of all"), w.n_of(row["n"]), _of_former(row))
    return m.Bar(name, share, None, None, colour, w.share_of(share, row["n"]), hover)


@figure(said.step_times)
def step_times(released: Released, look: Look) -> Figure:
    """Days from one step to the next: the quartiles as a line, the median as a point."""
    rows = said.most_frequent_steps(released)
    hidden = sum(row["median_days"] is None for row in released.tables["steps"])
    top = max(row["q3_days"] or row["median_days"] for row in rows)
    data, ends = m.ranges(look, [_days(row, look) for row in rows[::-1]])
    shared = layout(
        look,
        height=90 + 34 * len(rows),
        xaxis=axis(look, "Days between the starts, median with quartiles", range=[0, top * 1.25]),
        yaxis=m.names(look, showgrid=False),
        annotations=[*ends, *gaps.left_out(look, hidden, "step is", "steps are")],
    )
    return {"data": data, "layout": shared}


def _days(row: Row, look: Look) -> m.Bar:
    source, target, days = w.step(row["source"]), w.step(row["target"]), f"{w.number(row['median_days'], 0)} days"
    hover = m.hover(f"{source} to {target}", f"median {days}", said.quartiles(row), w.n_of(row["n"]))
    label, text = w.wrapped(f"{source} \u2192 {target}", 46), f"{days} \u00b7 {w.count(row['n'])}"
    return m.Bar(label, row["median_days"], row["q1_days"], row["q3_days"], look.one, text, hover)


@figure(said.escalation)
def escalation(released: Released, look: Look) -> Figure:
    """Cumulative incidence of the first injection or surgery, with limits and the numbers at risk underneath."""
    by, columns = released.options.get("by"), ("incidence", "low", "high")
    given = series_by_group(look, released.tables["curve"], by, x=lambda row: row["day"] / DAYS_A_MONTH, columns=columns, hover=_waiting)
    top = max((value for series in given for value in (*series.y, *series.high) if value is not None), default=0)
    title = f"Had {said.HAD[released.options['event']]}, with 95 % interval"
    return lines_by_group(
        look,
        given,
        axis(look, "Months since first visit", range=[0, 24.4], tickvals=[0, 3, 6, 12, 18, 24], showgrid=False),
        axis(look, title, range=[0.0, max(0.02, min(1.0, top * 1.1))], tickformat=".0%"),
        height=330,
        below=0,
        beneath=60 + 18 * (len(given) + 1),
        notes=_at_risk(look, released.tables["horizons"], in_order(released.tables["curve"], "group"), by),
        points=False,
        step=True,
    )


def _waiting(name: str, row: Row) -> str:
    at_risk = "" if row["at_risk"] is None else f"at risk: {w.count(row['at_risk'])}"
    return m.hover(f"{name}, day {row['day']}", w.with_interval(row["incidence"], row["low"], row["high"], w.share), at_risk)


def _at_risk(look: Look, rows: Sequence[Row], groups: Sequence[str], by: str | None) -> list[Note]:
    """The numbers at risk at 0, 3, 6, 12 and 24 months, one line per group, under the axis."""
    under = {"y": 0, "yref": "paper", "yanchor": "top"}
    texts = [note(look, "<b>Episodes still at risk</b>", x=0, xref="paper", xanchor="left", yshift=-48, **under)]
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
    given = [_preceded(row, by, look.colour(by, row["group"], place)) for place, row in enumerate(rows)]
    return share_bars(look, given[::-1], "Share preceded by enough conservative care, with 95 % interval (higher is better)")


def _preceded(row: Row, by: str | None, colour: str) -> m.Bar:
    name, text = w.group(by, row["group"]), w.share_and_part(row["share"], row["adherent"], row["n"])
    flags = f"{row['red_flags']:,} with red flags left out" if row["red_flags"] else ""
    return m.Bar(name, row["share"], row["low"], row["high"], colour, text, m.hover(name, text, w.interval(row), flags))
