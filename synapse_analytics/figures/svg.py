"""A control chart as a small drawing without scripts, for paper: the same points, limits and words as on the page.

Shapes and line styles carry the meaning, so that it can be read in grey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures.control_chart import span, ticks
from synapse_analytics.figures.verdicts import CHANGE, CONCERN, IMPROVEMENT, MARKS
from synapse_analytics.findings import control_chart as c
from synapse_analytics.findings import words as w
from synapse_analytics.findings.verdicts import OPEN
from synapse_analytics.vocabulary.periods import overlap

WIDE, TALL = 460, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 104, 16, 34  # px kept for the names of the axes and lines
SIZE = 12.5  # of the letters; at half a page of A4 they are 7 points tall
INK, QUIET, GRID, SHADE, POINT = "#1c2733", "#52606d", "#e4e9ee", "#eceff2", "#8c8c8c"  # grey points darker than on a screen: ink is thin
FILL = {"usual": POINT, "improvement": IMPROVEMENT, "concern": CONCERN, "change": CHANGE, OPEN: "#ffffff"}
EDGE = {"usual": POINT, OPEN: POINT}
FEW_TICKS = 8
LINE = 14.5  # px between two names on the right


@dataclass(frozen=True, slots=True)
class Paper:
    """From values to places on the drawing."""

    x: tuple[float, float]
    y: tuple[float, float]

    def across(self, x: float) -> float:
        """Where a month, quarter or so lies."""
        return LEFT + (x - self.x[0]) / (self.x[1] - self.x[0]) * (WIDE - LEFT - RIGHT)

    def down(self, y: float) -> float:
        """Where a value lies."""
        return TOP + (self.y[1] - y) / (self.y[1] - self.y[0]) * (TALL - TOP - BOTTOM)


def control_chart(released: Released, *, marked: str | None = None) -> str:
    """The released control chart as SVG, empty where it may not be drawn; `marked` is a quarter to point out."""
    check_released(released)
    if released.refused or not any(released.tables.values()) or not c.control_chart(released).drawn:
        return ""
    chart = c.read(released)
    paper = Paper((chart.points[0].x - 0.7, chart.points[-1].x + 0.7), span(chart))
    name = f"chart-{chart.summary['name'].replace('_', '-')}"
    title, told = escape(chart.declared.question), escape(f"{c.control_chart(released).answer} {c.sizes(chart)}".strip())
    drawn = [*_ground(paper, chart, marked), *_axes(paper, chart), *_lines(paper, chart), *_points(paper, chart), *_names(paper, chart)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'font-size="{SIZE}" fill="{QUIET}"><title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>{"".join(drawn)}</svg>'
    )


def _ground(paper: Paper, chart: c.Chart, marked: str | None) -> Iterator[str]:
    """The shaded part whose follow-up is open, the quarter that is pointed out, and the steps of the limits."""
    tall = TALL - TOP - BOTTOM
    if chart.declared.direction != "none":
        yield _text(LEFT, TOP - 4, f"{chart.declared.direction} is better", anchor="start", size=10.5)
    if chart.open_from is not None:
        start = paper.across(chart.open_from - 0.5)
        yield f'<rect x="{start:.1f}" y="{TOP}" width="{WIDE - RIGHT - start:.1f}" height="{tall}" fill="{SHADE}"/>'
        yield _text(WIDE - RIGHT - 2, TOP - 4, "follow-up still open", anchor="end", size=10.5)
    framed = [point.x for point in chart.points if marked is not None and overlap(point.period, marked)]
    if framed:
        start, end = paper.across(framed[0] - 0.5), paper.across(framed[-1] + 0.5)
        yield f'<rect x="{start:.1f}" y="{TOP}" width="{end - start:.1f}" height="{tall}" fill="none" stroke="{INK}" stroke-width="0.8"/>'
    for step in chart.steps:
        at = paper.across(step.x - 0.5)
        yield _line((at, TOP, at, TALL - BOTTOM), QUIET, "6 2 1 2")


def _axes(paper: Paper, chart: c.Chart) -> Iterator[str]:
    for value in even(*paper.y):
        at = paper.down(value)
        yield _line((LEFT, at, WIDE - RIGHT, at), GRID)
        yield _text(LEFT - 5, at + 4, _tick(value, chart.unit), anchor="end")
    yield _line((LEFT, TALL - BOTTOM, WIDE - RIGHT, TALL - BOTTOM), QUIET)
    for point, part, year in ticks(chart.points, FEW_TICKS):
        yield _text(paper.across(point.x), TALL - BOTTOM + 14, part)
        yield _text(paper.across(point.x), TALL - BOTTOM + 28, year)


def _tick(value: float, unit: str) -> str:
    return f"{100 * value:.3g} %" if unit == "share" else f"{value:.4g}".replace("-", "\u2212")


def _lines(paper: Paper, chart: c.Chart) -> Iterator[str]:
    closed = [point for point in chart.points if not point.is_open]
    for column, dash in (("low", "5 3"), ("high", "5 3"), ("centre", "")):
        for run in _runs([(point.x, getattr(point, column)) for point in closed]):
            corners = [(x + side, value) for x, value in run for side in (-0.5, 0.5)]
            yield _path(paper, corners, QUIET, dash)
        last = chart.last_closed
        if last is not None:
            at = paper.down(getattr(last, column))
            yield _line((paper.across(last.x + 0.5), at, WIDE - RIGHT, at), QUIET, "1 3")
    if chart.summary["target"] is not None:
        at = paper.down(chart.summary["target"])
        yield _line((LEFT, at, WIDE - RIGHT, at), INK, "2 2", wide=1.4)
    for run in _runs([(point.x, point.value) for point in closed]):
        yield _path(paper, run, POINT, "")


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """Neighbours with a value; a gap stays a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x, value))
    return [run for run in runs if run]


def _path(paper: Paper, run: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
    places = " ".join(f"{paper.across(x):.1f},{paper.down(y):.1f}" for x, y in run)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1"{_dashed(dash)}/>'


def _points(paper: Paper, chart: c.Chart) -> Iterator[str]:
    for point in chart.points:
        if point.value is None:
            yield cross(paper.across(point.x), TOP + 6)
        else:
            yield symbol(point.mark, paper.across(point.x), paper.down(point.value))


def cross(x: float, y: float) -> str:
    """What stands at the top over a period that may not be shown: a gap alone could be overlooked."""
    return f'<path d="M{x - 2.6:.1f} {y - 2.6:.1f}l5.2 5.2m0-5.2l-5.2 5.2" fill="none" stroke="{QUIET}" stroke-width="1"/>'


def symbol(mark: str, x: float, y: float) -> str:
    """A point as its shape: circle, diamond, square, triangle or ring."""
    shape = MARKS[mark].symbol
    paint = f'fill="{FILL[mark]}" stroke="{EDGE.get(mark, INK)}" stroke-width="{1.4 if mark == OPEN else 0.6}"'
    if shape.startswith("circle"):
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" {paint}/>'
    if shape == "square":
        return f'<rect x="{x - 3.4:.1f}" y="{y - 3.4:.1f}" width="6.8" height="6.8" {paint}/>'
    corners = [(0, -4.8), (4.8, 0), (0, 4.8), (-4.8, 0)] if shape == "diamond" else [(0, -4.6), (4.4, 3.6), (-4.4, 3.6)]
    return f'<polygon points="{" ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)}" {paint}/>'


def _names(paper: Paper, chart: c.Chart) -> Iterator[str]:
    """Limits, mean and target by name at the right, pushed apart."""
    last, target = chart.last_closed, chart.summary["target"]
    lines = [] if last is None else [("upper", last.high), (chart.middle, last.centre), ("lower", last.low)]
    named = [
        (paper.down(value), f"{words} {_short(value, chart.unit)}") for words, value in [*lines, ("target", target)] if value is not None
    ]
    last_at = -LINE
    for at, words in sorted(named):
        last_at = max(at, last_at + LINE)
        yield _text(WIDE - RIGHT + 6, last_at + 4, words, anchor="start", colour=INK if words.startswith("target") else QUIET)


def _short(value: float, unit: str) -> str:
    return w.amount(value, unit).removesuffix(" points").removesuffix(" per 100")


def _text(x: float, y: float, words: str, *, anchor: str = "middle", size: float = SIZE, colour: str = QUIET) -> str:  # noqa: PLR0913
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{escape(words)}</text>' if words else ""
    )


def _line(ends: tuple[float, float, float, float], colour: str, dash: str = "", *, wide: float = 1) -> str:
    x1, y1, x2, y2 = ends
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{wide:g}"{_dashed(dash)}/>'


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def even(low: float, high: float) -> list[float]:
    """Three to six round values between two ends: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 4
    power = 10 ** floor(log10(rough))
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if rough <= step)
    first = -floor(-low / step)
    return [round(step * place, 10) for place in range(first, floor(high / step) + 1)]
