"""The drawings that most figures are: bars of shares, a table of shades, and a line for each group. A figure says what goes on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, Note, axis, layout, shade
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
QUARTERS = {"tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}  # how an axis of shares is marked: none beyond 100 %


def share_bars(  # noqa: PLR0913  (what goes on a chart of bars)
    look: Look, given: Sequence[m.Bar], title: str, *, upto: float = 1.0, room: float = 1.28, under: Sequence[str] = (), **more: Any
) -> Figure:
    """Horizontal bars of shares from 0 to `upto`, the first at the bottom, with `room` for the text beyond them.

    `under` is a quiet line below each name (its n). `more` goes into the layout; without a `height` in it the bars decide how high the figure is.
    """
    marked = QUARTERS if upto * room > 1 else {"tickformat": ".0%"}
    chosen = more.pop("chosen", ())
    shared = layout(
        look,
        height=more.pop("height", m.bar_height(len(given))),
        xaxis=axis(look, title, range=[0, upto * room], **marked),
        yaxis=m.names(look, dict(zip((bar.label for bar in given), under, strict=bool(under))), showgrid=False),
        **more,
    )
    return {"data": m.bars(look, given, chosen=chosen), "layout": shared}


def heat(look: Look, rows: Sequence[Row], down: tuple[str, Mapping[str, str]], across: tuple[str, Mapping[str, str]]) -> Figure:
    """A table of shares with shaded cells; where there is no share, the cell shows its count or says that it is withheld.

    `down` and `across` are a column of the rows with the name of each of its codes, in order; a place without a row stays empty.
    """
    places = {(row[down[0]], row[across[0]]): row for row in rows}
    cells = [[places.get((code, head)) for head in across[1]] for code in down[1]]
    heads = [w.wrapped(head, 16) for head in across[1].values()]
    data = {
        "type": "heatmap",
        "x": heads,
        "y": list(down[1].values()),
        "z": [[None if cell is None else cell["share"] for cell in line] for line in cells],
        "zmin": 0,
        "zmax": max((row["share"] for row in rows if row["share"] is not None), default=1) or 1,
        "colorscale": [[0, shade(look, 0)], [1, shade(look, 1)]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [["" if cell is None else w.share_of(cell["share"], cell["n"]) for cell in line] for line in cells],
        "texttemplate": "%{text}",
        "textfont": {"size": 12, "color": look.text},
        "hoverinfo": "text",
        "hovertext": [
            ["" if cell is None else _cell_hover(f"{name}: {head}", cell) for head, cell in zip(across[1].values(), line, strict=True)]
            for name, line in zip(down[1].values(), cells, strict=True)
        ],
        "hoverongaps": False,
    }
    names = {"showgrid": False, "tickfont": {"size": 12, "color": look.text}}
    lines = max((head.count("<br>") + 1 for head in heads), default=0)
    shared = layout(
        look,
        height=96 + 30 * len(cells),
        margin={"l": 12, "r": 18, "t": 40 + 15 * lines, "b": 12},
        xaxis=axis(look, "", side="top", tickangle=0, **names),
        yaxis=axis(look, "", autorange="reversed", **names),
        annotations=gaps.alone(look, rows, "share"),
    )
    return {"data": [data], "layout": shared}


def _cell_hover(name: str, cell: Row) -> str:
    return m.hover(name, w.share_of(cell["share"], cell["n"]), w.interval(cell), w.n_of(cell["n"]))


def series_by_group(  # noqa: PLR0913  (a column each for the four numbers of a point)
    look: Look,
    rows: Sequence[Row],
    by: str | None,
    *,
    x: Callable[[Row], Any],
    columns: tuple[str, str, str],
    hover: Callable[[str, Row], str],
) -> list[m.Series]:
    """A line for each group of the rows, in their order: `columns` name the value and its two limits, `hover` gets the group's name."""
    given = []
    for place, group in enumerate(in_order(rows, "group")):
        mine, name = [row for row in rows if row["group"] == group], w.group(by, group)
        y, low, high = ([row[column] for row in mine] for column in columns)
        hovers = [hover(name, row) for row in mine]
        given.append(m.Series(name, look.colour(by, group, place), [x(row) for row in mine], y, low, high, hovers))
    return given


def lines_by_group(  # noqa: PLR0913  (what goes on a chart of lines)
    look: Look,
    given: Sequence[m.Series],
    xaxis: dict[str, Any],
    yaxis: dict[str, Any],
    *,
    height: int,
    below: int = 51,
    beneath: int = 0,
    notes: Sequence[Note] = (),
    points: bool = True,
    step: bool = False,
    **more: Any,
) -> Figure:
    """Lines with their bands, each with its name at its end where there are several, and a cross for each point that is missing.

    The axes are given as `axis` makes them; that of the values has a range. `below` is the room under the chart in px, `beneath` what is added to it
    and to the height of the figure for rows of numbers.
    """
    low, high = yaxis["range"]
    several = len(given) > 1
    shared = layout(
        look,
        height=height + beneath,
        margin={"l": 12, "r": m.label_margin(given) if several else 24, "t": 20, "b": below + beneath},
        xaxis=xaxis,
        yaxis=yaxis,
        annotations=[*(m.end_labels(look, given, (low, high), height) if several else []), *notes, *gaps.crosses(look, given)],
        **more,
    )
    return {"data": m.lines(look, given, points=points, step=step), "layout": shared}
