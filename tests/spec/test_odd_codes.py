"""A code is a code: a clinician called `pooled` is not the pool, and a site called `NA` is not missing."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synapse_analytics import analyses, exports
from synapse_analytics.bundle import check_bundle
from synapse_analytics.bundle.schema import ID_PATTERN
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort, group_words
from synapse_analytics.cohort.groups import ALL, POOLED_UNITS, UNIT_NOT_RECORDED, UNITS, group_order, is_everybody
from synapse_analytics.cohort.saved import SavedCohort, from_yaml, to_yaml
from synapse_analytics.errors import NotAllowed, UnsafeAnswer, UsageError
from synapse_analytics.exports.stamps import cohort_slug
from synapse_analytics.figures import funnel as drawn
from synapse_analytics.figures import table
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.terminal import Format, note, write_rows
from tests.builders import write_bundle
from tests.made_once import made_once
from tests.odd_codes import CLINICIANS, MARKUP, SITES, SMALL, files, odd_clinic

RESERVED = ("pooled", "other", "unknown", "not_recorded", "all", "withheld", "few", "more", "untreated", "true", "NA", "none_", "missing")
SPLIT = [
    name for name, answer in analyses.answers().items() if any(option.name == "by" and "site" in option.legal for option in answer.options)
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    return open_clinic(f"duckdb:///{made_once(tmp_path_factory, 'odd', odd_clinic) / 'store'}", policy="clinic")


@pytest.fixture(scope="module")
def patients() -> dict[str, Counter[str]]:
    """Patients (here each has one episode) of every site and clinician, counted in the files."""
    return {unit: Counter(row[unit] for row in files()["episodes"]) for unit in UNITS}


@pytest.mark.parametrize("by", UNITS)
def test_units_keep_their_patients(odd: Clinic, patients: dict[str, Counter[str]], by: str) -> None:
    rows = analyses.diagnosis_mix(odd, by=by).tables["diagnoses"]
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row["group"]] += row["n"]
    assert counted == patients[by]


def test_a_clinician_called_pooled_is_not_the_pool(odd: Clinic, patients: dict[str, Counter[str]]) -> None:
    answer = analyses.funnel(odd, by="clinician")
    sizes = {row["group"]: row["n"] for row in answer.tables["units"]}
    own = patients["clinician"]
    assert sizes == {code: own[code] for code in CLINICIANS} | {POOLED_UNITS: sum(own[code] for code in SMALL)}
    assert answer.tables["summary"][0]["pooled"] == len(SMALL)
    names = [unit.name for unit in drawn._units(answer, "crude")]
    assert sorted(names) == sorted([*CLINICIANS, "Smaller ones together"])


@pytest.mark.parametrize("policy", ["clinic", "publish"])
@pytest.mark.parametrize("name", [name for name in analyses.answers() if name != "calibration"])
def test_every_answer_stands_whatever_units_are_called(odd: Clinic, name: str, policy: str) -> None:
    """A clinician called `e` or a site called `all` neither breaks an answer nor the gate's look at its sentences."""
    handle = odd.under(policy)
    for by in (*UNITS, None) if name in SPLIT else (None,):
        try:
            released = analyses.answer(handle, name, None, **({"by": by} if by else {}))
        except NotAllowed as refusal:
            if isinstance(refusal, UnsafeAnswer) or policy != "publish":
                raise
        else:
            assert not released.refused


@pytest.mark.parametrize("name", SPLIT)
@pytest.mark.parametrize("by", UNITS)
def test_units_are_named_in_every_table(odd: Clinic, name: str, by: str) -> None:
    answer = analyses.answer(odd, name, None, by=by)
    for rows in answer.tables.values():
        for code in {row["group"] for row in rows if "group" in row}:
            cell = table.cell({"group": code}, "group", by)
            assert cell == {POOLED_UNITS: "Smaller ones together"}.get(code, code)


@pytest.mark.parametrize("by", UNITS)
@pytest.mark.parametrize("code", RESERVED)
def test_a_reserved_word_is_a_unit_like_any_other(by: str, code: str) -> None:
    assert group_words(by, code) == code
    assert not is_everybody(by, code)
    assert group_order(by, ["zz", code, UNIT_NOT_RECORDED]) == [*sorted(["zz", code]), UNIT_NOT_RECORDED]


def test_what_is_no_unit_has_no_code_of_one() -> None:
    assert not any(re.fullmatch(ID_PATTERN, code) for code in (POOLED_UNITS, UNIT_NOT_RECORDED))
    assert is_everybody("diagnosis", ALL)


@pytest.mark.parametrize("code", [*RESERVED, *SITES, *CLINICIANS])
def test_check_lets_the_code_in(tmp_path: Path, code: str) -> None:
    bundle = write_bundle(tmp_path, episodes=[{"episode_id": "E1", "patient_id": "P1", "site": code, "clinician": code}])
    assert check_bundle(bundle).accepted


@pytest.mark.parametrize(
    "code", ["None", "nan", "NULL", "null", "0", "-", "", "a b", "*a*", "<b>", "$x$", ":smile:", "[x](y)", "(pooled)", "=1+1"]
)
def test_check_refuses_what_is_no_code(tmp_path: Path, code: str) -> None:
    bundle = write_bundle(tmp_path, episodes=[{"episode_id": "E1", "patient_id": "P1", "site": code}])
    found = check_bundle(bundle)
    assert not found.accepted
    assert {problem.column for problem in found.problems} == {"site"}


@pytest.mark.parametrize("code", CLINICIANS)
def test_a_cohort_of_a_clinician_is_his_own(odd: Clinic, patients: dict[str, Counter[str]], code: str) -> None:
    asked = Cohort(clinician=(code,))
    assert analyses.answer(odd, "attrition", asked).n == patients["clinician"][code]
    assert Cohort.from_url(asked.url(), clinicians=odd.generation.clinicians) == (asked, ())
    entries = {"x": SavedCohort(asked)}
    assert from_yaml(to_yaml(entries)) == entries
    assert asked.sentence() == f"Patients seen by {code}"


@pytest.mark.parametrize("written", ["true", "NO", "on", "0x1F", "1.5", "2020-01-01", "~"])
def test_yaml_that_reads_a_code_as_something_else_is_refused(written: str) -> None:
    """A hand-written `site: [NO]` is false to YAML, and became a site called "no"."""
    with pytest.raises(UsageError, match="Site .* in quotes"):
        from_yaml(f"x:\n  site: [{written}]")
    assert from_yaml(f"x:\n  site: ['NA', 'S{len(written)}']")["x"].cohort.site == ("NA", f"S{len(written)}")


def test_every_file_holds_the_codes(odd: Clinic) -> None:
    answer = analyses.diagnosis_mix(odd, by="site")
    rows = answer.tables["diagnoses"]
    wanted = [row["group"] for row in rows]
    made = {form: exports.table_bytes(answer, "diagnoses", odd, form) for form in ("csv", "excel", "xlsx", "parquet")}
    for form in ("csv", "excel"):
        lines = [line for line in made[form].decode("utf-8-sig").splitlines() if not line.startswith("#")]
        assert [row["group"] for row in csv.DictReader(lines)] == wanted
    as_told = {"comment": "#", "keep_default_na": False, "na_values": [""]}  # docs/methods.md
    assert pd.read_csv(io.BytesIO(made["csv"]), **as_told)["group"].tolist() == wanted
    with zipfile.ZipFile(io.BytesIO(made["xlsx"])) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert [unescape(text) for text in re.findall(r"<t[^>]*>([^<]*)</t>", sheet) if unescape(text) in SITES] == wanted
    assert pq.read_table(pa.BufferReader(made["parquet"])).column("group").to_pylist() == wanted
    assert MARKUP.split(" -> ")[0] in made["parquet"].decode("utf-8", "replace")


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_the_report_names_clinic_and_cohort_as_written(odd: Clinic, policy: str) -> None:
    cohort = Cohort(site=("__init__",)) if policy == "clinic" else Cohort()
    html = exports.report(odd, cohort, policy=policy)
    seen = " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)).split())
    assert " ".join(MARKUP.split()) in seen
    assert policy == "publish" or "Patients at __init__" in seen


def test_settings_are_quoted_as_written(odd: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason of a recalculation is text of the clinic: on the chart it is no markup."""
    from synapse_analytics.figures import control_chart

    reason = "new <b>form</b> & more"
    (tmp_path / "settings.yaml").write_text(
        f"recalculations:\n  patients_seen:\n    - {{month: 2022-01, reason: '{reason}'}}\n", encoding="utf-8"
    )
    monkeypatch.setenv("SYNAPSE_SETTINGS", str(tmp_path / "settings.yaml"))
    clinic = open_clinic(f"duckdb:///{odd.home}")
    answer: Any = analyses.control_chart(clinic, indicator="patients_seen", period="month")
    layout = control_chart.control_chart(answer, LIGHT)["layout"]
    assert reason in layout["title"]["subtitle"]["text"]
    assert any("new &lt;b&gt;form&lt;/b&gt; &amp; more" in str(note.get("hovertext")) for note in layout["annotations"])


def test_the_name_of_a_file_holds_the_codes() -> None:
    assert cohort_slug(Cohort(site=("__init__", "_a_"))) == "__init__-_a_"


@pytest.mark.parametrize("text", [":smile:", "[b]x[/b]", MARKUP])
def test_the_terminal_prints_as_written(text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse_analytics.terminal.WIDTH_OF_A_PIPE", 400)
    monkeypatch.setenv("COLUMNS", "400")
    write_rows([{"clinic": text}], Format.TABLE, text)
    note(text)
    written = capsys.readouterr()
    assert written.out.count(text) == 2
    assert text in written.err
