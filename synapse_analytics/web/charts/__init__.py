"""The host of the charts: a component of our own in which Plotly is loaded once and a chart changes in place.

Streamlit's own chart loads all of Plotly, mounts a chart anew when its data change and lets a flow glide for half a second
into its new shape. `charts.js` draws with the part of Plotly that our figures need (plotly-*.js; README.md says how it is made).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

HERE = Path(__file__).parent
NAME = "synapse.charts"
DRAWS = "charts.js"
PLOTLY = next(HERE.glob("plotly-*.js")).name
SCRIPTS = [f"./_stcore/bidi-components/{NAME}/{script}" for script in (DRAWS, PLOTLY)]  # where the server offers them
CLICKED, LOOK = "clicked", "look"  # what a chart tells the server: codes of the marks clicked on, the mode the browser shows


def offer() -> None:
    """Let the server that runs offer our scripts; what the configuration of an installed package does for others."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(NAME) is None:
        package, part = NAME.split(".")
        manager.register_from_manifest(ComponentManifest(package, "1", [ComponentConfig(part, HERE.name)]), HERE.parent)


def host(figure: dict[str, Any], key: str, config: Mapping[str, Any], look: str, on_click: Callable[[], None] | None = None) -> None:
    """Draw a figure in the colours of a look, read out by its alternative text; on a click on a mark `clicked(key)` has its codes."""
    offer()
    layout = {name: value for name, value in figure["layout"].items() if name != "meta"}
    data = {
        "figure": {"data": figure["data"], "layout": layout},
        "config": dict(config),
        "alt": figure["layout"]["meta"]["alt"],
        "look": look,
        "clicks": on_click is not None,
    }
    draw = st.components.v2.component(NAME, js=DRAWS, isolate_styles=False)
    draw(key=key, data=data, height=layout["height"], on_clicked_change=on_click or _nothing, on_look_change=st.rerun)


def clicked(key: str) -> list[str]:
    """The codes of the marks that were clicked on, for the callback of a click."""
    return [str(code) for code in st.session_state[key][CLICKED] or ()]


def _nothing() -> None:
    """What a click on a chart does that is only looked at."""
