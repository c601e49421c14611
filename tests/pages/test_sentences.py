"""Every subtitle of every page, for six cohorts (ten in the deep run): what it says holds for the rows it stands over and for the cohort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import compare_treatments
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings import NOBODY, early_and_late
from synapse_analytics.web import frame
from tests.examples import DEEP
from tests.pages.comparison_readers import COMPARISON, frequencies, headline
from tests.pages.opened import open_everything
from tests.pages.readers import READ_ELSEWHERE, READERS
from tests.pages.sentences import Said
from tests.pages.test_pages import EVERY_TAB, PAGES, loaded, open_page
from tests.twins.open_policy import EVERYTHING, changed

__all__ = ["loaded"]  # the fixture
COHORTS = (
    Cohort(),
    Cohort(sex=("female",)),
    Cohort(diagnosis=("spinal_stenosis",)),
    Cohort(diagnosis=("piriformis_syndrome",), sex=("male",)),  # so few that groups are withheld
    Cohort(clinician=("C09",)),
    Cohort(diagnosis=("sacroiliac_joint_dysfunction",), smoker=("yes",), site=("S03",)),  # fewer still
    *((Cohort(site=("S02",)), Cohort(pain_band=("7-10",)), Cohort(age_from=80), Cohort(highest_stage=("surgery",))) if DEEP else ()),
)
SPLITS = ("sex", "diagnosis", "site", "clinician")
Drawn = tuple[Any, str, dict[str, Any], dict[str, Any]]  # the figure, the answer, its options, the options of the figure


@pytest.fixture(scope="module")
def drawn(sample_store: str) -> list[Drawn]:
    """Every figure that a page shows of the sample, tab by tab, with what it is asked."""
    seen: dict[str, Drawn] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
        open_everything(patch)
        show = frame.show

        def record(draw: Any, released: Released, **options: Any) -> None:
            mine = {name: value for name, value in options.items() if name not in {"table", "key", "filters", "also"}}
            seen.setdefault(f"{name_of(draw)} {sorted(mine.items())}", (draw, released.name, dict(released.options), mine))
            show(draw, released, **options)

        patch.setattr(frame, "show", record)
        for page in PAGES:
            for state in [{key: tab} for owner, key, tab in EVERY_TAB if owner == page] or [{}]:
                assert not open_page(page, **state).exception
    return list(seen.values())


def name_of(draw: Any) -> str:
    return f"{draw.__module__.rsplit('.', 1)[-1]}.{draw.__name__}"


def sentences(clinic: Clinic, cohort: Cohort, drawn: list[Drawn]) -> Iterator[tuple[str, str, Released, dict[str, Any], dict[str, Any]]]:
    """(figure, subtitle, answer, options of the answer, options of the figure), as asked and by each of some splits."""
    for draw, answer, asked, mine in drawn:
        by = asked.get("by")
        legal = next((option.legal for option in analyses.answers()[answer].options if option.name == "by"), None) or ()
        for split in dict.fromkeys([by, *(split for split in SPLITS if split in legal and by != "age_sex")]):
            options = asked | ({"by": split} if "by" in asked else {})
            given = mine | ({"by": split} if "by" in mine else {})
            if draw.__name__ in {"mix", "co_diagnoses"} and split is not None:
                continue  # these are drawn of all together
            try:
                released = analyses.answer(clinic, answer, cohort, **options)
            except NotAllowed:
                continue
            text = draw(released, **given)["layout"]["title"]["subtitle"]["text"]
            yield name_of(draw), text, released, options, options | given


@pytest.mark.parametrize("policy", ["clinic", "publish"])
@pytest.mark.parametrize("cohort", COHORTS, ids=[cohort.url() or "everybody" for cohort in COHORTS])
def test_every_subtitle_holds(sample_store: str, drawn: list[Drawn], cohort: Cohort, policy: str) -> None:
    clinic = open_clinic(sample_store, policy=policy)
    everything = changed(clinic, policy=EVERYTHING)
    wrong, read = [], 0
    for figure, text, released, options, given in sentences(clinic, cohort, drawn):
        if released.refused or released.episodes == 0:
            assert text == (released.refused or NOBODY)
            continue
        if figure in READ_ELSEWHERE:
            continue
        told = [Said(text, released.tables, given)]
        # What is published is rounded and joined, and is held to its own rows; a comparison is refused by rules of its own.
        if policy == "clinic" and released.name not in ("compare_treatments", "injection_before_surgery"):
            told.append(Said(text, analyses.answer(everything, released.name, cohort, **options).tables, given, is_shown=False))
        for said in told:
            try:
                READERS[figure](said)
                read += 1
            except (AssertionError, KeyError, StopIteration, ValueError) as error:
                wrong.append(f"{figure} by {given.get('by')}: {text}\n    {type(error).__name__}: {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)
    assert read or policy == "publish"


def test_every_figure_of_every_page_has_a_reader(drawn: list[Drawn]) -> None:
    assert {name_of(draw) for draw, *_ in drawn} == {*READERS, *READ_ELSEWHERE}


PAIRS = (("discectomy", "physical_therapy"), ("injection_by_day_90", "no_injection_by_day_90"), ("medication", "physical_therapy"))


@pytest.mark.parametrize("policy", ["clinic", "publish"])
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_what_a_comparison_says_holds(sample_store: str, a: str, b: str, policy: str) -> None:
    """The headline and every subtitle, of three comparisons, two outcomes, three horizons and three cohorts."""
    clinic = open_clinic(sample_store, policy=policy)
    read = 0
    for cohort in COHORTS[:3]:
        for outcome in ("nrs_pain", "odi", "eq5d5l_index"):
            for month in (6, 12, 24):
                released = analyses.answer(clinic, "compare_treatments", cohort, a=a, b=b, outcome=outcome, month=month)
                headline(Said(early_and_late.sentence(released), released.tables, released.options))
                frequencies(Said(early_and_late.frequencies(released), released.tables, released.options))
                for figure in COMPARISON:
                    draw = getattr(compare_treatments, figure.rpartition(".")[2])
                    text = draw(released, LIGHT)["layout"]["title"]["subtitle"]["text"]
                    COMPARISON[figure](Said(text, released.tables, released.options))
                    read += "shown" not in text
    assert read
