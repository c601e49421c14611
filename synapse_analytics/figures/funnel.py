"""Funnel plots: does a unit differ by more than chance? Units stand by their size, never in an order of merit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.labels import Box, labels
from synapse_analytics.figures.theme import Figure, Look, Note, axis, figure, layout, note
from synapse_analytics.figures.verdicts import MARKS
from synapse_analytics.findings import funnel as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.verdicts import USUAL
from synapse_analytics.indicators import indicator

Row = Mapping[str, Any]
HEIGHT = 420
WIDTH = 330  # px of the drawing itself where two stand side by side: labels are placed for that
NAMED = 15  # so many units may all be named
SIZES = {"crude": "Episodes counted", "adjusted": "Episodes that would be as precise"}
MEANINGS = {
    ("higher", "above"): "improvement",
    ("higher", "below"): "concern",
    ("lower", "above"): "concern",
    ("lower", "below"): "improvement",
}
WORDS = {  # where a unit lies, never what it is worth: coding, referral and chance come first
    "improvement": "outside the limits, on the side of improvement",
    "concern": "outside the limits, on the side of concern",
    "change": "outside the limits",
    USUAL: "within the limits",
}
BANDS = (
    ("high_998", "99.8 % limit", "dash"),
    ("high_95", "95 % limit", "dot"),
    ("low_95", "95 % limit", "dot"),
    ("low_998", "99.8 % limit", "dash"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in one version of the funnel: its name, size and value, and which mark it gets."""

    name: str
    n: float
    value: float
    mark: str  # key of MARKS
    far: bool  # outside the 99.8 % limits
    hover: str


@figure(said.funnel)
def funnel(released: Released, look: Look, *, version: str = "crude") -> Figure:
    """Units by size with limits of 95 and 99.8 %, as they are (crude) or with the same mix of patients (adjusted)."""
    summary = released.tables["summary"][0]
    declared, share = indicator(str(summary["name"])), summary["unit"] == "share"
    units, curves = _units(released, version), _curves(released, version)
    span, ends, across = _span(released), _named_curves(look, summary, curves[-1]), (0.0, 1.02 * curves[-1]["n"])
    better = "" if declared.direction == "none" else f", {declared.direction} is better"
    answered = said.funnel(released, version=version)
    shared = layout(
        look,
        height=HEIGHT,
        alt=f"{declared.title}: {answered.question} {answered.above_picture}",
        margin={"l": 12, "r": m.label_margin(ends), "t": 34, "b": 51},
        xaxis=axis(look, SIZES[version], range=list(across), showgrid=False),
        yaxis=axis(look, w.wrapped(f"{declared.title}{better}", 44), range=list(span), **({"tickformat": ".1~%"} if share else {})),
        annotations=[
            *_key(look, units),
            *m.end_labels(look, ends, span, HEIGHT),
            *_names(look, units, Box(across, span, (WIDTH, HEIGHT - 110))),
        ],
    )
    return {"data": [*_limits(look, curves, summary["centre"]), *_points(look, units)], "layout": shared}


def _units(released: Released, version: str) -> list[Unit]:
    summary, by = released.tables["summary"][0], str(released.options.get("by", "clinician"))
    value, size, prefix = said.VERSIONS[version]
    found = []
    for row in said.shown_units(released, version):
        side, verdict = row[f"{prefix}side"], str(row[f"{prefix}verdict"])
        mark = USUAL if side is None else MEANINGS.get((str(summary["direction"]), side), "change")
        name, level = w.group(by, row["group"]), verdict.removeprefix("outside ")
        lies = "Within its limits" if side is None else f"Lies outside its {level} limits, {side} them: look into it"
        hover = m.hover(name, w.amount(row[value], summary["unit"]), w.n_of(row["n"]), lies)
        found.append(Unit(name, row[size], row[value], mark, "99.8" in verdict, hover))
    return found


def _curves(released: Released, version: str) -> list[Row]:
    return [row for row in released.tables["limits"] if row["version"] == version]


def _span(released: Released) -> tuple[float, float]:
    """What the value axis shows, the same for both versions: all units, and the limits from the smallest unit on."""
    known: list[float] = []
    for version in said.VERSIONS:
        units = _units(released, version)
        smallest = min((unit.n for unit in units), default=0)
        curves = [row for row in _curves(released, version) if row["n"] >= smallest]
        known += [unit.value for unit in units] + [row[name] for row in curves for name, *_ in BANDS if row[name] is not None]
    room = ((max(known) - min(known)) or 1.0) * 0.06
    return min(known) - room, max(known) + room


def _limits(look: Look, curves: Sequence[Row], centre: float | None) -> list[m.Trace]:
    n = [row["n"] for row in curves]
    traces = [m.line(n, [row[name] for row in curves], color=look.quiet, width=1.2, dash=dash) for name, _, dash in BANDS]
    return traces if centre is None else [*traces, m.line([0, n[-1]], [centre, centre], color=look.quiet, width=1.4)]


def _named_curves(look: Look, summary: Row, last: Row) -> list[m.Series]:
    """The limits and the overall value, named at their right end."""
    lines = [(words, last[name]) for name, words, _ in BANDS]
    overall = "mean" if summary["unit"] == "points" else "overall"
    lines.insert(2, (f"{overall} {w.amount(summary['centre'], summary['unit'])}", summary["centre"]))
    return [m.level(words, look.quiet, value) for words, value in lines if value is not None]


def _points(look: Look, units: Sequence[Unit]) -> list[m.Trace]:
    """One trace for each mark; filled outside 99.8 %, hollow between the limits."""
    traces = []
    for mark, far in dict.fromkeys((unit.mark, unit.far) for unit in units):
        drawn, own = MARKS[mark], [unit for unit in units if (unit.mark, unit.far) == (mark, far)]
        filled = far or mark == USUAL
        edge = {"color": look.paper if filled else drawn.colour, "width": 1 if filled else 2.5}
        fill = {"color": drawn.colour if filled else look.paper, "symbol": drawn.symbol, "size": 10 if mark == USUAL else 12}
        points = m.points([unit.n for unit in own], [unit.value for unit in own], [unit.hover for unit in own], **fill, line=edge)
        traces.append(points | {"name": WORDS[mark], "cliponaxis": False})
    return traces


def _key(look: Look, units: Sequence[Unit]) -> list[Note]:
    """What the symbols mean; only those that are there."""
    there = {unit.mark for unit in units}
    return m.key(look, [m.signed(own.colour, own.glyph, WORDS[mark]) for mark, own in MARKS.items() if mark in there])


def _names(look: Look, units: Sequence[Unit], box: Box) -> list[Note]:
    """Those outside are named first and in any case, the others where there is room."""
    outside = [place for place, unit in enumerate(units) if unit.mark != USUAL]
    others = [place for place, unit in enumerate(units) if unit.mark == USUAL] if len(units) <= NAMED else []
    placed = labels(box, [(unit.n, unit.value, unit.name) for unit in units], [*outside, *others], always=len(outside))
    return [_label(look, units[place], at) for place, at in placed.items()]


def _label(look: Look, unit: Unit, place: tuple[str, str, int, int]) -> Note:
    xanchor, yanchor, xshift, yshift = place
    text = note(look, unit.name, x=unit.n, y=unit.value, xanchor=xanchor, yanchor=yanchor, xshift=xshift, yshift=yshift)
    return text | {"font": text["font"] | {"color": look.text if unit.mark != USUAL else look.quiet}}
