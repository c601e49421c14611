"""What a page lets people take away, for use inside the clinic or to share, and the policy a page may be asked to show."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import analyses, audit, exports
from synapse_analytics.access import Person
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed, StoreError
from synapse_analytics.figures import table as tables
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.web import overview, taking
from synapse_analytics.web.door.sessions import SESSIONS
from tests.builders import person
from tests.pages.charts_of import charts_of, pictures_of
from tests.pages.roles import comes, refusals
from tests.pages.test_pages import EVERY_TAB, PAGES, loaded, open_page, said

__all__ = ["loaded"]  # the fixture that opens the sample store, used by every test here
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MIX = "diagnosis_mix_mix"


def opened(page: str, query: dict[str, Any] | None = None, *, card: str = MIX, share: bool = False, **state: Any) -> AppTest:
    """A page with the drawer of one card open."""
    at = open_page(page, query, **state)
    at.session_state[f"open_{card}"] = True
    at.run()
    if share:
        at.session_state[f"take_{card}"] = taking.TO_SHARE
        at.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def shown_table(at: AppTest, caption: str) -> str:
    return next(element.proto.body for element in at.get("html") if caption in element.proto.body and "<table" in element.proto.body)


def picture(at: AppTest, card: str = MIX) -> dict[str, Any]:
    """The figure in the drawer."""
    return dict(pictures_of(at)[f"picture_{card}"]["figure"])


@pytest.mark.parametrize("share", [False, True])
def test_drawer_shows_what_leaves(sample_clinic: Clinic, share: bool) -> None:
    handle = sample_clinic.under("publish" if share else "clinic")
    at = opened("diagnoses", {"sex": ["female"]}, share=share)
    rows = analyses.answer(handle, "diagnosis_mix", Cohort(sex=("female",))).tables["diagnoses"]
    assert shown_table(at, "diagnoses") == tables.table(rows, LIGHT, by=None, caption="diagnoses, diagnosis mix mix", names=True)
    assert exports.stamp(handle) in said(at).replace("\\", "")
    heading = re.sub("<[^>]+>", " ", picture(at)["layout"]["title"]["text"])
    assert ("Safe to share" in heading, "For use inside" in heading) == (share, not share)
    n = {row["diagnosis"]: row["n"] for row in rows}["herniated_disc"]
    assert f"{n:,}" in json.dumps(picture(at)["data"], ensure_ascii=False)


@pytest.mark.parametrize("share", [False, True])
def test_a_drawer_has_both_answers_of_its_card(sample_clinic: Clinic, share: bool) -> None:
    """The table of symptoms shows all patients beside the diagnoses: both can be taken away, and nothing else."""
    at = opened("diagnoses", {}, card="symptoms_symptoms", share=share, diagnoses_tab="Symptoms")
    handle = sample_clinic.under("publish" if share else "clinic")
    shown = [element.proto.body for element in at.get("html") if 'aria-label="symptoms, ' in element.proto.body]
    each = [analyses.answer(handle, "symptoms", Cohort(), by=by).tables["symptoms"] for by in ("diagnosis", None)]
    assert shown == [
        tables.table(rows, LIGHT, by=by, caption=f"symptoms, {card}", names=True)
        for rows, by, card in zip(each, ("diagnosis", None), ("symptoms symptoms", "symptoms symptoms also"), strict=True)
    ]
    assert len(at.get("download_button")) == 2
    assert [given["card"] for given in pictures_of(at).values()] == ["card_symptoms_symptoms"], "one link, and no picture of a table"


@pytest.mark.parametrize(
    ("query", "share", "policy"), [({}, False, ""), ({}, True, "publish"), ({"policy": "publish"}, False, "")], ids=str
)
def test_a_link_beside_numbers_to_share_asks_for_numbers_to_share(query: dict[str, Any], share: bool, policy: str) -> None:
    """Or whoever gets the link of a rounded table would open the table that is not rounded."""
    assert pictures_of(opened("diagnoses", query, share=share))[f"picture_{MIX}"]["policy"] == policy


def test_what_is_withheld_is_counted_in_the_drawer_only() -> None:
    """The chart of a small group has its own marks for gaps; the number is that of the table, and stands beside it."""
    query, card = {"diagnosis": ["other_spinal"]}, "score_over_time_trajectory"
    assert "withheld in this table" not in said(open_page("outcomes", query))
    at = opened("outcomes", query, card=card)
    shown = shown_table(at, "visits").count(">withheld</td>")
    assert shown > 0
    assert said(at).count(f"{shown} numbers are withheld in this table: too few patients.") == 1
    assert "withheld in this table" not in said(opened("outcomes", {}, card=card)), "nothing is withheld of everybody"


def test_who_may_take_nothing_away_is_offered_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taking.OPEN in [part.label for part in open_page("diagnoses").expander]
    assert len(reports(open_page("overview"))) == 2
    monkeypatch.setattr(taking, "person", lambda: person("nobody"))
    at = open_page("diagnoses")
    assert not at.exception
    assert taking.OPEN not in [part.label for part in at.expander]
    assert reports(open_page("overview")) == []


@pytest.mark.parametrize(("share", "end"), [(False, "inside"), (True, "to_share")])
def test_saved_file_is_the_one_that_is_offered(share: bool, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the button would save, made as the button makes it."""
    saved: dict[str, bytes] = {}
    button = taking.st.download_button

    def pressed(label: str, **given: Any) -> Any:
        saved[given["file_name"]] = given["data"]()
        return button(label, **given)

    monkeypatch.setattr(taking.st, "download_button", pressed)
    opened("diagnoses", {"sex": ["female"]}, share=share)
    name = f"diagnosis_mix-diagnoses-female-{end}.csv"
    assert name in saved
    assert b"Safe to share" in saved[name] if share else b"For use inside the clinic" in saved[name]
    assert b"# Cohort: Women\r\n" in saved[name]
    counts = [int(n) for n in re.findall(rb'"all","[a-z_]+","(\d+)"', saved[name])]
    assert counts
    assert all(n % 5 == 0 for n in counts) == share


def test_closed_drawer_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "_offer", lambda _card: pytest.fail("computed while closed"))
    for page in ("diagnoses", "overview", "outcomes"):
        assert not open_page(page).exception


@pytest.mark.parametrize(("page", "state"), [*((page, {}) for page in PAGES), *((page, {key: tab}) for page, key, tab in EVERY_TAB)])
def test_no_chart_of_a_page_has_a_camera(page: str, state: dict[str, str]) -> None:
    for chart in charts_of(open_page(page, **state)):
        assert chart.config["displayModeBar"] is False


def test_every_drawer_opens_and_shares() -> None:
    """Each card of each page has something to take away, or says why not."""
    seen = 0
    for page, state in [*((page, {}) for page in PAGES), *((page, {key: tab}) for page, key, tab in EVERY_TAB)]:
        at = open_page(page, **state)
        cards = [str(key).removeprefix("open_") for key in at._session_state._state.filtered_state if str(key).startswith("open_")]
        cards = [card for card in cards if not card.startswith("theme_")]
        for card in cards:
            at.session_state[f"open_{card}"] = True
        at.run()
        for card in cards:
            at.session_state[f"take_{card}"] = taking.TO_SHARE
        at.run()
        assert not at.exception, (page, state, [error.value for error in at.exception])
        told = said(at)
        assert len(re.findall("Safe to share|remove |cannot be shared|Nothing here can be shared", told)) >= len(cards), (page, state)
        seen += len(cards)
    assert seen > 40


def test_too_fine_cohort_says_what_to_drop() -> None:
    at = opened("diagnoses", {"clinician": ["C01"], "age_from": ["40"], "sex": ["female"]}, share=True)
    assert "remove **Age from (aged 40 or over)** and **Clinician (seen by C01)**" in said(at)
    assert not pictures_of(at)
    at.button(key=f"share_{MIX}").click().run()
    assert not at.exception
    assert (at.session_state["clinician"], at.session_state["age_from"], at.session_state["policy"]) == ([], "", "publish")
    assert at.session_state["sex"] == ["female"], "nothing else is lost"
    assert "These numbers may be shared" in said(at)
    assert "**Women**; about" in said(at)


def test_too_fine_split_says_what_to_drop() -> None:
    card = "score_over_time_trajectory"
    at = opened("outcomes", {"outcome_by": "clinician", "index": "physical_therapy"}, card=card, share=True)
    assert "remove \u201cSplit by\u201d" in said(at)
    at.button(key=f"share_{card}").click().run()
    assert not at.exception
    assert at.session_state["outcome_by"] == "clinician", "kept for the way back; under the policy it is not on offer"
    at.button(key="share_page").click().run()  # the index is too fine as well
    assert not at.exception
    assert at.session_state["index"] == ""
    assert charts_of(at)


def test_what_is_shared_has_the_period_of_what_is_shared() -> None:
    """By month inside the clinic, by quarter to share: nothing has to be dropped where no period was chosen."""
    at = opened("variation", card="control_chart", share=True)
    assert "drop" not in said(at)
    assert "2024-Q1" in said(at)


def test_a_chosen_period_is_dropped_to_share() -> None:
    at = opened("variation", {"period": "half-year"}, card="control_chart", share=True, variation_tab="Over time")
    assert "remove \u201cShow by\u201d" in said(at)
    at.button(key="share_control_chart").click().run()
    assert "about 2,000 patients" in said(at)
    assert charts_of(at)


def test_funnel_says_it_stays_inside() -> None:
    at = opened("variation", card="funnel_crude", share=True, variation_tab="Clinicians and sites")
    assert "compared inside the clinic only" in said(at)
    assert not [button for button in at.button if str(button.key).startswith("share_")]


def test_too_few_to_share_is_said() -> None:
    at = opened("diagnoses", {"diagnosis": ["other_spinal"], "sex": ["male"], "age_band": ["40-64"]}, share=True)
    assert "fewer than 13 patients" in said(at)


# --- the policy of a page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_page_may_be_asked_for_the_stricter_policy(page: str) -> None:
    at = open_page(page, {"policy": "publish"})
    assert not at.exception
    assert "These numbers may be shared" in said(at)
    assert "about 2,000 patients" in said(at)
    assert '<div id="printed">Safe to share' in said(at)


def test_control_asks_for_the_stricter_policy_and_back() -> None:
    at = open_page("diagnoses")
    assert "These numbers are for use inside the clinic" in said(at)
    at.radio(key="pick_policy").set_value("publish").run()
    assert at.session_state["policy"] == "publish"
    assert "about 2,000 patients" in said(at)
    at.radio(key="pick_policy").set_value("").run()
    assert "**All patients**; 2,000 patients" in said(at)


@pytest.mark.parametrize("asked", ["open", "PUBLISH", "<script>", "none"])
def test_unknown_policy_shows_what_may_be_shared(asked: str) -> None:
    """Who mistypes the stricter policy does not see more than was asked for."""
    at = open_page("diagnoses", {"policy": asked})
    assert not at.exception
    assert "a policy that does not exist. Numbers to share are shown instead." in said(at).replace("\\", "")
    assert "**All patients**; about 2,000 patients" in said(at)


def test_weaker_policy_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    at = open_page("diagnoses", {"policy": "clinic"})
    assert not at.exception
    assert "a link cannot change that" in said(at)
    assert "about 2,000 patients" in said(at)
    assert not [radio for radio in at.radio if radio.key == "pick_policy"]
    at = opened("diagnoses", {"policy": "clinic"})
    assert not [control for control in at.get("button_group") if "take_" in control.proto.id]
    assert "Safe to share" in said(at)


def test_page_under_publish_says_what_to_drop() -> None:
    at = open_page("outcomes", {"policy": "publish", "clinician": ["C01"], "site": ["S01"], "sex": ["female"]})
    assert "remove **Site (at S01)** and **Clinician (seen by C01)**" in said(at)
    assert not charts_of(at)
    at.button(key="share_page").click().run()
    assert (at.session_state["clinician"], at.session_state["site"], at.session_state["sex"]) == ([], [], ["female"])
    assert charts_of(at)


def test_page_that_is_never_shared_has_a_way_back() -> None:
    at = open_page("patients_like_mine", {"policy": "publish"})
    assert not at.exception
    at.button(key="share_not").click().run()
    assert charts_of(at)


def test_treatment_too_fine_is_dropped_for_its_class() -> None:
    at = open_page("compare_treatments", {"policy": "publish", "a": "anti_inflammatory", "b": "epidural_steroid"})
    assert "\u201cTreatment\u201d" in said(at)
    at.button(key="share_page").click().run()
    assert not at.exception
    assert at.session_state["a"] == ""


def test_questions_carry_the_name_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics.web import session

    monkeypatch.setattr(session, "person", lambda: person("Dr Hall", "doctor"))
    assert exports.stamp(session.clinic()).startswith("For use inside the clinic. Made by Dr Hall")


# --- the report ---------------------------------------------------------------------------------------------------


def reports(at: AppTest) -> list[str]:
    return [button.proto.label for button in at.get("download_button") if "report" in button.proto.label.lower()]


def test_report_is_offered_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reports(open_page("overview")) == ["Report for use inside the clinic", "Report to share"]
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    assert reports(open_page("overview")) == ["Report to share"]


def test_report_about_one_clinician_stays_inside() -> None:
    at = open_page("overview", {"clinician": ["C01"]})
    assert reports(at) == ["Report for use inside the clinic"]
    assert "remove **Clinician (seen by C01)**" in said(at)


@pytest.mark.parametrize(("policy", "stamped_as"), [("clinic", "For use inside the clinic"), ("publish", "Safe to share")])
def test_saved_report_is_the_one_that_is_offered(policy: str, stamped_as: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the button would save, made as the button makes it, the second time like the first."""
    saved: dict[str, list[bytes]] = {}
    button = overview.st.download_button

    def pressed(label: str, **given: Any) -> Any:
        saved[given["file_name"]] = [given["data"](), given["data"]()]
        return button(label, **given)

    monkeypatch.setattr(overview.st, "download_button", pressed)
    open_page("overview", {"sex": ["female"]})
    end = "inside" if policy == "clinic" else "to_share"
    first, second = saved[f"spine-outcomes-report-female-{end}.html"]
    assert first == second
    assert stamped_as.encode() in first
    assert b"<strong>Women</strong>" in first


# --- what leaves is logged before its first byte ------------------------------------------------------------------


def offered(page: str, patch: pytest.MonkeyPatch, **state: Any) -> dict[str, Callable[[], bytes]]:
    """What each button of a page calls when somebody clicks on it, by the name of its file."""
    files: dict[str, Callable[[], bytes]] = {}
    button = taking.st.download_button

    def drawn(label: str, data: Any, **given: Any) -> Any:
        files[given["file_name"]] = data
        return button(label, data, **given)

    patch.setattr(taking.st, "download_button", drawn)
    assert not open_page(page, {"sex": ["female"]}, **state).exception
    return files


PLACES = [
    ("diagnoses", {f"open_{MIX}": True}, "diagnosis_mix-diagnoses-female-inside.csv", "download", {"answer": "diagnosis_mix", "table": "diagnoses"}),
    ("diagnoses", {f"open_{MIX}": True, f"take_{MIX}": taking.TO_SHARE}, "diagnosis_mix-diagnoses-female-to_share.csv", "download", {"policy": "publish"}),
    ("overview", {}, "spine-outcomes-report-female-inside.html", "report", {"policy": "clinic"}),
    ("overview", {}, "spine-outcomes-report-female-to_share.html", "report", {"policy": "publish"}),
    ("patients_like_mine", {"like_patient": True}, "for_the_patient-herniated_disc-age_band_40-64-to_share.html", "download", {"answer": "patient_page"}),
]  # fmt: skip


@pytest.mark.parametrize(("page", "state", "file", "event", "about"), PLACES, ids=[place[2] for place in PLACES])
def test_a_file_has_its_line_before_it_leaves(
    page: str, state: dict[str, Any], file: str, event: str, about: dict[str, str], own_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = offered(page, monkeypatch, **state)
    assert file in files
    assert not audit.search(own_log, event=audit.Event(event)), "what is offered has not left"
    content = files[file]()
    (line,) = audit.search(own_log, event=audit.Event(event))
    assert line.sha256 == hashlib.sha256(content).hexdigest()
    assert line.detail.items() >= {"file": file, "generation": open_clinic().generation.id, **about}.items()
    assert line.cohort == ("diagnosis=herniated_disc&age_band=40-64" if page == "patients_like_mine" else "sex=female")
    particulars = {"age", "pain", "odi", "symptom_weeks", "bmi"}
    assert not particulars & set(line.detail), "nobody is described by what was typed about one patient"


@pytest.mark.parametrize("why", ["ended", "role", "log"])
@pytest.mark.parametrize("page", ["diagnoses", "overview", "patients_like_mine"])
def test_a_file_that_may_not_leave_or_cannot_be_logged_is_not_made(
    page: str, why: str, own_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = [person("ana", "doctor")]
    begun = SESSIONS.begin(lambda *_: who[0])
    comes(Person("ana", who[0].roles, begun.id), monkeypatch)
    files = offered(page, monkeypatch, **{f"open_{MIX}": True, "like_patient": True})
    take = next(data for name, data in files.items() if name.endswith((".csv", ".html")))
    if why == "ended":
        SESSIONS.end(begun.id)
    elif why == "role":
        who[0] = person("ana")
    else:
        (own_log / audit.HEAD).unlink(missing_ok=True)
        (own_log / audit.HEAD).mkdir()
    with pytest.raises(StoreError if why == "log" else NotAllowed):
        take()
    SESSIONS.end(begun.id)
    if why != "log":
        assert [line.user for line in refusals(own_log)] == ["ana"]
    assert not [line for line in audit.search(own_log) if line.event in {"download", "report"}]


def test_the_page_for_the_patient_is_not_for_leadership(own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who = [person("ana", "doctor")]
    begun = SESSIONS.begin(lambda *_: who[0])
    comes(Person("ana", who[0].roles, begun.id), monkeypatch)
    files = offered("patients_like_mine", monkeypatch, like_patient=True)
    who[0] = person("ana", "leadership")
    with pytest.raises(NotAllowed, match="compare treatments or look for patients like mine"):
        next(data for name, data in files.items() if name.startswith("for_the_patient"))()
    SESSIONS.end(begun.id)
