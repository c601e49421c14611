"""The address of a page, as it is copied there, gives its cohort in Python and on the command line; what is not known in it is an error."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given

from synapse_analytics.cohort import FILTERS, Cohort, policy_of
from synapse_analytics.cohort.link import PAGE_CHOICES
from synapse_analytics.disclosure import POLICIES
from synapse_analytics.errors import UsageError
from tests.twins.drawn_cohorts import cohorts
from tests.unit.test_command_line import Run, run

__all__ = ["run"]
PAGE = "http://127.0.0.1:8501/outcomes"
WOMEN = "sex=female&outcome_by=site&outcomes_tab=Who+improved"


@given(cohorts())
def test_a_link_gives_the_cohort_of_its_page(cohort: Cohort) -> None:
    for tail in ("", "#card_score_over_time_trajectory"):
        assert Cohort.from_link(f"{PAGE}?outcome_by=site&{cohort.url()}&policy=publish&weeks=true{tail}") == cohort
    assert Cohort.from_link(cohort.url()) == cohort, "a query alone is as good"


def test_a_link_without_filters_is_everybody() -> None:
    assert Cohort.from_link(PAGE) == Cohort.from_link("https://spine.example.org/base/") == Cohort()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sxe=female", "There is no filter 'sxe'."),
        ("sex=female&token=1", "There is no filter 'token'."),
        ("sex=woman", "Sex: 'woman' is not known here"),
        ("age_from=60&age_to=40", "was after age to 40."),
        ("site=S99", "Site: 'S99' is not known here"),
    ],
)
def test_what_is_not_known_is_an_error(query: str, said: str) -> None:
    """A page says what it leaves out; a number in a script would be one of other patients, and nobody would see why."""
    with pytest.raises(UsageError, match="The link cannot be read") as error:
        Cohort.from_link(f"{PAGE}?{query}", sites=("S01",), clinicians=())
    assert said in str(error.value)
    assert "left out" not in str(error.value)
    assert "swapped" not in str(error.value)


def test_no_filter_is_taken_for_a_choice_of_a_page() -> None:
    assert not {name for names in PAGE_CHOICES.values() for name in names} & set(FILTERS)


def test_a_link_says_its_policy() -> None:
    assert policy_of(f"{PAGE}?{WOMEN}&policy=publish") == "publish"
    assert policy_of(f"{PAGE}?{WOMEN}") is None
    assert policy_of("sex=female&policy=publish") == "publish", "a query is read as a link is"


def test_a_link_with_two_policies_has_none_that_is_known() -> None:
    """A page shows what may be shared then; on the command line it is an error."""
    for query in ("policy=clinic&policy=publish", "policy=publish&policy=clinic"):
        assert policy_of(f"{PAGE}?{query}") not in POLICIES
    assert policy_of(f"{PAGE}?policy=publish&policy=publish") == "publish"


@pytest.mark.parametrize("value", ["a?", "a?b=1", "http://x", "?"])
def test_a_query_is_no_link_for_what_a_value_holds(value: str) -> None:
    """Else the filters before the question mark would be lost without a word."""
    query = f"sex=female&site={value}"
    cohort, notices = Cohort.from_url(query, sites=("S01",))
    assert (cohort.sex, len(notices)) == (("female",), 1)
    with pytest.raises(UsageError, match=r"Site: '.*' is not known here"):
        Cohort.from_link(query, sites=("S01",))


@pytest.mark.parametrize("address", ["http://[/outcomes?sex=female", "http://\u2100.org/?sex=female"])
def test_what_is_no_address_is_an_error_in_words(address: str) -> None:
    for read in (Cohort.from_link, policy_of):
        with pytest.raises(UsageError, match="no address of a page"):
            read(address)


def test_the_command_line_takes_a_link(run: Run, sample_store: str) -> None:
    place = ("--database", sample_store, "--format", "json")
    _, by_link, _ = run("answer", "diagnosis_mix", "--cohort", f"{PAGE}?{WOMEN}#card_x", *place)
    _, by_query, _ = run("answer", "diagnosis_mix", "--cohort", "sex=female", *place)
    assert json.loads(by_link) == json.loads(by_query)
    _, shared, _ = run("answer", "diagnosis_mix", "--cohort", f"{PAGE}?{WOMEN}&policy=publish", *place)
    assert json.loads(shared)["policy"] == "publish", "what the link shows rounded is rounded here"
    _, asked, _ = run("answer", "diagnosis_mix", "--cohort", f"{PAGE}?{WOMEN}&policy=publish", "--policy", "clinic", *place)
    assert json.loads(asked)["policy"] == "clinic"
    _, shown, _ = run("cohort", f"{PAGE}?{WOMEN}", *place)
    assert json.loads(shown)["url"] == "sex=female"


@pytest.mark.parametrize("query", ["sxe=female", f"sex={quote('<b>')}", "policy=open"])
def test_the_command_line_says_what_is_wrong_with_a_link(run: Run, sample_store: str, query: str, tmp_path: Path) -> None:
    code, out, err = run("answer", "diagnosis_mix", "--cohort", f"{PAGE}?{query}", "--database", sample_store, "--out", tmp_path / "x.csv")
    assert (code, out) == (UsageError.exit_code, "")
    assert "cannot be read" in err or "Unknown policy" in err
    assert not (tmp_path / "x.csv").exists()


def test_thousands_of_wrong_names_and_values_are_a_short_note() -> None:
    query = "&".join(f"n{k}=1&sex=s{k}" for k in range(3_000))
    cohort, (names, values) = Cohort.from_url(query)
    assert cohort == Cohort()
    assert names.endswith("'n7' or 2,992 more.")
    assert values.startswith("Sex: 's0', ")
    assert "and 2,992 more is not known" in values
