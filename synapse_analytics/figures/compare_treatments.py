"""The figures of a comparison: the difference by four methods, how alike the arms are, their courses, and what could change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.arms import colours, dots, has_row, name, refused, share_axis, shown_as, subgroup_name
from synapse_analytics.figures.compared import listed, over_visits, side_of, visits_judged
from synapse_analytics.figures.theme import FONT, Figure, Look, Note, axis, layout, note, nothing, old_figure
from synapse_analytics.findings import words as w
from synapse_analytics.vocabulary.covariates import covariate_label

Row = Mapping[str, Any]
METHODS = {
    "crude": ("Crude", "as it was, not adjusted"),
    "ancova": ("ANCOVA", "adjusted for the start"),
    "overlap": ("Overlap weights", "where both were plausible"),
    "mmrm": ("Repeated measures", "all visits, adjusted"),
}
TOO_UNLIKE = "The arms are too small, or too unlike, to say who could have had either."
NOTABLE = 0.1  # a standardised difference beyond it is notable
HEIGHT = 360


@old_figure
def estimates(released: Released, look: Look) -> Figure:
    """The four methods side by side, each with its interval and n per arm."""
    question = f"How large is the difference at {released.options['month']} months, by four methods?"
    rows = [row for row in released.tables["estimates"] if has_row(row)]
    known = [row for row in rows if row["difference"] is not None]
    if not known:
        return nothing(look, refused(released), question)
    given = [(w.wrapped(METHODS[row["method"]][0], 24), METHODS[row["method"]][1], row) for row in rows]
    first = next((row for row in known if row["method"] == "overlap"), known[0])
    said = (
        f"{METHODS[first['method']][0]}: {w.with_interval(first['difference'], first['low'], first['high'], shown_as(released))} points, "
        f"{name(released, 'a')} minus {name(released, 'b').lower()}, {w.n_of_both(first['n_a'], first['n_b'])}."
    )
    return dots(released, look, (question, said), given)


@old_figure
def by_visit(released: Released, look: Look) -> Figure:
    """The adjusted difference at each visit up to the time asked for: what comes early may be gone later."""
    question = "Is there a difference at any visit?"
    rows = {row["visit"]: row for row in released.tables["mmrm"] if has_row(row)}
    if not any(row["difference"] is not None for row in rows.values()):
        return nothing(look, "No visit is shown: no difference may be shown, or the repeated measures cannot be fitted.", question)
    unknown = {"difference": None, "low": None, "high": None, "withheld": ()}
    given = [
        (visit.label, w.n_of_both(row["n_a"], row["n_b"]) if (row := rows.get(visit.code)) else "", row or unknown)
        for visit in visits_judged(released)
    ]
    return dots(released, look, (question, over_visits(released)), given)


@old_figure
def balance(released: Released, look: Look) -> Figure:
    """Standardised differences of the covariates before and after weighting, with the line at 0.1."""
    question = "Were the patients alike at the start?"
    everything = released.tables["balance"]
    rows = [row for row in everything if row["smd_before"] is not None]
    if not rows:
        return nothing(look, "The groups are too small to say how alike they were.", question)
    rows = sorted(rows, key=lambda row: abs(row["smd_before"]))
    hidden = [row for row in everything if "smd_before" in row["withheld"]]
    weighted = any(row["smd_after"] is not None for row in rows)
    sides = (("smd_before", "Before weighting", look.quiet, "circle-open"), ("smd_after", "After weighting", look.one, "circle"))
    answered = [released.tables["quality"][0][f"answered_{arm}"] for arm in ("a", "b")]
    names = {row["covariate"]: _attribute(row, answered) for row in (*hidden, *rows)}
    data = [_love(rows, names, side) for side in (sides if weighted else sides[:1])]
    top = max([0.3, *(abs(row[side[0]]) for row in rows for side in sides if row[side[0]] is not None)])
    line = {"type": "line", "x0": NOTABLE, "x1": NOTABLE, "y0": 0, "y1": 1, "yref": "paper"}
    shared = layout(
        look,
        question,
        f"{_alike(rows, len(hidden), weighted=weighted)}{_without_distance(everything)}",
        height=m.bar_height(len(rows) + len(hidden), extra=100),
        margin={"l": 12, "r": 24, "t": 40, "b": 48},
        xaxis=axis(look, "Standardised difference, without sign; 0 is alike", range=[-0.02, top * 1.1]),
        yaxis=m.names(look, categoryorder="array", categoryarray=list(names.values())),
        shapes=[line | {"line": {"color": look.quiet, "width": 1.2, "dash": "dash"}}],
        annotations=[*_key(look, sides if weighted else sides[:1]), *(gaps.word(look, names[row["covariate"]]) for row in hidden)],
    )
    return {"data": data, "layout": shared}


def _without_distance(rows: Sequence[Row]) -> str:
    """The attributes that have no distance: the same for everybody of one group, and another for the other."""
    apart = [
        w.inside(covariate_label(row["covariate"])) for row in rows if row["smd_before"] is None and "smd_before" not in row["withheld"]
    ]
    return f" No distance can be given for {listed(apart)}." if apart else ""


def _attribute(row: Row, answered: Sequence[int | None]) -> str:
    """The name of an attribute; where it is not recorded of everybody, of how many it is."""
    text, recorded = covariate_label(row["covariate"]), (row["recorded_a"], row["recorded_b"])
    if tuple(answered) == recorded:
        return text
    return f'{text}<br><span style="font-size:11px">recorded of {w.count(recorded[0])} and {w.count(recorded[1])}</span>'


def _love(rows: Sequence[Row], names: Mapping[str, str], side: tuple[str, str, str, str]) -> dict[str, Any]:
    column, label, colour, symbol = side
    known = [row for row in rows if row[column] is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [abs(row[column]) for row in known],
        "y": [names[row["covariate"]] for row in known],
        "marker": {"color": colour, "size": 10, "symbol": symbol, "line": {"width": 2, "color": colour}},
        "hoverinfo": "text",
        "hovertext": [m.hover(covariate_label(row["covariate"]), f"{label}: {w.number(row[column], 2)}") for row in known],
        "name": label,
    }


def _key(look: Look, sides: Sequence[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    marks = {"circle": "\u25cf", "circle-open": "\u25cb"}
    text = " &nbsp; ".join(f'<span style="color:{colour}">{marks[symbol]}</span> {label}' for _, label, colour, symbol in sides)
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 8}
    return [
        note(look, f"{text} &nbsp; \u254e 0.1, beyond it notable", x=0, xref="paper", xanchor="left", **above)
        | {"font": {"size": 12, "color": look.text, "family": FONT}}
    ]


def _alike(rows: Sequence[Row], hidden: int, *, weighted: bool) -> str:
    """How many attributes differed; of those that are withheld nothing is said, also where they are why a comparison is refused."""
    apart = [row for row in rows if abs(row["smd_before"]) > NOTABLE]
    before = f"{len(apart)} of {len(rows)} attributes{' that may be shown' if hidden else ''} differed notably before weighting"
    of_others = f" {hidden} more {'is' if hidden == 1 else 'are'} withheld and may differ: too few patients." if hidden else ""
    largest = rows[-1]
    most = f", most of all {w.inside(covariate_label(largest['covariate']))} ({w.number(abs(largest['smd_before']), 2)})"
    if not weighted:
        return f"{before}{most if apart else ''}.{of_others}"
    left = sum(abs(row["smd_after"]) > NOTABLE for row in rows if row["smd_after"] is not None)
    return f"{before}{most if apart else ''}; {left or 'none'} after it.{of_others}"


@old_figure
def overlap(released: Released, look: Look) -> Figure:
    """Mirrored histogram of the probability of treatment a: what the arms share is what can be compared."""
    a, b = name(released, "a"), name(released, "b")
    question = "Could both groups have had either treatment?"
    rows = released.tables["overlap"]
    if not any(row["n"] for row in rows):
        return nothing(look, TOO_UNLIKE, question)
    quality = released.tables["quality"][0]
    data, hidden, top = [], 0, 0.0
    for arm, sign in (("a", 1), ("b", -1)):
        mine = [row for row in rows if row["arm"] == arm]
        counts = [row["n"] for row in mine]
        whole = quality[f"answered_{arm}"] or (0 if None in counts else sum(counts))  # those that are shown are no whole
        shares = [n / whole if whole and n is not None else None for n in counts]
        hidden += shares.count(None)
        top = max([top, *(share for share in shares if share is not None)])
        data.append(_half(released, look, arm, mine, [None if share is None else sign * share for share in shares]))
    if not top:
        return nothing(look, TOO_UNLIKE, question)
    possible = "" if quality["refused"] else ", and a comparison is possible"
    withheld = "" if not hidden else f" {hidden} {'bar is' if hidden == 1 else 'bars are'} withheld: too few patients."
    shared = layout(
        look,
        question,
        f"Where bars stand on both sides of the line, similar patients had either{possible}.{withheld}",
        height=HEIGHT,
        margin={"l": 12, "r": 24, "t": 12, "b": 54},
        barmode="overlay",
        bargap=0.08,
        xaxis=axis(look, f"Estimated probability of {a[0].lower()}{a[1:]}", range=[0, 1], tickformat=".0%", showgrid=False),
        yaxis=share_axis(look, top),
        annotations=[
            *(
                note(look, f"<b>{label}</b>", x=side, xref="paper", xanchor=anchor, y=y, yref="paper", yanchor=place)
                for label, side, anchor, y, place in ((a, 1, "right", 1, "top"), (b, 1, "right", 0, "bottom"))
            ),
            *(mark for arm, half in zip("ab", data, strict=True) for mark in _hidden(look, arm, half)),
        ],
    )
    return {"data": data, "layout": shared}


def _hidden(look: Look, arm: str, half: Mapping[str, Any]) -> list[Note]:
    """A cross in the place of each bar that is withheld, on the side of its arm."""
    none = [None] * len(half["x"])
    series = m.Series("", half["marker"]["color"], half["x"], half["y"], none, none, half["hovertext"])
    return gaps.crosses(look, [series], below=arm == "b")


def _half(released: Released, look: Look, arm: str, rows: Sequence[Row], heights: Sequence[float | None]) -> dict[str, Any]:
    label = name(released, arm)
    texts = [
        m.hover(
            label,
            f"probability {w.share(row['from'])} to {w.share(row['to'])}",
            m.n_of(row["n"]),
            "" if height is None else f"{w.share(abs(height))} of them",
        )
        for row, height in zip(rows, heights, strict=True)
    ]
    return {
        "type": "bar",
        "x": [(row["from"] + row["to"]) / 2 for row in rows],
        "width": [(row["to"] - row["from"]) * 0.92 for row in rows],
        "y": list(heights),
        "marker": {"color": colours(released, look)[arm], "line": {"width": 0}},
        "hoverinfo": "text",
        "hovertext": texts,
        "name": label,
    }


@old_figure
def trajectories(released: Released, look: Look) -> Figure:
    """The observed means of both arms at the visits, with intervals and n."""
    rows = [row for row in released.tables["trajectories"] if row["n"] != 0]
    code = released.options["outcome"]
    question = f"How did {w.thing(code)} change in both groups?"
    if all(row["mean"] is None for row in rows):
        return nothing(look, "No course is shown where no difference may be shown.", question)
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code for row in rows)]
    given = []
    for arm in ("a", "b"):
        mine = [row for row in released.tables["trajectories"] if row["arm"] == arm and row["visit"] in order]
        hovers = [_visited(released, row) for row in mine]
        x, label, colour = [order.index(row["visit"]) for row in mine], name(released, arm), colours(released, look)[arm]
        mean, low, high = ([row[column] for row in mine] for column in ("mean", "low", "high"))
        given.append(m.Series(label, colour, x, mean, low, high, hovers))
    ends = [value for series in given for value in (*series.y, *series.low, *series.high) if value is not None]
    least = min([0.0, *ends])
    span = (least, 10.0) if w.instrument(code).high == 10 else (least, max(ends, default=w.instrument(code).high) * 1.12)
    shared = layout(
        look,
        question,
        f"Observed means of those who answered, with 95 % interval, not adjusted. {_parted(rows)}",
        height=HEIGHT,
        margin={"l": 12, "r": m.label_margin(given), "t": 12, "b": 64},
        xaxis=axis(
            look,
            "Time since the start that is judged",
            tickvals=list(range(len(order))),
            ticktext=[_under(released.tables["trajectories"], visit) for visit in order],
            showgrid=False,
            range=[-0.25, len(order) - 0.75],
        ),
        yaxis=axis(look, w.wrapped(w.scale(code), 40), range=list(span)),
        annotations=[*m.end_labels(look, given, span, HEIGHT), *gaps.crosses(look, given)],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _parted(rows: Sequence[Row]) -> str:
    """At which times the intervals of both groups do not touch."""
    apart = []
    for visit in v.VISITS:
        pair = [row for row in rows if row["visit"] == visit.code and row["low"] is not None]
        if len(pair) == 2 and max(row["low"] for row in pair) > min(row["high"] for row in pair):
            apart.append("the start" if visit.code == "baseline" else w.visit(visit.code))
    return (
        f"The intervals of the two groups lie apart at {listed(apart)}." if apart else "The intervals of the two groups overlap throughout."
    )


def _visited(released: Released, row: Row) -> str:
    text = w.with_interval(row["mean"], row["low"], row["high"], shown_as(released))
    return m.hover(f"{name(released, row['arm'])}, {w.visit(row['visit']).lower()}", f"mean {text}", m.n_of(row["n"]))


def _under(rows: Sequence[Row], visit: str) -> str:
    sizes = {row["arm"]: row["n"] for row in rows if row["visit"] == visit}
    return f"{w.visit(visit)}<br>{w.n_of_both(sizes.get('a'), sizes.get('b'))}"


@old_figure
def subgroups(released: Released, look: Look) -> Figure:
    """The adjusted difference in subgroups, with the test that it is the same in both."""
    question = "Is the difference the same for everybody?"
    rows = [row for row in released.tables["subgroups"] if has_row(row)]
    if all(row["difference"] is None for row in rows):
        return nothing(look, "No subgroup is shown: too few patients, or no difference may be shown.", question)
    tests = {row["attribute"]: row["interaction_p"] for row in rows if row["interaction_p"] is not None}
    found = sum(p < 0.05 for p in tests.values())
    beware = (
        f"By chance alone at least one would in {w.share(1 - 0.95 ** len(tests))} of such sets."
        if found
        else "That is no proof that it is the same: tests of subgroups find large differences only."
    )
    said = (
        f"Of {len(tests)} attributes that can be tested, {found or 'none'} {'show' if found > 1 else 'shows'} that the difference depends on "
        f"the subgroup (interaction p < 0.05). {beware} ANCOVA, with 95 % interval."
        if tests
        else "Whether it is the same cannot be tested: too few patients. ANCOVA, with 95 % interval."
    )
    given, told = [], set()
    for row in rows:
        n = w.n_of_both(row["n_a"], row["n_b"])
        p = "" if row["interaction_p"] is None or row["attribute"] in told else f"; interaction p {_p(row['interaction_p'])}"
        told.add(row["attribute"])
        given.append((subgroup_name(row["subgroup"]), f"{n}{p}", row))
    return dots(released, look, (question, said), given)


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}" if value < 0.1 else f"= {value:.2f}"


@old_figure
def sensitivity(released: Released, look: Look) -> Figure:
    """The difference if those who did not answer did worse than the model expects."""
    question = "What if those who did not answer did worse?"
    every = [row for row in released.tables["sensitivity"] if has_row(row)]
    rows = [row for row in every if row["difference"] is not None]
    if not rows:
        return nothing(look, "Nothing is shown: no difference may be shown, or the repeated measures cannot be fitted.", question)
    side = side_of(next((row for row in released.tables["estimates"] if row["method"] == "mmrm"), None))
    turned = sum(side_of(row) != side for row in rows)
    said = (
        "What the interval says would stay the same under every assumption."
        if not turned
        else f"What the interval says would change under {turned} of {len(rows)} assumptions."
    )
    who = {"both": "Both", "a": name(released, "a"), "b": name(released, "b")}
    given = [(f"{who[row['arm']]}: unanswered worse by {row['delta']:g}", "", row) for row in every]
    return dots(released, look, (question, f"Repeated measures, with the unanswered shifted. {said}"), given)
