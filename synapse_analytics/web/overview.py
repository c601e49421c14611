"""The overview: sentences, what needs attention, one table of all its indicators of which each row opens its chart in place, and the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from synapse_analytics import audit, exports
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import overview
from synapse_analytics.findings.overview import Sentence, attention, sentences, standings, units_sentence
from synapse_analytics.web import address, browser, frame, link, refusal, taking
from synapse_analytics.web.indicators import chart_with_definition, course
from synapse_analytics.web.leaving import leaving
from synapse_analytics.web.parts import say
from synapse_analytics.web.session import clinic, cohort, look

OPENED = "indicator"  # the parameter that names the indicator whose row is open
FUNNELS = "Clinicians and sites"  # the tab of Variation
SUMMARY, UNITS, CALLING, UPPER, LOWER = (f"overview_{part}" for part in ("summary", "outside", "calling", "table", "rest"))
MOST_COMPARED = 30_000  # episodes; of more the models of case mix would take longer than all else of a click


def summary(seen: Released) -> Any:
    """What is steady, what changed and since when, what falls short; then what needs attention. Gives back the place of the last sentence."""
    every = standings(seen)
    _linked(overview.style(look()) + overview.sentences(sentences(every), _funnels()), SUMMARY, _open)
    last = st.container(key="overview_units")
    calling = overview.attention(attention(every), look())
    if calling:
        _linked(calling, CALLING, _open)
    return last


def units(seen: Released, place: Any) -> None:
    """Which clinician or site lies outside its limits: the last sentence, because its models take longest."""
    if clinic().policy.rounds:
        return
    with place:
        if (seen.episodes or 0) > MOST_COMPARED:
            sentence = Sentence("", "With this many patients, clinicians and sites are compared on the page Variation.")
        else:
            sentence = units_sentence(frame.ask("units_outside"))
        _linked(overview.sentences([[sentence]], _funnels()), UNITS, _open)


def board(seen: Released) -> None:
    """The table of all indicators; the chart of the open row stands between this row and the next."""
    every, opened = standings(seen), _opened(seen)
    end = next((place + 1 for place, standing in enumerate(every) if standing.declared.name == opened), len(every))
    _linked(overview.table(every, look(), overview.Part(every[:end], opened)), UPPER, _open_or_close)
    if opened:
        chart_with_definition(course(opened))
    if every[end:]:
        _linked(overview.table(every, look(), overview.Part(every[end:], goes_on=True)), LOWER, _open_or_close)
    for words in (overview.reading(every), *seen.notes):
        say(words)


def _linked(html: str, key: str, follow: Callable[[str], None]) -> None:
    browser.linked(html, key, lambda: follow(browser.chosen_code(key)))


def _opened(seen: Released) -> str:
    held = address.option(OPENED, "")
    if not held or any(row["name"] == held for row in seen.tables["indicators"]):
        return held
    link.refuse(OPENED, held, "", "There is no such indicator on this page. No row is opened.")
    return ""


def _open(name: str) -> None:
    """Callback: a sentence or a tile leads to the chart of its indicator."""
    address.write(OPENED, name)


def _open_or_close(name: str) -> None:
    """Callback: the row that was clicked on opens its chart, the open one closes it."""
    _open("" if st.session_state.get(OPENED) == name else name)


def _funnels() -> str:
    """The address of the funnels about the same cohort under the same policy; the browser opens it anew."""
    stricter = {address.POLICY: st.session_state[address.POLICY]} if address.policy_asked() else {}
    return f"variation?{'&'.join(part for part in (cohort().url(), urlencode({**stricter, 'variation_tab': FUNNELS})) if part)}"


def reports(seen: Released) -> None:
    """The report on two sheets about the cohort of this answer, for use inside the clinic and to share; nothing for a person who may not take it away."""
    if not taking.is_permitted():
        return
    with st.container(horizontal=True, key="reports"):
        if not clinic().policy.rounds:
            _report("Report for use inside the clinic", clinic())
        try:
            exports.check_reportable(cohort(), seen.n)
        except NotAllowed as error:
            refusal.not_to_share(error, key="report")
        else:
            _report("Report to share", clinic().under("publish"))


def _report(words: str, handle: Clinic) -> None:
    asked, policy = cohort(), handle.policy.name
    name = exports.report_name(handle, asked, policy)
    about = audit.Subject(asked.url(), detail={"file": name})
    st.download_button(
        words,
        data=leaving(handle, lambda allowed: exports.report(allowed, asked, policy=policy).encode(), about, event=audit.Event.REPORT),
        file_name=name,
        mime="text/html",
        key=f"save_report_{policy}",
        on_click="ignore",
        icon=":material/print:",
        help="One file of two pages to read, print or send. Any browser opens it.",
    )
