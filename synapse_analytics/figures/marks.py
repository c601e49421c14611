"""The marks figures are drawn with. Each takes values that were released and gives Plotly traces or shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.figures.theme import FONT, SIZE, SMALLEST, Look, Note, axis, faded, mixed, note

Trace = dict[str, Any]
PALER = 0.7  # of the colour of a line without a colour of its own
HALO = {"thickness": 3.6, "width": 5.2}  # px around an interval, so that it is seen on its bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is called, its value with limits (None = withheld), colour, the text beside it and on hover."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    colour: str
    text: str
    hover: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, colour, points with limits, what a hover says at each, and Plotly's symbol of its points."""

    label: str
    colour: str
    x: Sequence[Any]
    y: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    hover: Sequence[str]
    symbol: str = "circle"


def bars(look: Look, given: Sequence[Bar], *, xaxis: str = "x", yaxis: str = "y") -> list[Trace]:
    """Horizontal bars with the interval as a thin line over them and the value written beyond it; without a value the text stands alone."""
    ends = [0 if bar.value is None else bar.value if bar.high is None else bar.high for bar in given]
    place = {
        "xaxis": xaxis,
        "yaxis": yaxis,
        "y": [bar.label for bar in given],
        "customdata": [bar.code for bar in given],
        "hoverinfo": "text",
    }
    hover = [bar.hover for bar in given]
    body = place | {
        "type": "bar",
        "orientation": "h",
        "x": [bar.value for bar in given],
        "marker": {"color": [filled(look, bar.colour) for bar in given], "line": {"width": 0}},
        "width": 0.62,
        "hovertext": hover,
    }
    beside = place | {
        "type": "scatter",
        "mode": "text",
        "x": ends,
        "text": [f"  {bar.text}" for bar in given],
        "textposition": "middle right",
        "textfont": {"size": 12, "color": look.text, "family": FONT},
        "marker": {"color": look.text},
        "hovertext": hover,
        "cliponaxis": False,
    }
    ends_of = [(bar.label, bar.value, bar.low, bar.high) for bar in given]
    limits = whiskers(look, ends_of, xaxis=xaxis, yaxis=yaxis)
    halo = [limit | {"error_x": limit["error_x"] | HALO | {"color": look.paper}} for limit in limits]
    return [body, *halo, *limits, beside]


def filled(look: Look, colour: str) -> str:
    """The colour of a bar: without a colour of its own it is paler than a line, because it covers more."""
    return mixed(colour, look.paper, PALER) if colour == look.one else colour


def line(x: Sequence[Any], y: Sequence[Any], **style: Any) -> Trace:
    """A line without a name or a hover; what is missing stays a gap."""
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "line": style, "hoverinfo": "skip"}


def points(x: Sequence[Any], y: Sequence[Any], hover: Sequence[str], **marker: Any) -> Trace:
    """Points that say something on hover; `marker` is how they look."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(x),
        "y": list(y),
        "marker": marker,
        "hoverinfo": "text",
        "hovertext": list(hover),
    }


def upright(x: float, **style: Any) -> dict[str, Any]:
    """A line over the whole height of the chart."""
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": style}


def signed(colour: str, sign: str, words: str, *, edge: str = "") -> str:
    """A sign in its colour and what it means; a pale one has an edge."""
    drawn = f"color:{colour};stroke:{edge}" if edge else f"color:{colour}"
    return f'<span style="{drawn}">{sign}</span> {words}'


def key(look: Look, texts: Sequence[str], *, right: bool = False) -> list[Note]:
    """What signs mean, in one line above the chart on the left or right; nothing where there is none."""
    place = {"x": 1, "xanchor": "right"} if right else {"x": 0, "xanchor": "left"}
    above = {"xref": "paper", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 8}
    text = note(look, "&#160;&#160;&#160;".join(texts), align="left", **place, **above)
    return [text | {"font": text["font"] | {"color": look.text}}] if texts else []


def level(label: str, colour: str, y: float) -> Series:
    """A series of one point, for `end_labels` to name a line at this height."""
    return Series(label, colour, [0], [y], [None], [None], [""])


def ranges(look: Look, given: Sequence[Bar]) -> tuple[list[Trace], list[dict[str, Any]]]:
    """A thick line from low to high with a point at the value, and the text beyond its end; without limits and value the text stands alone."""
    traces = [
        line([bar.low, bar.high], [bar.label] * 2, color=bar.colour, width=6) | {"opacity": 0.4}
        for bar in given
        if bar.low is not None and bar.high is not None
    ]
    traces.append(dots(given, size=12, line={"color": look.paper, "width": 1.5}))
    ends = [
        note(
            look,
            bar.text,
            x=max(part for part in (bar.value, bar.high, 0) if part is not None),
            xanchor="left",
            xshift=12,
            y=bar.label,
            yanchor="middle",
        )
        for bar in given
    ]
    return traces, ends


def dots(given: Sequence[Bar], **marker: Any) -> Trace:
    """A point at the value of each, in its colour; `marker` says its size and edge."""
    colours = [bar.colour for bar in given]
    return points([bar.value for bar in given], [bar.label for bar in given], [bar.hover for bar in given], color=colours, **marker)


def names(look: Look, under: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """The axis that holds the names of bars; `under` gives each name a quiet line below it (its n)."""
    quiet = f'<span style="font-size:{SMALLEST}px;color:{look.quiet}">'
    ticks = {"tickvals": list(under), "ticktext": [f"{name}<br>{quiet}{text}</span>" for name, text in under.items()]} if under else {}
    return axis(look, "", tickfont={"size": SIZE, "color": look.text}, **ticks, **more)


Limited = tuple[Any, float | None, float | None, float | None]  # a place, the value there and its limits


def whiskers(look: Look, given: Sequence[Limited], *, colour: str = "", upright: bool = False, **axes: str) -> list[Trace]:
    """Intervals as thin lines with ends. Where there is none nothing is drawn: Plotly draws a missing interval as a very short one."""
    known = [(place, value, low, high) for place, value, low, high in given if value is not None and low is not None and high is not None]
    if not known:
        return []
    places, values = [place for place, *_ in known], [value for _, value, *_ in known]
    ends = {
        "type": "data",
        "symmetric": False,
        "array": [abs(high - value) for _, value, _, high in known],
        "arrayminus": [abs(value - low) for _, value, low, _ in known],
        "color": colour or look.text,
        "thickness": 1.2,
        "width": 4,
    }
    along = {"x": places, "y": values, "error_y": ends} if upright else {"x": values, "y": places, "error_x": ends}
    unseen = {"mode": "markers", "marker": {"color": colour or look.text, "opacity": 0}, "hoverinfo": "skip", "showlegend": False}
    return [{"type": "scatter"} | axes | unseen | along]


def lines(
    look: Look, given: Sequence[Series], *, step: bool = False, points: bool = True, axes: tuple[str, str] = ("x", "y")
) -> list[Trace]:
    """Lines with their interval as a band behind them; a point without neighbours is a marker with a whisker."""
    shape = "hv" if step else "linear"
    place = dict(zip(("xaxis", "yaxis"), axes, strict=True))
    traces: list[Trace] = []
    for series in given:
        traces.extend(_band(series, shape, place))
    for series in given:
        traces.append(
            place
            | {
                "type": "scatter",
                "mode": "lines+markers" if points else "lines",
                "x": list(series.x),
                "y": list(series.y),
                "line": {"color": series.colour, "width": 2.4, "shape": shape},
                "marker": _point(look, series),
                "connectgaps": False,
                "hoverinfo": "text",
                "hovertext": list(series.hover),
                "name": series.label,
            }
        )
    for series in given:
        traces.extend(_alone(look, series, place, point=not points))
    return traces


def _point(look: Look, series: Series) -> dict[str, Any]:
    size = 7 if series.symbol == "circle" else 9  # a diamond of the same width is the smaller
    return {"color": series.colour, "symbol": series.symbol, "size": size, "line": {"color": look.paper, "width": 1.2}}


def _alone(look: Look, series: Series, place: dict[str, str], *, point: bool) -> list[Trace]:
    """The points whose neighbours are missing, which a line and a band cannot show: a marker where `point`, and the interval."""
    alone = _without_neighbours([value is not None for value in series.y]) if point else []
    bare = _without_neighbours([None not in limits for limits in zip(series.low, series.high, strict=True)])
    dots: Trace = {"type": "scatter", "mode": "markers", "marker": _point(look, series), "hoverinfo": "skip", "name": series.label}
    dots |= {"x": [series.x[at] for at in alone], "y": [series.y[at] for at in alone]}
    limits = [(series.x[at], series.y[at], series.low[at], series.high[at]) for at in bare]
    return [*([place | dots] if alone else []), *whiskers(look, limits, colour=series.colour, upright=True, **place)]


def _without_neighbours(known: Sequence[bool]) -> list[int]:
    """The places that are known between two that are not."""
    padded = [False, *known, False]
    return [at for at, here in enumerate(known) if here and not padded[at] and not padded[at + 2]]


def _band(series: Series, shape: str, place: dict[str, str]) -> list[Trace]:
    """Two invisible lines with the space between them filled, one pair for each run: gaps in the interval stay gaps."""
    traces: list[Trace] = []
    filled = {"fill": "tonexty", "fillcolor": faded(series.colour, 0.16)}
    for run in _runs(zip(series.x, series.low, series.high, strict=True)):
        x, *edges = zip(*run, strict=True)
        low, high = (place | line(x, edge, width=0, color=series.colour, shape=shape) | {"showlegend": False} for edge in edges)
        traces += [low, high | filled]
    return traces


def _runs(points: Iterable[tuple[Any, Any, Any]]) -> list[list[tuple[Any, Any, Any]]]:
    """Neighbouring points whose limits are known; a point alone draws no band."""
    runs: list[list[tuple[Any, Any, Any]]] = [[]]
    for point in points:
        if None in point[1:]:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def end_labels(look: Look, given: Sequence[Series], span: tuple[float, float], height: int) -> list[Note]:
    """The name of each line at its end, pushed apart so that no two collide (17 px each), joined to it by nearness."""
    ends = sorted((known[-1], place) for place, series in enumerate(given) if (known := [y for y in series.y if y is not None]))
    gap = (span[1] - span[0]) * 17 / max(height - 90, 60)
    beside = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8, "yref": "y", "yanchor": "middle", "align": "left"}
    placed, floor = [], float("-inf")
    for rank, (y, place) in enumerate(ends):
        # not above the chart, unless there are too many for it
        floor = max(min(y, span[1] - gap * (len(ends) - 1 - rank)), floor + gap)
        text = note(look, signed(given[place].colour, "\u25cf", given[place].label), y=floor, **beside)
        placed.append(text | {"font": text["font"] | {"color": look.text}})
    return placed


def label_margin(given: Sequence[Series]) -> int:
    """Room on the right for the end labels."""
    return 30 + round(6.6 * max((len(series.label) for series in given), default=0))


def axis_name(kind: str, place: int) -> str:
    """Plotly's name of the nth axis: xaxis, xaxis2 ... (x, x2 ... for traces)."""
    return kind if place == 0 else f"{kind}{place + 1}"


def bar_height(rows: int, *, extra: int = 70) -> int:
    """The height a horizontal bar chart needs for its rows to be readable."""
    return max(130, extra + 36 * rows)


def hover(title: str, *parts: str) -> str:
    """A hover text: a bold name and one fact a line; empty facts are left out."""
    return "<br>".join([f"<b>{title}</b>", *(part for part in parts if part)])
