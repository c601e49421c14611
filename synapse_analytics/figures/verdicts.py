"""The colour, symbol and small icon of each verdict of a control chart or funnel.

Colour never stands alone: every verdict has words (see findings/verdicts.py), every kind of point a symbol of its own.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from synapse_analytics.findings.verdicts import ASSURANCE, MET, MISSED, OPEN, POINTS, USUAL

COMMON, IMPROVEMENT, CONCERN, CHANGE = "#a6a6a6", "#00b0f0", "#e46c0a", "#8e7cc3"


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of point: what it means, its colour, Plotly's symbol, and the same symbol as a character."""

    words: str
    colour: str
    symbol: str
    glyph: str


MARKS = {
    USUAL: Mark(POINTS[USUAL], COMMON, "circle", "\u25cf"),
    "improvement": Mark(POINTS["improvement"], IMPROVEMENT, "diamond", "\u25c6"),
    "concern": Mark(POINTS["concern"], CONCERN, "square", "\u25a0"),
    "change": Mark(POINTS["change"], CHANGE, "triangle-up", "\u25b2"),
    OPEN: Mark(POINTS[OPEN], COMMON, "circle-open", "\u25cb"),
}
SIZE = 22  # px of an icon
LETTER = '<text x="11" y="15" text-anchor="middle" font-family="sans-serif" font-size="12" font-weight="700" fill="{c}">%s</text>'


def assurance_icon(assurance: str) -> str:
    """P (passes) in blue, F (fails) in orange, ? in grey."""
    letter, colour = {MET: ("P", IMPROVEMENT), MISSED: ("F", CONCERN)}.get(assurance, ("?", COMMON))
    return _ring(colour, LETTER % letter)


def target_words(target: str, assurance: str | None) -> str:
    """A target and whether it is met, as HTML: `80 % (icon) reliably missed`."""
    return escape(target) if assurance is None else f"{escape(target)} {assurance_icon(assurance)} {escape(ASSURANCE[assurance])}"


def _ring(colour: str, inside: str) -> str:
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22" width="{SIZE}" height="{SIZE}">'
        f'<circle cx="11" cy="11" r="9.5" fill="none" stroke="{colour}" stroke-width="1.8"/>{inside.format(c=colour)}</svg>'
    )
    return image(picture, SIZE, SIZE, "", more="vertical-align:-6px")


def image(picture: str, width: int, height: int, words: str, *, more: str = "") -> str:
    """An SVG as an image of its own: Streamlit strips svg elements from HTML, not images."""
    source = base64.b64encode(picture.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{source}" width="{width}" height="{height}" style="max-width:100%;{more}" alt="{escape(words)}">'
