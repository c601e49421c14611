"""The row door on real data: who may pass, what may leave, what is blanked, and what the log says."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synapse_analytics import audit
from synapse_analytics.access import Person, local_person
from synapse_analytics.analyses.records import preview_records, record_columns, release_records
from synapse_analytics.anonymity import Selection
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, filters_unknown_to_rows
from synapse_analytics.cohort.limits import named as in_words
from synapse_analytics.disclosure import PREVIEWED, PUBLISH, Keys, ReleasedRecords, check_released, preview_rows, release_rows
from synapse_analytics.errors import NotAllowed, StoreError, UsageError
from synapse_analytics.exports import export, export_records
from synapse_analytics.exports.spreadsheets import FORMATS
from synapse_analytics.queries.records import RECORD_TABLES, record_rows
from tests.builders import clinic_of, person
from tests.twins.open_policy import changed

pytestmark = pytest.mark.slow  # a store for each case

ANA = person("ana", "analyst")
ATTRIBUTES = ("age_band", "sex", "diagnosis", "year", "site")
NEVER = ("clinician", "icd10", "first_visit_month", "treatment_id", "follow_up_end", "days_surely_observed", "age_years", "patient_key")


@pytest.fixture
def clinic(sample_clinic: Clinic, tmp_path: Path) -> Clinic:
    """The sample data with an audit log of its own."""
    return changed(sample_clinic, home=tmp_path / "home")


def rows_of(clinic: Clinic, table: str = "episodes", cohort: Cohort | None = None, user: Person = ANA) -> ReleasedRecords:
    return release_records(clinic, cohort or Cohort(), None, "test of the door", user, table=table)


def events(clinic: Clinic) -> list[str]:
    return [line["event"] for line in audit.lines(clinic.home)]


# --- who ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["leadership", "doctor", "admin"])
def test_only_analysts_take_rows(clinic: Clinic, role: str) -> None:
    with pytest.raises(NotAllowed, match="analyst"):
        rows_of(clinic, user=person("p", role))
    assert events(clinic) == ["access_refused"]


def test_publish_gives_no_rows(clinic: Clinic) -> None:
    with pytest.raises(NotAllowed, match="publish"):
        rows_of(clinic.under(PUBLISH))


@pytest.mark.parametrize("purpose", ["", "  ", "x", "a" * 301])
def test_purpose_is_asked(clinic: Clinic, purpose: str) -> None:
    with pytest.raises(UsageError, match="what the rows are for"):
        release_records(clinic, Cohort(), None, purpose, ANA)


def test_four_patients_are_refused(tmp_path: Path) -> None:
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k % 4}"} for k in range(12)]
    clinic = clinic_of(tmp_path, episodes=episodes)
    with pytest.raises(NotAllowed, match="fewer than 5 patients"):
        rows_of(clinic)
    assert events(clinic) == ["export_asked"]  # who looks for small cohorts is seen


def test_five_patients_pass(tmp_path: Path) -> None:
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in range(5)]
    assert rows_of(clinic_of(tmp_path, episodes=episodes)).rows.num_rows == 5


def test_untreated_episodes_have_an_empty_row(tmp_path: Path) -> None:
    """With the four treated patients only, their combination would be shared by four."""
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in range(9)]
    given = [{"episode_id": f"E{k}", "treatment": "discectomy", "start_day": 5} for k in range(4)]
    rows = rows_of(clinic_of(tmp_path, episodes=episodes, treatments=given), "treatments").rows.to_pylist()
    assert sorted(str(row["treatment"]) for row in rows) == ["None"] * 5 + ["discectomy"] * 4
    assert {row["diagnosis"] for row in rows} == {"herniated_disc"}


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_four_patients_load_and_answer_no_rows(tmp_path: Path, policy: str) -> None:
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in range(4)]
    with pytest.raises(NotAllowed):
        rows_of(clinic_of(tmp_path, episodes=episodes, policy=policy))


# --- by what ------------------------------------------------------------------------------------------------------

BY_ROWS = "diagnosis=herniated_disc&sex=female&age_from=20&age_to=39&month_from=2019-01&month_to=2021-12&site=S01"


@pytest.mark.parametrize(
    "url", [BY_ROWS, "age_band=40-64&age_band=65-90", "age_band=0-17&age_band=18-39", "age_from=90", "age_to=90", "age_from=0&age_to=4"]
)
def test_rows_are_chosen_by_what_they_show(url: str) -> None:
    assert filters_unknown_to_rows(Cohort.from_url(url)[0], "episodes") == ()


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("treatment=discectomy&sex=female&pain_band=7-10", ("treatment", "pain_band")),
        ("month_from=2020-02&month_to=2020-12", ("month_from",)),
        ("month_from=2020-01&month_to=2020-11", ("month_to",)),
        ("age_band=18-39", ("age_band",)),
        ("age_band=0-17&age_band=40-64", ("age_band",)),
        ("age_from=18&age_to=40", ("age_from", "age_to")),
        ("clinician=C01&symptom=leg_weakness&any_diagnosis=other_spinal", ("any_diagnosis", "symptom", "clinician")),
    ],
)
def test_other_filters_are_named(clinic: Clinic, url: str, named: tuple[str, ...]) -> None:
    cohort = Cohort.from_url(url)[0]
    assert filters_unknown_to_rows(cohort, "wide") == named
    for ask in (release_records, preview_records):
        with pytest.raises(NotAllowed, match=rf"cannot be chosen by: {re.escape(in_words(named))}\..*highest_stage"):
            ask(clinic, cohort, None, "test of the door", ANA, table="wide")
    assert events(clinic) == []


def test_patients_are_chosen_by_sex_and_age_only(clinic: Clinic) -> None:
    with pytest.raises(NotAllowed, match=re.escape(f"cannot be chosen by: {in_words(('diagnosis', 'month_from', 'site'))}")):
        rows_of(clinic, "patients", Cohort.from_url("diagnosis=herniated_disc&sex=female&site=S01&month_from=2020-01")[0])
    assert {row["sex"] for row in rows_of(clinic, "patients", Cohort(sex=("female",))).rows.to_pylist()} == {"female"}


def test_rows_left_out_by_blanks_are_counted(clinic: Clinic) -> None:
    """Of the anonymous rows alone: those whose other cells fit, whatever the blanked cell holds."""
    every = rows_of(clinic).rows.to_pylist()
    open_ = [row for row in every if row["sex"] in (None, "female") and row["site"] in (None, "S01")]
    left_out = sum(row["sex"] is None or row["site"] is None for row in open_)
    released = rows_of(clinic, cohort=Cohort(sex=("female",), site=("S01",)))
    assert left_out > 0
    assert released.counted.left_out == left_out
    assert released.rows.num_rows == len(open_) - left_out


def test_rows_that_are_not_those_of_the_table_do_not_leave(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate counts once more: a cell that is not blank any more, or a row too few, stops the export."""

    def given_back(*asked: Any, **options: Any) -> pa.Table:
        rows = record_rows(*asked, **options)
        place = rows.column_names.index("site")
        return rows.set_column(place, "site", rows.column("site").fill_null("S01"))

    for changed_rows in (given_back, lambda *asked, **options: record_rows(*asked, **options).slice(1)):
        monkeypatch.setattr("synapse_analytics.analyses.records.record_rows", changed_rows)
        with pytest.raises(StoreError, match="not those of the anonymous table"):
            rows_of(clinic)


@pytest.mark.parametrize("sites", [["S01"] * 8 + ["S02"], ["S01"] * 4 + [None] * 5, [None] * 4 + ["S01"] * 5, [*["S01"] * 5, None]])
def test_a_rare_combination_does_not_leave(clinic: Clinic, sites: list[str | None]) -> None:
    """Whatever was counted, the gate looks at the rows themselves; a blank is a value of its own."""
    question = rows_of(clinic, cohort=Cohort(site=("S01",))).question
    one = replace(question, columns=("site",))
    size = len(sites)
    keys = Keys(np.arange(size), np.arange(size))
    cells = {"site": pa.array(sites).dictionary_encode()}
    with pytest.raises(StoreError, match="not those of the anonymous table"):
        release_rows(one, pa.table({}), keys, cells, Selection(size, size, size, 5, {"site": sites.count(None)}))


def test_a_preview_has_ten_rows_and_no_more(clinic: Clinic) -> None:
    question = replace(rows_of(clinic).question, columns=("site",))
    for size in (PREVIEWED, PREVIEWED + 1):
        cells = {"site": pa.array(["S01"] * size).dictionary_encode()}
        of_all = (pa.table({"pain": range(size)}), Keys(np.arange(size), np.arange(size)), cells, Selection(99, 99, 99, 5, {"site": 0}))
        if size > PREVIEWED:
            with pytest.raises(NotAllowed, match="up to 10 rows"):
                preview_rows(question, *of_all)
        else:
            assert len(preview_rows(question, *of_all).rows) == 10


# --- the preview --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", RECORD_TABLES)
def test_preview_tells_what_the_export_holds(clinic: Clinic, table: str) -> None:
    cohort = Cohort(sex=("male",))
    preview = preview_records(clinic, cohort, None, "test of the door", ANA, table=table)
    assert preview.counted == rows_of(clinic, table, cohort).counted
    assert len(preview.rows) == 10
    assert tuple(preview.rows[0]) == record_columns(table)
    assert {row["sex"] for row in preview.rows} == {"male"}
    assert events(clinic) == ["export_previewed", "export_asked"]


def test_preview_is_logged_before_it_is_read(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocked").write_text("")
    monkeypatch.setattr("synapse_analytics.analyses.records.record_rows", lambda *_, **__: pytest.fail("rows were read"))
    with pytest.raises(StoreError, match="audit log"):
        preview_records(changed(clinic, home=tmp_path / "blocked"), Cohort(), None, "test of the door", ANA)


@pytest.mark.parametrize("role", ["leadership", "doctor", "admin"])
def test_only_analysts_preview_rows(clinic: Clinic, role: str) -> None:
    with pytest.raises(NotAllowed, match="analyst"):
        preview_records(clinic, Cohort(), None, "test of the door", person("p", role))
    assert events(clinic) == ["access_refused"]


def test_preview_is_no_answer_and_no_file(clinic: Clinic, tmp_path: Path) -> None:
    preview = preview_records(clinic, Cohort(), None, "test of the door", ANA)
    with pytest.raises(NotAllowed):
        check_released(preview)
    with pytest.raises(NotAllowed):
        export(tmp_path / "out.zip", preview)  # type: ignore[arg-type]


def test_preview_is_refused_where_rows_are(tmp_path: Path) -> None:
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in range(4)]
    small = clinic_of(tmp_path, episodes=episodes)
    with pytest.raises(NotAllowed, match="fewer than 5 patients"):
        preview_records(small, Cohort(), None, "test of the door", ANA)
    assert events(small) == ["export_previewed"]  # the refusal itself tells that there are fewer than 5


# --- what --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", RECORD_TABLES)
def test_nothing_else_may_leave(table: str) -> None:
    assert not set(NEVER) & set(record_columns(table))


def test_unknown_columns_are_refused(clinic: Clinic) -> None:
    with pytest.raises(UsageError, match=r"clinician.*Allowed: episode_id"):
        release_records(clinic, Cohort(), ["diagnosis", "clinician"], "test of the door", ANA)


def test_unknown_table_is_refused(clinic: Clinic) -> None:
    with pytest.raises(UsageError, match="There are: patients, episodes"):
        rows_of(clinic, "index_days")


def test_chosen_columns_come_in_declared_order(clinic: Clinic) -> None:
    released = release_records(clinic, Cohort(), ["sex", "episode_id"], "test of the door", ANA)
    assert released.rows.column_names == ["episode_id", "sex"]


@pytest.mark.parametrize("table", ["episodes", "wide"])
def test_every_episode_may_leave(clinic: Clinic, table: str) -> None:
    rows = rows_of(clinic, table).rows
    stored = clinic.generation.rows
    assert len(set(rows.column("episode_id").to_pylist())) == rows.num_rows == stored["episodes"]
    assert len(set(rows.column("patient_id").to_pylist())) == stored["patients"]


@pytest.mark.parametrize("table", RECORD_TABLES)
def test_every_combination_is_shared_by_five(clinic: Clinic, table: str) -> None:
    shared: dict[tuple, set[str]] = defaultdict(set)
    for row in rows_of(clinic, table).rows.to_pylist():
        shared[tuple(row.get(name) for name in ATTRIBUTES)].add(row["patient_id"])
    assert min(len(patients) for patients in shared.values()) >= 5


def test_blanked_cells_are_counted(clinic: Clinic) -> None:
    released = rows_of(clinic)
    assert dict(released.counted.blanked) == {name: released.rows.column(name).null_count for name in ATTRIBUTES}


def test_ids_are_new_each_time(clinic: Clinic) -> None:
    first, second = (set(rows_of(clinic).rows.column("patient_id").to_pylist()) for _ in range(2))
    text = (Path(__file__).parents[2] / "sample_data" / "patients.csv").read_text(encoding="utf-8")
    stored = {row["patient_id"] for row in csv.DictReader(io.StringIO(text))}
    assert not first & second
    assert not first & stored


def test_order_tells_nothing(clinic: Clinic) -> None:
    ids = rows_of(clinic).rows.column("closed_day").to_pylist()
    assert ids != rows_of(clinic).rows.column("closed_day").to_pylist()


def test_values_are_what_the_bundle_says(tmp_path: Path) -> None:
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k}", "first_visit_month": "2021-07", "side": "left"} for k in range(6)]
    scores = [
        {"episode_id": f"E{k}", "day": day, "instrument": code, "value": value}
        for k in range(6)
        for day, code, value in ((0, "nrs_pain", 7.5), (90, "nrs_pain", 3), (0, "odi", 41.25), (0, "eq5d5l_index", -0.123))
    ]
    clinic = clinic_of(tmp_path, episodes=episodes, scores=scores, patients=[{"patient_id": f"P{k}", "age_years": 90} for k in range(6)])
    row = rows_of(clinic, "wide").rows.to_pylist()[0]
    wanted = {"age_band": "90+", "year": 2021, "side": "left", "red_flags": "no", "diagnosis": "herniated_disc"}
    scored = {"nrs_pain_baseline": 7.5, "nrs_pain_month_3": 3.0, "odi_baseline": 41.25, "eq5d5l_index_baseline": -0.123}
    assert {name: row[name] for name in wanted | scored} == wanted | scored
    assert {(r["instrument"], r["day"], r["value"]) for r in rows_of(clinic, "scores").rows.to_pylist()} == {
        ("nrs_pain", 0, 7.5),
        ("nrs_pain", 90, 3.0),
        ("odi", 0, 41.25),
        ("eq5d5l_index", 0, -0.123),
    }


@pytest.mark.parametrize(("age", "band"), [(0, "0 to 4"), (4, "0 to 4"), (5, "5 to 9"), (89, "85 to 89"), (90, "90+")])
def test_age_comes_in_bands_of_five(tmp_path: Path, age: int, band: str) -> None:
    people = [{"patient_id": f"P{k}", "age_years": age} for k in range(5)]
    episodes = [{"episode_id": f"E{k}", "patient_id": f"P{k}"} for k in range(5)]
    released = rows_of(clinic_of(tmp_path, patients=people, episodes=episodes), "patients")
    assert released.rows.column("age_band").to_pylist() == [band] * 5


# --- the log -----------------------------------------------------------------------------------------------------


def test_export_is_logged_before_and_after(clinic: Clinic, tmp_path: Path) -> None:
    manifest = export(tmp_path / "out.zip", rows_of(clinic, cohort=Cohort(sex=("female",))))
    asked, finished = list(audit.lines(clinic.home))
    assert (asked["event"], finished["event"]) == ("export_asked", "export_finished")
    assert (finished["user"], finished["cohort"], finished["rows"]) == ("ana", "sex=female", manifest["rows"])
    assert json.loads(asked["detail"])["purpose"] == "test of the door"
    assert audit.verify(clinic.home).problem is None


def test_no_log_no_rows(clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocked").write_text("")
    monkeypatch.setattr("synapse_analytics.analyses.records.record_rows", lambda *_, **__: pytest.fail("rows were read"))
    with pytest.raises(StoreError, match="audit log"):
        rows_of(changed(clinic, home=tmp_path / "blocked"))


def test_failed_export_leaves_nothing(clinic: Clinic, tmp_path: Path) -> None:
    def stop(_what: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tmp_path / "out.zip", rows_of(clinic), "csv", stop)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    assert events(clinic) == ["export_asked", "export_aborted"]


def test_wrong_format_is_refused_before_all(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="csv, excel, parquet, xlsx"):
        export_records(clinic, Cohort(), tmp_path / "o.zip", form="ods", columns=None, purpose="test of the door", user=local_person())
    assert events(clinic) == []


# --- the file ----------------------------------------------------------------------------------------------------


def data_of(path: Path, form: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        if form == "parquet":
            return pq.read_table(io.BytesIO(archive.read("data.parquet"))).to_pylist()
        text = archive.read("data.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("form", FORMATS)
def test_zip_holds_data_manifest_and_dictionary(clinic: Clinic, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out.zip"
    manifest = export(out, rows_of(clinic, cohort=Cohort(site=("S01",))), form)
    with zipfile.ZipFile(out) as archive:
        assert sorted(archive.namelist()) == sorted(["data_dictionary.md", manifest["file"], "manifest.json"])
        assert json.loads(archive.read("manifest.json")) == manifest
        dictionary = archive.read("data_dictionary.md").decode()
    assert all(f"| {name} |" in dictionary for name in manifest["columns"])
    assert manifest["cohort"]["url"] == "site=S01"
    assert manifest["cohort"]["python"] == Cohort(site=("S01",)).python()
    assert manifest["generation"] == {"id": clinic.generation.id, "sha256": clinic.generation.sha256}
    assert manifest["synthetic"] is True
    assert "exports of one data version together tell no more" in manifest["anonymity"]
    assert manifest["rows_left_out_by_blanks"] > 0
    assert manifest["blanked_cells"] == sum(manifest["blanked_by_column"].values())


@pytest.mark.parametrize("form", ["csv", "excel", "parquet"])
def test_file_holds_the_rows(clinic: Clinic, tmp_path: Path, form: str) -> None:
    released = rows_of(clinic)
    export(tmp_path / "out.zip", released, form)
    expected = released.rows.to_pylist()
    if form != "parquet":
        expected = [{name: "" if value is None else str(value) for name, value in row.items()} for row in expected]
    assert data_of(tmp_path / "out.zip", form) == expected


def test_excel_file_has_its_mark(clinic: Clinic, tmp_path: Path) -> None:
    export(tmp_path / "out.zip", rows_of(clinic), "excel")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("data.csv").startswith(b"\xef\xbb\xbf")


def test_progress_reaches_the_end(clinic: Clinic, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    export(tmp_path / "out.zip", rows_of(clinic), "csv", lambda *step: told.append(step))
    assert told[-1][1] == told[-1][2] == clinic.generation.rows["episodes"]


def test_file_is_private(clinic: Clinic, tmp_path: Path) -> None:
    export(tmp_path / "out.zip", rows_of(clinic))
    assert stat.S_IMODE((tmp_path / "out.zip").stat().st_mode) == 0o600
