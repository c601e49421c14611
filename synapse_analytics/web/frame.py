"""How a page asks a question and shows the answer as a card.

A page sees no rows, no SQL and no colours. Answers are cached by generation, policy, settings, cohort and options.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from synapse_analytics import analyses
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.web import address, taking
from synapse_analytics.web.browser import clicked
from synapse_analytics.web.parts import chart
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look

Draw = Callable[..., dict[str, Any]]
EVERYBODY = Cohort()  # for questions about all patients, whatever the filters are
KEPT = 512  # answers; each holds aggregates only
BARE = {"displaylogo": False, "displayModeBar": False}  # a picture is taken in its drawer, where it carries a stamp
CLICK = "Click a bar to keep only those patients; click it again to bring the others back."
CLICK_OUT = "Click the bar again to remove this filter."
NOTES_ABOVE = ("compare_treatments", "patients_like_mine", "injection_before_surgery")  # answers whose notes stand once, not on each card


def ask(name: str, *, of: Cohort | None = None, policy: str | None = None, **options: Any) -> Released:
    """The answer to a question about the cohort of this run (or about `of`), under the policy of this run or a stricter one."""
    asked, handle = of or cohort(), clinic() if policy is None else clinic().under(policy)
    under = (handle.generation.id, handle.policy.name, handle.settings.digest)
    key = (under, name, asked.url(), tuple(sorted(options.items())))
    return analyses.answer(handle, name, asked, lambda compute: _kept(key, _compute=compute), **options)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept(key: tuple[Any, ...], *, _compute: Callable[[], Released]) -> Released:
    """The person is not in the key: the answer is the same for everybody, and the question is logged outside."""
    del key
    return _compute()


def slow(name: str, **options: Any) -> Released:
    """Ask a question that may take seconds; until the answer is there a line says that it is being worked out."""
    with st.spinner("Working it out for this cohort ..."):
        return ask(name, **options)


def show(  # noqa: PLR0913  (what a card has)
    draw: Draw,
    released: Released,
    *,
    table: str,
    key: str | None = None,
    filters: str | None = None,
    also: Released | None = None,
    **options: Any,
) -> None:
    """A card: question, answer, chart or table, notes, and on demand the drawer with all that can be taken from it.

    `table` names the released table behind the chart; `filters` the field of the cohort that a click on the chart narrows. `also` is
    a second answer with the same table that the card shows beside the first; the drawer has both.
    """
    name = key or f"{released.name}_{draw.__name__}"
    figure = draw(released, look(), **(options | ({"also": also} if also else {})))
    heading = figure["layout"].pop("title")
    with st.container(border=True, key=f"card_{name}"):
        st.markdown(f"## {plain(heading['text'])}")
        if not figure["data"] and "html" not in figure:
            st.info(plain(heading["subtitle"]["text"]))
            return
        st.markdown(plain(heading["subtitle"]["text"]))
        _drawn(figure, name, filters)
        small_print(released)
        picture = None if "html" in figure else partial(draw, **options)
        _take(released, name, table, by=options.get("by", released.options.get("by")), draw=picture, also=also)


def _drawn(figure: dict[str, Any], name: str, filters: str | None) -> None:
    """The chart or the table of a card."""
    if "html" in figure:
        st.html(figure["html"])
        return
    chart(figure, name, BARE, partial(_narrow, name, filters) if filters else None)
    if figure.get("instead"):
        with st.container(key=f"instead_{name}"):
            st.html(figure["instead"])
    if filters:
        st.caption(plain(CLICK_OUT if getattr(cohort(), filters) else CLICK))


def _narrow(name: str, field: str) -> None:
    """Callback: a click on a mark adds its code to the filter, or takes it out again; a code the filter does not know is ignored."""
    taken, have = set(clicked(name)), set(getattr(cohort(), field))
    narrowed: Any = {field: tuple(code for code in FILTERS[field].legal if (code in have) ^ (code in taken))}
    address.ask_about(replace(cohort(), **narrowed))


def small_print(released: Released) -> None:
    """The notes of an answer. How many numbers of its table are withheld is said in the drawer, where the table is."""
    if released.notes and released.name not in NOTES_ABOVE:
        st.caption(plain(" ".join(released.notes)))


def save(released: Released, table: str, key: str, words: str = "") -> None:
    """The drawer of a released table without a chart, under a sentence that says what the table holds."""
    if words:
        st.caption(plain(words))
    _take(released, key, table, by=released.options.get("by"))


def _take(  # noqa: PLR0913  (what a drawer has)
    released: Released, name: str, table: str, *, by: str | None, draw: Draw | None = None, also: Released | None = None
) -> None:
    """The drawer of a card, for use inside the clinic or to share."""
    second = None if also is None else taking.Card(f"{name}_also", also, _again(also), table, also.options.get("by"))
    taking.drawer(taking.Card(name, released, _again(released), table, by, draw), second)


def _again(released: Released) -> Callable[[], Released]:
    """What asks the same question under the policy publish."""
    return partial(ask, released.name, of=released.cohort, policy="publish", **released.options)
