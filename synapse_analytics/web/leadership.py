"""Parts of the pages for leadership: the tiles, the definition of an indicator, the list of verdicts, and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import indicators, overview, table
from synapse_analytics.findings import words as w
from synapse_analytics.indicators import INDICATORS, OVERVIEW, SET_BY_CLINIC, THEMES, Indicator, indicator
from synapse_analytics.web import refusal, taking
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look


def tiles(released: Released) -> Mapping[str, Any]:
    """One bordered tile per indicator of the overview, as many beside each other as fit; gives the place of each."""
    rows = {row["name"]: row for row in released.tables["indicators"]}
    grid = st.grid(min_column_width=250, key="tiles", border=True)
    places = {}
    for name in OVERVIEW:
        periods = [row for row in released.tables["periods"] if row["name"] == name]
        places[name] = grid.container()
        places[name].html(overview.tile(rows[name], periods, look()))
    for text in released.notes:
        st.caption(plain(text))
    return places


def verdicts(places: Mapping[str, Any], released: Released) -> None:
    """Write under each tile what its control chart says; it takes longer than the tiles, which stand by then."""
    rows = {row["name"]: row for row in released.tables["indicators"]}
    for name, place in places.items():
        place.html(overview.verdict(rows[name], look()))


def definition(released: Released) -> None:
    """What the indicator of a control chart or funnel counts, why, and where its target comes from."""
    row = released.tables["summary"][0]
    declared = indicator(str(row["name"]))
    said = f"Counted: {declared.numerator}. Of: {declared.denominator}. {declared.why}"
    if row.get("target") is not None:
        said += f" Target: {w.amount(row['target'], declared.unit)} ({row['target_source']})."
    st.caption(plain(said))


def case_mix_note(released: Released) -> None:
    """How the adjusted version of a funnel is made."""
    if any(row["version"] == "adjusted" for row in released.tables["limits"]):
        st.caption(plain(released.tables["summary"][0]["model"]))


def verdict_table(released: Released) -> None:
    """Every indicator with value, target and what its control chart says, inside its card."""
    st.markdown("## How does every indicator stand?")
    st.markdown(
        "By theme, in the order they are declared; nothing here is a rank. Variation and target are read from each control chart, by the period that is named."
    )
    st.html(indicators.by_theme(released, look()))
    if released.withheld:
        st.caption(f"{released.withheld:,} numbers are withheld: too few patients.")


def declared_indicators() -> None:
    """Every indicator as it is declared, by theme."""
    for theme in THEMES:
        part = st.expander(theme.label, key=f"open_theme_{theme.code}", on_change="rerun")
        for declared in INDICATORS if part.open else ():
            if declared.theme == theme.code:
                part.markdown(f"**{plain(declared.title)}**")
                part.html(table.table(_declared(declared), look(), caption=declared.title))


def _declared(declared: Indicator) -> list[dict[str, Any]]:
    own = clinic().settings.target(declared.name)
    target = own if own is not None else declared.target
    source = SET_BY_CLINIC if own is not None else declared.target_source
    facts = {
        "Question": declared.question,
        "Counted": declared.numerator,
        "Of": declared.denominator,
        "Better": {"none": "neither way"}.get(declared.direction, declared.direction),
        "Target": source if target is None else f"{w.amount(target, declared.unit)} ({source})",
        "Smallest unit": f"{declared.smallest_n} patients; smaller units are pooled",
        "Why": declared.why,
        "Name": declared.name.replace("_", "_\u200b"),
    }
    return [{"what": name, "it is": text} for name, text in facts.items()]


def report_button(released: Released) -> None:
    """Save the printable report about the cohort of this answer, for use inside the clinic or to share."""
    part = st.expander("Report for print", key="open_report", on_change="rerun", icon=":material/print:")
    if part.open:
        with part:
            _report(released)


def _report(released: Released) -> None:
    handle, asked = clinic(), cohort()
    if taking.chosen("report") == taking.TO_SHARE:
        handle = handle.under("publish")
    policy = handle.policy.name
    try:
        exports.check_reportable(asked, released.n, policy=policy)
    except NotAllowed as error:
        refusal.not_to_share(error, key="report")
        return
    st.caption(plain(exports.stamp(handle)))
    st.download_button(
        "Download the report",
        data=lambda: exports.report(handle, asked, policy=policy).encode(),
        file_name=exports.report_name(handle, asked, policy),
        mime="text/html",
        key="save_report",
        on_click="ignore",
        icon=":material/print:",
        help="One file to read, print or send. It needs nothing else.",
    )
