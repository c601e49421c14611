"""The colour, symbol and small icon of each verdict of a control chart or funnel.

Colour never stands alone: every verdict has words (see findings/verdicts.py), every kind of point a symbol of its own.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

from synapse_analytics.figures.theme import Look
from synapse_analytics.findings.verdicts import ASSURANCE, MET, MISSED, OPEN, POINTS, USUAL


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of point: what it means, Plotly's symbol, and the same symbol as a character."""

    words: str
    symbol: str
    glyph: str


MARKS = {
    USUAL: Mark(POINTS[USUAL], "circle", "\u25cf"),
    "improvement": Mark(POINTS["improvement"], "diamond", "\u25c6"),
    "concern": Mark(POINTS["concern"], "square", "\u25a0"),
    "change": Mark(POINTS["change"], "triangle-up", "\u25b2"),
    OPEN: Mark(POINTS[OPEN], "circle-open", "\u25cb"),
}
SIZE = 22  # px of an icon


def colour_of(look: Look, mark: str) -> str:
    """The colour of a kind of point: a change that is neither better nor worse has that of the text."""
    return {"improvement": look.better, "concern": look.worse, "change": look.text}.get(mark, look.same)


def assurance_icon(look: Look, assurance: str) -> str:
    """P (passes) in a ring of the blue of better, F (fails) in the orange of worse, ? in grey; the letter itself is text."""
    letter, colour = {MET: ("P", look.better), MISSED: ("F", look.worse)}.get(assurance, ("?", look.same))
    written = f'text-anchor="middle" font-family="sans-serif" font-size="12" font-weight="700" fill="{look.text}"'
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22" width="{SIZE}" height="{SIZE}">'
        f'<circle cx="11" cy="11" r="9.5" fill="none" stroke="{colour}" stroke-width="1.8"/><text x="11" y="15" {written}>{letter}</text></svg>'
    )
    return image(picture, SIZE, SIZE, "", more="vertical-align:-6px")


def target_words(look: Look, target: str, assurance: str | None) -> str:
    """A target and whether it is met, as HTML: `80 % (icon) reliably missed`."""
    return escape(target) if assurance is None else f"{escape(target)} {assurance_icon(look, assurance)} {escape(ASSURANCE[assurance])}"


def image(picture: str, width: int, height: int, words: str, *, more: str = "") -> str:
    """An SVG as an image of its own: Streamlit strips svg elements from HTML, not images."""
    source = base64.b64encode(picture.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{source}" width="{width}" height="{height}" style="max-width:100%;{more}" alt="{escape(words)}">'
