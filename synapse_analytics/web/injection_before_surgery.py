"""The strip on the page Pathways that answers whether an injection before surgery helps or delays, and how sure that is."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import injection_before_surgery as drawn
from synapse_analytics.findings import injection_before_surgery as said
from synapse_analytics.web import frame
from synapse_analytics.web.parts import behind, card, columns, listed, say

MOST_AT_ONCE = 15_000  # episodes; of more its models would take longer than all else of the page
NAME = "injection_before_surgery"


def strip(episodes: int | None) -> None:
    """The answer in words and in one table; of a very large cohort only when somebody asks for it."""
    if (episodes or 0) > MOST_AT_ONCE:
        behind("injection", said.QUESTION, _answer)
    else:
        _answer()


def _answer() -> None:
    released = frame.slow(NAME)
    found = said.strip(released)
    with card(NAME, said.QUESTION, found.above_picture):
        if not found.drawn:
            return
        with st.container(key="injection_compared"):
            listed(said.compared(released), said.QUESTION)
        for refusal in said.refusals(released):
            say(refusal)
        frame.save(released, "estimates", NAME)
    behind("injection_sure", "How sure is this?", lambda: _how_sure(released))


def _how_sure(released: Released) -> None:
    for measure in ("operated", "day_of_surgery", released.options["outcome"]):
        frame.show(drawn.differences, released, table="estimates", key=f"injection_{measure}", measure=measure)
    for place, landmark in zip(columns(2), said.landmarks(released), strict=True):
        with place:
            listed(said.whom(released, landmark), f"Patients compared, without surgery by day {landmark}")
            listed(said.alike(released, landmark), f"How alike the groups are, without surgery by day {landmark}")
            say(f"{said.APART} {said.later(released, landmark)}")
    for note in released.notes:
        say(note)
