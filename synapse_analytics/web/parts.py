"""The parts pages are laid out with: tabs, columns, headings, texts and tables of declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from synapse_analytics.figures import table as tables
from synapse_analytics.progress import Progress
from synapse_analytics.web import browser, link
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import look


def tabs(name: str, labels: Mapping[str, Callable[[], None]]) -> None:
    """Tabs of which only the open one is computed; the URL holds which one is open."""
    asked = link.asked(name)
    if asked and asked not in labels:
        link.refuse(name, asked, f"The tab {next(iter(labels))}", "There is no such tab on this page.")
    for part, fill in zip(st.tabs(list(labels), key=name, on_change="rerun", bind="query-params"), labels.values(), strict=True):
        if part.open:
            with part:
                fill()


def behind(name: str, label: str, fill: Callable[[], None]) -> None:
    """What is asked and drawn only once it is opened; the URL holds whether it is open."""
    with st.container(key=f"behind_{name}"):
        part = st.expander(plain(label), key=name, on_change="rerun", bind="query-params")
    if part.open:
        with part:
            fill()


def columns(count: int) -> Sequence[Any]:
    """Columns to put choices or charts in, side by side."""
    return st.columns(count)


def chart(figure: dict[str, Any], key: str, config: Mapping[str, Any], on_click: Callable[[], None] | None = None) -> None:
    """A chart of a figure, read out by its alternative text."""
    browser.chart(figure, key, config, on_click)


@contextmanager
def card(name: str, question: str, words: str = "") -> Iterator[None]:
    """A bordered card under a question and a sentence or two."""
    with st.container(border=True, key=f"card_{name}"):
        st.markdown(f"## {plain(question)}")
        if words:
            st.markdown(plain(words))
        yield


def section(title: str) -> None:
    """A heading inside a page."""
    st.header(title, anchor=False)


def text(markdown: str) -> None:
    """A paragraph of a page that explains."""
    st.markdown(markdown)


def say(words: str) -> None:
    """A sentence in small print."""
    st.caption(plain(words))


def listed(rows: Sequence[Mapping[str, Any]], caption: str, *, names: bool = False) -> None:
    """Rows as a table: declarations of the code, or the rows of a released table; with the `names` of their columns in a file."""
    st.html(tables.table(rows, look(), caption=caption, names=names))


@contextmanager
def progress_bar(first: str) -> Iterator[Progress]:
    """A bar that says how far the work is, and goes away when it ends."""
    bar = st.progress(0.0, first)

    def show(what: str, done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{what}: {done:,} of {total:,}" if total else what)

    try:
        yield show
    finally:
        bar.empty()
