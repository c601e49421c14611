"""The patients included: the filters of the sidebar. A choice goes into the URL, and from there into the cohort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from synapse_analytics.clinic import deployment_policy
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.cohort.filters import AGE_LIMITS, AGES, RANGES
from synapse_analytics.cohort.limits import PUBLISH_AGE_BANDS, PUBLISH_FILTERS
from synapse_analytics.vocabulary.periods import spoken
from synapse_analytics.web import address
from synapse_analytics.web.plain import plain
from synapse_analytics.web.saved_cohorts import saved_cohorts_part
from synapse_analytics.web.session import clinic

MAIN = ("diagnosis", "month_from", "age_band", "sex", "treatment")  # the age is one filter, whatever it is made of
AGES_KEY, ALL_AGES = "ages", (AGES[0], AGES[-1])
PAIRS = {low: high for low, high in RANGES if (low, high) != AGE_LIMITS}  # two filters side by side
MORE = tuple(name for name in FILTERS if name not in (*MAIN, *PAIRS.values(), *AGE_LIMITS))
ON_BUTTONS = 40  # letters of all labels together: up to here the values are buttons, not a list
SHORT = tuple(name for name, declared in FILTERS.items() if 0 < sum(len(term.label) for term in declared.terms) <= ON_BUTTONS)
SHOW = {"": "for use inside the clinic", "publish": "to share"}
EVERYBODY = {
    "site": "All sites",
    "clinician": "All clinicians",
    "diagnosis": "All diagnoses",
    "treatment": "Any treatment or none",
    "symptom": "Any",
}


def cohort_bar(cohort: Cohort) -> None:
    """Draw the filters with the values in force; each writes to the URL when it is changed."""
    allowed = PUBLISH_FILTERS if clinic().policy.name == "publish" else tuple(FILTERS)
    with st.sidebar:
        st.markdown("**Patients included**")
        for name in MAIN:
            _filter(name, cohort, allowed)
        more = [name for name in MORE if name in allowed]
        if more:
            used = sum(1 for name in cohort.in_use() if name in MORE)
            part = st.expander(
                f"More filters ({used} in use)" if used else "More filters", expanded=bool(used), key="more_filters", on_change="rerun"
            )
            if part.open:  # filters that nobody looks at would be sent with every click
                with part:
                    for name in more:
                        _filter(name, cohort, allowed)
        st.button(
            "Reset all filters",
            icon=":material/restart_alt:",
            on_click=address.write_cohort,
            args=(Cohort(),),
            disabled=not cohort.in_use(),
            width="stretch",
        )
        saved_cohorts_part(cohort)
        _policy()


def _policy() -> None:
    """Anybody may ask for the stricter policy; where the deployment chose it there is no choice."""
    if deployment_policy(clinic().settings).name == "publish":
        return
    key = address.show_as(address.POLICY, "publish" if clinic().policy.name == "publish" else "")
    st.radio("Show numbers", list(SHOW), format_func=SHOW.__getitem__, key=key, on_change=address.picked, args=(address.POLICY,))


def _ages(cohort: Cohort) -> None:
    """The ages from and to; all of them are no restriction."""
    low, high = cohort.age_from, cohort.age_to
    shown = (ALL_AGES[0] if low is None else low, ALL_AGES[1] if high is None else high)
    st.slider("Age", *ALL_AGES, key=address.show_as(AGES_KEY, shown), on_change=_picked_ages)


def _picked_ages() -> None:
    low, high = sorted(st.session_state[address.PICK + AGES_KEY])
    address.write("age_from", None if low == ALL_AGES[0] else low)
    address.write("age_to", None if high == ALL_AGES[1] else high)


def _filter(name: str, cohort: Cohort, allowed: Sequence[str]) -> None:
    if name not in allowed:
        return
    if name == "age_band" and allowed != PUBLISH_FILTERS and not cohort.age_band:
        _ages(cohort)
        return
    if name in PAIRS:
        for column, end in zip(st.columns(2, gap="small"), (name, PAIRS[name]), strict=True):
            with column:
                _one(end, getattr(cohort, end))
        return
    values = _values(name, allowed, getattr(cohort, name))
    if not values:
        return
    shown = [value for value in getattr(cohort, name) if value in values]
    shared: dict[str, Any] = {
        "options": values,
        "format_func": FILTERS[name].label_of,
        "key": address.show_as(name, shown),
        "on_change": address.picked,
        "args": (name,),
    }
    if name in SHORT or (name == "site" and len(values) <= 6):
        st.pills(
            "Age" if name == "age_band" else FILTERS[name].label,
            selection_mode="multi",
            **shared | {"format_func": lambda code: plain(FILTERS[name].label_of(code))},
        )
    else:
        st.multiselect(FILTERS[name].label, placeholder=EVERYBODY.get(name, "Any"), **shared)


def _values(name: str, allowed: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """What is on offer: the codes that anybody in the data has, and those that are chosen. What may be shared tells of nobody: there it is the closed list."""
    if name == "site":
        return list(clinic().generation.sites)
    if name == "clinician":
        return list(clinic().generation.clinicians)
    if name == "age_band" and allowed == PUBLISH_FILTERS:
        return list(PUBLISH_AGE_BANDS)
    legal = FILTERS[name].legal
    if allowed == PUBLISH_FILTERS:
        return list(legal)
    present = FILTERS[name].offered(clinic().generation.present)
    return [code for code in legal if code in present or code in chosen]


def _one(name: str, value: Any) -> None:
    """A month of the loaded data; the empty text is no restriction."""
    st.selectbox(
        FILTERS[name].label,
        ["", *_months(value)],
        format_func=lambda choice: "Any" if choice == "" else spoken(choice),
        key=address.show_as(name, "" if value is None else value),
        on_change=address.picked,
        args=(name,),
    )


def _months(chosen: str | None) -> list[str]:
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in clinic().generation.months)
    months = [f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
    if clinic().policy.name == "publish":
        months = [month for month in months if month.endswith(("-01", "-12"))]
    return months if chosen is None or chosen in months else sorted([*months, chosen])
