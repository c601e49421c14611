"""The overview: sentences, what needs attention, one table of all its indicators of which each row opens its chart in place, and the report."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import control_chart, overview
from synapse_analytics.findings.overview import attention, sentences, standings
from synapse_analytics.web import address, browser, frame, refusal, taking
from synapse_analytics.web.indicators import course, definition
from synapse_analytics.web.parts import say
from synapse_analytics.web.session import clinic, cohort, look, still_allowed

OPENED = "indicator"  # the parameter that names the indicator whose row is open
FUNNELS = "Funnel"  # the tab of Variation
SUMMARY, UPPER, LOWER = "overview_summary", "overview_table", "overview_rest"


def summary(seen: Released) -> None:
    """What is steady, what changed and since when, what falls short; then the indicators that need attention."""
    every = standings(seen)
    outside = None if clinic().policy.rounds else frame.ask("units_outside")
    said, calling = overview.sentences(sentences(every, outside), _funnels()), overview.attention(attention(every), look())
    _linked(said + calling, SUMMARY)


def board(seen: Released) -> None:
    """The table of all indicators; the chart of the open row stands between this row and the next."""
    every, opened = standings(seen), _opened(seen)
    end = next((place + 1 for place, standing in enumerate(every) if standing.declared.name == opened), len(every))
    _linked(overview.table(every, look(), overview.Part(every[:end], opened)), UPPER)
    if opened:
        _chart(opened)
    if every[end:]:
        _linked(overview.table(every, look(), overview.Part(every[end:], goes_on=True)), LOWER)
    for words in (overview.reading(every), *seen.notes):
        say(words)


def _linked(html: str, key: str) -> None:
    browser.linked(overview.style(look()) + html, key, lambda: _open_or_close(browser.chosen_code(key)))


def _opened(seen: Released) -> str:
    held = address.option(OPENED, "")
    return held if any(row["name"] == held for row in seen.tables["indicators"]) else ""


def _open_or_close(name: str) -> None:
    """Callback: the row that was clicked on opens its chart, the open one closes it."""
    address.write(OPENED, "" if st.session_state.get(OPENED) == name else name)


def _funnels() -> str:
    """The address of the funnels about the same cohort under the same policy; the browser opens it anew."""
    stricter = {address.POLICY: st.session_state[address.POLICY]} if address.policy_asked() else {}
    return f"variation?{'&'.join(part for part in (cohort().url(), urlencode({**stricter, 'variation_tab': FUNNELS})) if part)}"


def _chart(name: str) -> None:
    answer = course(name)
    frame.show(control_chart.control_chart, answer, table="points", key="control_chart")
    definition(answer)


def report_button(released: Released) -> None:
    """Save the printable report about the cohort of this answer, for use inside the clinic or to share; nothing for a person who may not take it away."""
    if not taking.is_permitted():
        return
    part = st.expander("Report for print", key="open_report", on_change="rerun", icon=":material/print:")
    if part.open:
        with part:
            _offer(released)


def _offer(released: Released) -> None:
    handle, asked = clinic(), cohort()
    if taking.chosen("report") == taking.TO_SHARE:
        handle = handle.under("publish")
    policy = handle.policy.name
    try:
        exports.check_reportable(asked, released.n, policy=policy)
    except NotAllowed as error:
        refusal.not_to_share(error, key="report")
        return
    st.caption(exports.stamp(handle))
    st.download_button(
        "Download the report",
        data=lambda: exports.report(still_allowed(handle), asked, policy=policy).encode(),
        file_name=exports.report_name(handle, asked, policy),
        mime="text/html",
        key="save_report",
        on_click="ignore",
        icon=":material/print:",
        help="One file to read, print or send. It needs nothing else.",
    )
