"""Funnel plots: does a unit differ by more than chance? Units stand by their size, never in an order of merit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.gaps import explained
from synapse_analytics.figures.labels import MANY, Box, Place, labels, letter
from synapse_analytics.figures.theme import LINE, Figure, Look, Note, axis, figure, layout, note
from synapse_analytics.findings import funnel as said
from synapse_analytics.findings import words as w
from synapse_analytics.indicators import indicator

Row = Mapping[str, Any]
HEIGHT = 480
AROUND = 110  # px of the height that is not the drawing itself
WIDTHS = (140, 1400)  # px of the drawing itself, on a telephone and on a wide desk: names are placed for all between
ROOM = 0.085  # of the span of the values, left free above and below: a name has room under a dot at nought
NAMED = 40  # so many units may all be named
LISTED = 16  # so many units are named in a sentence
LONGEST = 18  # letters of a name beside its dot
SIZES = {"crude": "Episodes counted", "adjusted": "Effective number of episodes"}
INSIDE, BETWEEN, FAR = "within", "outside 95 %", "outside 99.8 %"  # where a unit lies, as the answer says it
# Where a unit lies, never what it is worth: coding, referral and chance come first. So it has a symbol, and no colour of its own.
WORDS = {
    INSIDE: "within the limits",
    BETWEEN: "outside the 95 % limits: worth a review",
    FAR: "outside the 99.8 % limits: worth a review",
}
GLYPHS = {INSIDE: "\u25cf", BETWEEN: "\u25c7", FAR: "\u25c6"}
BANDS = (
    ("high_998", "99.8 % limit", "dash"),
    ("high_95", "95 % limit", "dot"),
    ("low_95", "95 % limit", "dot"),
    ("low_998", "99.8 % limit", "dash"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in one version of the funnel: its name, size and value, and where it lies."""

    name: str
    n: float
    value: float
    lies: str  # key of WORDS
    hover: str


@figure(said.funnel)
def funnel(released: Released, look: Look, *, version: str = "crude") -> Figure:
    """Units by size with limits of 95 and 99.8 %, as they are (crude) or with the same mix of patients (adjusted)."""
    summary = released.tables["summary"][0]
    declared, share = indicator(str(summary["name"])), summary["unit"] == "share"
    units, curves = _units(released, version), _curves(released, version)
    span, ends, across = _span(released), _named_curves(look, summary, curves[-1]), _across(released)
    better = "" if declared.direction == "none" else f", {declared.direction} is better"
    answered, key = said.funnel(released, version=version), _key(look, units)
    beyond_one = LINE * (len({unit.lies for unit in units}) - 1)  # lines of the key, one under the other so that a telephone shows them
    shared = layout(
        look,
        height=HEIGHT + beyond_one,
        alt=f"{declared.title}: {answered.question} {answered.above_picture}",
        margin={"l": 12, "r": m.label_margin(ends), "t": 34 + beyond_one, "b": 51},
        xaxis=axis(look, SIZES[version], range=list(across), showgrid=False),
        yaxis=axis(look, w.wrapped(f"{declared.title}{better}", 56), range=list(span), **({"tickformat": ".1~%"} if share else {})),
        annotations=[
            *key,
            *m.end_labels(look, ends, span, HEIGHT),
            *_names(look, units, Box(across, span, HEIGHT - AROUND, WIDTHS), _levels(curves, summary["centre"])),
        ],
    )
    return {"data": [*_limits(look, curves, summary["centre"]), *_points(look, units)], "layout": shared}


def _units(released: Released, version: str) -> list[Unit]:
    summary, by = released.tables["summary"][0], str(released.options.get("by", "clinician"))
    value, size, prefix = said.VERSIONS[version]
    found = []
    for row in said.shown_units(released, version):
        side, verdict, name = row[f"{prefix}side"], str(row[f"{prefix}verdict"]), w.group(by, row["group"])
        level = verdict.removeprefix("outside ")
        lies = "Within its limits" if side is None else f"Outside its {level} limits, {side} them: worth a review"
        hover = m.hover(name, w.amount(row[value], summary["unit"]), w.n_of(row["n"]), lies)
        found.append(Unit(name, row[size], row[value], INSIDE if side is None else verdict, hover))
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
    room = ((max(known) - min(known)) or 1.0) * ROOM
    return min(known) - room, max(known) + room


def _across(released: Released) -> tuple[float, float]:
    """What the axis of sizes shows, the same for both versions."""
    return 0.0, 1.02 * max(float(row["n"]) for row in released.tables["limits"])


def _limits(look: Look, curves: Sequence[Row], centre: float | None) -> list[m.Trace]:
    n = [row["n"] for row in curves]
    traces = [m.line(n, [row[name] for row in curves], color=look.quiet, width=1.2, dash=dash) for name, _, dash in BANDS]
    return traces if centre is None else [*traces, m.line([0, n[-1]], [centre, centre], color=look.quiet, width=1.4)]


def _levels(curves: Sequence[Row], centre: float | None) -> list[float]:
    """The heights of the lines that run level: the overall value, and a limit that is nought throughout."""
    flat = [curves[0][name] for name, *_ in BANDS if len({row[name] for row in curves}) == 1]
    return [level for level in (centre, *flat) if level is not None]


def _named_curves(look: Look, summary: Row, last: Row) -> list[m.Series]:
    """The limits and the overall value, named at their right end."""
    lines = [(words, last[name]) for name, words, _ in BANDS]
    overall = "mean" if summary["unit"] == "points" else "overall"
    lines.insert(2, (f"{overall} {w.amount(summary['centre'], summary['unit'])}", summary["centre"]))
    return [m.level(words, look.quiet, value) for words, value in lines if value is not None]


def _points(look: Look, units: Sequence[Unit]) -> list[m.Trace]:
    """One trace for each place: a grey dot within the limits, a diamond outside them, hollow up to those of 99.8 %."""
    traces = []
    for lies in dict.fromkeys(unit.lies for unit in units):
        own, colour = [unit for unit in units if unit.lies == lies], look.same if lies == INSIDE else look.text
        hollow = lies == BETWEEN
        edge = {"color": colour if hollow else look.paper, "width": 2 if hollow else 1}
        shape = {"symbol": "circle", "size": 10} if lies == INSIDE else {"symbol": "diamond", "size": 12}
        fill = shape | {"color": look.paper if hollow else colour, "line": edge}
        points = m.points([unit.n for unit in own], [unit.value for unit in own], [unit.hover for unit in own], **fill)
        traces.append(points | {"name": WORDS[lies], "cliponaxis": False})
    return traces


def _key(look: Look, units: Sequence[Unit]) -> list[Note]:
    """What the symbols mean; only those that are there."""
    there = {unit.lies for unit in units}
    signed = [m.signed(look.same if lies == INSIDE else look.text, GLYPHS[lies], WORDS[lies]) for lies in WORDS if lies in there]
    return [text | {"align": "left"} for text in m.key(look, ["<br>".join(signed)])]


def _names(look: Look, units: Sequence[Unit], box: Box, levels: Sequence[float]) -> list[Note]:
    """Those outside are named first and in any case; the others where there is room for them, of a few units all."""
    outside = [place for place, unit in enumerate(units) if unit.lies != INSIDE]
    others = [place for place, unit in enumerate(units) if unit.lies == INSIDE] if len(units) <= NAMED else []
    wanted = [*outside, *others]
    texts = short_names([unit.name for unit in units])
    points = [(unit.n, unit.value, text) for unit, text in zip(units, texts, strict=True)]
    always = len(outside) if len(wanted) > MANY else len(wanted)
    placed = labels(box, points, wanted, always=always, levels=levels)
    labelled = [_label(look, (units[number], texts[number]), at, letter(len(wanted))) for number, at in placed.items()]
    return [*labelled, *_unnamed(look, [units[number].name for number in range(len(units)) if number not in placed])]


def _unnamed(look: Look, names: Sequence[str]) -> list[Note]:
    """A sentence above the chart with the units that have no name beside them, because dots lie too close or are too many; of many, where to find them."""
    if not names:
        return []
    told = ", ".join(names) if len(names) <= LISTED else f"{len(names)} more, all in the table"
    return [explained(look, w.wrapped(f"within the limits, not named here: {told}", 48))]


def short_names(names: Sequence[str]) -> Sequence[str]:
    """The names without the middle of those that have no room on a telephone; the sentence above, the hover and the table have all of it."""
    words = [name.removesuffix(" together") for name in names]
    ends = [name if len(name) <= LONGEST else f"{name[: LONGEST // 2 - 1]}\u2026{name[-LONGEST // 2 :]}" for name in words]
    return ends if len(set(ends)) == len(set(names)) else words


def _label(look: Look, named: tuple[Unit, str], at: Place, size: int) -> Note:
    unit, text = named
    middle = {"x": unit.n, "y": unit.value, "xanchor": "center", "yanchor": "middle"}
    beside: dict[str, Any] = {"xshift": at.right, "yshift": at.above}
    if at.line:
        line = {"arrowhead": 0, "arrowwidth": 1, "arrowcolor": look.same, "standoff": 5}
        beside = {"showarrow": True, "ax": at.right, "ay": -at.above, "borderpad": 0} | line
    label = note(look, text, **middle) | beside
    return label | {"font": label["font"] | {"color": look.quiet if unit.lies == INSIDE else look.text, "size": size}}
