"""The report for print: two sheets in one file that needs nothing else, with the numbers of the policy publish unless asked otherwise."""

from __future__ import annotations

import re
import shutil
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
from synapse_analytics.exports import check_reportable, pdf, report
from synapse_analytics.findings import words
from synapse_analytics.findings.overview import looked_at, standings
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
    """The row of an indicator as text."""
    summary = html[html.index('id="summary"') : html.index('id="charts"')]
    return next(text(row.partition(">")[2]) for row in summary.split("<tr") if f">{title}<" in row)


def test_report_needs_nothing_else(html: str) -> None:
    without_namespaces = html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|<script|<link|<iframe|<form|@import|url\(|\bon\w+=|href=", without_namespaces)
    assert all(source.startswith("data:image/svg+xml;base64,") for source in re.findall(r'src="([^"]*)"', html))
    assert "default-src 'none'" in html


def test_report_is_a_whole_document(html: str) -> None:
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert html.count("<h1>") == 1
    assert re.findall(r"<h2[^>]*>([^<]+)", html) == [
        "What needs attention?",
        "Looked at more closely",
        "How to read this",
        "What was counted",
        "Privacy",
    ]
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_head_says_whose_and_when(html: str, publish: Clinic) -> None:
    said, info = text(html), publish.generation
    n = analyses.answer(publish, "attrition").n
    for words_ in (
        "these patients do not exist",
        info.clinic,
        info.id,
        spoken(info.data_until),
        f"All patients ; about {n:,} patients",
        "publish",
    ):
        assert words_ in said


def test_numbers_are_those_of_the_answers(html: str, publish: Clinic) -> None:
    rows = {row["name"]: row for row in analyses.answer(publish, "overview").tables["indicators"]}
    for name in OVERVIEW:
        row, shown = rows[name], row_of(html, indicator(name).title)
        assert words.amount(row["value"], row["unit"]) in shown
        assert words.amounts_between(row["low"], row["high"], row["unit"], row["value"]) in shown
        assert row["unit"] == "patients" or words.count(row["n"]) in shown


def test_inside_the_clinic_the_latest_year_stands(sample_clinic: Clinic) -> None:
    html = report(sample_clinic, policy="clinic")
    for row in analyses.answer(sample_clinic, "overview").tables["latest_year"]:
        shown = row_of(html, indicator(row["name"]).title)
        assert words.amounts_between(row["low"], row["high"], indicator(row["name"]).unit, row["value"]) in shown
        assert row["name"] == "patients_seen" or f" {words.count(row['n'])} " in shown


def test_charts_say_what_the_answers_say(html: str, publish: Clinic) -> None:
    charts = text(html[html.index('id="charts"') : html.index('id="reading"')])
    (closer,) = looked_at(standings(analyses.answer(publish, "overview")))
    summary = analyses.answer(publish, "control_chart", indicator=closer.declared.name).tables["summary"][0]
    assert closer.declared.title in charts
    assert summary["sentence"] in charts
    assert html.count("<article") == html.count("</p><svg") == 1


def test_where_nothing_needs_attention_it_says_so(sample_clinic: Clinic) -> None:
    html = report(sample_clinic, Cohort(month_from="2025-01", month_to="2025-12"))
    assert "No indicator has changed by more than chance, and none falls short of its target." in text(html)
    assert "<article" not in html


def test_every_shown_indicator_is_defined(html: str, publish: Clinic) -> None:
    definitions = text(html[html.index('id="definitions"') : html.index('id="privacy"')])
    for row in analyses.answer(publish, "overview").tables["indicators"]:
        title = indicator(row["name"]).title
        names = (f"{title} Counted:", f"{re.sub('(3|12) months', '3 and 12 months', title)} Counted:")
        assert any(name in definitions for name in names) == (row["value"] is not None)
    assert "NORspine" in definitions


def test_report_is_always_made_under_publish(html: str, publish: Clinic) -> None:
    assert report(publish) == html


def test_withheld_numbers_are_counted(html: str) -> None:
    assert re.search(r"\b\d[\d,]* numbers are withheld in this report", text(html))


def test_a_plain_share_beside_an_incidence_says_so(sample_clinic: Clinic) -> None:
    quarter = report(sample_clinic, quarter="2024-Q2")
    assert "% (plain share)" in row_of(quarter, "Operated on within 12 months")
    assert quarter.count("(plain share)") == 1


def test_open_quarter_says_so(sample_clinic: Clinic, publish: Clinic) -> None:
    points = analyses.answer(publish, "control_chart", indicator="median_wait").tables["points"]
    last = next(row["period"] for row in reversed(points) if row["state"] == "open")
    # Of a wait the open quarter would hold only those who were treated soon: it has no number.
    assert "follow-up still open" in row_of(report(sample_clinic, quarter=last), "Median wait for the first treatment")


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
        (Cohort(clinician=("C01",)), r"broad groups only. Leave out: Clinician \(seen by C01\)"),
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
        (("--cohort", "clinician=C01"), 3, "Leave out: Clinician"),
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


# --- PDF ----------------------------------------------------------------------------------------------------------


def test_command_prints_a_pdf_of_two_sheets(run: Run, sample_store: str, tmp_path: Path) -> None:
    if not any(shutil.which(name) for name in pdf.BROWSERS):
        pytest.skip("no browser on this machine prints a PDF")
    out = tmp_path / "report.pdf"
    code, written, said = run("report", out, "--database", sample_store)
    assert (code, written) == (0, "")
    assert "2 sheets" in said
    made = out.read_bytes()
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_without_a_browser_it_says_what_to_do(run: Run, sample_store: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", ("no-such-browser",))
    out = tmp_path / "report.pdf"
    code, _, said = run("report", out, "--database", sample_store)
    assert code == 1
    assert "A PDF is printed by a browser, and none was found on this machine" in " ".join(said.split())
    assert not out.exists()


@pytest.mark.parametrize(
    ("script", "words_"),
    [
        ("exit 1", "without a complete PDF"),
        ("exit 0", "without a complete PDF"),
        ("for word in $@; do case $word in --print-to-pdf=*) echo '%PDF-1.4 cut off' > ${word#*=};; esac; done", "without a complete PDF"),
        ("sleep 30 & wait", "did not print"),
    ],
)
def test_a_browser_that_fails_is_told(tmp_path: Path, monkeypatch: Any, script: str, words_: str) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "SECONDS", 0.5)
    with pytest.raises(UsageError, match=words_):
        pdf.print_pdf("<p>report</p>", str(browser))


def test_a_browser_that_is_none_is_told(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text("no program", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be started"):
        pdf.print_pdf("<p>report</p>", str(browser))


def test_a_pdf_that_fails_leaves_the_older_file(run: Run, sample_store: str, tmp_path: Path, monkeypatch: Any) -> None:
    out = tmp_path / "report.pdf"
    out.write_text("older", encoding="utf-8")
    monkeypatch.setattr(pdf, "BROWSERS", ("false",))
    assert run("report", out, "--database", sample_store)[0] == 1
    assert out.read_text(encoding="utf-8") == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["report.pdf"]


def test_a_link_in_a_circle_is_refused(run: Run, sample_store: str, tmp_path: Path) -> None:
    loop = tmp_path / "loop.html"
    loop.symlink_to(loop)
    code, _, said = run("report", loop, "--database", sample_store)
    assert code == 1
    assert "leads back to itself" in " ".join(said.split())
