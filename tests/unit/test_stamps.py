"""What a file says about itself: who may see it, what was asked, and a name that tells the cohort; no stamp can be wrong."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.exports import file_name, file_stem, report, report_name, stamp, table_bytes
from synapse_analytics.exports.report import css_text
from synapse_analytics.exports.spreadsheets import csv_opening
from synapse_analytics.exports.stamps import LONGEST_COHORT, about, cohort_slug, spoken_day, today
from synapse_analytics.figures import diagnoses
from synapse_analytics.figures.stamped import stamped
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.vocabulary.periods import spoken
from tests.builders import person
from tests.twins.open_policy import changed
from tests.unit.test_command_line import Run, run

__all__ = ["run"]  # the fixture that runs a command

WOMEN = Cohort(diagnosis=("spinal_stenosis",), sex=("female",))
LONGEST_NAME = 140  # of a comparison, which names both treatments
WHO = person("Dr Hall", "doctor")


@pytest.fixture(scope="module")
def inside(sample_clinic: Clinic) -> Clinic:
    return changed(sample_clinic, asker=WHO)


@pytest.fixture(scope="module")
def share(inside: Clinic) -> Clinic:
    return inside.under("publish")


def mix(clinic: Clinic, cohort: Cohort = WOMEN) -> Released:
    return analyses.answer(clinic, "diagnosis_mix", cohort)


def opening(content: bytes) -> dict[str, str]:
    """The lines that start with "# ", by what they tell."""
    lines = [line[2:] for line in content.decode().split("\r\n") if line.startswith("# ")]
    return dict(line.split(": ", 1) for line in lines)


def test_inside_is_stamped_with_who_and_when(inside: Clinic) -> None:
    assert stamp(inside).startswith(f"For use inside the clinic. Made by Dr Hall on {spoken_day(today())}.")
    assert "these patients do not exist" in stamp(inside)


def test_to_share_says_safe_and_not_who(share: Clinic) -> None:
    said = stamp(share)
    assert said.startswith("Safe to share: counts rounded to 5, small groups left out.")
    assert f"data complete to {spoken(share.generation.data_until)}" in said
    assert "Hall" not in said


def test_local_mode_names_nobody(sample_clinic: Clinic) -> None:
    assert "Made by someone at this computer" in stamp(sample_clinic)


@pytest.mark.parametrize(("asked", "stamped_as"), [("clinic", "publish"), ("publish", "clinic")])
@pytest.mark.parametrize("form", ["csv", "excel", "parquet", "xlsx"])
def test_no_file_carries_a_wrong_stamp(inside: Clinic, share: Clinic, asked: str, stamped_as: str, form: str) -> None:
    handles = {"clinic": inside, "publish": share}
    with pytest.raises(NotAllowed, match=f"released under the policy '{asked}'"):
        table_bytes(mix(handles[asked]), "diagnoses", handles[stamped_as], form)


def test_file_of_other_data_is_refused(inside: Clinic) -> None:
    other = changed(inside, generation=replace(inside.generation, id="20200101T000000000000-00000000"))
    with pytest.raises(NotAllowed, match="cannot be stamped"):
        table_bytes(mix(inside), "diagnoses", other)


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_opening_lines_tell_the_whole_question(inside: Clinic, policy: str) -> None:
    handle = inside.under(policy)
    told = opening(table_bytes(analyses.answer(handle, "diagnosis_mix", WOMEN, by="age_band"), "diagnoses", handle))
    assert told["Question"] == "Which primary diagnoses do the patients have?"
    assert told["Cohort"] == "Women with spinal stenosis"
    assert told["Cohort as link"] == "?diagnosis=spinal_stenosis&sex=female"
    assert Cohort.from_url(told["Cohort as link"])[0] == WOMEN
    assert told["Options"] == "by=age_band"
    assert inside.generation.id in told["Data"]
    assert told["Policy"].startswith(policy)
    assert told["Date"] == today().isoformat()
    assert told["Numbers withheld"].split()[0].isdigit()
    assert "Methods" in told["Definitions"]
    assert told["Use"] == stamp(handle).replace(",", ";")


@pytest.mark.parametrize("form", ["csv", "excel"])
def test_readers_skip_the_opening_lines(share: Clinic, tmp_path: Path, form: str) -> None:
    answer = mix(share)
    path = tmp_path / "numbers.csv"
    path.write_bytes(table_bytes(answer, "diagnoses", share, form))
    wanted = [row["n"] for row in answer.tables["diagnoses"]]
    by_pandas = pd.read_csv(path, comment="#")
    assert list(by_pandas.columns) == list(answer.tables["diagnoses"][0])
    assert [None if pd.isna(n) else n for n in by_pandas["n"]] == wanted
    lines = len(about(answer, share, "diagnoses"))
    assert pd.read_csv(path, skiprows=lines).equals(by_pandas)
    assert duckdb.read_csv(str(path)).project("n").fetchall() == [(n,) for n in wanted]


def test_hash_inside_a_cell_is_kept(inside: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_bytes(csv_opening({"Question": "a, b"}) + b'"site","n"\r\n"S#1","3"\r\n')
    assert pd.read_csv(path, comment="#").to_dict("records") == [{"site": "S#1", "n": 3}]


def forged_site(name: str) -> Cohort:
    """A cohort whose site no constructor would take."""
    cohort = Cohort(site=("S01",))
    object.__setattr__(cohort, "site", (name,))
    return cohort


@pytest.mark.parametrize("name", ["=cmd()", "@SUM(1)", "+1, =2", "-1;=HYPERLINK(1)", '"=1', "\t=1", "\r\n=1", "＝1", "a,=1"])
def test_no_opening_line_begins_a_formula(inside: Clinic, name: str) -> None:
    named = changed(inside, generation=replace(inside.generation, clinic=name), asker=person(name, "doctor"))
    told = about(mix(named, Cohort()), named, "diagnoses") | {"Cohort": forged_site(name).sentence(), name: name}
    for line in csv_opening(told).decode().split("\r\n")[:-1]:
        assert line.startswith("# ")
        assert not re.search(r'[,"\t\r\n]', line)
        for cell in re.split("[;]", line):  # as a spreadsheet that parts cells at semicolons reads it
            assert not re.match(r"\s*[=+\-@|%＝＋－＠｜％]", cell)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cohort_slug(forged_site(f"x{name}")))


def test_workbook_tells_on_a_sheet_of_its_own(inside: Clinic) -> None:
    named = changed(inside, generation=replace(inside.generation, clinic="=cmd()"))
    with zipfile.ZipFile(io.BytesIO(table_bytes(mix(named), "diagnoses", named, "xlsx"))) as book:
        names, sheet = (book.read(f"xl/{part}.xml").decode() for part in ("workbook", "worksheets/sheet2"))
        texts = book.read("xl/worksheets/sheet2.xml").decode() + (
            book.read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in book.namelist() else ""
        )
    assert re.findall(r'<sheet name="([^"]+)"', names) == ["Numbers", "About"]
    assert "<f>" not in sheet
    for part in ("Women with spinal stenosis", "=cmd(), version", "For use inside the clinic. Made by Dr Hall"):
        assert part in texts


def test_parquet_tells_in_its_schema(share: Clinic) -> None:
    found = pq.read_schema(io.BytesIO(table_bytes(mix(share), "diagnoses", share, "parquet"))).metadata
    assert found[b"Use"].decode() == stamp(share)
    assert found[b"Cohort as link"] == b"?diagnosis=spinal_stenosis&sex=female"


def test_empty_table_still_says_what_it_is(inside: Clinic) -> None:
    cohort = Cohort(month_from="1990-01", month_to="1990-12")
    answer = analyses.answer(inside, "symptoms", cohort)
    name = next(iter(answer.tables))
    assert opening(table_bytes(answer, name, inside))["Patients"].startswith("0")


# --- names of files ----------------------------------------------------------------------------------------------


def test_file_name_tells_the_cohort(inside: Clinic, share: Clinic) -> None:
    assert file_name(mix(inside), "diagnoses") == "diagnosis_mix-diagnoses-spinal_stenosis-female-inside.csv"
    assert file_name(mix(share), "diagnoses") == "diagnosis_mix-diagnoses-spinal_stenosis-female-to_share.csv"
    assert file_name(mix(share, Cohort()), "diagnoses") == "diagnosis_mix-diagnoses-everybody-to_share.csv"


def test_file_name_tells_what_was_chosen(inside: Clinic) -> None:
    asked = {"event": "injection", "by": "site"}
    injection = analyses.answer(inside, "time_to_escalation", WOMEN, **asked)
    assert file_name(injection, "curve") == "time_to_escalation-curve-event_injection-by_site-spinal_stenosis-female-inside.csv"
    surgery = analyses.answer(inside, "time_to_escalation", WOMEN, event="surgery")
    assert file_name(surgery, "curve") == "time_to_escalation-curve-spinal_stenosis-female-inside.csv"


def test_name_of_a_picture_tells_its_card(inside: Clinic) -> None:
    assert file_stem(mix(inside, Cohort()), "mix_female") == "diagnosis_mix-mix_female-everybody-inside"
    assert file_stem(mix(inside, Cohort()), "diagnosis_mix_mix") == "diagnosis_mix_mix-everybody-inside"


@pytest.mark.parametrize(
    ("cohort", "slug"),
    [
        (Cohort(), "everybody"),
        (Cohort(age_from=40, age_to=64, smoker=("no",)), "age_from_40-age_to_64-smoker_no"),
        (Cohort(site=("S01",), month_from="2021-01"), "month_from_2021-01-S01"),
        (Cohort(any_diagnosis=("spinal_stenosis",)), "any_diagnosis_spinal_stenosis"),
    ],
)
def test_cohort_in_a_name(cohort: Cohort, slug: str) -> None:
    assert cohort_slug(cohort) == slug


def test_long_cohort_says_how_much_more() -> None:
    from synapse_analytics import vocabulary as v

    slug = cohort_slug(Cohort(diagnosis=v.codes(v.DIAGNOSES), symptom=v.codes(v.SYMPTOMS), sex=("female",)))
    assert re.search(r"-and_\d+_more$", slug)
    assert len(slug) <= LONGEST_COHORT + len("-and_99_more")


@pytest.mark.slow
def test_names_of_files_stay_short(inside: Clinic) -> None:
    long = Cohort(site=tuple(f"{'X' * 40}{k}" for k in range(9)))
    for name in analyses.answers():
        answer = analyses.answer(inside, name)
        for table in answer.tables:
            assert len(file_name(answer, table).replace("everybody", cohort_slug(long))) <= LONGEST_NAME, (name, table)


# --- pictures and the report -------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_picture_holds_stamp_question_and_cohort(inside: Clinic, policy: str) -> None:
    handle = inside.under(policy)
    answer = mix(handle, Cohort(sex=("female",)))
    plain_ = diagnoses.mix(answer, LIGHT)
    question = plain_["layout"]["title"]["text"]
    picture = stamped(answer, plain_, stamp(handle))
    said = re.sub("<[^>]+>", " ", picture["layout"]["title"]["text"])
    for part in (question, "Women;", stamp(handle).split(".")[0]):
        assert part in " ".join(said.split())
    assert ("about" in said) == (policy == "publish")
    assert picture["layout"]["paper_bgcolor"] == "#ffffff"
    assert picture["layout"]["height"] > plain_["layout"]["height"]
    assert json.dumps(picture["data"]) == json.dumps(plain_["data"])


def test_inside_report_is_stamped_on_every_page(inside: Clinic) -> None:
    html = report(inside, Cohort(clinician=("C01",)), policy="clinic")
    shown = re.search(r"@bottom-left \{ content: (\"[^\"]*\")", html)
    assert shown is not None
    assert "For use inside the clinic. Made by Dr Hall" in shown.group(1)
    assert f'<p class="stamp" role="note">{stamp(inside)}</p>' in html
    assert "Safe to share" not in html
    assert "confidentiality" in html


def test_shared_report_is_stamped_on_every_page(inside: Clinic, share: Clinic) -> None:
    html = report(inside)
    assert f'<p class="stamp" role="note">{stamp(share)}</p>' in html
    assert "Hall" not in html
    assert f'content: "{css_text(stamp(share))}"' in html


def test_weaker_report_is_refused(share: Clinic) -> None:
    with pytest.raises(NotAllowed, match="weaker policy"):
        report(share, policy="clinic")


def test_name_of_a_report(inside: Clinic) -> None:
    assert report_name(inside, WOMEN, "clinic") == "spine-outcomes-report-spinal_stenosis-female-inside.html"
    assert report_name(inside, Cohort()) == "spine-outcomes-report-everybody-to_share.html"


@pytest.mark.parametrize("text", ['"; } body { display: none', "</style><script>", "a\\", "Dr O'Brien; M\u00fcller\n"])
def test_name_cannot_leave_its_css_string(text: str) -> None:
    written = css_text(text)
    assert not re.search(r"[\"'<>{};\n]", written)
    back = re.sub(r"\\([0-9a-f]{6})", lambda found: chr(int(found.group(1), 16)), written)
    assert back == text


def test_command_makes_the_report_for_inside(run: Run, sample_store: str, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    code, _, _ = run("report", out, "--policy", "clinic", "--cohort", "clinician=C01", "--database", sample_store)
    assert code == 0
    assert "Made by someone at the command line" in out.read_text(encoding="utf-8")


def test_command_refuses_the_weaker_report(run: Run, sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    out = tmp_path / "report.html"
    code, _, said = run("report", out, "--policy", "clinic", "--database", sample_store)
    assert code == 3
    assert "cannot be asked for" in " ".join(said.split())
    assert not out.exists()


@pytest.mark.parametrize(("policy", "word"), [("clinic", "For use inside the clinic"), ("publish", "Safe to share")])
def test_command_saves_a_table(run: Run, sample_store: str, tmp_path: Path, policy: str, word: str) -> None:
    out = tmp_path / "mix.csv"
    code, written, said = run("answer", "diagnosis_mix", "--out", out, "--policy", policy, "--database", sample_store)
    assert (code, written) == (0, "")
    assert word in " ".join(said.split())
    assert opening(out.read_bytes())["Use"].startswith(word)


@pytest.mark.parametrize(
    ("file", "more", "word"),
    [("mix.ods", (), "no format 'ods'"), ("nowhere/mix.csv", (), "There is no folder"), ("mix.csv", ("--table", "x"), "no table 'x'")],
)
def test_command_says_why_it_saves_nothing(
    run: Run, sample_store: str, tmp_path: Path, file: str, more: tuple[str, ...], word: str
) -> None:
    code, _, said = run("answer", "diagnosis_mix", "--out", tmp_path / file, *more, "--database", sample_store)
    assert code == 1
    assert word in " ".join(said.split())
    assert not (tmp_path / file).exists()
