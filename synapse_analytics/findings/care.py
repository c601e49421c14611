"""Treatments, steps and pathways as people read them."""

from __future__ import annotations

from collections.abc import Iterable

from synapse_analytics import vocabulary as v


def units_of(step: str) -> list[str]:
    """The codes joined in one step."""
    return step.split("+")


def treatment(code: str) -> str:
    """What people read for a treatment, class, strategy, stage or one of the words a pathway may hold."""
    own = {"untreated": "No treatment", "other": "Other pathways", "more": "Further steps", "first_visit": "First visit", "none": "None"}
    if code in own:
        return own[code]
    for terms in (v.TREATMENT_CLASSES, v.TREATMENTS, v.STRATEGIES, v.STAGES, v.END_STATES, v.STATUSES):
        for term in terms:
            if term.code == code:
                return term.label
    return code.replace("_", " ").capitalize()


def step(code: str, times: int = 1) -> str:
    """A step: its treatments joined by "+", with x2 where it was repeated."""
    text = " + ".join(treatment(unit) for unit in units_of(code))
    return f"{text} x{times}" if times and times > 1 else text


def pathway(steps: Iterable[str]) -> str:
    """The steps of a pathway in their order: `Medication \u2192 Surgery`."""
    return " \u2192 ".join(step(code) for code in steps)
