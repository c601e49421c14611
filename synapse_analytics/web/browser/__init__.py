"""What runs in the browser: components for charts, for rows to choose from, for HTML with links in it and for the mode, each with a script of ours.

Streamlit's own chart loads all of Plotly, mounts a chart anew when its data change and lets a flow glide for half a second into its
new shape; its own table is a canvas that loads as much again. `charts.js` draws with the part of Plotly that our figures need
(README.md says how it is made), `rows.js` makes a plain table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from synapse_analytics.figures.theme import ARRANGED

HERE = Path(__file__).parent
ASSETS = HERE / "assets"  # all that a browser may fetch
PACKAGE = "synapse"
CHARTS, ROWS, LINKED, LOOK, ACTIONS, TAKE = (
    f"{PACKAGE}.{part}" for part in ("charts", "rows", "linked", "look", "actions", "take")
)  # the components, as Streamlit knows them
PLOTLY = next(ASSETS.glob("plotly-*.js")).name
OFFERED = f"/_stcore/bidi-components/{CHARTS}/"  # where the server offers them
CLICKED, CHOSEN, CODE = (
    "clicked",
    "chosen",
    "code",
)  # what the components tell the server: codes of marks, the place of a row, the code of a link

Cell = tuple[str, str | float | None]  # what is shown, and the value by which its column is sorted; None stands last


def offer() -> None:
    """Let the server that runs offer our scripts; what the configuration of an installed package does for others."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(CHARTS) is None:
        parts = [ComponentConfig(name.removeprefix(f"{PACKAGE}."), ASSETS.name) for name in (CHARTS, ROWS, LINKED, LOOK, ACTIONS, TAKE)]
        manager.register_from_manifest(ComponentManifest(PACKAGE, "1", parts), HERE)


def chart(figure: dict[str, Any], key: str, config: Mapping[str, Any], on_click: Callable[[], None] | None = None) -> None:
    """Draw a figure, read out by its alternative text; on a click on a mark `clicked(key)` has its codes."""
    offer()
    layout = {name: value for name, value in figure["layout"].items() if name != "meta"}
    data = {
        "figure": {"data": figure["data"], "layout": layout},
        "config": dict(config),
        "arranged": _arranged(figure["layout"]),
        "alt": figure["layout"]["meta"]["alt"],
        "clicks": on_click is not None,
    }
    draw = st.components.v2.component(CHARTS, js="charts.js", isolate_styles=False)
    height: int = data["arranged"][-1]["height"] if data["arranged"] else layout["height"]  # that of a wide page, until it is drawn
    draw(key=key, data=data, height=height, on_clicked_change=on_click or _nothing)


def _arranged(layout: dict[str, Any]) -> list[dict[str, Any]]:
    """How the axes of small multiples lie on a page up to so many px wide, and how high the figure is there."""
    given = layout["meta"].get(ARRANGED, [])
    return [{"upto": one["upto"], "axes": one["axes"], "height": layout["height"] + one["taller"]} for one in given]


PICTURE_WIDE = 960  # px of a picture that is saved, on whatever screen


def take(figure: dict[str, Any] | None, key: str, *, name: str, card: str, policy: str = "") -> None:
    """The buttons that save a picture of a figure under a name and copy the link to a card, and the picture; without figure or card only the other.

    The link asks for the `policy` of the numbers beside it, where that is not the one of the page.
    """
    offer()
    data: dict[str, Any] = {"card": card, "policy": policy}
    if figure is not None:
        layout = {part: value for part, value in figure["layout"].items() if part != "meta"}
        lies = _arranged(figure["layout"])
        if lies:
            own = next((one for one in lies if one["upto"] >= PICTURE_WIDE), lies[-1])
            layout |= {axis: layout[axis] | changed for axis, changed in own["axes"].items()} | {"height": own["height"]}
        drawn = {"data": figure["data"], "layout": layout | {"width": PICTURE_WIDE}}
        data |= {"figure": drawn, "width": PICTURE_WIDE, "name": name, "alt": figure["layout"]["meta"]["alt"]}
    st.components.v2.component(TAKE, js="take.js", css="take.css", isolate_styles=False)(key=key, data=data, height="content")


def clicked(key: str) -> list[str]:
    """The codes of the marks that were clicked on, for the callback of a click."""
    codes = st.session_state[key][CLICKED]
    return [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of rows to choose from: names of its columns, cells, places of the rows that are marked as chosen, and its alternative text.

    A telephone shows no columns whose places are in `wide_only`.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    chosen: Sequence[int]
    alt: str
    wide_only: Sequence[int] = ()


def rows(given: Rows, key: str, on_choose: Callable[[], None]) -> None:
    """Draw a table of rows to choose from; for the callback of a choice `chosen_row(key)` has the place of the row."""
    offer()
    draw = st.components.v2.component(ROWS, js="rows.js", css="rows.css", isolate_styles=False)
    draw(key=key, data=asdict(given), on_chosen_change=on_choose)


def chosen_row(key: str, count: int) -> int | None:
    """The place, among `count` rows, of the row that was chosen; None for a place that is not there."""
    place = st.session_state[key][CHOSEN]
    return place if isinstance(place, int) and 0 <= place < count else None


def linked(html: str, key: str, on_choose: Callable[[], None]) -> None:
    """Draw a piece of HTML of ours; whatever in it carries a `data-code` can be clicked on. Its texts must be escaped.

    For the callback of a click `chosen_code(key)` has the code.
    """
    offer()
    draw = st.components.v2.component(LINKED, js="linked.js", css="linked.css", isolate_styles=False)
    draw(key=key, data={"html": html}, on_code_change=on_choose)


def chosen_code(key: str) -> str:
    """The code that was clicked on; empty if what came is no code."""
    code = st.session_state[key][CODE]
    return code if isinstance(code, str) else ""


def watch(look: str) -> None:
    """Run everything anew when the browser shows another mode than the one that was drawn for."""
    offer()
    st.components.v2.component(LOOK, js="look.js", isolate_styles=False)(key="look", data={"look": look}, on_look_change=_nothing)


def actions() -> None:
    """Two buttons about the whole page: copy its address, print it."""
    offer()
    st.components.v2.component(ACTIONS, js="actions.js", isolate_styles=False)(key="actions", width="content")


def _nothing() -> None:
    """A component tells only what has a callback, and some of what it tells needs none."""
