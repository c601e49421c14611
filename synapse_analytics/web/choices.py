"""Choices that live in the URL as codes: one of many, one of a few, and an indicator by its theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from synapse_analytics.indicators import INDICATORS, THEMES, indicator
from synapse_analytics.vocabulary import find
from synapse_analytics.vocabulary.periods import HALF_YEAR, MONTH, QUARTER
from synapse_analytics.web import address
from synapse_analytics.web.session import clinic

WIDE = 360  # px, at most, of a choice
USUAL_INDICATOR = "pain_improvement_12_months"
THEME = "indicator_theme"
PERIODS = {MONTH: "Month", QUARTER: "Quarter", HALF_YEAR: "Half-year"}


def choose(name: str, label: str, options: Sequence[Any], default: Any, *, write: Callable[[Any], str] = str) -> Any:
    """A choice that lives in the URL as its code; what is not on offer falls back to the default."""
    value, shared = _choice(name, options, default)
    st.selectbox(label, format_func=write, width=WIDE, **shared)
    return value


def switch(name: str, label: str, options: Mapping[str, str], default: str) -> str:
    """A choice between a few, all in sight; it lives in the URL as its code."""
    value, shared = _choice(name, tuple(options), default)
    st.segmented_control(label, format_func=options.__getitem__, required=True, **shared)
    return value


def _choice(name: str, options: Sequence[Any], default: Any) -> tuple[Any, dict[str, Any]]:
    """The value the URL holds, and how the visible widget is tied to it."""
    held = address.option(name, str(default))
    value = next((option for option in options if str(option) == held), default)
    return value, {"options": list(options), "key": address.show_as(name, value), "on_change": address.picked, "args": (name,)}


def choose_indicator(*, chart: str = "control") -> str:
    """Two lists, theme and indicator; only the indicator is in the URL, for it tells its theme."""
    offered = [declared for declared in INDICATORS if chart in declared.charts]
    value, shared = _choice("indicator", [declared.name for declared in offered], USUAL_INDICATOR)
    theme = indicator(value).theme
    first = {declared.theme: declared.name for declared in reversed(offered)}
    themes = [term.code for term in THEMES if term.code in first]
    left, right = st.columns(2)
    key = address.show_as(THEME, theme)
    left.selectbox(
        "Theme", themes, format_func=lambda code: find(THEMES, code).label, width=WIDE, key=key, on_change=_theme_picked, args=(first,)
    )
    shared["options"] = [declared.name for declared in offered if declared.theme == theme]
    right.selectbox("Indicator", format_func=lambda name: indicator(name).title, width=WIDE, **shared)
    return value


def _theme_picked(first: Mapping[str, str]) -> None:
    address.write("indicator", first[st.session_state[address.PICK + THEME]])


def choose_period(judged_by: str) -> str | None:
    """What a point of the chart is: the period by which the indicator is judged (None), or another one where the policy allows it."""
    if clinic().policy.rounds:
        return None
    offered = {"": f"{PERIODS[judged_by]}, as judged"} | {code: label for code, label in PERIODS.items() if code != judged_by}
    return switch("period", "A point is a", offered, "") or None
