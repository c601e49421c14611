"""The figures of a comparison: both courses, the difference by four methods, how alike the groups are, and what could change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.arms import GLYPHS, SYMBOLS, colours, dots
from synapse_analytics.figures.theme import SMALLEST, Figure, Look, Note, axis, figure, layout, note
from synapse_analytics.findings import compare_treatments as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import START, has_row, inside, name, shown_as, visits_judged
from synapse_analytics.findings.compared import NOTABLE
from synapse_analytics.findings.early_and_late import smallest_change
from synapse_analytics.vocabulary.covariates import covariate_label

Row = Mapping[str, Any]
SUBGROUPS = {"female": "Women", "not_female": "Men or other sex", "age_65_and_over": "65 and over", "age_under_65": "Under 65"}
SUBGROUPS |= {
    "baseline_above_median": "Score at the start above the median",
    "baseline_up_to_median": "Score at the start up to the median",
}
SUBGROUPS |= {"non_smoker": "Non-smoker", "any_comorbidity": "With comorbidity", "no_comorbidity": "Without comorbidity"}
# The column, name, Plotly symbol and the same symbol as a character of each side of the weighting.
SIDES = (("smd_before", "Before weighting", "circle-open", "\u25cb"), ("smd_after", "After weighting", "circle", "\u25cf"))
HEIGHT = 360
NOT_JUDGED = tuple(f"{column}_{arm}" for column in ("mean", "low", "high", "n") for arm in ("a", "b"))


@figure(said.course)
def course(released: Released, look: Look) -> Figure:
    """The adjusted means of both treatments over the visits, from the one start that both have by adjustment."""
    known = {row["visit"]: row for row in released.tables["mmrm"]}
    visits = [START, *(visit.code for visit in visits_judged(released))]
    rows = [known.get(visit) or dict.fromkeys(NOT_JUDGED, None) | {"visit": visit} for visit in visits if visit != START or visit in known]
    given = [_adjusted(released, look, arm, rows) for arm in ("a", "b")]
    ticks = [_visit_with_n(_visit(row), row["n_a"], row["n_b"]) if row["visit"] in known else _visit(row) for row in rows]
    return _courses(look, released.options["outcome"], given, ticks)


def _courses(look: Look, outcome: str, given: Sequence[m.Series], visits: Sequence[str]) -> Figure:
    """Two lines with their bands under their names, and the smallest important change at the end."""
    ends = [value for series in given for value in (*series.y, *series.low, *series.high) if value is not None]
    most = w.instrument(outcome).high
    span = [min([0.0, *ends]), 10.0 if most == 10 else max(ends, default=most) * 1.12]
    ticks = {"tickvals": list(range(len(visits))), "ticktext": list(visits), "tickangle": 0}
    shared = layout(
        look,
        height=HEIGHT,
        margin={"l": 12, "r": 12, "t": 34, "b": 50},
        xaxis=axis(look, "", showgrid=False, range=[-0.3, len(visits) - 0.7], **ticks),
        yaxis=axis(look, w.wrapped(w.scale(outcome).rpartition(",")[0], 40), range=span),
        shapes=_smallest_change(look, outcome, given),
        annotations=[
            *m.key(look, [m.signed(series.colour, GLYPHS[arm], series.label) for arm, series in zip("ab", given, strict=True)]),
            *gaps.crosses(look, given),
        ],
    )
    return {"data": m.lines(look, given), "layout": shared}


def _adjusted(released: Released, look: Look, arm: str, rows: Sequence[Row]) -> m.Series:
    label, write = name(released, arm), shown_as(released)
    mean, low, high = ([row[f"{column}_{arm}"] for row in rows] for column in ("mean", "low", "high"))
    hovers = [
        m.hover(f"{label}, {_visit(row).lower()}", f"mean {w.with_interval(value, first, last, write)}", w.n_of(row[f"n_{arm}"]))
        for row, value, first, last in zip(rows, mean, low, high, strict=True)
    ]
    return m.Series(label, colours(released, look)[arm], list(range(len(rows))), mean, low, high, hovers, SYMBOLS[arm])


def _visit(row: Row) -> str:
    return "Before" if row["visit"] == START else w.visit(row["visit"])


def _visit_with_n(visit: str, n_a: int | None, n_b: int | None) -> str:
    """The visit, and under it how many of both treatments answered, in the order of their names."""
    return f'{visit}<br><span style="font-size:{SMALLEST}px">{w.count(n_a)} / {w.count(n_b)}</span>'


def _smallest_change(look: Look, outcome: str, given: Sequence[m.Series]) -> list[dict[str, Any]]:
    """A bar as high as the smallest important change, at the end of the lower course."""
    least = smallest_change(outcome)
    lasts = [series.y[-1] for series in given if series.y and series.y[-1] is not None]
    if least is None or not lasts:
        return []
    place = {"x0": len(given[0].x) - 0.86, "x1": len(given[0].x) - 0.86, "y0": min(lasts), "y1": min(lasts) + least}
    return [{"type": "line", **place, "line": {"color": look.text, "width": 2.5}}]


@figure(said.estimates)
def estimates(released: Released, look: Look) -> Figure:
    """The four methods side by side, each with its interval and n per arm."""
    rows = [row for row in released.tables["estimates"] if has_row(row)]
    return dots(released, look, [(w.wrapped(said.METHODS[row["method"]], 24), said.CALLED[row["method"]], row) for row in rows])


@figure(said.by_visit)
def by_visit(released: Released, look: Look) -> Figure:
    """The adjusted difference at each visit up to the time asked for: what comes early may be gone later."""
    rows = {row["visit"]: row for row in released.tables["mmrm"] if has_row(row)}
    unknown = {"difference": None, "low": None, "high": None, "withheld": ()}
    given = [
        (visit.label, w.n_of_both(row["n_a"], row["n_b"]) if (row := rows.get(visit.code)) else "", row or unknown)
        for visit in visits_judged(released)
    ]
    return dots(released, look, given)


@figure(said.balance)
def balance(released: Released, look: Look) -> Figure:
    """Standardised differences of the covariates before and after weighting, with the line at 0.1."""
    every = released.tables["balance"]
    rows = sorted((row for row in every if row["smd_before"] is not None), key=lambda row: abs(row["smd_before"]))
    hidden = [row for row in every if "smd_before" in row["withheld"]]
    sides = [side for side in SIDES if any(row[side[0]] is not None for row in rows)]
    quality = released.tables["quality"][0]
    names = {row["covariate"]: _attribute(row, (quality["answered_a"], quality["answered_b"])) for row in (*hidden, *rows)}
    top = max([0.3, *(abs(row[column]) for row in rows for column, *_ in sides if row[column] is not None)])
    tints = {"smd_before": look.quiet, "smd_after": look.one}
    key = [m.signed(tints[column], glyph, label) for column, label, _, glyph in sides]
    shared = layout(
        look,
        height=m.bar_height(len(names), extra=100),
        margin={"l": 12, "r": 24, "t": 40, "b": 51},
        xaxis=axis(look, "Standardised difference (size only); 0 means alike", range=[-0.02, top * 1.1]),
        yaxis=m.names(look, categoryorder="array", categoryarray=list(names.values())),
        shapes=[m.upright(NOTABLE, color=look.quiet, width=1.2, dash="dash")],
        annotations=[
            *m.key(look, [*key, f"\u254e {NOTABLE}, beyond it a notable difference"]),
            *(gaps.word(look, names[row["covariate"]]) for row in hidden),
        ],
    )
    return {"data": [_love(rows, names, side, tints[side[0]]) for side in sides], "layout": shared}


def _attribute(row: Row, answered: tuple[int | None, int | None]) -> str:
    """The name of an attribute; where it is not recorded of everybody, of how many it is."""
    text, recorded = covariate_label(row["covariate"]), (row["recorded_a"], row["recorded_b"])
    if answered == recorded:
        return text
    return f'{text}<br><span style="font-size:{SMALLEST}px">recorded for {w.count(recorded[0])} and {w.count(recorded[1])}</span>'


def _love(rows: Sequence[Row], names: Mapping[str, str], side: tuple[str, str, str, str], colour: str) -> m.Trace:
    column, label, symbol, _ = side
    known = [row for row in rows if row[column] is not None]
    hovers = [m.hover(covariate_label(row["covariate"]), f"{label}: {w.number(row[column], 2)}") for row in known]
    x, y = [abs(row[column]) for row in known], [names[row["covariate"]] for row in known]
    return m.points(x, y, hovers, color=colour, size=10, symbol=symbol, line={"width": 2, "color": colour}) | {"name": label}


@figure(said.overlap)
def overlap(released: Released, look: Look) -> Figure:
    """Mirrored histogram of the probability of treatment a: what the groups share is what can be compared."""
    halves = [_half(released, look, arm) for arm in ("a", "b")]
    top = max(abs(share) for half in halves for share in half["y"] if share is not None)
    edge = {"x": 1, "xref": "paper", "xanchor": "right", "yref": "paper"}
    shared = layout(
        look,
        height=HEIGHT,
        margin={"l": 12, "r": 30, "t": 12, "b": 54},
        barmode="overlay",
        bargap=0.08,
        xaxis=axis(look, f"Estimated probability of {inside(released, 'a')}", range=[0, 1], tickformat=".0%", showgrid=False),
        yaxis=_mirrored(look, top),
        annotations=[
            *(
                note(look, f"<b>{name(released, arm)}</b>", y=y, yanchor=anchor, **edge)
                for arm, y, anchor in (("a", 1, "top"), ("b", 0, "bottom"))
            ),
            *(mark for arm, half in zip("ab", halves, strict=True) for mark in _hidden(look, arm, half)),
        ],
    )
    return {"data": halves, "layout": shared}


def _mirrored(look: Look, top: float) -> dict[str, Any]:
    """An axis of shares with the same numbers upwards and downwards."""
    step = next(size for size in (0.05, 0.1, 0.2, 0.25, 0.5) if top / size <= 3 or size == 0.5)
    ticks = [step * place for place in range(-4, 5) if abs(step * place) <= top * 1.15]
    marked = {"tickvals": ticks, "ticktext": [w.share(abs(tick)) for tick in ticks]}
    return axis(look, "Share of each group", range=[-top * 1.15, top * 1.15], zeroline=True, zerolinecolor=look.text, **marked)


def _hidden(look: Look, arm: str, half: m.Trace) -> list[Note]:
    """A cross in the place of each bar that is withheld, on the side of its arm."""
    none = [None] * len(half["x"])
    series = m.Series("", half["marker"]["color"], half["x"], half["y"], none, none, half["hovertext"])
    return gaps.crosses(look, [series], below=arm == "b")


def _half(released: Released, look: Look, arm: str) -> m.Trace:
    """The bars of an arm, a upwards and b downwards."""
    given, label, sign = said.propensities(released, arm), name(released, arm), 1 if arm == "a" else -1
    hovers = [
        m.hover(
            label,
            f"probability {w.share(row['from'])} to {w.share(row['to'])}",
            w.n_of(row["n"]),
            "" if share is None else f"{w.share(share)} of this group",
        )
        for row, share in given
    ]
    return {
        "type": "bar",
        "x": [(row["from"] + row["to"]) / 2 for row, _ in given],
        "width": [(row["to"] - row["from"]) * 0.92 for row, _ in given],
        "y": [None if share is None else sign * share for _, share in given],
        "marker": {"color": colours(released, look)[arm], "line": {"width": 0}},
        "hoverinfo": "text",
        "hovertext": hovers,
        "name": label,
    }


@figure(said.trajectories)
def trajectories(released: Released, look: Look) -> Figure:
    """The observed means of both arms at the visits, with intervals and n."""
    rows, code = released.tables["trajectories"], released.options["outcome"]
    order = [visit.code for visit in v.VISITS if any(row["visit"] == visit.code and row["n"] != 0 for row in rows)]
    given = [_course(released, look, arm, order) for arm in ("a", "b")]
    return _courses(look, code, given, [_under(rows, visit) for visit in order])


def _course(released: Released, look: Look, arm: str, order: Sequence[str]) -> m.Series:
    mine = [row for row in released.tables["trajectories"] if row["arm"] == arm and row["visit"] in order]
    label, write = name(released, arm), shown_as(released)
    hovers = [
        m.hover(
            f"{label}, {w.visit(row['visit']).lower()}",
            f"mean {w.with_interval(row['mean'], row['low'], row['high'], write)}",
            w.n_of(row["n"]),
        )
        for row in mine
    ]
    mean, low, high = ([row[column] for row in mine] for column in ("mean", "low", "high"))
    return m.Series(label, colours(released, look)[arm], [order.index(row["visit"]) for row in mine], mean, low, high, hovers, SYMBOLS[arm])


def _under(rows: Sequence[Row], visit: str) -> str:
    sizes = {row["arm"]: row["n"] for row in rows if row["visit"] == visit}
    return _visit_with_n("Before" if visit == START else w.visit(visit), sizes.get("a"), sizes.get("b"))


@figure(said.subgroups)
def subgroups(released: Released, look: Look) -> Figure:
    """The adjusted difference in subgroups, with the test that it is the same in both."""
    given, tested = [], set()
    for row in released.tables["subgroups"]:
        if has_row(row):
            p = "" if row["interaction_p"] is None or row["attribute"] in tested else f"; interaction p {_p(row['interaction_p'])}"
            tested.add(row["attribute"])
            label = SUBGROUPS.get(row["subgroup"], row["subgroup"].replace("_", " ").capitalize())
            given.append((label, f"{w.n_of_both(row['n_a'], row['n_b'])}{p}", row))
    return dots(released, look, given)


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}" if value < 0.1 else f"= {value:.2f}"


@figure(said.sensitivity)
def sensitivity(released: Released, look: Look) -> Figure:
    """The difference if those who did not answer did worse than the model expects."""
    who = {"both": "Both", "a": name(released, "a"), "b": name(released, "b")}
    rows = [row for row in released.tables["sensitivity"] if has_row(row)]
    return dots(released, look, [(f"{who[row['arm']]}: missing answers worse by {row['delta']:g}", "", row) for row in rows])
