"""What a browser sends when it opens a page and clicks on filters, recorded once so that many can send it again without a browser.

Nothing here knows the widgets of a page: the browser visits with `age_from=29` in the address, and somebody who asks of people from another
age on sends the same messages with another number in its place. So everybody asks of cohorts of their own, which no cache holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.browsing import Browser
from benchmarks.clicked import reruns
from benchmarks.workloads import CLICKS, OVERVIEW

FIELD, MARK = "age_from", 29  # no other widget of the pages holds this number


@dataclass(frozen=True, slots=True)
class Visit:
    """What a browser sent: when it opened a page, and at each click; after the last one no filter is set but the age."""

    page: str
    opening: list[BackMsg]
    clicks: list[list[BackMsg]]


def recorded(browser: Browser, page: str) -> Visit:
    """Visit a page and click on each filter in turn."""
    opened = browser.open(f"{'' if page == OVERVIEW else page}?{FIELD}={MARK}", listen=True)
    opening = reruns(opened.frames)
    clicks = [opened.toggle(turn).reruns for turn in range(CLICKS)]
    opened.page.close()
    if not opening or not all(clicks):
        raise RuntimeError(f"{page}: a click on a filter sends nothing")
    return Visit(page, opening, clicks)


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
