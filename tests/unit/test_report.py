"""The report for print: one file that needs nothing else, with the numbers of the policy publish, made under that policy only."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import POLICIES
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.exports import check_reportable, report
from synapse_analytics.findings import words
from synapse_analytics.indicators import OVERVIEW, indicator
from synapse_analytics.vocabulary.periods import spoken
from tests.twins.open_policy import changed
from tests.unit.test_command_line import Run, run

__all__ = ["run"]  # the fixture that runs a command


@pytest.fixture(scope="module")
def html(sample_clinic: Clinic) -> str:
    return report(sample_clinic)


@pytest.fixture(scope="module")
def publish(sample_clinic: Clinic) -> Clinic:
    return sample_clinic.under(POLICIES["publish"])


def text(html: str) -> str:
    """What people read, without markup."""
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ").split())


def row_of(html: str, title: str) -> str:
    """The summary row of an indicator as text."""
    summary = html[html.index('id="summary"') : html.index('id="charts"')]
    return next(text(row) for row in summary.split("<tr>") if f">{title}<" in row)


def test_report_needs_nothing_else(html: str) -> None:
    without_namespaces = html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|<script|<link|<iframe|<form|@import|url\(|\bon\w+=|href=", without_namespaces)
    assert all(source.startswith("data:image/svg+xml;base64,") for source in re.findall(r'src="([^"]*)"', html))
    assert "default-src 'none'" in html


def test_report_is_a_whole_document(html: str) -> None:
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert html.count("<h1>") == 1
    assert re.findall(r"<h2[^>]*>([^<]+)", html) == [
        "At a glance",
        "Better, or noise?",
        "All other indicators",
        "How to read this",
        "What was counted",
        "Privacy",
    ]
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_head_says_whose_and_when(html: str, publish: Clinic) -> None:
    said, info = text(html), publish.generation
    n = analyses.answer(publish, "attrition").n
    for words_ in ("these patients do not exist", info.clinic, info.id, info.data_until, f"All patients ; about {n:,} patients", "publish"):
        assert words_ in said


def test_numbers_are_those_of_the_answers(html: str, publish: Clinic) -> None:
    rows = {row["name"]: row for row in analyses.answer(publish, "indicators").tables["indicators"]}
    for name in OVERVIEW:
        row, shown = rows[name], row_of(html, indicator(name).title)
        limits = words.amounts_between(row["low"], row["high"], row["unit"])
        assert words.amount(row["value"], row["unit"]) + (f" ({limits})" if limits else "") in shown
        assert words.count(row["n"]) in shown


def test_other_indicators_stand_in_their_table(html: str, publish: Clinic) -> None:
    others = text(html[html.index('id="others"') : html.index('id="reading"')])
    rows = analyses.answer(publish, "indicators").tables["indicators"]
    told = {row["theme"] for row in rows if row["value"] is not None}
    for row in rows:
        if row["name"] not in OVERVIEW and row["theme"] in told:
            assert f"{indicator(row['name']).title} {words.amount(row['value'], row['unit'])}" in others


def test_theme_without_a_number_takes_one_line(html: str, publish: Clinic) -> None:
    rows = analyses.answer(publish, "indicators").tables["indicators"]
    silent = {row["theme"] for row in rows} - {row["theme"] for row in rows if row["value"] is not None}
    assert text(html).count("are withheld: too few patients.") == len(silent)


def test_charts_say_what_the_answers_say(html: str, publish: Clinic) -> None:
    charts = text(html[html.index('id="charts"') : html.index('id="others"')])
    for name in OVERVIEW:
        summary = analyses.answer(publish, "control_chart", indicator=name).tables["summary"][0]
        assert summary["sentence"] in charts


def test_indicator_without_chart_has_a_reason(html: str, publish: Clinic) -> None:
    cards = re.findall(r'<article class="card"><h3>([^<]+)</h3><p>[^<]*</p><svg', html)
    charts = text(html[html.index('id="charts"') : html.index('id="others"')])
    assert len(cards) == html.count("<article")
    for name in OVERVIEW:
        summary = analyses.answer(publish, "control_chart", indicator=name).tables["summary"][0]
        assert (summary["chart"] is None) == (indicator(name).title not in cards)
        assert indicator(name).title in charts


def test_every_shown_indicator_is_defined(html: str, publish: Clinic) -> None:
    definitions = text(html[html.index('id="definitions"') : html.index('id="privacy"')])
    for row in analyses.answer(publish, "indicators").tables["indicators"]:
        assert (f"{indicator(row['name']).title} Counted:" in definitions) == (row["value"] is not None)
    assert "NORspine" in definitions


def test_report_is_always_made_under_publish(html: str, publish: Clinic) -> None:
    assert report(publish) == html


def test_withheld_numbers_are_counted(html: str) -> None:
    assert re.search(r"\b\d[\d,]* numbers are withheld in this report", text(html))


def test_latest_closed_period_is_named(html: str, publish: Clinic) -> None:
    for name in ("patients_seen", "median_wait", "pain_improvement_3_months", "conservative_care_first"):
        points = analyses.answer(publish, "control_chart", indicator=name).tables["points"]
        last = next(row for row in reversed(points) if row["state"] == "closed" and row["value"] is not None)
        assert f"{words.amount(last['value'], indicator(name).unit)}, {spoken(last['period'])}" in row_of(html, indicator(name).title)


def test_a_plain_share_beside_an_incidence_says_so(sample_clinic: Clinic, html: str) -> None:
    for shown in (html, report(sample_clinic, quarter="2024-Q2")):
        assert "% (plain share)" in row_of(shown, "Operated within 12 months")
    assert html.count("(plain share)") == 1


def test_open_quarter_says_so(sample_clinic: Clinic, publish: Clinic) -> None:
    points = analyses.answer(publish, "control_chart", indicator="median_wait").tables["points"]
    last = next(row["period"] for row in reversed(points) if row["state"] == "open")
    # Of a wait the open quarter would hold only those who were treated soon: it has no number.
    assert "follow-up still open" in row_of(report(sample_clinic, quarter=last), "Wait to first treatment")


@pytest.mark.parametrize("policy", ["publish", "clinic"])
def test_quarter_is_pointed_out(sample_clinic: Clinic, policy: str) -> None:
    """Of what is judged by month the value of the quarter, of what is judged by half-year that of its half-year, by name."""
    html, clinic = report(sample_clinic, quarter="2024-Q2", policy=policy), sample_clinic.under(policy)
    assert "In Q2 2024" in text(html)
    assert "A frame marks Q2 2024" in text(html)
    rare = "reoperation_within_90_days" if policy == "clinic" else "conservative_care_first"
    for name, period in (("patients_seen", "2024-Q2"), ("pain_improvement_3_months", "2024-Q2"), (rare, "2024-H1")):
        by = None if policy == "publish" else "quarter" if "Q" in period else "half-year"
        rows = analyses.answer(clinic, "control_chart", indicator=name, period=by).tables["points"]
        value = next(row["value"] for row in rows if row["period"] == period)
        shown = words.amount(value, indicator(name).unit) + ("" if "Q" in period else f", {spoken(period)}")
        assert shown in row_of(html, indicator(name).title)


@pytest.mark.parametrize(("quarter", "said"), [("2024Q2", "as 2026-Q3"), ("2024-Q5", "as 2026-Q3"), ("1999-Q1", "no data of 1999-Q1")])
def test_wrong_quarter_is_named(sample_clinic: Clinic, quarter: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        report(sample_clinic, quarter=quarter)


@pytest.mark.parametrize(
    ("cohort", "said"),
    [
        (Cohort(clinician=("C01",)), "does not allow this filter: clinician"),
        (Cohort(diagnosis=("other_spinal",), sex=("other",)), "fewer than 13 patients|No patients match"),
        (Cohort(month_from="1990-01", month_to="1990-12"), "No patients match"),
    ],
)
def test_cohort_that_may_not_leave_is_refused(sample_clinic: Clinic, cohort: Cohort, said: str) -> None:
    with pytest.raises(NotAllowed, match=said):
        report(sample_clinic, cohort)


def test_small_cohort_is_known_before_the_report() -> None:
    with pytest.raises(NotAllowed, match="fewer than 13 patients"):
        check_reportable(Cohort(), 7)
    check_reportable(Cohort(), 13)


def test_names_are_not_markup(sample_clinic: Clinic) -> None:
    named = changed(sample_clinic, generation=replace(sample_clinic.generation, clinic="<script>alert('x')</script> & Sons"))
    html = report(named)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_command_writes_the_report(run: Run, sample_store: str, tmp_path: Path, monkeypatch: Any) -> None:
    out = tmp_path / "report.html"
    code, written, said = run("report", out, "--quarter", "2024-Q2", "--cohort", "sex=female", "--database", sample_store)
    assert (code, written) == (0, "")
    assert "Wrote" in said
    assert "Women" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "words_"),
    [
        (("--quarter", "soon"), 1, "is not a quarter"),
        (("--cohort", "clinician=C01"), 3, "does not allow this filter"),
        (("--cohort", "sex=nonsense"), 1, "cannot be read"),
    ],
)
def test_command_refuses_in_words(run: Run, sample_store: str, tmp_path: Path, arguments: Any, code: int, words_: str) -> None:
    out = tmp_path / "report.html"
    found, _, said = run("report", out, *arguments, "--database", sample_store)
    assert found == code
    assert words_ in said
    assert not out.exists()


def test_command_names_a_folder_that_is_missing(run: Run, sample_store: str, tmp_path: Path) -> None:
    code, _, said = run("report", tmp_path / "nowhere" / "report.html", "--database", sample_store)
    assert code == 1
    assert "There is no folder" in said
