"""The commands draft-mapping and anonymise: what they say, write and log; a fault shows no value, a URL no password."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synapse_analytics import audit
from synapse_analytics.commands import intake as commands
from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.address import PASSWORD, source_from, spoken_source
from synapse_analytics.intake.mapping.reading import read_mapping
from synapse_analytics.intake.raw import RawTable
from tests.unit.test_command_line import Run, run
from tests.unit.test_intake_report import ACCOUNT

__all__ = ["run"]  # the fixture

VALUE = "Asha Verma 9876543210"
TABLE = RawTable("visits.csv", "visits.csv", pa.table({"MRN": ["A"], "ODI": ["12"]}), np.array([2]), how="Separated by ;")
DRAFT = SimpleNamespace(source="files", rows=(SimpleNamespace(fields={"sex": 1}, scores={"odi": 1}),))
QUESTION = SimpleNamespace(words=lambda: "Which day is day 0?")


@dataclass
class Options:
    secret: bytes
    link_table: Path | None
    progress: Callable[..., None]


class StandIns:
    """The parts of the intake as the commands see them; `asked` holds what they were given."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.questions: list[Any] = []
        self.account = ACCOUNT
        self.fault: BaseException | None = None

    def part(self, name: str) -> Any:
        return {
            "sources": SimpleNamespace(read_source=self.read, kind_of=lambda _source: "files"),
            "draft": SimpleNamespace(draft_mapping=lambda tables, source: DRAFT, note_on_months=lambda mapping, tables, day: ""),
            "mapping.reading": SimpleNamespace(read_mapping=lambda path: DRAFT, open_questions=lambda mapping: self.questions),
            "mapping.writing": SimpleNamespace(to_yaml=lambda mapping, on_months: "format: synapse-mapping/1\n"),
            "anonymise": SimpleNamespace(stop_at_questions=self.stop, anonymise=self.anonymise, Options=Options),
            "disguise": SimpleNamespace(fresh_secret=lambda: b"fresh", stored_secret=lambda path: str(path).encode()),
        }[name]

    def stop(self, _mapping: Any) -> None:
        if self.questions:
            raise IntakeRefused("The mapping has open questions.\n\nWhich day is day 0?", self.questions)

    def read(self, source: Any, readings: Any, progress: Any) -> list[RawTable]:
        self.asked["source"] = source
        if self.fault:
            raise self.fault
        progress("Reading", 1, 1)
        return [TABLE]

    def anonymise(self, source: Any, mapping: Any, out: Path, options: Options) -> Any:
        self.read(source, {}, options.progress)
        self.asked |= {"secret": options.secret, "link_table": options.link_table}
        out.mkdir(exist_ok=True)
        return self.account


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIns:
    found = StandIns()
    monkeypatch.setattr(commands, "_part", found.part)
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "20000")
    monkeypatch.delenv(PASSWORD, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return found


ANONYMISE = ("anonymise", "visits.csv", "--mapping", "mapping.yaml", "--out", "bundle")
DRAFTING = ("draft-mapping", "visits.csv", "--out", "mapping.yaml")


def logged(tmp_path: Path, event: audit.Event) -> list[dict[str, Any]]:
    return [dict(line) | {"detail": json.loads(line["detail"])} for line in audit.lines(tmp_path / "home", event)]


def test_a_draft_says_what_it_found_and_what_comes_next(run: Run, parts: StandIns, tmp_path: Path) -> None:
    parts.questions = [QUESTION]
    code, out, err = run(*DRAFTING)
    assert code == 0
    assert all(part in out for part in ("visits.csv", "Separated by ;"))
    assert "2 fields are proposed, 1 question open." in err
    assert "python -m synapse_analytics anonymise visits.csv --mapping mapping.yaml --out bundle" in err
    assert Path("mapping.yaml").read_text() == "format: synapse-mapping/1\n"
    (line,) = logged(tmp_path, audit.Event.DRAFT_MAPPING)
    assert (line["rows"], line["detail"]) == (1, {"source": "files", "tables": 1, "fields": 2, "questions": 1})


def test_something_said_of_a_file_that_is_not_there_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "home"))
    Path("visits.csv").write_text("MRN,ODI\n1,20\n2,30\n", encoding="utf-8")
    Path("files.yaml").write_text(f"files: {{{VALUE}: {{header: 1}}}}\n", encoding="utf-8")
    code, _, err = run(*DRAFTING, "--files", "files.yaml")
    assert code == 2
    assert "files: there is no file 'As" in err
    assert "Allowed: visits.csv." in err
    assert "Verma" not in err
    assert not Path("mapping.yaml").exists()


def test_answers_are_not_written_over(run: Run, parts: StandIns) -> None:
    Path("mapping.yaml").write_text("my answers")
    code, _, err = run(*DRAFTING)
    assert (code, "--replace" in err, Path("mapping.yaml").read_text()) == (1, True, "my answers")
    assert run(*DRAFTING, "--replace")[0] == 0
    assert Path("mapping.yaml").read_text().startswith("format")


def test_a_bundle_is_told_table_by_table(run: Run, parts: StandIns, tmp_path: Path) -> None:
    code, out, err = run(*ANONYMISE, "--report", "report.html", "--link-table", "who.csv")
    assert code == 0
    assert [cell for cell in ("12,400", "11,871", "310", "219") if cell not in out] == []
    assert "12,431 rows were read" in err
    assert "python -m synapse_analytics load bundle" in err
    assert Path("report.html").read_text().startswith("<!DOCTYPE html>")
    assert json.loads(Path("report.json").read_text())["format"] == "synapse-account/1"
    assert parts.asked["link_table"] == Path("who.csv")
    (line,) = logged(tmp_path, audit.Event.ANONYMISE)
    counts = {"accepted": True, "kept": 11_902, "merged": 310, "left_out": 219}
    assert line["rows"] == 12_431
    assert line["detail"] == counts | {"source": "files", "tables": 2, "link_table": True, "ids": "same"}
    assert "who.csv" not in json.dumps(line)


def test_a_report_may_be_json_alone(run: Run, parts: StandIns) -> None:
    assert run(*ANONYMISE, "--report", "r.json")[0] == 0
    assert sorted(path.name for path in Path().iterdir()) == ["bundle", "r.json"]


def test_the_account_is_for_programs_too(run: Run, parts: StandIns) -> None:
    code, out, _ = run(*ANONYMISE, "--format", "json")
    assert (code, json.loads(out)["records"]["scores.csv"]) == (0, 23_742)


def test_ids_are_the_same_or_fresh(run: Run, parts: StandIns, tmp_path: Path) -> None:
    secrets = []
    for more in ((), (), ("--ids", "fresh")):
        assert run(*ANONYMISE, *more)[0] == 0
        secrets.append(parts.asked["secret"])
    kept = str(tmp_path / "home" / "surrogates.key").encode()
    assert secrets == [kept, kept, b"fresh"]


def test_open_questions_stop_it(run: Run, parts: StandIns, tmp_path: Path) -> None:
    parts.questions = [QUESTION]
    code, out, err = run(*ANONYMISE, "--report", "report.html")
    assert (code, out) == (2, "")
    assert "Which day is day 0?" in err
    assert list(Path().iterdir()) == []
    assert [line["detail"] for line in logged(tmp_path, audit.Event.ANONYMISE)] == [{"accepted": False, "faults": 1}]


def test_an_account_that_does_not_add_up_is_no_report(run: Run, parts: StandIns) -> None:
    (first, *others) = ACCOUNT.tables
    parts.account = replace(ACCOUNT, tables=(replace(first, kept=1), *others))
    code, _, err = run(*ANONYMISE, "--report", "report.html")
    assert code == 1
    assert "do not use the bundle" in err
    assert not Path("report.html").exists()


@pytest.mark.parametrize("words", [DRAFTING, ANONYMISE])
@pytest.mark.parametrize(
    "fault",
    [
        ValueError(VALUE),
        KeyError(VALUE),
        pa.ArrowInvalid(VALUE),
        OSError(VALUE),
        RecursionError(VALUE),
        UnicodeEncodeError("ascii", VALUE, 0, 1, VALUE),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_shows_no_value(run: Run, parts: StandIns, words: tuple[str, ...], fault: Exception, tmp_path: Path) -> None:
    fault.__cause__ = ValueError(VALUE)
    parts.fault = fault
    code, out, err = run(*words)
    assert code == 1
    assert f"A fault of this program stopped the work: {type(fault).__name__} in commands.intake, line " in err
    assert not any(word in out + err for word in VALUE.split())
    assert "Traceback" not in err
    assert list(Path().iterdir()) == []


def test_a_fault_of_the_system_is_told_as_everywhere(run: Run, parts: StandIns) -> None:
    parts.fault = OSError(28, "No space left on device")
    code, _, err = run(*ANONYMISE)
    assert (code, "No space left on device" in err) == (1, True)


SECRET = "s3cr3t"  # noqa: S105
URL = f"postgresql+psycopg://ana:{SECRET}@db.example:5432/warehouse?sslpassword={SECRET}"


@pytest.mark.parametrize("words", [DRAFTING, ANONYMISE])
@pytest.mark.parametrize("fault", [None, ValueError(URL)])
def test_a_password_is_read_and_never_said(
    run: Run, parts: StandIns, words: tuple[str, ...], fault: Exception | None, tmp_path: Path
) -> None:
    parts.fault = fault
    _, out, err = run(words[0], URL, *words[2:])
    assert parts.asked["source"] == URL
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET not in out + err
    assert SECRET.encode() not in kept


@pytest.mark.parametrize(
    "words",
    [
        ("draft-mapping", "a.csv", URL, "--out", "m.yaml"),
        ("draft-mapping", f"://ana:{SECRET}@db", "--out", "m.yaml"),
        ("draft-mapping", "a.csv", "--out", URL),
    ],
)
def test_a_password_in_the_wrong_place_is_not_repeated(run: Run, parts: StandIns, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert code == 1
    assert SECRET not in out + err


def test_the_password_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "p@ss/word")
    assert source_from("postgresql+psycopg://ana@db/warehouse") == "postgresql+psycopg://ana:p%40ss%2Fword@db/warehouse"
    assert source_from("postgresql+psycopg://ana:own@db/warehouse") == "postgresql+psycopg://ana:own@db/warehouse"
    assert source_from("visits.csv") == Path("visits.csv")
    assert spoken_source(URL) == "postgresql+psycopg://db.example:5432/warehouse"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("draft-mapping", "", "--out", "m.yaml"), "The source is empty."),
        (("draft-mapping", "://", "--out", "m.yaml"), "The URL of the database cannot be read."),
        (("draft-mapping", "visits.csv"), "Missing option '--out'."),
        (("draft-mapping", "visits.csv", "--out", "nowhere/m.yaml"), "There is no folder 'nowhere'."),
        ((*ANONYMISE, "--report", "report.txt"), "Allowed endings: .html (with the .json beside it), .json."),
        ((*ANONYMISE, "--report", "bundle/report.html"), "Name a path outside the bundle."),
        ((*ANONYMISE, "--report", "nowhere/report.html"), "There is no folder 'nowhere'."),
        ((*ANONYMISE, "--ids", "old"), "'old' is not one of 'same', 'fresh'."),
        (("anonymise", "visits.csv", "--out", "bundle"), "Missing option '--mapping'."),
    ],
)
def test_a_wrong_argument_gets_a_sentence(run: Run, parts: StandIns, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert said in err
    assert list(Path().iterdir()) == []


def test_what_a_fault_says_to_write_under_files_helps_the_draft(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A header of two rows that is in doubt: without a mapping there is no other place to say it."""
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "20000")
    monkeypatch.chdir(tmp_path)
    Path("visits.csv").write_text(",Baseline,,6 weeks,\nMRN,ODI,VAS,ODI,Remarks\n" + "p1,40,7,20,x\np2,50,8,30,y\n")
    code, _, err = run(*DRAFTING)
    assert (code, "header_rows: 2" in err) == (2, True)
    Path("files.yaml").write_text("files:\n  visits.csv: {header: 2, header_rows: 2}\n")
    code, out, _ = run(*DRAFTING, "--files", "files.yaml")
    assert (code, "a header of two rows" in out) == (0, True)
    drafted = read_mapping(Path("mapping.yaml"))
    assert drafted.files["visits.csv"].header_rows == 2
    assert "6 weeks ODI" in {column for rule in drafted.rows for one in rule.scores.values() for column in one.columns}
    Path("files.yaml").write_text("fils: {}\n")
    code, _, err = run(*DRAFTING, "--replace", "--files", "files.yaml")
    assert (code, "files: this key is missing." in err) == (2, True)
