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
COURSE = {USUAL: "as usual", TOO_FEW: "too few to judge"}  # of an indicator that has not changed lately
ASSURANCE = {MET: "reliably met", UNRELIABLE: "not reliably met", MISSED: "reliably missed"}
COURSES = {  # the course of an indicator, as a row of the matrix
    "improvement": "Better",
    USUAL: "As usual",
    "concern": "Worse",
    "change": "Changed, neither better nor worse",
    TOO_FEW: "Too few to judge",
}
UNJUDGED, NO_TARGET = "unjudged", "none"
TARGETS = {code: f"Target {words}" for code, words in ASSURANCE.items()} | {UNJUDGED: "Target not judged yet", NO_TARGET: "No target"}
