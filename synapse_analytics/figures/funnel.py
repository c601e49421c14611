"""Funnel plots: does a unit differ by more than chance? Units stand by their size, never in an order of merit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.labels import Box, labels
from synapse_analytics.figures.theme import FONT, Figure, Look, axis, layout, note, nothing, old_figure
from synapse_analytics.figures.verdicts import MARKS, USUAL
from synapse_analytics.findings import words as w
from synapse_analytics.indicators import indicator

Row = Mapping[str, Any]
ALL_POOLED = "All units have under 10 patients and stand together as one, so there is nothing to compare."
HEIGHT = 420
WIDTH = 330  # px of the drawing itself where two stand side by side: labels are placed for that
NAMED = 15  # so many units may all be named
VERSIONS = {"crude": ("", "value", "n"), "adjusted": ("adjusted_", "adjusted", "adjusted_n")}
QUESTIONS = {"crude": "Do {units} differ by more than chance?", "adjusted": "And with the same mix of patients?"}
UNITS = {"clinician": "clinicians", "site": "sites"}
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
    said: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One version of a released funnel, read for drawing."""

    summary: Row
    units: Sequence[Unit]
    curves: Sequence[Row]

    @property
    def unit(self) -> str:
        """What the values are in."""
        return str(self.summary["unit"])


@old_figure
def funnel(released: Released, look: Look, *, version: str = "crude") -> Figure:
    """Units by size with limits of 95 and 99.8 %, as they are (crude) or with the same mix of patients (adjusted)."""
    summary = released.tables["summary"][0]
    declared = indicator(str(summary["name"]))
    question = QUESTIONS[version].format(units=UNITS[_by(released)])
    curves = [row for row in released.tables["limits"] if row["version"] == version]
    drawn = Drawn(summary, _units(released, version), curves)
    if not drawn.units or not curves:
        return nothing(look, _refusal(released, version), question)
    span, ends = _span(released), _named_curves(look, drawn)
    across = (0.0, 1.02 * curves[-1]["n"])
    better = "" if declared.direction == "none" else f", {declared.direction} is better"
    return {
        "data": [*_limits(look, drawn), *_points(look, drawn.units)],
        "layout": layout(
            look,
            question,
            _answer(released, version),
            height=HEIGHT,
            alt=f"{declared.title}: {question} {_answer(released, version)}",
            margin={"l": 12, "r": m.label_margin(ends), "t": 34, "b": 48},
            xaxis=axis(look, SIZES[version], range=list(across), showgrid=False),
            yaxis=axis(
                look,
                w.wrapped(f"{declared.title}{better}", 44),
                range=list(span),
                **({"tickformat": ".1~%"} if drawn.unit == "share" else {}),
            ),
            annotations=[
                *_key(look, drawn.units),
                *m.end_labels(look, ends, span, HEIGHT),
                *_names(look, drawn.units, Box(across, span, (WIDTH, HEIGHT - 110))),
            ],
        ),
    }


def _by(released: Released) -> str:
    return str(released.options.get("by", "clinician"))


def _names(look: Look, units: Sequence[Unit], box: Box) -> list[dict[str, Any]]:
    """Those outside are named first and in any case, the others where there is room."""
    outside = [place for place, unit in enumerate(units) if unit.mark != USUAL]
    others = [place for place, unit in enumerate(units) if unit.mark == USUAL] if len(units) <= NAMED else []
    placed = labels(box, [(unit.n, unit.value, unit.name) for unit in units], [*outside, *others], always=len(outside))
    return [_label(look, units[place], at) for place, at in placed.items()]


def _units(released: Released, version: str) -> list[Unit]:
    """The units that may be shown, in the order of the answer, which is by name."""
    prefix, value, size = VERSIONS[version]
    summary = released.tables["summary"][0]
    found = []
    for row in released.tables["units"]:
        if row[value] is None or row[size] is None:
            continue
        side, verdict = row[f"{prefix}side"], str(row[f"{prefix}verdict"])
        mark = USUAL if side is None else MEANINGS.get((str(summary["direction"]), side), "change")
        name = w.group(_by(released), row["group"])
        lies = (
            "within its limits"
            if side is None
            else f"lies outside its {verdict.removeprefix('outside ')} limits, {side} them: look into it"
        )
        said = m.hover(name, w.amount(row[value], summary["unit"]), m.n_of(row["n"]), f"{lies[0].upper()}{lies[1:]}")
        found.append(Unit(name, row[size], row[value], mark, "99.8" in verdict, said))
    return found


def _refusal(released: Released, version: str) -> str:
    if version == "adjusted" and _units(released, "crude"):
        return str(released.tables["summary"][0]["model"])
    if released.tables["units"]:
        return "The value of every unit rests on too few patients to be shown."
    return "There is nothing to count in this cohort."


def _answer(released: Released, version: str) -> str:
    """Who lies outside, in words; then how the limits are made and which units are pooled."""
    summary = released.tables["summary"][0]
    prefix, _, _ = VERSIONS[version]
    outside = [row[f"{prefix}sentence"] for row in released.tables["units"] if row[f"{prefix}sentence"] is not None]
    hidden = sum(row[VERSIONS[version][1]] is None for row in released.tables["units"])
    if len(_units(released, version)) == 1 and not outside:
        return ALL_POOLED if summary["pooled"] else "There is one unit only, so there is nothing to compare."
    said = outside or [f"All units {'that may be shown ' if hidden else ''}lie within the limits."]
    if any("95 %" in sentence for sentence in outside):
        said.append("By chance alone one unit in 20 lies outside the 95 % limits (hollow mark).")
    if summary["adjusted_tau2" if version == "adjusted" else "tau2"]:
        said.append("The limits are widened, because units differ by more than chance as a whole.")
    if hidden:
        said.append(f"{hidden} {'unit is' if hidden == 1 else 'units are'} not shown: too few patients.")
    if summary["pooled"]:
        alone = summary["pooled"] == 1
        said.append("1 unit has under 10 patients." if alone else f"{summary['pooled']} units under 10 patients stand together.")
    return " ".join(said)


def _span(released: Released) -> tuple[float, float]:
    """What the value axis shows, the same for both versions: all units, and the limits from the smallest unit on."""
    known: list[float] = []
    for version in VERSIONS:
        units = _units(released, version)
        smallest = min((unit.n for unit in units), default=0)
        curves = [row for row in released.tables["limits"] if row["version"] == version and row["n"] >= smallest]
        known += [unit.value for unit in units] + [row[name] for row in curves for name, *_ in BANDS if row[name] is not None]
    room = ((max(known) - min(known)) or 1.0) * 0.06
    return min(known) - room, max(known) + room


def _limits(look: Look, drawn: Drawn) -> list[m.Trace]:
    curves, centre = drawn.curves, drawn.summary["centre"]
    traces: list[m.Trace] = []
    for name, _, dash in BANDS:
        line = {"color": look.quiet, "width": 1.2, "dash": dash}
        x, y = [row["n"] for row in curves], [row[name] for row in curves]
        traces.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"})
    if centre is not None:
        across = {"x": [0, curves[-1]["n"]], "y": [centre, centre], "line": {"color": look.quiet, "width": 1.4}}
        traces.append({"type": "scatter", "mode": "lines", "hoverinfo": "skip"} | across)
    return traces


def _named_curves(look: Look, drawn: Drawn) -> list[m.Series]:
    """The limits and the overall value, named at their right end."""
    lines = [(words, drawn.curves[-1][name]) for name, words, _ in BANDS]
    overall = "mean" if drawn.unit == "points" else "overall"
    lines.insert(2, (f"{overall} {w.amount(drawn.summary['centre'], drawn.unit)}", drawn.summary["centre"]))
    return [m.Series(words, look.quiet, [0], [value], [None], [None], [""]) for words, value in lines if value is not None]


def _points(look: Look, units: Sequence[Unit]) -> list[m.Trace]:
    """One trace for each mark; filled outside 99.8 %, hollow between the limits."""
    traces = []
    for mark, far in {(unit.mark, unit.far): None for unit in units}:
        drawn, own = MARKS[mark], [unit for unit in units if (unit.mark, unit.far) == (mark, far)]
        filled = far or mark == USUAL
        edge = {"color": look.paper if filled else drawn.colour, "width": 1 if filled else 2.5}
        look_of = {
            "color": drawn.colour if filled else look.paper,
            "symbol": drawn.symbol,
            "size": 10 if mark == USUAL else 12,
            "line": edge,
        }
        place = {"x": [unit.n for unit in own], "y": [unit.value for unit in own], "marker": look_of}
        said = {"hoverinfo": "text", "hovertext": [unit.said for unit in own], "name": WORDS[mark]}
        traces.append({"type": "scatter", "mode": "markers", "cliponaxis": False} | place | said)
    return traces


def _key(look: Look, units: Sequence[Unit]) -> list[dict[str, Any]]:
    """What the symbols mean; only those that are there."""
    there = {unit.mark for unit in units}
    parts = [f'<span style="color:{own.colour}">{own.glyph}</span> {WORDS[mark]}' for mark, own in MARKS.items() if mark in there]
    key = note(look, "&#160;&#160;&#160;".join(parts), x=0, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom", yshift=8)
    return [key | {"font": {"size": 12, "color": look.text, "family": FONT}}]


def _label(look: Look, unit: Unit, place: tuple[str, str, int, int]) -> dict[str, Any]:
    xanchor, yanchor, xshift, yshift = place
    strong = look.text if unit.mark != USUAL else look.quiet
    anchors = {"x": unit.n, "y": unit.value, "xanchor": xanchor, "yanchor": yanchor, "xshift": xshift, "yshift": yshift}
    return note(look, unit.name, **anchors) | {"font": {"size": 12, "color": strong, "family": FONT}}
