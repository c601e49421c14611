"""The charts of a page, as they are sent to the browser."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from streamlit.testing.v1 import AppTest

from synapse_analytics.web import browser


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its id, the figure, how Plotly is to show it, and what a screen reader says of it."""

    id: str
    figure: dict[str, Any]
    config: dict[str, Any]
    alt: str


def charts_of(at: AppTest) -> list[Chart]:
    """The charts in the order of the page."""
    sent = [element.proto for element in at.get("bidi_component") if element.proto.component_name == browser.CHARTS]
    data = [(proto.id, json.loads(proto.json)) for proto in sent]
    return [Chart(identity, given["figure"], given["config"], given["alt"]) for identity, given in data]


def pictures_of(at: AppTest) -> dict[str, dict[str, Any]]:
    """What the buttons of every open drawer save and copy, by the key of the drawer: figure, name of the file, and card of the link."""
    sent = [element.proto for element in at.get("bidi_component") if element.proto.component_name == browser.TAKE]
    return {key: json.loads(proto.json) for proto in sent for key in re.findall(r"picture_\w+", proto.id)}


def rows_of(at: AppTest) -> dict[str, Any]:
    """The table of rows to choose from."""
    return next(json.loads(element.proto.json) for element in at.get("bidi_component") if element.proto.component_name == browser.ROWS)


def linked_of(at: AppTest) -> list[str]:
    """The pieces of HTML with links in them, in the order of the page."""
    return [
        json.loads(element.proto.json)["html"] for element in at.get("bidi_component") if element.proto.component_name == browser.LINKED
    ]
