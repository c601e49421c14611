"""`make bench` asks what the pages ask, its peers give our numbers, and what misses a target is told."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks import plain_pandas, raw_duckdb
from benchmarks.document import document
from benchmarks.measure import ROOT
from benchmarks.pages import statements
from benchmarks.recording import Question, pages, record, tour
from benchmarks.results import Result, missed
from benchmarks.workloads import COHORTS, SINGLE
from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic

# The framework, not the product, warns of these.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
Recording = dict[str, dict[str, list[Question]]]
Peers = dict[str, list[pd.DataFrame]]
KEYS = ("instrument", "month", "diagnosis", "age_band", "sex", "visit", "week")


@pytest.fixture(scope="module")
def home(sample_store: str) -> str:
    return sample_store.removeprefix("duckdb:///")


@pytest.fixture(scope="module")
def recording(home: str) -> Recording:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNAPSE_HOME", home)
        return record()


def names(questions: list[Question]) -> set[str]:
    return {question.name for question in questions}


def as_answered(question: Question) -> tuple[Any, ...]:
    """The question with its defaults."""
    options = {option.name: option.default for option in analyses.answers()[question.name].options}
    return question.name, question.everybody, *sorted((options | question.options).items())


def test_every_page_and_tab_is_recorded(recording: Recording) -> None:
    assert set(recording) == {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert next(iter(recording)) == "overview"
    for page, tabs in recording.items():
        assert (len(tabs) > 1) == ("\ntabs(" in (ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8"))
        assert all("attrition" in names(questions) for questions in tabs.values()), page


def test_no_question_is_asked_twice_in_one_tab(recording: Recording) -> None:
    for page, tabs in recording.items():
        for tab, questions in tabs.items():
            asked = [as_answered(question) for question in questions]
            assert len(asked) == len(set(asked)), (page, tab)


def test_overview_is_asked_what_its_page_asks(recording: Recording) -> None:
    written = re.findall(r'frame\.(?:ask|slow)\("(\w+)"', (ROOT / "pages" / "overview.py").read_text(encoding="utf-8"))
    (questions,) = recording["overview"].values()
    assert names(questions) == {"attrition", "units_outside", *written}  # a chart is asked for when a row is opened


def test_what_concerns_everybody_is_recorded_so(recording: Recording) -> None:
    assert Question("generation_summary", {}, everybody=True) in next(iter(recording["data"].values()))


def test_new_question_changes_the_recording(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", home)
    monkeypatch.setattr("synapse_analytics.places.TOP", tmp_path)
    shutil.copytree(ROOT / "pages", tmp_path / "pages")
    shutil.copytree(ROOT / "synapse_analytics" / "web", tmp_path / "synapse_analytics" / "web")
    assert pages(tmp_path) == pages()
    with (tmp_path / "pages" / "overview.py").open("a", encoding="utf-8") as page:
        page.write('\nframe.ask("co_diagnoses", by="sex")\n')
    asked = next(tour(tmp_path))
    assert asked.page == "overview"
    assert asked.questions[-1] == Question("co_diagnoses", {"by": "sex"}, everybody=False)


def test_nothing_is_remembered_between_two_measurements(sample_clinic: Clinic) -> None:
    asked = [Question("diagnosis_mix", {}, everybody=False), Question("data_quality", {}, everybody=True)]
    first = statements(sample_clinic, asked)
    assert 0 < first["statements"] < first["bytes"]
    assert statements(sample_clinic, asked) == first


@pytest.fixture(scope="module")
def folder(home: str, sample_clinic: Clinic) -> Path:
    return Path(home) / "generations" / sample_clinic.generation.id


@pytest.fixture(scope="module")
def sql(folder: Path, sample_clinic: Clinic) -> Peers:
    connection, until = raw_duckdb.opened(folder), sample_clinic.generation.data_until
    return {name: [raw_duckdb.ask(connection, one, until).df() for one in asked] for name, asked in raw_duckdb.QUESTIONS.items()}


@pytest.fixture(scope="module")
def frames(folder: Path, sample_clinic: Clinic) -> Peers:
    read, until = plain_pandas.read(folder), sample_clinic.generation.data_until
    return {name: question(read, until) for name, question in plain_pandas.QUESTIONS.items()}


def test_peers_agree(sql: Peers, frames: Peers) -> None:
    assert list(sql) == list(frames)
    for name, ours in sql.items():
        for left, right in zip(ours, frames[name], strict=True):
            if "way" in left.columns:  # see below
                continue
            shared = [column for column in left.columns if column in right.columns]
            keys = [key for key in KEYS if key in shared]
            both = [(frame[shared].sort_values(keys) if keys else frame[shared]).reset_index(drop=True) for frame in (left, right)]
            pd.testing.assert_frame_equal(*both, check_dtype=False, check_column_type=False, obj=name)


def test_peers_find_the_same_pathways(sql: Peers, frames: Peers) -> None:
    def known(ways: list[list[int]], n: pd.Series) -> set[tuple[Any, ...]]:
        often = n > n.min()  # which of the rarest are left out is a matter of order
        return {(*(int(step) for step in way if step >= 0), "n", count) for way, count, kept in zip(ways, n, often, strict=True) if kept}

    left, right = sql["pathways"][1], frames["pathways"][1]
    assert known(left["way"].tolist(), left["n"]) == known(right[list(range(6))].to_numpy().tolist(), right["n"])


def test_peers_give_the_numbers_of_the_overview(sample_clinic: Clinic, sql: Peers) -> None:
    ours = {row["name"]: row for row in analyses.answer(sample_clinic, "overview").tables["indicators"]}
    came, scores, surgery = (frame[frame["month"].isna()].to_dict("records") for frame in sql["overview"])
    assert (ours["patients_seen"]["value"], ours["patients_seen"]["n"]) == (came[0]["patients"], came[0]["episodes"])
    assert ours["median_wait"]["value"] == came[0]["wait"]
    for row, score in zip(sorted(scores, key=lambda row: row["instrument"]), ("pain", "odi"), strict=True):
        for months in (3, 12):
            improvement, responders = (ours[f"{score}_{what}_{months}_months"] for what in ("improvement", "responders"))
            assert improvement["n"] == row[f"answered_{months}"]
            assert improvement["value"] == pytest.approx(row[f"improvement_{months}"])
            assert improvement["completeness"] == pytest.approx(row[f"answered_{months}"] / row[f"expected_{months}"])
            assert (responders["events"], responders["n"]) == (row[f"responders_{months}"], row[f"able_{months}"])
    found = {"complications_within_90_days": "complications", "reoperation_within_90_days": "again_90"}
    for name, column in (found | {"reoperation_within_12_months": "again_365"}).items():
        assert (ours[name]["events"], ours[name]["n"]) == (surgery[0][column], surgery[0]["n_365" if "12" in name else "n_90"])


def test_peers_give_the_numbers_of_the_other_pages(sample_clinic: Clinic, sql: Peers) -> None:
    mix, mix_by = sql["diagnoses"]
    ours = {row["diagnosis"]: row["n"] for row in analyses.answer(sample_clinic, "diagnosis_mix").tables["diagnoses"]}
    assert ours == {v.DIAGNOSES[int(row["diagnosis"])].code: row["n"] for row in mix.dropna().to_dict("records")}
    split = analyses.answer(sample_clinic, "diagnosis_mix", by="age_sex").tables["diagnoses"]
    assert sorted(row["n"] for row in split if row["n"]) == sorted(mix_by.dropna()["n"])
    care = sql["pathways"][0].to_dict("records")[0]
    stages = analyses.answer(sample_clinic, "branching").tables["stages"]
    assert {row["stage"]: row["n"] for row in stages if row["stage"] in raw_duckdb.OF_STAGE} == {
        stage: care[stage] for stage in raw_duckdb.OF_STAGE
    }
    assert {row["of"] for row in stages[:-1]} == {care["episodes"]}


@pytest.mark.parametrize(("name", "by"), [("outcomes", None), ("pain over time by diagnosis", "diagnosis")])
def test_peers_give_the_numbers_of_outcomes(sample_clinic: Clinic, sql: Peers, name: str, by: str | None) -> None:
    by_week = analyses.answer(sample_clinic, "score_by_week", by=by, step=1)
    tables = {**analyses.answer(sample_clinic, "score_over_time", by=by).tables, **by_week.tables}
    for table, key, theirs in (("visits", "visit", sql[name][0]), ("weeks", "week", sql[name][1])):
        found = {(v.DIAGNOSES[row["diagnosis"]].code if by else "all", row[key]): row for row in theirs.to_dict("records")}
        ours = [row for row in tables[table] if row["n"]]
        assert len(ours) == len(found)
        for row in ours:
            other = found[row["group"], row[key]]
            other |= dict(zip(("q1", "median", "q3"), (value / 1000 for value in other.get("quartiles", ())), strict=False))
            assert row["n"] == other["n"]
            for column in ("expected", "mean", "sd", "q1", "median", "q3", "change"):
                if row.get(column) is not None and (column, row[key]) != ("expected", "baseline"):  # what is not withheld
                    assert other[column] == pytest.approx(row[column]), (column, row)


def made_up(ms: float, patients: int = 2_000) -> Result:
    """A result in which every answer takes so many ms."""
    tab = {"times": dict.fromkeys(COHORTS, ms), "statements": 6, "bytes": 1_000}
    peers = {"times": {"overview": 1_000.0}, "megabytes": 1.0}
    loading = {"check": 1.0, "build": 1.0, "rows": 1, "megabytes": 1.0, "plain": {"seconds": 1.0}}
    exports = {"rows": 1, "seconds": 1.0, "copy": 1.0}
    all_pages = {"overview": {"": tab}, "outcomes": {"Over time": tab, "Who improved": tab}}
    touring = {"pages": {page: dict.fromkeys(tabs, 1.0) for page, tabs in all_pages.items()}, "megabytes": 1.0}
    single, both = dict.fromkeys(SINGLE, ms), dict.fromkeys(("duckdb", "pandas"), peers)
    return Result(patients, 1.0, loading, all_pages, single, touring, both, exports)


def test_a_missed_target_is_told() -> None:
    assert missed([made_up(1.0)]) == []
    assert [line.partition(" at ")[0] for line in missed([made_up(50.0)])] == ["- outcomes", "- attrition", "- diagnosis mix"]
    assert "- overview at 2,000 patients: target 60 ms, measured 70 everyone, 70 median, 70 worst of six cohorts" in missed([made_up(70.0)])
    assert missed([made_up(600.0, patients=3_000)]) == ["- overview against raw DuckDB at 3,000 patients: target 0.5x, measured 0.60x"]
    heavy = replace(made_up(1.0), touring={"megabytes": 500.0})
    assert missed([heavy]) == ["- memory of the serving process at 2,000 patients: target 450 MB, measured 500 MB"]
    slow = made_up(1.0).pages
    slow["overview"][""]["times"]["operated"] = 61.0
    assert missed([replace(made_up(1.0), pages=slow)])[0].endswith("measured 1 everyone, 1 median, 61 worst of six cohorts, only the worst")


def test_document_says_what_is_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("benchmarks.document.TRIED", tmp_path / "tried.md")
    assert document([made_up(1.0), made_up(1.0, 10_000)], "make bench").endswith("## Targets that are missed\nNone.\n")
    (tmp_path / "tried.md").write_text("Tried: another index.\n", encoding="utf-8")
    text = document([made_up(70.0)], "make bench")
    assert "outcomes: Who improved | 70 | 70 | 6 | 1.0 | 1 |" in text
    assert text.endswith("Tried: another index.\n")
    for line in text.splitlines():
        assert not line.startswith("|") or line.endswith("|")
