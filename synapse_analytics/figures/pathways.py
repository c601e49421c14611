"""The figures of the pathways page: cascade, flow, times between steps, escalation and stepped care."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, in_order, layout, note, nothing, old_figure
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
DAYS_A_MONTH = 30.4375
MOST_STEPS = 14  # of the times between steps; the table has all
EVENT_WORDS = {"escalation": "injection or surgery", "injection": "injection", "surgery": "surgery"}
STAGE_WORDS = {"seen": "Seen", "conservative": "Conservative care", "injection": "Injection", "surgery": "Surgery"}


@old_figure
def escalation(released: Released, look: Look) -> Figure:
    """Cumulative incidence of the first injection or surgery, with limits and the numbers at risk underneath."""
    by, event = released.options.get("by"), released.options["event"]
    rows = released.tables["curve"]
    question = f"How soon is {'an injection given' if event == 'injection' else 'surgery done'}?"
    if all(row["incidence"] is None for row in rows):
        return nothing(look, "Too few patients are at risk for a curve.", question)
    groups = in_order(rows, "group")
    given = []
    for place, group in enumerate(groups):
        mine = [row for row in rows if row["group"] == group]
        name = w.group(by, group)
        hovers = [
            m.hover(
                f"{name}, day {r['day']}",
                w.with_interval(r["incidence"], r["low"], r["high"], w.share),
                "" if r["at_risk"] is None else f"at risk: {w.count(r['at_risk'])}",
            )
            for r in mine
        ]
        x = [row["day"] / DAYS_A_MONTH for row in mine]
        given.append(
            m.Series(
                name,
                look.colour(by, group, place),
                x,
                [r["incidence"] for r in mine],
                [r["low"] for r in mine],
                [r["high"] for r in mine],
                hovers,
            )
        )
    top = max(max((value for value in [*series.y, *series.high] if value is not None), default=0) for series in given)
    span = (0.0, max(0.02, min(1.0, top * 1.1)))
    below = 60 + 18 * (len(groups) + 1)
    shared = layout(
        look,
        question,
        _incidence_said(released, event, by),
        height=330 + below,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": below},
        xaxis=axis(look, "Months since first visit", range=[0, 24.4], tickvals=[0, 3, 6, 12, 18, 24], showgrid=False),
        yaxis=axis(
            look, f"Had {'an injection' if event == 'injection' else 'surgery'}, with 95 % interval", range=list(span), tickformat=".0%"
        ),
        annotations=[
            *(m.end_labels(look, given, span, 330) if len(groups) > 1 else []),
            *_at_risk(look, released, groups, by),
            *gaps.crosses(look, given),
        ],
    )
    return {"data": m.lines(look, given, step=True, points=False), "layout": shared}


def _at_risk(look: Look, released: Released, groups: Sequence[str], by: str | None) -> list[dict[str, Any]]:
    """The numbers at risk at 0, 3, 6, 12 and 24 months, one line per group, under the axis."""
    texts = [note(look, "<b>Episodes still at risk</b>", x=0, xref="paper", xanchor="left", y=0, yref="paper", yanchor="top", yshift=-48)]
    for place, group in enumerate(groups):
        shift = -66 - 18 * place
        for row in (row for row in released.tables["horizons"] if row["group"] == group):
            month, text = row["month"], f"{row['at_risk']:,}" if row["at_risk"] else "\u2013"
            anchor = "left" if month == 0 else "center"
            texts.append(note(look, text, x=month, xref="x", xanchor=anchor, y=0, yref="paper", yanchor="top", yshift=shift))
        if len(groups) > 1:
            texts.append(
                note(look, w.group(by, group), x=1, xref="paper", xanchor="left", xshift=8, y=0, yref="paper", yanchor="top", yshift=shift)
            )
    return texts


def _incidence_said(released: Released, event: str, by: str | None) -> str:
    rows = [row for row in released.tables["horizons"] if row["month"] == 12]
    what = "an injection" if event == "injection" else "surgery"
    if all(row["incidence"] is None for row in rows):
        return f"Too few patients were still waiting at 12 months to say how many had {what}."
    if len(rows) == 1:
        row = rows[0]
        return f"{w.with_interval(row['incidence'], row['low'], row['high'], w.share)} had {what} within 12 months."
    why = {
        "needs": f"groups of {f.ENOUGH} or more that were followed for 12 months or had {what}, some of them still waiting",
        "lacks": f"fewer than {f.ENOUGH} episodes followed for 12 months or to {what}, or hardly any still waiting",
    }
    known = f.compared(rows, by, "incidence", _followed(released), **why)
    return f"Had {what} within 12 months: {known.ends(w.share)}.{known.rest}" if known.may_be_said else known.none


def _followed(released: Released) -> Callable[[Row], int | None]:
    """Of a group the episodes that the curve at 12 months rests on: those still waiting, and those that had the event by then."""
    first = {row["group"]: row["at_risk"] for row in released.tables["horizons"] if row["month"] == 0}

    def followed(row: Row) -> int | None:
        waiting, began = row["at_risk"], first.get(row["group"])
        return None if waiting is None or began is None or row["incidence"] is None else waiting + round(began * row["incidence"])

    return followed


@old_figure
def stepped_care(released: Released, look: Look) -> Figure:
    """The share that had enough conservative care first, by group."""
    rows, by = released.tables["groups"], released.options.get("by")
    event, days = released.options["event"], released.options["min_days"]
    given = []
    for place, row in reversed(list(enumerate(rows))):
        name = w.group(by, row["group"])
        limits = w.between(row["low"], row["high"], w.share)
        flags = "" if not row.get("red_flags") else f"{row['red_flags']:,} with red flags left out"
        hover = m.hover(
            name,
            w.share_and_part(row["share"], row["adherent"], row["n"]),
            f"95 % interval {limits}" if limits else "",
            flags,
        )
        text = w.share_and_part(row["share"], row["adherent"], row["n"])
        given.append(m.Bar(name, row["share"], row["low"], row["high"], look.colour(by, row["group"], place), text, hover))
    shared = layout(
        look,
        f"Does conservative care of {days} days come before the first {EVENT_WORDS[event]}?",
        _preceded(rows, by, event),
        height=m.bar_height(len(rows)),
        xaxis=axis(
            look,
            "Share preceded by enough conservative care, with 95 % interval (higher is better)",
            range=[0, 1.28],
            tickformat=".0%",
            tickvals=[0, 0.25, 0.5, 0.75, 1],
        ),
        yaxis=axis(look, "", showgrid=False, tickfont={"size": 13, "color": look.text}),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _preceded(rows: Sequence[Row], by: str | None, event: str) -> str:
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return f"Too few had a first {EVENT_WORDS[event]} for this to be shown."
    flags = [row["red_flags"] for row in rows]
    apart = "" if None in flags or not sum(flags) else f" {sum(flags):,} with red flags are counted apart."
    if len(rows) == 1:
        row = known[0]
        return f"{w.with_interval(row['share'], row['low'], row['high'], w.share)} of {w.those(row['n'])}.{apart}"
    groups = f.compared(rows, by, "share", "n")
    said = f"{groups.ends(w.share)}.{groups.rest}" if groups.may_be_said else groups.none
    return f"{said[0].upper()}{said[1:]}{apart}"


@old_figure
def step_times(released: Released, look: Look) -> Figure:
    """Days from one step to the next: the quartiles as a line, the median as a point."""
    rows = [row for row in released.tables["steps"] if row["median_days"] is not None]
    hidden = len(released.tables["steps"]) - len(rows)
    rows = sorted(rows, key=lambda row: -(row["n"] or 0))[:MOST_STEPS]
    question = "How long does it take from one step to the next?"
    if not rows:
        return nothing(look, "No step is followed by another often enough to be shown.", question)
    top = max(row["q3_days"] or row["median_days"] for row in rows)
    first = next((row for row in rows if "other" not in (row["source"], row["target"])), rows[0])
    named = "" if first is rows[0] else ", of the steps that have a name"
    data, ends = m.ranges(look, [_days(row, look) for row in rows[::-1]])
    shared = layout(
        look,
        question,
        f"{w.step(first['source'])} to {w.step(first['target'])} is the most frequent{named}: "
        f"median {w.number(first['median_days'], 0)} days{_quartiles(first, ', quartiles ')}, {m.n_of(first['n'])}.",
        height=90 + 34 * len(rows),
        xaxis=axis(look, "Days between the starts, median with quartiles", range=[0, top * 1.25]),
        yaxis=m.names(look, showgrid=False),
        annotations=[*ends, *gaps.left_out(look, hidden, "step is", "steps are")],
    )
    return {"data": data, "layout": shared}


def _days(row: Row, look: Look) -> m.Bar:
    label = w.wrapped(f"{w.step(row['source'])} \u2192 {w.step(row['target'])}", 46)
    days = f"{w.number(row['median_days'], 0)} days"
    hover = m.hover(f"{w.step(row['source'])} to {w.step(row['target'])}", f"median {days}", _quartiles(row), m.n_of(row["n"]))
    return m.Bar(label, row["median_days"], row["q1_days"], row["q3_days"], look.one, f"{days} \u00b7 {w.count(row['n'])}", hover)


def _quartiles(row: Row, before: str = "quartiles ") -> str:
    return "" if row["q1_days"] is None or row["q3_days"] is None else f"{before}{row['q1_days']:.0f} to {row['q3_days']:.0f}"


@old_figure
def cascade(released: Released, look: Look) -> Figure:
    """Seen, conservative care, injection, surgery: n, share of all, and the share of those with the stage before that had this one, too."""
    rows, by = released.tables["stages"], released.options.get("by")
    groups = in_order(rows, "group")
    if len(groups) > 1:
        return _cascade_by(rows, by, groups, look)
    given = [_stage(row, look) for row in rows[::-1]]
    shared = layout(
        look,
        "How far does care go?",
        _went(rows),
        height=m.bar_height(len(rows), extra=60),
        xaxis=axis(look, "Share of all episodes", range=[0, 1.75], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]),
        yaxis=axis(look, "", showgrid=False, tickfont={"size": 13, "color": look.text}),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _of_former(row: Row) -> str:
    """Who had both stages, as a share of those that had the first; those that had the second alone are in no part of it."""
    first = {"injection": "conservative care", "surgery": "an injection"}.get(row["stage"])
    return "" if first is None or row["share_of_former"] is None else f"of those with {first}: {w.share(row['share_of_former'])}"


def _stage(row: Row, look: Look) -> m.Bar:
    name = STAGE_WORDS.get(row["stage"], w.treatment(row["stage"]))
    text = f"{m.n_of(row['n']).removeprefix('n = ')}  \u00b7  {w.share_who(row['share_of_all'], 'of all')}"
    colour = next((term.colour for term in v.STAGES if term.code == row["stage"]), look.quiet)
    return m.Bar(name, row["share_of_all"], None, None, colour, text, m.hover(name, text, _of_former(row)))


def _cascade_by(rows: Sequence[Row], by: str | None, groups: Sequence[str], look: Look) -> Figure:
    stages = [stage for stage in in_order(rows, "stage") if stage != "seen"]
    names = [STAGE_WORDS.get(stage, stage) for stage in stages]
    axes, headings = m.panels(look, names, "Share of all episodes of the group", (0, 1.32), tickformat=".0%", tickvals=[0, 0.5, 1])
    seen = {row["group"]: row["n"] for row in rows if row["stage"] == "seen"}
    labels = [w.group(by, group) for group in groups][::-1]
    data = []
    for place, stage in enumerate(stages):
        cells = {row["group"]: row for row in rows if row["stage"] == stage}
        given = []
        for position, group in reversed(list(enumerate(groups))):
            row = cells[group]
            text = w.share_of(row["share_of_all"], row["n"])
            hover = m.hover(
                f"{w.group(by, group)}, {names[place].lower()}",
                w.share_who(row["share_of_all"], "of all"),
                m.n_of(row["n"]),
                _of_former(row),
            )
            given.append(m.Bar(w.group(by, group), row["share_of_all"], None, None, look.colour(by, group, position), text, hover))
        data += m.bars(look, given, xaxis=m.axis_name("x", place))
    ticks = [f'{w.group(by, g)}<br><span style="font-size:11px;color:{look.quiet}">{w.n_of(seen.get(g))}</span>' for g in groups][::-1]
    shared = layout(
        look,
        "How far does care go?",
        _furthest(rows, by, seen),
        height=m.bar_height(len(groups), extra=100),
        margin={"l": 12, "r": 12, "t": 34, "b": 54},
        yaxis=axis(look, "", showgrid=False, tickfont={"size": 13, "color": look.text}, tickvals=labels, ticktext=ticks),
        annotations=[*headings, *gaps.alone(look, [row for row in rows if row["stage"] != "seen"], "share_of_all")],
        **axes,
    )
    return {"data": data, "layout": shared}


def _went(rows: Sequence[Row]) -> str:
    said: list[str] = []
    both = ""
    for stage, words in (("conservative", "conservative care"), ("injection", "an injection"), ("surgery", "surgery")):
        row = next((row for row in rows if row["stage"] == stage), None)
        if row is not None and row["share_of_all"] is not None:
            said.append(f"{w.share(row['share_of_all'])} {'' if said else 'had '}{words}")
            if stage == "surgery" and row["n"] and row["of_former"] is not None:
                both = f" Of the {row['n']:,} operated {row['of_former']:,} had an injection, too."
    return f"{', '.join(said)} from the first visit to the end of the data.{both}" if said else "Too few patients to be shown."


def _furthest(rows: Sequence[Row], by: str | None, seen: Mapping[str, int | None]) -> str:
    operated = [row for row in rows if row["stage"] == "surgery"]
    known = f.compared(operated, by, "share_of_all", lambda row: seen[row["group"]])
    return f"Surgery, of all episodes: {known.ends(w.share)}.{known.rest}" if known.may_be_said else known.none
