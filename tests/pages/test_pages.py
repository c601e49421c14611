"""Every page through the router and alone: it runs, speaks in both modes, and has its own words where it shows nothing."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from tests.builders import person
from tests.pages.charts_of import charts_of, linked_of, rows_of

ROOT = Path(__file__).resolve().parents[2]
ROUTER = ROOT / "synapse_analytics" / "web" / "app.py"
CARE = ("compare_treatments", "patients_like_mine")
PAGES = ("overview", "diagnoses", "pathways", "outcomes", *CARE, "variation", "export", "data", "audit_log", "methods")
TABS = {
    "diagnoses_tab": ("diagnoses", ("How common", "Symptoms", "Investigations", "At the first visit")),
    "pathways_tab": ("pathways", ("Treatment pathways", "Response to treatment", "Waiting times", "Stepped care")),
    "outcomes_tab": ("outcomes", ("Over time", "Who improved", "Spread of results", "Follow-up")),
    "variation_tab": ("variation", ("All indicators", "Over time", "Clinicians and sites")),
    "export_tab": ("export", ("Rows", "Aggregates", "This cohort")),
    "data_tab": ("data", ("What is loaded", "Completeness", "Warnings", "Your own files")),
    "methods_tab": (
        "methods",
        ("Definitions", "Scores and treatments", "Indicators and questions", "Check on past patients", "Privacy and limits", "Glossary"),
    ),
}
EVERY_TAB = [(page, key, tab) for key, (page, tabs) in TABS.items() for tab in tabs]
NOBODY = {"diagnosis": ["spinal_stenosis"], "age_to": ["20"]}
# The framework, not the product, warns of these; a page that warns of anything else fails.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def loaded(sample_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))


@functools.cache
def components() -> BidiComponentManager:
    """What Streamlit looks for in every installed package, at each AppTest anew: a sixth of the time of a page."""
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def entered(page: str) -> AppTest:
    """The router before its first run, on the way to a page, as by a deep link: no other page is run first."""
    at = AppTest.from_file(str(ROUTER), default_timeout=120)
    at._bidi_component_manager = components()
    return at if page == "overview" else at.switch_page(str(ROOT / "pages" / f"{page}.py"))


def open_page(page: str, query: dict[str, Any] | None = None, **state: Any) -> AppTest:
    at = entered(page)
    for name, value in (query or {}).items():
        at.query_params[name] = value
    for name, value in state.items():
        at.session_state[name] = value
    return at.run()


def said(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.info, at.warning, at.title, at.header)
    texts = [element.value for kind in kinds for element in kind]
    return "\n".join([*texts, *(element.proto.body for element in at.get("html")), *linked_of(at)])


def test_every_page_is_opened_here() -> None:
    assert set(PAGES) == {path.stem for path in (ROOT / "pages").glob("*.py")}


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_in_the_router(page: str) -> None:
    at = open_page(page)
    assert not at.exception
    assert "Synthetic data" in said(at)
    assert "2,000 patients" in said(at)


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_alone(page: str) -> None:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60).run()
    assert not at.exception


@pytest.mark.parametrize(("page", "key", "tab"), EVERY_TAB)
def test_every_tab_runs(page: str, key: str, tab: str) -> None:
    at = open_page(page, **{key: tab})
    assert not at.exception
    assert "class=" not in said(at).removesuffix("\n".join(linked_of(at)))  # what can be clicked on has classes for its layout


@pytest.mark.parametrize("page", ["overview", "diagnoses", "pathways", "outcomes", *CARE, "variation"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_charts_carry_their_mode(page: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics.figures.theme import LOOKS
    from synapse_analytics.web import frame

    monkeypatch.setattr(frame, "look", lambda: LOOKS[mode])
    charts = charts_of(open_page(page, {"indicator": "median_wait"}))  # a row of the overview is open
    assert charts
    for chart in charts:
        assert chart.figure["layout"]["font"]["color"] == LOOKS[mode].text


@pytest.mark.parametrize("page", ["overview", "diagnoses", "pathways", "outcomes", *CARE, "variation", "export"])
def test_empty_cohort_has_words(page: str) -> None:
    at = open_page(page, NOBODY)
    assert not at.exception
    assert "No patients match these filters" in said(at)
    assert not charts_of(at)


def test_small_cohort_shows_only_why(sample_clinic: Any) -> None:
    query = small_cohort(sample_clinic)
    for page in ("overview", "diagnoses", "pathways", "outcomes", *CARE, "variation", "export"):
        at = open_page(page, query)
        assert not at.exception
        assert "fewer than 5 patients" in said(at)
        assert not charts_of(at)
        assert not at.tabs


def small_cohort(clinic: Any) -> dict[str, list[str]]:
    """Filters that leave 1 to 4 patients of the sample."""
    from synapse_analytics import analyses
    from synapse_analytics.cohort import Cohort

    for age in range(18, 91):
        for diagnosis in ("piriformis_syndrome", "other_spinal"):
            asked = Cohort(diagnosis=(diagnosis,), age_from=age, age_to=age)
            if analyses.answer(clinic, "attrition", asked).refused:
                return {"diagnosis": [diagnosis], "age_from": [str(age)], "age_to": [str(age)]}
    raise AssertionError("the sample has no small cohort")


def test_malformed_address_is_named() -> None:
    at = open_page("diagnoses", {"diagnosis": ["spinal_stenosis", "nonsense"], "age_from": ["old"], "mix_by": ["../../etc"]})
    assert not at.exception
    assert "'nonsense' is not known here" in said(at)
    assert "'old' is not known here" in said(at)
    assert "spinal stenosis" in said(at)


def test_cohort_is_carried_over_pages() -> None:
    at = open_page("diagnoses", {"sex": ["female"]})
    before = next(text for text in said(at).splitlines() if "patients" in text and "Women" in text)
    at.switch_page(str(ROOT / "pages" / "outcomes.py")).run()
    assert before in said(at)


def held(at: AppTest) -> set[str]:
    """The parameters that have an input of their own, beside the widget that is seen."""
    return {str(element.key) for kind in (at.multiselect, at.text_input) for element in kind if not str(element.key).startswith("pick_")}


def test_only_parameters_in_use_have_an_input() -> None:
    """Each input costs at every click; one that held something stays, or the URL would keep what was taken out."""
    before = held(open_page("diagnoses"))
    at = open_page("diagnoses", {"sex": "female"})
    assert held(at) == before | {"sex"}
    at.multiselect(key="pick_diagnosis").select("spinal_stenosis").run()
    assert held(at) == before | {"sex", "diagnosis"}
    at.multiselect(key="pick_diagnosis").unselect("spinal_stenosis").run()
    assert held(at) == before | {"sex", "diagnosis"}
    assert at.session_state["diagnosis"] == []


def test_an_end_of_a_reversed_range_is_picked() -> None:
    """A link may name a range the wrong way round; the widgets show it the right way, and picking one end leaves the other where it is seen."""
    at = open_page("diagnoses", {"age_from": "70", "age_to": "40"})
    assert "aged 40 to 70" in said(at)
    at.slider(key="pick_ages").set_range(50, 70).run()
    assert "aged 50 to 70" in said(at)
    at.slider(key="pick_ages").set_range(0, 90).run()
    assert "**All patients**" in said(at)


def test_more_filters_are_sent_when_they_are_opened_or_in_use() -> None:
    def has_symptoms(at: AppTest) -> bool:
        return any(element.key == "pick_symptom" for element in at.multiselect)

    closed = open_page("diagnoses")
    assert not has_symptoms(closed)
    closed.session_state["more_filters"] = True
    assert has_symptoms(closed.run())
    assert has_symptoms(open_page("diagnoses", {"smoker": "yes"}))


def test_picking_narrows_the_cohort() -> None:
    at = open_page("diagnoses")
    at.multiselect(key="pick_diagnosis").select("spinal_stenosis").run()
    assert at.session_state["diagnosis"] == ["spinal_stenosis"]
    assert "**Patients with spinal stenosis**" in said(at)
    at.button[0].click().run()
    assert at.session_state["diagnosis"] == []


def test_click_on_a_bar_filters() -> None:
    """The browser sends the codes of the bars; one the filter does not know is ignored, and the same bar again takes it out."""
    from synapse_analytics.cohort import Cohort
    from synapse_analytics.web import frame

    asked: list[Cohort] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "clicked", lambda _key: ["herniated_disc", "<script>"])
        patch.setattr(frame.address, "ask_about", asked.append)
        for before in (Cohort(), Cohort(diagnosis=("herniated_disc", "spinal_stenosis"))):
            patch.setattr(frame, "cohort", lambda before=before: before)
            frame._narrow("diagnosis_mix_mix", "diagnosis")
    assert asked == [Cohort(diagnosis=("herniated_disc",)), Cohort(diagnosis=("spinal_stenosis",))]


def test_a_bar_that_was_clicked_can_be_taken_out_again() -> None:
    assert "click it again to bring the others back" in said(open_page("diagnoses"))
    at = open_page("diagnoses", {"diagnosis": "spinal_stenosis"})
    assert "Click the bar again to remove this filter" in said(at)
    assert charts_of(at)[0].figure["data"][0]["customdata"] == ["spinal_stenosis"]  # what was filtered out has no bar


@pytest.mark.usefixtures("as_it_opens")
def test_pathways_shows_what_is_behind_a_click_only_once_it_is_opened() -> None:
    names = ("sankey", "ways", "other_definitions", "reading")
    closed, opened = (said(open_page("pathways", query)) for query in ({}, dict.fromkeys(names, "true")))
    for question in ("How do patients move from conservative care to surgery?", "How do pathways end, by first treatment?"):
        assert question in closed
        assert question in opened
    for question in ("Which treatment follows which?", "Which pathways did patients take?", "Do the most common pathways depend on"):
        assert question not in closed
        assert question in opened


def test_how_pathways_are_read_is_in_force_while_its_choices_are_closed() -> None:
    """By stage of care, "Conservative care" is a first treatment; by class it is "Medication"."""

    def firsts(query: dict[str, str]) -> str:
        return str([chart.figure["layout"]["yaxis"].get("ticktext") for chart in charts_of(open_page("pathways", query))])

    assert "Medication" in firsts({})
    assert "Conservative care" in firsts({"unit": "stage"})


def test_pathway_in_the_address_is_followed() -> None:
    at = open_page("pathways", {"pathway": ["medication"]})
    assert "How did this pathway end? Medication" in said(at)
    assert "How did this pathway end?" not in said(open_page("pathways", {"pathway": ["no_such_step"]}))


def followed(at: AppTest) -> set[str]:
    """The pathways of the marked rows of the table."""
    table = rows_of(at)
    return {table["rows"][place][0][0] for place in table["chosen"]}


def test_the_rows_of_the_followed_pathway_are_marked() -> None:
    """Whatever chose it: a link, then the list, then a filter that puts other rows in the places of those that were there."""
    at = open_page("pathways", {"pathway": ["medication"]})
    assert followed(at) == {"Medication"}
    at.selectbox(key="pick_pathway").select("physical_therapy").run()
    assert followed(at) == {"Physical therapy"}
    at.query_params["diagnosis"] = "spinal_stenosis"
    at.run()
    assert followed(at) == {"Physical therapy"}
    at.selectbox(key="pick_pathway").select("").run()
    assert followed(at) == set()


@pytest.mark.parametrize(("place", "before", "after"), [(1, (), "b|c"), (1, ("b", "c"), ""), (0, ("b", "c"), "a"), (7, ("a",), "")])
def test_choosing_a_row_follows_its_pathway(place: int, before: tuple[str, ...], after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of the pathway that is followed lets it go; a place that is not there follows none."""
    from synapse_analytics.web import browser, pathways

    written: list[tuple[str, str]] = []
    monkeypatch.setattr(browser.st, "session_state", {pathways.TABLE: {browser.CHOSEN: place}})
    monkeypatch.setattr(pathways.address, "write", lambda *given: written.append(given))
    pathways._follow([{"steps": ["a"]}, {"steps": ["b", "c"]}], before)
    assert written == [("pathway", after)]


def test_comparison_lives_in_the_address() -> None:
    at = open_page("compare_treatments", {"a": "injection_by_day_90", "outcome": "odi", "month": "12", "sure": "true"})
    assert not at.exception
    assert "patients who had injection within 90 days with patients who had no injection within 90 days" in said(at)
    assert "cannot show that one is better" in said(at)
    assert "E-value" in said(at)


@pytest.mark.usefixtures("as_it_opens")
def test_what_stands_behind_the_answer_is_drawn_once_it_is_opened() -> None:
    assert "How large is the difference" not in said(open_page("compare_treatments"))
    assert "How large is the difference" in said(open_page("compare_treatments", {"sure": "true"}))


def test_refused_comparison_says_why_and_shows_the_rest() -> None:
    at = open_page(
        "compare_treatments", {"a": "spinal_fusion", "diagnosis": ["degenerative_disc_disease"], "outcome": "odi", "sure": "true"}
    )
    assert not at.exception
    assert "cannot be compared here" in said(at)
    assert "Too few patients: fewer than 10 patients had spinal fusion." in said(at)
    assert "Which patients are compared?" in said(at)
    assert "Were the groups alike at the start?" in said(at)
    assert "How large is the difference" not in said(at)


def test_one_click_leads_from_a_refusal_to_a_comparison_that_is_made() -> None:
    at = open_page("compare_treatments", {"a": "laminectomy", "b": "physical_therapy", "diagnosis": ["spinal_stenosis"]})
    assert "Laminectomy and physical therapy cannot be compared here." in said(at)
    at.button(key="compare_instead").click().run()
    assert not at.exception
    assert "cannot be compared here" not in said(at)
    assert charts_of(at)


def test_what_cannot_be_compared_is_marked_in_the_lists_and_comes_last() -> None:
    offered = open_page("compare_treatments", {"a": "discectomy"}).selectbox(key="pick_b").options
    marked = [option for option in offered if "too few" in option or "no similar patients" in option]
    assert marked
    assert list(offered[-len(marked) :]) == marked
    assert offered[len(offered) - len(marked) - 1].endswith(")")


def test_the_diagnosis_is_the_filter_of_the_cohort() -> None:
    at = open_page("compare_treatments")
    at.selectbox(key="compared_diagnosis").select("herniated_disc").run()
    assert not at.exception
    assert at.session_state["diagnosis"] == ["herniated_disc"]
    assert at.selectbox(key="compared_diagnosis").value == "herniated_disc"
    several = open_page("compare_treatments", {"diagnosis": ["herniated_disc", "spinal_stenosis"]})
    assert several.selectbox(key="compared_diagnosis").value == "several"


def test_a_pair_that_is_none_is_answered_with_one_that_is() -> None:
    at = open_page("compare_treatments", {"a": "medication", "b": "anti_inflammatory", "month": "3"})
    assert not at.exception
    assert (at.selectbox(key="pick_a").value, at.selectbox(key="pick_b").value) == ("medication", "physical_therapy")


def test_too_few_alike_are_refused_in_words() -> None:
    at = open_page("patients_like_mine", {"like_diagnosis": "other_spinal", "age": "88", "width": "0.5"})
    assert not at.exception
    assert "in this clinic is similar. At least 20 are needed" in said(at)
    assert not charts_of(at)


def test_one_click_finds_enough() -> None:
    """What the button promises is what the page then shows, and the particular that it leaves out says "any"."""
    at = open_page("patients_like_mine", {"bmi": "60", "age": "50", "pain": "7", "width": "0.5"})
    ways = [button for button in at.button if (button.key or "").startswith("like_way_")]
    assert [button.label for button in ways][0].startswith("Leave out body mass index (")
    promised = re.search(r"([\d,]+) patients", ways[0].label)
    ways[0].click().run()
    assert not at.exception
    assert at.number_input(key="pick_bmi").value is None
    assert promised is not None
    assert f"Among {promised[1]} similar patients in this clinic, " in said(at)


def test_the_diagnosis_is_that_of_the_filters() -> None:
    """A choice in the address wins; where the filters leave out everybody with it, one click solves it, either way."""
    at = open_page("patients_like_mine", {"diagnosis": ["spinal_stenosis"]})
    assert "A patient of 50 with spinal stenosis" in said(at)
    conflict = {"diagnosis": ["spinal_stenosis"], "like_diagnosis": "herniated_disc"}
    at = open_page("patients_like_mine", conflict)
    assert "The filters exclude this diagnosis" in said(at)
    assert not charts_of(at)
    at.button(key="like_filters").click().run()
    assert "A patient of 50 with spinal stenosis" in said(at)
    at = open_page("patients_like_mine", conflict)
    at.button(key="like_unfiltered").click().run()
    assert at.session_state["diagnosis"] == []
    assert "A patient of 50 with a herniated disc" in said(at)


def test_the_answer_is_as_many_dots() -> None:
    at = open_page("patients_like_mine")
    filled = re.findall(r"(\d+) of 100", said(at))[:2]
    drawn = [trace for trace in charts_of(at)[0].figure["data"] if trace["mode"] == "markers"]
    assert [str(len(trace["x"])) for trace in drawn[::2]] == filled
    assert [len(one["x"]) + len(other["x"]) for one, other in zip(drawn[::2], drawn[1::2], strict=True)] == [100, 100]


def plain_text(markdown: str) -> str:
    """The text that Markdown shows."""
    return markdown.replace("\\", "")


def test_wider_and_narrower_are_one_click() -> None:
    at = open_page("patients_like_mine")
    assert "within 10 years of age and 1.5 points of pain" in said(at)
    at.button(key="like_wider").click().run()
    assert "within 15 years of age and 2.2 points of pain" in said(at)
    assert at.session_state["width"] == "1.5"
    at = open_page("patients_like_mine", {"width": "3"})
    assert at.button(key="like_wider").disabled
    at = open_page("patients_like_mine", {"width": "7"})  # what somebody wrote into the URL
    assert "within 10 years of age" in said(at)


def test_the_comparison_takes_the_diagnosis_along() -> None:
    at = open_page("patients_like_mine", {"like_diagnosis": "spinal_stenosis", "sex": ["female"]})
    assert "compare_treatments?diagnosis=spinal_stenosis&amp;sex=female" in said(at)


def test_the_page_for_the_patient_is_about_a_group_that_may_leave() -> None:
    at = open_page("patients_like_mine", {"like_sex": "female", "age": "52"}, like_patient=True)
    assert "people with a herniated disc (a slipped disc in the back), 40 to 64 years old" in plain_text(said(at))
    assert [button for button in at.get("download_button") if "Page for the patient" in button.proto.label]
    at = open_page("patients_like_mine", {"policy": "publish"}, like_patient=True)
    assert [button for button in at.get("download_button") if "Page for the patient" in button.proto.label]
    assert not charts_of(at)
    at = open_page("patients_like_mine", like_checked=True)
    assert "Checked on" in said(at)


def test_particulars_out_of_range_do_not_matter() -> None:
    at = open_page("patients_like_mine", {"age": "1000", "pain": "<script>"})
    assert not at.exception
    assert at.number_input(key="pick_age").value is None
    assert "similar patients in this clinic" in said(at)


def test_leadership_does_not_see_the_pages_for_care(monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics import access
    from synapse_analytics.web import session

    monkeypatch.setattr(session, "person", lambda: person("lead", "leadership"))
    assert not access.may_see(session.person(), "compare_treatments")
    assert not open_page("outcomes").exception


def test_damaged_data_are_not_greeted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data are there and cannot be read: nobody is told to load the sample over them."""
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path))
    (tmp_path / "CURRENT").write_text("20200101T000000000000-00000000")
    (tmp_path / "generations" / "20200101T000000000000-00000000").mkdir(parents=True)
    at = AppTest.from_file(str(ROUTER), default_timeout=60).run()
    assert not at.exception
    assert "cannot be opened" in said(at)
    assert not any("sample_data" in code.value for code in at.code)


def test_publish_policy_offers_coarse_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    at = open_page("diagnoses")
    assert not at.exception
    shown = {widget.key for widget in at.multiselect}
    assert "pick_clinician" not in shown
    assert "pick_diagnosis" in shown


def test_router_folder_holds_no_pages() -> None:
    assert not (ROUTER.parent / "pages").exists()
