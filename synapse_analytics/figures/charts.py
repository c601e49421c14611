"""The drawings that most figures are: bars of shares, and a line for each group. A figure says what goes on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, Note, axis, layout
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
    shared = layout(
        look,
        height=more.pop("height", m.bar_height(len(given))),
        xaxis=axis(look, title, range=[0, upto * room], **marked),
        yaxis=m.names(look, dict(zip((bar.label for bar in given), under, strict=bool(under))), showgrid=False),
        **more,
    )
    return {"data": m.bars(look, given), "layout": shared}


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
    for group in in_order(rows, "group"):
        mine, name = [row for row in rows if row["group"] == group], w.group(by, group)
        y, low, high = ([row[column] for row in mine] for column in columns)
        hovers = [hover(name, row) for row in mine]
        given.append(m.Series(name, look.colour(by, group), [x(row) for row in mine], y, low, high, hovers))
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
