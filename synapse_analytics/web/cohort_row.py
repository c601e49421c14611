"""The cohort above a page: in a sentence, how it was formed, its filters as chips that can be removed, and the way back."""

from __future__ import annotations

import streamlit as st

from synapse_analytics import exports
from synapse_analytics.cohort import FILTERS, Cohort, without
from synapse_analytics.cohort.filters import RANGES
from synapse_analytics.disclosure import Released
from synapse_analytics.vocabulary.periods import spoken
from synapse_analytics.web import address, undo
from synapse_analytics.web.parts import listed
from synapse_analytics.web.plain import plain

LEFT = "Patients left after each filter"
CLEAR_ALONE = ("diagnosis", "sex", "treatment")  # filters whose values are clear without the name of the filter
FIRST = ("diagnosis", "month_from", "month_to", "age_band", "age_from", "age_to", "sex", "treatment")  # as in the sidebar
NAMED = 2  # values that a chip names
END = dict(RANGES)


def cohort_row(cohort: Cohort, left: Released | None) -> None:
    """Sentence, chips and the way back in one row; `left` is None where the filters may not be asked about."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cohort_row"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cohort_sentence", width="content"):
            size = "" if left is None or left.refused else f"; {exports.how_many(left)}"
            st.markdown(f"**{plain(cohort.sentence())}**{plain(size)}", width="content")
            if left is not None:
                with st.popover("How this group was formed", type="tertiary", help=LEFT):
                    _attrition(left)
        _chips(cohort)


def _chips(cohort: Cohort) -> None:
    for names, words in chips(cohort):
        st.button(
            plain(words),
            key=f"chip_{names[0]}",
            icon=":material/close:",
            icon_position="right",
            help="Remove this filter",
            on_click=address.write_cohort,
            args=(without(cohort, names),),
        )
    if cohort.in_use():
        st.button("Clear all", key="clear_all", type="tertiary", on_click=address.write_cohort, args=(Cohort(),))
    if undo.can_undo():
        st.button(
            "Undo", key="undo", type="tertiary", icon=":material/undo:", help="Undo the last change of the filters", on_click=undo.undo
        )


def chips(cohort: Cohort) -> list[tuple[tuple[str, ...], str]]:
    """The filters in use, in the order of the sidebar: the fields that a chip stands for, and its words."""
    used = cohort.in_use()
    ends = {high for low, high in RANGES if low in used}
    ordered = [*(name for name in FIRST if name in used), *(name for name in used if name not in FIRST)]
    return [(tuple(part for part in (name, END.get(name)) if part in used), _words(cohort, name)) for name in ordered if name not in ends]


def _words(cohort: Cohort, name: str) -> str:
    low, high = next((pair for pair in RANGES if name in pair), (name, name))
    if low != high:
        ends = (getattr(cohort, low), getattr(cohort, high))
        return _range("Age", *ends) if low == "age_from" else _range("First seen", *(month and spoken(month) for month in ends))
    values = [FILTERS[name].label_of(code) for code in getattr(cohort, name)]
    text = " or ".join(values[:NAMED]) + (f" or {len(values) - NAMED} more" if len(values) > NAMED else "")
    return text if name in CLEAR_ALONE else f"{FILTERS[name].label}: {text}"


def _range(what: str, low: int | str | None, high: int | str | None) -> str:
    if low is None or high is None:
        return f"{what} from {low}" if high is None else f"{what} up to {high}"
    return f"{what} {low}" if low == high else f"{what} {low} to {high}"


def _attrition(left: Released) -> None:
    st.markdown("**Patients left after each filter**")
    if left.refused:
        st.caption(plain(left.refused))
        return
    listed([dict(row) | {"filter": step(row["filter"])} for row in left.tables["steps"]], LEFT)
    if left.policy == "publish":
        st.caption("A filter that removes only a few patients is shown together with the next one.")


def step(name: str) -> str:
    """A step in words: the filters joined in it by their labels."""
    return " and ".join(FILTERS[part].label if part in FILTERS else {"all": "Everybody"}.get(part, part) for part in name.split(" + "))
