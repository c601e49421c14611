"""What a control chart says of an indicator, in words: of a point, of its course, and of its target."""

from __future__ import annotations

USUAL, OPEN = "usual", "open"
POINTS = {
    USUAL: "usual variation",
    "improvement": "improvement",
    "concern": "concern",
    "change": "change, neither better nor worse",
    OPEN: "follow-up still open",
}
VARIATION = {code: words.capitalize() for code, words in POINTS.items() if code != OPEN} | {"too few": "Too few to tell"}
ASSURANCE = {
    "consistently met": "consistently met",
    "consistently missed": "consistently missed",
    "hit and miss": "sometimes met, sometimes missed",
}
