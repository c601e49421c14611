"""Clinics that do not ask for the worst pain: another score stands in for it, and every answer that rests on it says so."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.errors import UsageError


def is_pain(clinic: Clinic) -> bool:
    """True if the headline score of the data is a pain score from 0 to 10."""
    return clinic.generation.headline.startswith("nrs")


def check_pain(clinic: Clinic) -> None:
    """UsageError if the question needs a pain score from 0 to 10 and the data hold none."""
    if not is_pain(clinic):
        raise UsageError("This needs a pain score from 0 to 10, which these data do not hold.")


def stands_in(clinic: Clinic, instrument: str | None = None) -> tuple[str, ...]:
    """The sentence that goes with an answer about this instrument (None: the headline score), if it stands in for pain."""
    headline = clinic.generation.headline
    if headline == v.HEADLINE or (instrument or headline) != headline:
        return ()
    missing, shown = (v.find(v.INSTRUMENTS, code).label for code in (v.HEADLINE, headline))
    scale = (
        ""
        if is_pain(clinic)
        else f" On it a change of {v.clear_change(headline):g} points or more is clear; of pain, {v.clear_change(v.HEADLINE):g} points."
    )
    return (f"These data hold no {missing}; {shown} stands in for it.{scale}",)
