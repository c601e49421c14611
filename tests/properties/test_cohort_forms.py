"""A cohort is the same cohort in every form, whatever its filters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.cohort.saved import SavedCohort, from_yaml, to_yaml
from tests.twins.drawn_cohorts import cohorts

ANY_COHORT = cohorts(filters=len(FILTERS))
NAME = st.text(min_size=1, max_size=20).filter(str.isprintable)  # as check_name has it: YAML itself would fold a line break


@given(ANY_COHORT)
def test_url_comes_back(cohort: Cohort) -> None:
    assert Cohort.from_url(cohort.url()) == (cohort, ())


@given(ANY_COHORT)
def test_python_comes_back(cohort: Cohort) -> None:
    assert eval(cohort.python(), {"Cohort": Cohort}) == cohort  # noqa: S307  (the point of the test)


@given(st.dictionaries(NAME, ANY_COHORT, max_size=3))
def test_yaml_comes_back(named: dict[str, Cohort]) -> None:
    entries = {name: SavedCohort(cohort) for name, cohort in named.items()}
    assert from_yaml(to_yaml(entries)) == entries


@given(ANY_COHORT, st.randoms(use_true_random=False))
def test_order_does_not_matter(cohort: Cohort, order) -> None:
    parts = cohort.url().split("&")
    order.shuffle(parts)
    assert Cohort.from_url("&".join(parts))[0].url() == cohort.url()


@given(ANY_COHORT)
def test_commas_mean_repeats(cohort: Cohort) -> None:
    joined = "&".join(f"{name}={','.join(value) if isinstance(value, tuple) else value}" for name, value in cohort.in_use().items())
    assert Cohort.from_url(joined) == (cohort, ())


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    cohort, notices = Cohort.from_url(text)
    assert Cohort.from_url(cohort.url())[0] == cohort
    assert all(notice.isprintable() and len(notice) < 20_000 for notice in notices)


@given(ANY_COHORT, st.integers(0, 10**7))
def test_sentence_hides_few_patients(cohort: Cohort, patients: int) -> None:
    sentence = cohort.sentence(patients)
    assert sentence.endswith("; fewer than 5 patients") == (0 < patients < 5)
    assert sentence[0].isupper()
    assert sentence.isprintable()
