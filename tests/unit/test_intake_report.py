"""The report of an anonymisation: sums that hold, every part of the account, nothing from outside, and no value of a patient."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from synapse_analytics.intake.account import Accounting, Conflict, FollowUp, TableAccount, UnmappedCode, ValuesLeftOut
from synapse_analytics.intake.report import Unaccounted, as_html, as_json, pieces, verdict

SCORES = TableAccount(
    table="visits.xlsx#Scores",
    file="visits.xlsx",
    sheet="Scores",
    how="Read as a workbook; the header is row 3.",
    read=12_400,
    kept=11_871,
    merged=310,
    dropped={"a total, not a record": 1, "no patient of this number": 218},
    used=("MRN", "Visit date", "ODI"),
    left_out={"Remarks": "free text", "Notes": "free text", "9876543210": "not in the mapping", "9876543299": "not in the mapping"},
)
PATIENTS = TableAccount("patients.csv", "patients.csv", "", "", 31, 31, 0, {}, ("MRN",), {})
ACCOUNT = Accounting(
    clinic="Clinic <b>&</b> Sons",
    data_until="2026-06",
    source="files",
    tables=(SCORES, PATIENTS),
    records={"patients.csv": 31, "scores.csv": 23_742},
    values=(ValuesLeftOut("visits.xlsx#Scores", "ODI", "not a number", 4),),
    unmapped=(UnmappedCode("visits.xlsx#Scores", "Treatment", "Physio", 12, "physical_therapy"),),
    conflicts=(Conflict("visits.xlsx#Scores", "odi", "stated and calculated score differ", 7, "the calculated score was kept"),),
    follow_up=(FollowUp("month_3", "odi", 80, 62), FollowUp("12 months", "odi", 0, 0)),
    cannot_say=("Nothing says whether a patient smokes.",),
    warnings=("Two scores of one patient are far apart. Found 3 times in scores.csv.",),
    identities={"visits.xlsx#Scores, Mobile": "telephone numbers"},
)


def text(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_the_verdict_is_the_first_sentence() -> None:
    said = "12,431 rows were read: 11,902 kept, 310 merged with another row, 219 left out. 4 of their values were left out."
    assert verdict(ACCOUNT) == said
    assert text(as_html(ACCOUNT)).index(said) < 350
    assert json.loads(as_json(ACCOUNT))["verdict"] == said


@pytest.mark.parametrize(
    ("read", "kept", "merged", "dropped", "said"),
    [
        (1, 1, 0, {}, "1 row was read, and all were kept."),
        (0, 0, 0, {}, "0 rows were read, and all were kept."),
        (2, 1, 1, {}, "2 rows were read: 1 kept, 1 merged with another row, none left out."),
        (2, 0, 0, {"a total": 2}, "2 rows were read: 0 kept, 2 left out."),
    ],
)
def test_the_verdict_says_only_what_there_is(read: int, kept: int, merged: int, dropped: dict[str, int], said: str) -> None:
    one = replace(PATIENTS, read=read, kept=kept, merged=merged, dropped=dropped)
    account = replace(ACCOUNT, tables=(one,), values=())
    assert verdict(account) == said
    assert said in text(as_html(account))


@pytest.mark.parametrize("change", [{"kept": 11_870}, {"merged": 311}, {"read": 12_399}, {"dropped": {}}, {"kept": 12_182, "merged": -1}])
def test_a_sum_that_does_not_hold_makes_no_report(change: dict[str, int]) -> None:
    wrong = replace(ACCOUNT, tables=(replace(SCORES, **change), PATIENTS))  # type: ignore[arg-type]
    for made in (as_html, as_json):
        with pytest.raises(Unaccounted, match="do not use the bundle"):
            made(wrong)


def test_the_sum_of_every_table_is_shown_and_holds() -> None:
    sums = re.findall(r"([\d,]+) \+ ([\d,]+) \+ ([\d,]+) = ([\d,]+)", text(as_html(ACCOUNT)))
    read = [[int(part.replace(",", "")) for part in line] for line in sums]
    assert [line[3] for line in read] == [12_400, 31, 12_431]
    assert all(sum(line[:3]) == line[3] for line in read)


@pytest.mark.parametrize(
    "part",
    [
        "Read as a workbook; the header is row 3.",
        "MRN, Visit date, ODI",
        "free text: Remarks, Notes",
        "visits.xlsx#Scores, Mobile telephone numbers",
        "Physio 12 physical_therapy",
        "stated and calculated score differ 7 the calculated score was kept",
        "visits.xlsx#Scores ODI not a number 4",
        "218 left out: no patient of this number",
        "scores.csv 23,742",
        "3 months Oswestry Disability Index 62 of 80 (78\u00a0%)",
        "0 of 0",
        "Nothing says whether a patient smokes.",
        "Two scores of one patient are far apart.",
        "complete to Jun 2026",
        "Load the bundle with the command load",
        "Clinic <b>&</b> Sons",
    ],
)
def test_every_part_of_the_account_is_said(part: str) -> None:
    assert " ".join(part.split()) in text(as_html(ACCOUNT))


def test_an_account_of_little_is_a_page_too() -> None:
    bare = Accounting("Clinic", "2026-06", "fhir", (PATIENTS,), {"patients.csv": 31})
    said = text(as_html(bare))
    assert "31 rows were read, and all were kept." in said
    assert "Every code has a meaning in the mapping." in said
    assert "What to do next Load the bundle" in said


def test_it_needs_nothing_else_and_nothing_in_it_runs() -> None:
    html = as_html(replace(ACCOUNT, unmapped=(UnmappedCode("t", "c", "<script>alert(1)</script>", 1, '"><img src=x>'),)))
    assert not re.search(r"https?://|<script|<img|<link|<iframe|<form|@import|url\(|\bon\w+=|href=|style=", html)
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_a_name_of_a_column_that_may_be_a_value_is_masked_everywhere() -> None:
    for made in (as_html(ACCOUNT), as_json(ACCOUNT)):
        assert "98765432" not in made
    shown = json.loads(as_json(ACCOUNT))["tables"][0]["left_out"]
    assert len(shown) == len(SCORES.left_out)  # two that look alike once masked are both there


def test_a_name_with_a_dot_is_one_name() -> None:
    account = replace(ACCOUNT, identities={"patients.csv, dob": "a date"}, tables=(SCORES, PATIENTS))
    assert json.loads(as_json(account))["identities"] == {"patients.csv, dob": "a date"}


def test_the_same_account_gives_the_same_bytes() -> None:
    turned = replace(SCORES, dropped=dict(reversed(SCORES.dropped.items())))
    assert as_json(ACCOUNT) == as_json(replace(ACCOUNT, tables=(turned, PATIENTS)))
    assert as_html(ACCOUNT) == as_html(replace(ACCOUNT, tables=(turned, PATIENTS)))
    assert as_json(ACCOUNT).endswith("}\n")


def test_a_bar_is_whole_and_every_row_is_seen() -> None:
    bar = pieces(replace(SCORES, read=1_000_002, kept=1_000_000, merged=1, dropped={"a total": 1, "nothing": 0}))
    assert [piece.kind for piece in bar] == ["kept", "merged", "dropped"]
    assert sum(piece.width for piece in bar) == pytest.approx(100)
    assert min(piece.width for piece in bar) > 0.5
    html = as_html(ACCOUNT)
    assert html.count("<rect") == 5
    assert 'aria-label="12,400 rows of visits.xlsx#Scores: 11,871 kept, 310 merged, 218 left out: no patient of this number, ' in html
