"""The page that a patient takes home: one sheet in plain words, with nothing on it but what may leave the clinic."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.limits import too_fine
from synapse_analytics.errors import NotAllowed
from synapse_analytics.exports import PatientPage, patient_page, patient_page_name, pdf
from synapse_analytics.exports.patient_page import groups
from tests.twins.open_policy import changed

ANYBODY: dict[str, Any] = dict.fromkeys(("age", "sex", "pain", "odi", "bmi", "symptom_weeks", "smoker")) | {"diagnosis": "herniated_disc"}
WOMAN = ANYBODY | {"sex": "female", "age": 52}
JARGON = re.compile(r"cohort|episode|incidence|interval|median|quartile|caliper|\bn = |%|policy|withheld|responder|baseline", re.IGNORECASE)


def text(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture(scope="module")
def html(sample_clinic: Clinic) -> str:
    return patient_page(sample_clinic, WOMAN)


def test_it_needs_nothing_else(html: str) -> None:
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert not re.search(r"https?://|<script|<link|<iframe|<form|@import|url\(|\bon\w+=|href=", html)
    assert "default-src 'none'" in html


def test_the_numbers_are_those_that_may_leave(html: str, sample_clinic: Clinic) -> None:
    publish, cohort = sample_clinic.under("publish"), Cohort(diagnosis=("herniated_disc",), age_band=("40-64",))
    rows = {row["name"]: row for row in analyses.answer(publish, "indicators", cohort, theme="stepped").tables["indicators"]}
    response = analyses.answer(publish, "responders", cohort, month=12)
    operated, better = rows["surgery_within_12_months"], response.tables["groups"][0]
    said = text(html)
    assert f"There were about {response.n} of them." in said
    for share, low, high in ((operated["value"], operated["low"], operated["high"]), (better["share"], better["low"], better["high"])):
        assert f"{100 * share:.0f} of 100" in said
        assert f"between {100 * low:.0f} and {100 * high:.0f}." in said
    assert f"About {better['n']} people answered." in said
    dots = [len(re.findall(r'fill="(?!#ffffff)', svg)) for svg in re.findall(r"<svg.*?</svg>", html)]
    assert dots == [round(100 * operated["value"]), round(100 * better["share"])]
    assert [svg.count("<circle") for svg in re.findall(r"<svg.*?</svg>", html)] == [100, 100]


@pytest.mark.parametrize(
    "fine", [{"pain": 3}, {"odi": 70}, {"bmi": 40}, {"symptom_weeks": 90}, {"smoker": "yes"}, {"age": 41}, {"width": 3}]
)
def test_finer_particulars_change_nothing(html: str, sample_clinic: Clinic, fine: dict[str, Any]) -> None:
    """A patient's own numbers are on no paper that leaves the clinic, and no two of them make two pages to be subtracted."""
    assert patient_page(sample_clinic, WOMAN | fine) == html


@pytest.mark.parametrize("options", [ANYBODY, WOMAN, ANYBODY | {"age": 17}, ANYBODY | {"age": 64.5}, WOMAN | {"age": 90, "sex": "male"}])
def test_every_group_is_one_that_publish_knows(options: dict[str, Any]) -> None:
    found = list(groups(options))
    assert found[-1] == Cohort(diagnosis=("herniated_disc",))
    assert len(found) == len(set(found))
    assert all(not too_fine(cohort) for cohort in found)


def test_the_group_is_the_narrowest_of_which_both_numbers_may_leave(sample_clinic: Clinic) -> None:
    publish = sample_clinic.under("publish")
    page = PatientPage.ask(publish, WOMAN)
    narrower = PatientPage._of(publish, next(groups(WOMAN)))
    assert narrower.better is None
    assert page.cohort == Cohort(diagnosis=("herniated_disc",), age_band=("40-64",))
    assert page.who == "people with a herniated disc (a slipped disc in the back), 40 to 64 years old"
    assert patient_page_name(sample_clinic, page).endswith("-to_share.html")


def test_one_number_alone_says_that_the_other_is_missing(sample_clinic: Clinic) -> None:
    alone = ANYBODY | {"diagnosis": "sacroiliac_joint_dysfunction"}
    page = PatientPage.ask(sample_clinic.under("publish"), alone)
    assert page.operated is None
    said = patient_page(sample_clinic, alone)
    assert said.count("<svg") == 1
    assert "How many had an operation is not shown here, so that nobody can be recognised." in text(said)


def test_too_few_make_no_page(sample_clinic: Clinic) -> None:
    with pytest.raises(NotAllowed, match="too few patients"):
        patient_page(sample_clinic, ANYBODY | {"diagnosis": "other_spinal"})


def test_it_is_in_plain_words(html: str) -> None:
    body = html[html.index("<main>") : html.index("</main>")]
    assert not JARGON.search(text(body))
    sentences = [part for part in re.split(r"[.?:] ", text(re.sub(r"</(li|p|h2)>", ". ", body))) if part.strip(" .")]
    words = [len(sentence.split()) for sentence in sentences]
    assert max(words) <= 24
    assert sum(words) / len(words) <= 12


def test_it_is_neither_forecast_nor_advice(html: str) -> None:
    for words in ("does not say what will happen to you", "does not say which treatment is best for you", "Not everybody answered"):
        assert words in text(html)


def test_made_up_patients_are_said_to_be(html: str, sample_clinic: Clinic) -> None:
    assert "these patients do not exist. This page is an example." in text(html)
    real = changed(sample_clinic, generation=replace(sample_clinic.generation, synthetic=False))
    assert "do not exist" not in text(patient_page(real, WOMAN))


def test_a_name_is_no_markup(sample_clinic: Clinic) -> None:
    odd = changed(sample_clinic, generation=replace(sample_clinic.generation, clinic="<b>Spine</b> & co"))
    assert "<b>" not in patient_page(odd, WOMAN)
    assert "<b>Spine</b> & co" in text(patient_page(odd, WOMAN))


@pytest.mark.skipif(not any(map(shutil.which, pdf.BROWSERS)), reason="no browser that prints")
@pytest.mark.parametrize(
    "name", ["Spine", "Department of Orthopaedic Surgery and Interdisciplinary Spine Centre of the University Hospital"]
)
def test_it_is_one_sheet(sample_clinic: Clinic, name: str) -> None:
    clinic = changed(sample_clinic, generation=replace(sample_clinic.generation, clinic=name))
    for options in (WOMAN, ANYBODY | {"diagnosis": "sacroiliac_joint_dysfunction"}):
        assert pdf.sheets(pdf.print_pdf(patient_page(clinic, options), pdf.find_browser())) == 1
