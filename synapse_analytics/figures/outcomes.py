"""The figures of the outcomes page: scores over time, responders, how changes are distributed, and who answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures import words as w
from synapse_analytics.figures.theme import Figure, Look, axis, figure, in_order, layout, note, nothing

Row = Mapping[str, Any]
HEIGHT = 400


def _decimals(instrument: str) -> int:
    return 2 if v.find(v.INSTRUMENTS, instrument).decimals == 3 else 1


@figure
def trajectory(released: Released, look: Look, *, measure: str = "mean") -> Figure:
    """Mean (or median with quartiles) at the reference visits, with n and follow-up under every time point."""
    instrument, by = released.options["instrument"], released.options.get("by")
    rows = [row for row in released.tables["visits"] if row["n"] is None or row["n"] > 0]
    if not rows:
        return nothing(look, "Nobody in this cohort answered this score.")
    groups = in_order(rows, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    columns = ("mean", "low", "high") if measure == "mean" else ("median", "q1", "q3")
    given = [
        _series([row for row in rows if row["group"] == group], by, columns, w.colour(by, group, place, look.one), _decimals(instrument))
        for place, group in enumerate(groups)
    ]
    span = _span(given, instrument)
    shared = layout(
        look,
        f"How does {_thing(instrument)} change over time?",
        _fell(rows, instrument, groups, by),
        height=HEIGHT,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 60},
        xaxis=axis(
            look,
            _since(released),
            tickvals=list(range(len(order))),
            ticktext=_under(rows, order, groups),
            showgrid=False,
            range=[-0.25, len(order) - 0.75],
        ),
        yaxis=axis(look, w.wrapped(f"{w.scale(instrument)}", 46), range=list(span)),
        annotations=m.end_labels(look, given, span, HEIGHT) if len(groups) > 1 else [],
    )
    for series in given:
        series.x[:] = [order.index(code) for code in series.x]
    return {"data": m.lines(look, given), "layout": shared}


def _series(rows: Sequence[Row], by: str | None, columns: tuple[str, str, str], colour: str, decimals: int) -> m.Series:
    value, low, high = columns
    name = w.group(by, rows[0]["group"])
    hovers = [_visit_hover(name, row, columns, decimals) for row in rows]
    return m.Series(
        name, colour, [r["visit"] for r in rows], [r[value] for r in rows], [r[low] for r in rows], [r[high] for r in rows], hovers
    )


def _visit_hover(name: str, row: Row, columns: tuple[str, str, str], decimals: int) -> str:
    value, low, high = columns
    kind = "mean with 95 % interval" if value == "mean" else "median with quartiles"
    text = w.with_interval(row[value], row[low], row[high], lambda x: w.number(x, decimals))
    followed = (
        ""
        if row["visit"] == "baseline" or row["completeness"] is None
        else f"{w.share(row['completeness'])} of {w.count(row['expected'])} expected answered"
    )
    return m.hover(f"{name}, {w.visit(row['visit']).lower()}", f"{text} {kind}", m.n_of(row["n"]), followed)


def _under(rows: Sequence[Row], order: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Under each time point its name, n and follow-up (of all groups together only where there is one)."""
    texts = []
    for code in order:
        mine = [row for row in rows if row["visit"] == code]
        ns = [row["n"] for row in mine]
        total = None if None in ns else sum(ns)
        follow = ""
        if len(groups) == 1 and mine and code != "baseline" and mine[0]["completeness"] is not None:
            follow = f"<br>{w.share(mine[0]['completeness'])} followed up"
        texts.append(f"{w.visit(code)}<br>n = {total:,}{follow}" if total is not None else f"{w.visit(code)}<br>n partly withheld")
    return texts


def _span(given: Sequence[m.Series], instrument: str) -> tuple[float, float]:
    """The whole scale for 0 to 10; otherwise from 0 to a little beyond what is drawn."""
    term = v.find(v.INSTRUMENTS, instrument)
    if term.high == 10:
        return (0.0, 10.0)
    ends = [value for series in given for value in [*series.y, *series.high] if value is not None]
    top = min(term.high, max(ends, default=term.high) * 1.12)
    return (
        0.0 if term.low >= 0 else min(0.0, *(value for series in given for value in [*series.y, *series.low] if value is not None)),
        top,
    )


def _thing(instrument: str) -> str:
    label = w.instrument(instrument).label.split(" (")[0]
    return label if label[:2].isupper() or label.startswith("Oswestry") else label[0].lower() + label[1:]


def _since(released: Released) -> str:
    index = released.options.get("index", "first_visit")
    return "Time since first visit" if index == "first_visit" else f"Time since the start of {w.treatment(index).lower()}"


def _fell(rows: Sequence[Row], instrument: str, groups: Sequence[str], by: str | None) -> str:
    """The answer: the mean change at 12 months (else at the last visit that has one), n and follow-up."""
    said = []
    for group in groups:
        mine = [row for row in rows if row["group"] == group and row.get("change") is not None and row["visit"] != "baseline"]
        row = next((row for row in mine if row["visit"] == "month_12"), mine[-1] if mine else None)
        if row is None:
            continue
        name = w.instrument(instrument).label.split(" (")[0] if len(groups) == 1 else w.group(by, group)
        said.append((row["change"], f"{name} {w.moved(instrument, row['change'], row['change_low'], row['change_high'])}", row))
    if not said:
        return "Too few answers to say how it changed."
    if len(groups) == 1:
        row = said[0][2]
        return f"{said[0][1]} at {w.visit(row['visit'])}, n = {w.count(row['n'])}, {w.share(row['completeness'])} followed up."
    first, last = min(said, key=lambda item: item[0]), max(said, key=lambda item: item[0])
    return f"At {w.visit(first[2]['visit'])}: {first[1]}; {last[1]}."


@figure
def weekly(released: Released, look: Look) -> Figure:
    """The mean of each week with its interval: what lies between the visits."""
    instrument, by = released.options["instrument"], released.options.get("by")
    rows = released.tables["weeks"]
    if all(row["mean"] is None for row in rows):
        return nothing(look, "No week has enough answers to be shown.")
    groups = in_order(rows, "group")
    given = []
    for place, group in enumerate(groups):
        mine = _every_week([row for row in rows if row["group"] == group])
        name = w.group(by, group)
        hovers = [m.hover(f"{name}, week {r['week']}", w.with_interval(r["mean"], r["low"], r["high"]), m.n_of(r["n"])) for r in mine]
        colour = w.colour(by, group, place, look.one)
        given.append(
            m.Series(
                name,
                colour,
                [r["week"] for r in mine],
                [r["mean"] for r in mine],
                [r["low"] for r in mine],
                [r["high"] for r in mine],
                hovers,
            )
        )
    span = _span(given, instrument)
    shared = layout(
        look,
        f"What does {_thing(instrument)} look like week by week?",
        f"Mean of all answers of a week, {len({row['week'] for row in rows if row['mean'] is not None})} weeks with enough answers. Weeks between visits hold fewer and other patients.",
        height=340,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 48},
        xaxis=axis(look, f"Weeks {_since(released).removeprefix('Time ')}", showgrid=False),
        yaxis=axis(look, w.wrapped(w.scale(instrument), 40), range=list(span)),
        annotations=m.end_labels(look, given, span, 340) if len(groups) > 1 else [],
    )
    return {"data": m.lines(look, given, points=False), "layout": shared}


def _every_week(rows: Sequence[Row]) -> list[Row]:
    """The rows with empty weeks filled in, so that a line does not bridge what is not known."""
    known = {row["week"]: row for row in rows if row["mean"] is not None}
    if not known:
        return []
    none = {"n": None, "mean": None, "low": None, "high": None}
    return [known.get(week, none | {"week": week}) for week in range(min(known), max(known) + 1)]


@figure
def responders(released: Released, look: Look) -> Figure:
    """The share that reached a preset, of those who answered and of all who were expected to."""
    rows, by = released.tables["groups"], released.options.get("by")
    preset = v.find(v.PRESETS, released.options["preset"])
    given = []
    for place, row in reversed(list(enumerate(rows))):
        name = w.group(by, row["group"])
        limits = w.between(row["low"], row["high"], w.share)
        text = f"{w.share(row['share'])}  \u00b7  {w.count(row['responders'])} of {w.count(row['n'])} who answered; {w.share(row['share_of_expected'])} of all {w.count(row['expected'])} expected"
        hover = m.hover(
            name,
            f"{w.share(row['share'])} of those who answered",
            f"95 % interval {limits}" if limits else "",
            text.split("\u00b7")[1].strip(),
        )
        given.append(
            m.Bar(name, row["share"], row["low"], row["high"], w.colour(by, row["group"], place, look.one), w.share(row["share"]), hover)
        )
    under = [_denominators(row) for row in reversed(rows)]
    shared = layout(
        look,
        f"How many reached \u201c{preset.label}\u201d {w.instrument(released.options['instrument']).label.split(' (')[0]} after {released.options['month']} months?",
        _reached(rows, by),
        height=m.bar_height(len(rows), extra=86) + 14 * len(rows),
        xaxis=axis(
            look,
            "Share of those who answered, with 95 % interval (higher is better)",
            range=[0, 1.12],
            tickformat=".0%",
            tickvals=[0, 0.25, 0.5, 0.75, 1],
        ),
        yaxis=axis(
            look,
            "",
            showgrid=False,
            tickfont={"size": 13, "color": look.text},
            tickvals=[bar.label for bar in given],
            ticktext=[
                f'{bar.label}<br><span style="font-size:11px;color:{look.quiet}">{below}</span>'
                for bar, below in zip(given, under, strict=True)
            ],
        ),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _denominators(row: Row) -> str:
    return f"{w.count(row['responders'])} of {w.count(row['n'])} answered; {w.share(row['share_of_expected'])} of {w.count(row['expected'])} expected"


def _reached(rows: Sequence[Row], by: str | None) -> str:
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return "Too few answers to be shown."
    if len(rows) == 1:
        row = known[0]
        of_all = (
            ""
            if row["share_of_expected"] is None
            else f" Of all {w.count(row['expected'])} expected, counting those who did not answer as not improved: {w.share(row['share_of_expected'])}."
        )
        return f"{w.with_interval(row['share'], row['low'], row['high'], w.share)} of the {w.count(row['n'])} who answered.{of_all}"
    low, high = min(known, key=lambda r: r["share"]), max(known, key=lambda r: r["share"])
    return f"From {w.share(low['share'])} ({w.group(by, low['group'])}) to {w.share(high['share'])} ({w.group(by, high['group'])}) of those who answered."


@figure
def changes(released: Released, look: Look) -> Figure:
    """How the changes are distributed: bins, better on one side, worse on the other."""
    rows, by = released.tables["bins"], released.options.get("by")
    instrument = released.options["instrument"]
    better = w.instrument(instrument).better
    groups = in_order(rows, "group")
    span = (min(row["from"] for row in rows), max(row["to"] for row in rows))
    names = [w.group(by, group) for group in groups]
    title = f"Change in {_thing(instrument)}, {'negative' if better == 'lower' else 'positive'} is better"
    axes, headings = m.panels(look, names, title, span)
    data = []
    for place, group in enumerate(groups):
        mine = [row for row in rows if row["group"] == group and row["share"] is not None]
        data.append(
            {
                "type": "bar",
                "xaxis": m.axis_name("x", place),
                "yaxis": "y",
                "x": [(row["from"] + row["to"]) / 2 for row in mine],
                "width": [(row["to"] - row["from"]) * 0.92 for row in mine],
                "y": [row["share"] for row in mine],
                "marker": {"color": [_side(row, better, look) for row in mine]},
                "hoverinfo": "text",
                "hovertext": [
                    m.hover(f"{w.number(r['from'], 1)} to {w.number(r['to'], 1)}", w.share(r["share"]), m.n_of(r["n"])) for r in mine
                ],
            }
        )
    shared = layout(
        look,
        f"How differently do patients change by {released.options['month']} months?",
        _sides(rows, better),
        height=320,
        margin={"l": 12, "r": 18, "t": 34 if len(groups) > 1 else 12, "b": 54},
        yaxis=axis(look, "Share of those who answered", tickformat=".0%", rangemode="tozero"),
        annotations=headings if len(groups) > 1 else [],
        bargap=0.06,
        **axes,
    )
    return {"data": data, "layout": shared}


def _side(row: Row, better: str, look: Look) -> str:
    middle = (row["from"] + row["to"]) / 2
    if row["from"] <= 0 < row["to"] and abs(middle) <= (row["to"] - row["from"]) / 2:
        return look.same
    return look.better if (middle < 0) == (better == "lower") else look.worse


def _sides(rows: Sequence[Row], better: str) -> str:
    known = [row for row in rows if row["n"] is not None]
    total = sum(row["n"] for row in known)
    if not total:
        return "Too few answers to be shown."
    good = sum(row["n"] for row in known if (row["to"] <= 0 if better == "lower" else row["from"] >= 0.0001))
    hidden = "" if len(known) == len(rows) else " Bins with very few patients are withheld and left out."
    return f"Blue: improved ({w.share(good / total)} of the shown changes); grey: about the same; orange: worse.{hidden}"


@figure
def followed_up(released: Released, look: Look) -> Figure:
    """Who answered of those who were expected, by visit."""
    rows, by = [row for row in released.tables["visits"] if row["visit"] != "baseline"], released.options.get("by")
    if not rows:
        return nothing(look, "No follow-up visit is due yet.")
    groups = in_order(rows, "group")
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    given = []
    for place, group in enumerate(groups):
        mine = [row for row in rows if row["group"] == group]
        name = w.group(by, group)
        hovers = [
            m.hover(
                f"{name}, {w.visit(r['visit']).lower()}",
                f"{w.share(r['share'])} answered",
                f"{w.count(r['answered'])} of {w.count(r['expected'])} expected",
            )
            for r in mine
        ]
        none = [None] * len(mine)
        given.append(
            m.Series(
                name,
                w.colour(by, group, place, look.one),
                [order.index(r["visit"]) for r in mine],
                [r["share"] for r in mine],
                none,
                none,
                hovers,
            )
        )
    ticks = [_expected(rows, code) for code in order]
    shared = layout(
        look,
        "How many of the expected patients answered?",
        _answered(rows, order, groups, by),
        height=320,
        margin={"l": 12, "r": m.label_margin(given) if len(groups) > 1 else 24, "t": 12, "b": 56},
        xaxis=axis(look, "", tickvals=list(range(len(order))), ticktext=ticks, showgrid=False, range=[-0.25, len(order) - 0.75]),
        yaxis=axis(look, "Answered, of those expected (higher is better)", range=[0, 1.02], tickformat=".0%"),
        annotations=[
            *(m.end_labels(look, given, (0, 1), 320) if len(groups) > 1 else []),
            note(look, "60 %: below this, read with care", x=0, xref="paper", xanchor="left", y=0.6, yanchor="bottom"),
        ],
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": 0.6,
                "y1": 0.6,
                "line": {"color": look.line, "width": 1, "dash": "dot"},
            }
        ],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _expected(rows: Sequence[Row], code: str) -> str:
    mine = [row["expected"] for row in rows if row["visit"] == code]
    return f"{w.visit(code)}<br>{sum(mine):,} expected" if None not in mine else f"{w.visit(code)}<br>partly withheld"


def _answered(rows: Sequence[Row], order: Sequence[str], groups: Sequence[str], by: str | None) -> str:
    code = "month_12" if "month_12" in order else order[-1]
    mine = [row for row in rows if row["visit"] == code and row["share"] is not None]
    if not mine:
        return "Too few patients were expected for this to be shown."
    if len(groups) == 1:
        return f"At {w.visit(code)} {w.share(mine[0]['share'])} answered: {w.count(mine[0]['answered'])} of {w.count(mine[0]['expected'])} expected."
    low, high = min(mine, key=lambda r: r["share"]), max(mine, key=lambda r: r["share"])
    return f"At {w.visit(code)} from {w.share(low['share'])} ({w.group(by, low['group'])}) to {w.share(high['share'])} ({w.group(by, high['group'])})."


@figure
def bounds(released: Released, look: Look) -> Figure:
    """The share between two extremes: nobody who did not answer improved, or all of them did."""
    rows, by = (
        [row for row in released.tables["bounds"] if row["worst"] is not None and row["best"] is not None],
        released.options.get("by"),
    )
    question = "What if those who did not answer differ?"
    if not rows:
        return nothing(look, "Too few patients were expected for this to be shown.", question)
    labels = [w.group(by, row["group"]) for row in rows]
    data: list[dict[str, Any]] = []
    for place, (label, row) in enumerate(zip(labels, rows, strict=True)):
        colour = w.colour(by, row["group"], place, look.one)
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [row["worst"], row["best"]],
                "y": [label, label],
                "line": {"color": colour, "width": 6},
                "opacity": 0.4,
                "hoverinfo": "skip",
            }
        )
        text = m.hover(
            label,
            f"{w.share(row['answered'])} of those who answered",
            f"{w.share(row['worst'])} if none of the others improved",
            f"{w.share(row['best'])} if all of them did",
            f"{w.count(row['expected'])} expected",
        )
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row["answered"]],
                "y": [label],
                "marker": {"color": colour, "size": 12, "line": {"color": look.paper, "width": 1.5}},
                "hoverinfo": "text",
                "hovertext": [text],
            }
        )
    ends = [
        note(look, f"{w.share(r['worst'])} to {w.share(r['best'])}", x=r["best"], xanchor="left", xshift=12, y=label, yanchor="middle")
        for r, label in zip(rows, labels, strict=True)
    ]
    first = rows[0]
    said = (
        f"Between {w.share(first['worst'])} (none of them improved) and {w.share(first['best'])} (all did)."
        if len(rows) == 1
        else "Each line runs from \u201cnone of them improved\u201d to \u201call did\u201d; the point is the share of those who answered."
    )
    shared = layout(
        look,
        question,
        said,
        height=m.bar_height(len(rows), extra=80),
        xaxis=axis(
            look, "Share improved of all expected (higher is better)", range=[0, 1.18], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1]
        ),
        yaxis=axis(look, "", showgrid=False, autorange="reversed", tickfont={"size": 13, "color": look.text}),
        annotations=ends,
    )
    return {"data": data, "layout": shared}


@figure
def against_baseline(released: Released, look: Look) -> Figure:
    """The follow-up score for each baseline score: median with quartiles, and the line of no change."""
    rows, by = [row for row in released.tables["by_baseline"] if row["mean"] is not None], released.options.get("by")
    instrument = released.options["instrument"]
    question = "Where do patients end up, from where they started?"
    if not rows:
        return nothing(look, "Too few patients at each baseline score to be shown.", question)
    given = []
    for place, group in enumerate(in_order(rows, "group")):
        mine = [row for row in rows if row["group"] == group]
        name = w.group(by, group)
        x = [(row["from"] + row["to"]) / 2 for row in mine]
        hovers = [
            m.hover(
                f"{name}, baseline {w.number(r['from'], 0)} to {w.number(r['to'], 0)}",
                f"mean {w.with_interval(r['mean'], r['low'], r['high'])} later",
                m.n_of(r["n"]),
            )
            for r in mine
        ]
        given.append(
            m.Series(
                name,
                w.colour(by, group, place, look.one),
                x,
                [r["mean"] for r in mine],
                [r["low"] for r in mine],
                [r["high"] for r in mine],
                hovers,
            )
        )
    term = w.instrument(instrument)
    shared = layout(
        look,
        question,
        f"Mean score after {released.options['month']} months for each score at the first visit, with 95 % interval. On the dotted line nothing changed; {'below' if term.better == 'lower' else 'above'} it patients improved.",
        height=380,
        margin={"l": 12, "r": m.label_margin(given) if len(given) > 1 else 24, "t": 12, "b": 48},
        xaxis=axis(look, f"{term.label} at the first visit", range=[term.low, term.high]),
        yaxis=axis(look, w.wrapped(f"After {released.options['month']} months, {w.BETTER[term.better]}", 44), range=[term.low, term.high]),
        shapes=[
            {
                "type": "line",
                "x0": term.low,
                "y0": term.low,
                "x1": term.high,
                "y1": term.high,
                "line": {"color": look.line, "width": 1.2, "dash": "dot"},
            }
        ],
        annotations=m.end_labels(look, given, (term.low, term.high), 380) if len(given) > 1 else [],
    )
    return {"data": m.lines(look, given), "layout": shared}


ASKED = {
    "age_years": "Age, years",
    "female": "Women",
    "baseline": "Score at the first visit",
    "symptom_weeks": "Symptoms, weeks",
    "bmi": "BMI",
    "smoker": "Smokers",
    "operated": "Operated",
}


@figure
def missing(released: Released, look: Look) -> Figure:
    """How far those who answered differ from those who did not, as standardised differences."""
    rows = [row for row in released.tables["baselines"] if row["group"] == "answered" and row["smd"] is not None]
    question = "Do those who did not answer differ?"
    if not rows:
        return nothing(look, "Too few patients in one of the two groups to compare them.", question)
    other = {row["variable"]: row for row in released.tables["baselines"] if row["group"] != "answered"}
    labels = [ASKED.get(row["variable"], row["variable"]) for row in rows][::-1]
    hovers = [
        m.hover(
            ASKED.get(r["variable"], r["variable"]),
            f"answered: {_typical(r)}",
            f"did not: {_typical(other.get(r['variable']))}",
            f"standardised difference {w.number(r['smd'], 2)}",
        )
        for r in rows
    ][::-1]
    far = [row for row in rows if abs(row["smd"]) > 0.1]
    said = (
        "No characteristic differs notably (all standardised differences within 0.1)."
        if not far
        else f"Notably different: {', '.join(ASKED.get(r['variable'], r['variable']).split(',')[0].lower() for r in far)} (beyond 0.1)."
    )
    reach = max(0.3, *(abs(row["smd"]) * 1.2 for row in rows))
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["smd"] for row in rows][::-1],
        "y": labels,
        "marker": {"color": [look.worse if abs(row["smd"]) > 0.1 else look.one for row in rows][::-1], "size": 11},
        "hoverinfo": "text",
        "hovertext": hovers,
    }
    texts = [
        note(
            look,
            f"{_typical(r)} against {_typical(other.get(r['variable']))}",
            x=1,
            xref="paper",
            xanchor="right",
            y=ASKED.get(r["variable"], r["variable"]),
            yanchor="bottom",
            yshift=2,
        )
        for r in rows
    ]
    shared = layout(
        look,
        question,
        said,
        height=m.bar_height(len(rows), extra=90),
        xaxis=axis(look, "Standardised difference, answered minus not answered", range=[-reach, reach]),
        yaxis=axis(look, "", tickfont={"size": 13, "color": look.text}),
        annotations=texts,
        shapes=[
            {
                "type": "rect",
                "yref": "paper",
                "x0": -0.1,
                "x1": 0.1,
                "y0": 0,
                "y1": 1,
                "fillcolor": look.grid,
                "line": {"width": 0},
                "layer": "below",
            }
        ],
    )
    return {"data": [data], "layout": shared}


def _typical(row: Row | None) -> str:
    if row is None:
        return w.WITHHELD
    return w.share(row["share"]) if row["mean"] is None else w.number(row["mean"])
