"""Cohorts drawn by hypothesis: any legal value of any filter."""

from __future__ import annotations

from hypothesis import strategies as st

from synapse_analytics.cohort import FILTERS, Cohort

UNITS = {"site": ("S01", "S02", "S09"), "clinician": ("C01", "C02", "C03")}
MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(2019, 2023), st.integers(1, 12))


def values_of(field: str) -> st.SearchStrategy:
    """Any legal value of one filter, in use."""
    declared = FILTERS[field]
    if field.startswith("age_") and not declared.terms:
        return st.integers(0, 90)
    if field.startswith("month_"):
        return MONTHS
    return st.lists(st.sampled_from(declared.legal or UNITS[field]), min_size=1, max_size=3).map(tuple)


def cohorts(*, filters: int = 4) -> st.SearchStrategy[Cohort]:
    """Cohorts with up to so many filters in use."""
    chosen = st.lists(st.sampled_from(list(FILTERS)), max_size=filters, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: values_of(name) for name in names})).map(
        lambda values: Cohort(**values)
    )
