"""The colour, symbol and small icon of each verdict of a control chart or funnel.

Colour never stands alone: every verdict has words (see findings/verdicts.py), every kind of point a symbol of its own.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from synapse_analytics.findings.verdicts import ASSURANCE, OPEN, POINTS, USUAL, VARIATION

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
WAVE = '<path d="M5 12c1.5-4 3-4 4.5-1s3 3 4.5 0 2.5-2.5 3-2" fill="none" stroke="{c}" stroke-width="1.8"/>'
UP = '<path d="M11 16V7M7.5 10.5 11 6.5l3.5 4" fill="none" stroke="{c}" stroke-width="2"/>'
DOWN = '<path d="M11 6v9M7.5 11.5 11 15.5l3.5-4" fill="none" stroke="{c}" stroke-width="2"/>'
BOTH = '<path d="M11 6v10M8 8.5 11 5.5l3 3M8 13.5l3 3 3-3" fill="none" stroke="{c}" stroke-width="1.8"/>'
LETTER = '<text x="11" y="15" text-anchor="middle" font-family="sans-serif" font-size="12" font-weight="700" fill="{c}">%s</text>'


def side_of(meaning: str, direction: str) -> str:
    """Which way an improvement or a concern points: up or down; both where no way is better."""
    if direction == "none" or meaning not in ("improvement", "concern"):
        return "both"
    return "up" if (meaning == "improvement") == (direction == "higher") else "down"


def variation_icon(variation: str, direction: str) -> str:
    """The icon of the variation: grey wave, arrow in the colour of its meaning, or a dashed ring where too few tell."""
    if variation == "usual":
        return _ring(COMMON, WAVE)
    if variation in ("improvement", "concern", "change"):
        drawn = {"up": UP, "down": DOWN, "both": BOTH}[side_of(variation, direction)]
        return _ring(MARKS[variation].colour, drawn)
    return _ring(COMMON, "", dashed=True)


def assurance_icon(assurance: str) -> str:
    """P (passes) in blue, F (fails) in orange, ? in grey."""
    letter, colour = {"consistently met": ("P", IMPROVEMENT), "consistently missed": ("F", CONCERN)}.get(assurance, ("?", COMMON))
    return _ring(colour, LETTER % letter)


def variation_words(variation: str | None, direction: str, period: str) -> str:
    """Icon and words of a variation as HTML, and by which period it is judged; the icon is silent, for the words say the same."""
    if variation is None:
        return "withheld"
    return f"{variation_icon(variation, direction)} {escape(VARIATION[variation])}, by {escape(period)}"


def target_words(target: str, assurance: str | None) -> str:
    """A target and whether it is met, as HTML: `80 % (icon) consistently missed`."""
    return escape(target) if assurance is None else f"{escape(target)} {assurance_icon(assurance)} {escape(ASSURANCE[assurance])}"


def _ring(colour: str, inside: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="3 3"' if dashed else ""
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22" width="{SIZE}" height="{SIZE}">'
        f'<circle cx="11" cy="11" r="9.5" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>{inside.format(c=colour)}</svg>'
    )
    return image(picture, SIZE, SIZE, "", more="vertical-align:-6px")


def image(picture: str, width: int, height: int, words: str, *, more: str = "") -> str:
    """An SVG as an image of its own: Streamlit strips svg elements from HTML, not images."""
    source = base64.b64encode(picture.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{source}" width="{width}" height="{height}" style="max-width:100%;{more}" alt="{escape(words)}">'
