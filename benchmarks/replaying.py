"""What a browser sends when somebody goes through the pages, recorded once so that many can send it again without a browser.

Nothing here knows the widgets of a page: the browser visits with `age_from=29` in the address, and somebody who asks of people from another
age on sends the same messages with another number in its place. So everybody may ask of cohorts of their own, which no cache holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.browsing import LINKS, Browser, Opened
from benchmarks.clicked import reruns
from benchmarks.clicking import another_tab
from benchmarks.workloads import CLICKS, OVERVIEW
from synapse_analytics.web.menu import MENU, WITHOUT_COHORT

FIELD, MARK = "age_from", 29  # no other widget of the pages holds this number
OPENING, FILTER, TAB, PAGE = "opening a page", "filter", "tab", "another page"  # what somebody does


@dataclass(frozen=True, slots=True)
class Click:
    """One thing that somebody does: what it is, on which page it ends, and what the browser sends."""

    kind: str
    page: str
    sent: list[BackMsg]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser sent: when it opened a page, and at each click on it; the last one leads to another page. No filter is set then but the age."""

    opening: Click
    clicks: list[Click] = field(default_factory=list)


def round_of(browser: Browser, pages: Sequence[str]) -> list[Visit]:
    """Visit these pages one after the other; the last one leads to the first."""
    return [recorded(browser, page, pages[(place + 1) % len(pages)]) for place, page in enumerate(pages)]


def recorded(browser: Browser, page: str, following: str = "") -> Visit:
    """Visit a page, click on each filter in turn and on the second tab, and go on to the page that follows; a page may lack any of it."""
    opened = browser.open(
        f"{'' if page == OVERVIEW else page}?{FIELD}={MARK}" if page else "", listen=True, filters=page not in WITHOUT_COHORT
    )
    visit = Visit(Click(OPENING, page, reruns(opened.frames)))
    if page not in WITHOUT_COHORT:
        visit.clicks.extend(Click(FILTER, page, opened.toggle(turn).reruns) for turn in range(CLICKS))
    tab = another_tab(opened)
    if tab is not None:
        visit.clicks.append(Click(TAB, page, opened.click(tab).reruns))
    if following:
        visit.clicks.append(Click(PAGE, following, _left_for(opened, following)))
    opened.page.close()
    for click in (visit.opening, *visit.clicks):
        if not click.sent:
            raise RuntimeError(f"{page}: {click.kind} sends nothing")
    return visit


def _left_for(opened: Opened, page: str) -> list[BackMsg]:
    return opened.click(opened.page.locator(LINKS).filter(has_text=MENU[page].word).first).reruns


def as_sent_by(message: BackMsg, age: int) -> bytes:
    """The same message from somebody who asks of people from another age on, and whose browser remembers nothing."""
    mine = BackMsg()
    mine.CopyFrom(message)
    asked = mine.rerun_script
    asked.query_string = asked.query_string.replace(f"{FIELD}={MARK}", f"{FIELD}={age}")
    for widget in asked.widget_states.widgets:
        if widget.string_value == str(MARK):
            widget.string_value = str(age)
        if list(widget.double_array_value.data[:1]) == [MARK]:  # the lower end of the slider
            widget.double_array_value.data[0] = age
    del asked.cached_message_hashes[:]
    return mine.SerializeToString()
