"""Indicators on pages: choosing one, its control chart, and how it is declared."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import control_chart
from synapse_analytics.findings import words as w
from synapse_analytics.indicators import INDICATORS, SET_BY_CLINIC, THEMES, Indicator, indicator
from synapse_analytics.vocabulary.periods import HALF_YEAR, MONTH, QUARTER
from synapse_analytics.web import address, frame
from synapse_analytics.web.choices import WIDE, labels, switch, tied
from synapse_analytics.web.parts import listed, say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic

CHART = "control_chart"  # the key of its card
USUAL = "pain_improvement_12_months"  # shown until another indicator is chosen
THEME = "indicator_theme"
PERIODS = (MONTH, QUARTER, HALF_YEAR)


def choose_by_theme(*, chart: str = "control") -> str:
    """Two lists, theme and indicator; only the indicator is in the URL, because it has one theme."""
    offered = [declared for declared in INDICATORS if chart in declared.charts]
    value, shared = tied("indicator", {declared.name: declared.title for declared in offered}, USUAL)
    theme = indicator(value).theme
    first = {declared.theme: declared.name for declared in reversed(offered)}
    themes = labels(term for term in THEMES if term.code in first)
    left, right = st.columns(2)
    key = address.show_as(THEME, theme)
    left.selectbox("Theme", themes, format_func=themes.__getitem__, width=WIDE, key=key, on_change=_theme_picked, args=(first,))
    shared["options"] = [declared.name for declared in offered if declared.theme == theme]
    right.selectbox("Indicator", width=WIDE, **shared)
    return value


def _theme_picked(first: Mapping[str, str]) -> None:
    address.write("indicator", first[st.session_state[address.PICK + THEME]])


def chosen_indicator() -> str:
    """The indicator of the URL, for a page on which it is chosen by a click."""
    value, _ = tied("indicator", {declared.name: declared.title for declared in INDICATORS}, USUAL)
    return str(value)


def course(name: str) -> Released:
    """The control chart of an indicator, by the period by which it is judged, or by another one where the policy allows it."""
    answer = frame.slow("control_chart", indicator=name)
    if clinic().policy.rounds:
        return answer
    judged_by = str(answer.tables["summary"][0]["judged_by"])
    offered = {"": f"{judged_by.capitalize()} (as judged)"} | {by: by.capitalize() for by in PERIODS if by != judged_by}
    period = switch("period", "Show by", offered, "")
    return frame.slow("control_chart", indicator=name, period=period) if period else answer


def chart_with_definition(answer: Released) -> None:
    """The control chart of an indicator with its definition; where there is too little for a chart, the value over the whole time."""
    frame.show(control_chart.control_chart, answer, table="points", key=CHART)
    if answer.tables["summary"][0]["chart"] is None:
        _whole_time(str(answer.tables["summary"][0]["name"]))
    definition(answer)


def _whole_time(name: str) -> None:
    """The value over the whole time, which can be seen where there is no chart."""
    declared = indicator(name)
    listed_ = frame.ask("indicators", theme=declared.theme).tables["indicators"]
    own = next(line for line in listed_ if line["name"] == name)
    limits = w.amounts_between(own["low"], own["high"], declared.unit, own["value"])
    interval = f" (95 % interval {limits})" if limits else ""
    say(f"Whole period: {w.standing(own, declared.unit)}{interval}, {w.n_of(own['n'])}.")


def definition(released: Released) -> None:
    """The definition of the indicator of a control chart or funnel: what counts, of what, why, and the source of its target."""
    row = released.tables["summary"][0]
    declared = indicator(str(row["name"]))
    target = f" Target: {w.amount(row['target'], declared.unit)} ({row['target_source']})." if row.get("target") is not None else ""
    say(f"What is counted: {declared.numerator}. Among: {declared.denominator}. {declared.why}{target}")


def declared_indicators() -> None:
    """Every indicator as it is declared, by theme."""
    for theme in THEMES:
        part = st.expander(theme.label, key=f"open_theme_{theme.code}", on_change="rerun")
        for declared in INDICATORS if part.open else ():
            if declared.theme == theme.code:
                with part:
                    st.markdown(f"**{plain(declared.title)}**")
                    listed([{"about": name, "definition": text} for name, text in _facts(declared).items()], declared.title)


def _facts(declared: Indicator) -> dict[str, str]:
    own = clinic().settings.target(declared.name)
    target, source = (declared.target, declared.target_source) if own is None else (own, SET_BY_CLINIC)
    return {
        "Question": declared.question,
        "What is counted": declared.numerator,
        "Among": declared.denominator,
        "Better": "neither higher nor lower" if declared.direction == "none" else declared.direction,
        "Target": source if target is None else f"{w.amount(target, declared.unit)} ({source})",
        "Smallest clinician or site": f"{declared.smallest_n} patients; smaller ones are shown together",
        "Why": declared.why,
        "Name in files and code": declared.name.replace("_", "_\u200b"),  # a line may break after each part
    }
