"""What a control chart says of an indicator, in words: of a point, of its course, and of its target."""

from __future__ import annotations

USUAL, OPEN, TOO_FEW = "usual", "open", "too few"
MET, UNRELIABLE, MISSED = "consistently met", "hit and miss", "consistently missed"
POINTS = {
    USUAL: "usual variation",
    "improvement": "improvement",
    "concern": "concern",
    "change": "change, neither better nor worse",
    OPEN: "follow-up still open",
}
VARIATION = {code: words.capitalize() for code, words in POINTS.items() if code != OPEN} | {TOO_FEW: "Too few to tell"}
COURSE = {USUAL: "usual", TOO_FEW: "too few to tell"}  # of an indicator that has not changed lately
ASSURANCE = {MET: "reliably met", UNRELIABLE: "not reliably met", MISSED: "reliably missed"}
