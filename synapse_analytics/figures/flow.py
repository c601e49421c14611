"""The flow of pathways: nodes in columns by step, width = patients, colour = change, end states on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.flow_links import OTHER, OTHER_ENDS, START, Node, drawn_links
from synapse_analytics.figures.theme import FONT, Figure, Look, axis, faded, layout, nothing, old_figure
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
ENDS = v.codes(v.END_STATES)
WHICH_WAY = "Which way do patients go?"
PAD = 16  # px between nodes
SMALL, CLEAR = 0.05, 0.2  # of the range of a score: below the one a change is grey, from the other on in full colour


@old_figure
def flow(released: Released, look: Look, *, chosen: Sequence[str] = ()) -> Figure:
    """The Sankey of the pathways; `chosen` steps (from the table) stay coloured while the others fade.

    It is made of the table of pathways, so that what is drawn adds up to the cohort at every step and in its end states.
    """
    rows, last = drawn_links(released)
    if not rows:
        return nothing(look, "No two patients took steps that can be shown together.", WHICH_WAY)
    instrument = w.instrument(released.options.get("instrument") or v.HEADLINE)
    ends = [(row["from"], row["to"]) for row in rows]
    nodes = sorted({node for pair in ends for node in pair}, key=_order)
    place = {node: position for position, node in enumerate(nodes)}
    sizes = {node: max(sum(r["n"] for r, e in zip(rows, ends, strict=True) if e[side] == node) for side in (0, 1)) for node in nodes}
    links = {
        "source": [place[source] for source, _ in ends],
        "target": [place[target] for _, target in ends],
        "value": [row["n"] for row in rows],
        "color": [_link_colour(row, instrument, look) if _is_chosen(row, chosen) else faded(look.quiet, 0.12) for row in rows],
        "customdata": [_link_words(row, released) for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
        "line": {"width": 0},
    }
    x, y, height = _places(nodes, sizes, last)
    drawn = {
        "label": [_label(node, sizes) for node in nodes],
        "color": [_node_colour(code, look) for _, code in nodes],
        "x": x,
        "y": y,
        "pad": PAD,
        "thickness": 14,
        "line": {"width": 0},
        "customdata": [f"<b>{_name(code)}</b><br>n = {sizes[(column, code)]:,}" for column, code in nodes],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "node": drawn,
        "link": links,
        "textfont": {"size": 12, "color": look.text, "family": FONT, "shadow": f"0 0 3px {look.paper}"},
    }
    shared = layout(
        look,
        WHICH_WAY,
        _said(released),
        height=height,
        margin={"l": 8, "r": 8, "t": 12, "b": 12},
        alt="Flow of patients from the first visit through their treatments to their end state. " + _said(released),
    )
    return {"data": [trace], "layout": shared}


def _name(code: str) -> str:
    """What people read for a node."""
    return {OTHER: "Other ways", OTHER_ENDS: "Other ends"}.get(code) or w.step(code)


def _label(node: Node, sizes: Mapping[Node, int]) -> str:
    return f"{w.wrapped(_name(node[1]), 24)} {sizes[node]:,}"


def _order(node: Node) -> tuple[int, int, str]:
    column, code = node
    if code in (*ENDS, OTHER_ENDS):
        return column, (*ENDS, OTHER_ENDS).index(code), code
    known = [*v.codes(v.TREATMENT_CLASSES), *v.codes(v.TREATMENTS), *v.codes(v.STAGES)]
    first = code.split("+", maxsplit=1)[0]
    return column, known.index(first) if first in known else len(known), code


def _places(nodes: Sequence[Node], sizes: Mapping[Node, int], last: int) -> tuple[list[float], list[float], int]:
    """Columns by step; every node gets room for its bar and its name, and the figure the height this takes."""
    columns = [[node for node in nodes if node[0] == column] for column in range(last + 1)]
    height = 420.0
    while True:
        # as Plotly scales it: the fullest column fills the height
        scale = min((height - PAD * (len(column) - 1)) / sum(sizes[node] for node in column) for column in columns if column)
        # a node that is alone in its column may fill the height; no room beside it is needed
        rooms = [[min(max(scale * sizes[node] + 4, _name_height(node, sizes)), height) for node in column] for column in columns]
        if all(sum(column) <= height for column in rooms):
            break
        height *= 1.08
    middle: dict[Node, float] = {}
    for column, room in zip(columns, rooms, strict=True):
        air = (height - sum(room)) / (len(column) + 1)
        top = air
        for node, size in zip(column, room, strict=True):
            middle[node] = (top + size / 2) / height
            top += size + air
    return (
        [min(max(column / last, 0.001), 0.999) for column, _ in nodes],
        [min(max(middle[node], 0.001), 0.999) for node in nodes],
        round(height) + 24,
    )


def _name_height(node: Node, sizes: Mapping[Node, int]) -> int:
    text = _label(node, sizes)
    return 16 * (text.count("<br>") + 1) + 3 if text else 6


def _node_colour(code: str, look: Look) -> str:
    first = code.split("+", maxsplit=1)[0]
    for terms in (v.END_STATES, v.TREATMENT_CLASSES, v.TREATMENTS, v.STAGES):
        for term in terms:
            if term.code == first and first != "none":
                return term.colour
    return look.quiet


def _is_chosen(row: Row, chosen: Sequence[str]) -> bool:
    if not chosen:
        return True
    path = [START, *chosen]
    here = row["step"]
    return (
        here < len(path)
        and path[here] == row["source"]
        and (row["target"] in ENDS or (here + 1 < len(path) and path[here + 1] == row["target"]))
    )


def _link_colour(row: Row, instrument: v.Instrument, look: Look) -> str:
    """Better or worse as the score means it, and the fuller the larger the change is on its scale."""
    change = row.get("change")
    if change is None or abs(change) < SMALL * instrument.reach:
        return faded(look.same, 0.38)
    strength = 0.3 + 0.35 * min(abs(change) / (CLEAR * instrument.reach), 1)
    return faded(look.better if (change < 0) == (instrument.better == "lower") else look.worse, round(strength, 2))


def _link_words(row: Row, released: Released) -> str:
    instrument, mine = released.options.get("instrument") or v.HEADLINE, row["all"]
    of_all = "" if not released.episodes else f"{w.share(row['n'] / released.episodes)} of the cohort"
    everybody = []
    if mine is not None:
        days = "" if mine["median_days"] is None else f"median {mine['median_days']:.0f} days"
        change = "" if mine["change"] is None else f"{w.instrument(instrument).label.split(' (')[0]} {w.moved(instrument, mine['change'])}"
        everybody = [part for part in (days, change) if part]
    whole = f"all {w.count(mine['n'])} who went this way: {', '.join(everybody)}" if mine is not None and everybody else ""
    return m.hover(f"{_name(row['source'])} \u2192 {_name(row['target'])}", w.n_of(row["n"]), of_all, whole)


def _said(released: Released) -> str:
    rows = [row for row in released.tables["pathways"] if row["n"] is not None]
    treated: dict[tuple[str, ...], int] = {}
    for row in rows:
        if row["steps"] and row["steps"][0] not in ("untreated", OTHER):
            treated[tuple(row["steps"])] = treated.get(tuple(row["steps"]), 0) + row["n"]
    colours = "Width: episodes. Blue: the score improved over the step, orange: it got worse, grey: about the same or not known."
    hidden = len(rows) < len(released.tables["pathways"])
    small = " Pathways whose number is withheld are not drawn." if hidden else ""
    if released.policy == "publish":  # rounded numbers do not tell with which step the rare ones begin
        small += " Other ways also hold rare pathways that begin with a step that has a name."
    if not treated:
        return f"{colours}{small}"
    top = max(treated, key=lambda steps: treated[steps])
    path = " \u2192 ".join(w.step(code) for code in top)
    least = "" if _is_whole(released, top) else "at least "
    return f"Most frequent: {path} ({least}{treated[top]:,} episodes). {colours} Rare steps and pathways are \u201cother ways\u201d.{small}"


def _is_whole(released: Released, steps: tuple[str, ...]) -> bool:
    """True if all ends of a pathway are told: none is withheld, and none may be pooled with those of other pathways."""
    rows = released.tables["pathways"]
    pools_ends = released.policy == "publish" and any(tuple(row["steps"]) == (OTHER,) for row in rows)
    return not pools_ends and all(row["n"] is not None for row in rows if tuple(row["steps"]) == steps)


@old_figure
def endings(released: Released, look: Look, *, chosen: Sequence[str]) -> Figure:
    """How one pathway ended: a bar for each end state."""
    rows = [row for row in released.tables["pathways"] if tuple(row["steps"]) == tuple(chosen)]
    counts = {code: [row for row in rows if row["end_state"] == code] for code in ENDS}
    known = {code: sum(row["n"] for row in mine) for code, mine in counts.items() if mine and all(row["n"] is not None for row in mine)}
    path = " \u2192 ".join(w.step(code) for code in chosen)
    if not known:
        return nothing(look, "Too few patients took this pathway for it to be shown.", f"How did it end? {path}")
    total = sum(known.values())
    # A share needs enough patients: some row says so by showing what rests on its own patients, and none is left out.
    whole = _is_whole(released, tuple(chosen))
    enough = whole and any(row["completeness"] is not None for row in rows)
    given = []
    for code in reversed([code for code, mine in counts.items() if mine]):
        if code not in known:
            given.append(m.Bar(w.treatment(code), None, None, None, look.quiet, w.WITHHELD, m.hover(w.treatment(code), w.WITHHELD)))
            continue
        n, mine = known[code], [row for row in counts[code] if row["change"] is not None]
        change = w.with_interval(mine[0]["change"], mine[0]["change_low"], mine[0]["change_high"]) if len(mine) == 1 else ""
        text = f"{n:,}  \u00b7  {w.share(n / total)}" if enough else f"{n:,}"
        given.append(
            m.Bar(
                w.treatment(code),
                n,
                None,
                None,
                v.find(v.END_STATES, code).colour,
                text,
                m.hover(w.treatment(code), text, f"change {change}" if change else ""),
            )
        )
    best = max(known, key=lambda code: known[code])
    shared = layout(
        look,
        f"How did it end? {path}",
        f"{total:,} episodes{'' if whole else ' in the ends that are shown'}; most often {w.treatment(best).lower()}, {w.share(known[best] / total) if enough else w.count(known[best])}."
        + ("" if enough else " Too few patients for shares.")
        + ("" if whole else " Ends with very few patients are withheld."),
        height=m.bar_height(len(given), extra=60),
        xaxis=axis(look, "Episodes", range=[0, max(known.values()) * 1.3]),
        yaxis=axis(look, "", showgrid=False, tickfont={"size": 13, "color": look.text}),
    )
    return {"data": m.bars(look, given), "layout": shared}
