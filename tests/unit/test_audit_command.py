"""The command `audit`, for people and for machines; and what the commands that change something write into the log."""

from __future__ import annotations

import csv
import io
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.access import Person
from synapse_analytics.audit import chain
from tests.builders import person
from tests.unit.test_command_line import Run, run

__all__ = ["run"]
HALL, LEE = person("Dr Hall", "doctor"), person("Prof Lee", "leadership", "doctor")


def ask(home: Path, user: Person, cohort: str, n: int | None, **options: str | None) -> None:
    detail = {"answer": "overview", "options": options, "n": n, "generation": "g"} | ({"refused": True} if n is None else {})
    audit.append(audit.Event.QUESTION, user, audit.Subject(cohort, detail=detail), home=home)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four questions by two people, and another event."""
    ask(tmp_path, HALL, "sex=female", 969)
    ask(tmp_path, LEE, "sex=female&age_from=80", 19, by="diagnosis", index=None)
    audit.append(audit.Event.ACCESS_REFUSED, HALL, home=tmp_path)
    ask(tmp_path, HALL, "diagnosis=scoliosis", None)
    ask(tmp_path, HALL, "", 20)
    return tmp_path


def listed(run: Run, log: Path, *narrowed: str) -> list[dict[str, object]]:
    code, out, _ = run("audit", "questions", *narrowed, "--database", f"duckdb:///{log}", "--format", "json")
    assert code == 0
    return json.loads(out)


def test_who_asked_about_cohorts_under_20_patients(run: Run, log: Path) -> None:
    lee, hall = listed(run, log, "--under", "20")
    assert (lee["user"], lee["roles"], lee["n"], lee["refused"]) == ("Prof Lee", "doctor, leadership", 19, False)
    assert (lee["url"], lee["options"]) == ("sex=female&age_from=80", {"by": "diagnosis", "index": None})
    assert lee["cohort"] == "Women aged 80 or over"
    assert (hall["user"], hall["n"], hall["refused"]) == ("Dr Hall", None, True)


def test_questions_of_one_person_or_since_a_day(run: Run, log: Path) -> None:
    assert [row["n"] for row in listed(run, log)] == [969, 19, None, 20]
    assert [row["n"] for row in listed(run, log, "--user", "Prof Lee")] == [19]
    today = str(listed(run, log)[0]["at"])[:10]
    assert len(listed(run, log, "--since", today)) == 4
    assert listed(run, log, "--since", "2999-01-01") == []


def test_table_and_csv_say_1_to_4(run: Run, log: Path) -> None:
    for form in ("table", "csv"):
        out = run("audit", "questions", "--database", f"duckdb:///{log}", "--format", form)[1]
        assert "1 to 4" in out
        assert "by=diagnosis" in out
        assert "index" not in out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["n"] for row in rows] == ["969", "19", "1 to 4", "20"]
    assert list(rows[0]) == ["at", "user", "roles", "answer", "cohort", "url", "options", "n"]


def test_a_filter_of_another_version_is_told(run: Run, tmp_path: Path) -> None:
    ask(tmp_path, HALL, "sex=female&shoe_size=44", 30)
    assert listed(run, tmp_path)[0]["cohort"] == "Women (and a filter that this version of the program does not know)"


def test_no_questions_is_said(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("audit", "questions", "--database", f"duckdb:///{tmp_path}")
    assert (code, out.strip()) == (0, "Questions: nothing to show.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show",), "'show' is not an action. Allowed: verify, list, questions, export, settle."),
        (("verify", "--under", "20"), "'audit verify' does not take --under. Allowed with: audit questions."),
        (("verify", "--head", "nine"), "'nine' is not a last line. Allowed: its number and its chain"),
        (("list", "--event", "theft"), "'theft' is not an event. Allowed: start, stop,"),
        (("settle", "--reason", "no"), "There is nothing to settle"),
        (("questions", "--since", "yesterday"), "yesterday"),
        (("questions", "--under", "0"), "greater than or equal to 1"),
    ],
)
def test_wrong_use_is_a_sentence(arguments: tuple[str, ...], said: str, run: Run, log: Path) -> None:
    code, _, err = run("audit", *arguments, "--database", f"duckdb:///{log}")
    assert code == 1
    assert said in " ".join(err.split())


def test_a_question_of_the_command_line_is_logged(run: Run, sample_store: str) -> None:
    home = Path(sample_store.removeprefix("duckdb:///"))
    assert run("answer", "overview", "--cohort", "sex=female", "--database", sample_store, "--format", "json")[0] == 0
    assert run("cohort", "sex=male", "--database", sample_store)[0] == 0
    assert audit.flush()
    found = list(audit.questions(home, user="command line"))[-2:]
    assert [(question.answer, question.cohort) for question in found] == [("overview", "sex=female"), ("attrition", "sex=male")]


@pytest.fixture
def small(run: Run, tmp_path: Path) -> Path:
    """A bundle of twenty patients."""
    assert run("generate", tmp_path / "small", "--patients", "20")[0] == 0
    return tmp_path / "small"


def said(home: Path) -> list[str]:
    return [line.event for line in audit.search(home) if line.event != "question"]


def test_a_deed_is_logged_before_and_after(run: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    store = tmp_path / "store"
    of = ("--database", f"duckdb:///{store}")
    assert run("load", tmp_path / "bundle", *of)[0] == 2
    assert run("load", tmp_path / "none", *of)[0] != 0
    assert said(store) == ["load_asked", "load_refused"] * 2
    assert run("load", small, *of)[0] == 0
    assert run("load", small, *of)[0] == 0
    assert said(store)[4:] == ["load_asked", "publish_asked", "publish"] * 2
    first, second = [line.detail["generation"] for line in audit.search(store, event=audit.Event.PUBLISH)]
    assert run("generations", "use", first, *of)[0] == 0
    assert run("generations", "remove", second, *of)[0] == 0
    assert run("generations", "use", "Mrs Doe", *of)[0] == 1
    changes = ["generation_use_asked", "generation_used", "generation_remove_asked", "generation_removed"]
    assert said(store)[10:] == changes
    assert run("audit", "verify", *of)[0] == 0


def test_a_file_that_leaves_is_logged(run: Run, sample_store: str, tmp_path: Path) -> None:
    of, home = ("--database", sample_store), Path(sample_store.removeprefix("duckdb:///"))
    before = len(said(home))
    assert run("answer", "overview", "--out", tmp_path / "a.csv", *of)[0] == 0
    assert run("report", tmp_path / "r.html", *of)[0] == 0
    assert run("cohort", "sex=female", "--save", "Mrs Doe", *of)[0] == 0
    (home / "cohorts.yaml").unlink()  # other tests share the store
    expected = ["download", "report_asked", "report", "cohort_save_asked", "cohort_saved"]
    assert said(home)[before:] == expected
    lines = audit.search(home)
    (download,) = [line for line in lines if line.event == "download"][-1:]
    assert download.sha256 == sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert "Doe" not in str(lines)


def test_lines_are_listed_for_people_and_programs(run: Run, log: Path) -> None:
    of = ("--database", f"duckdb:///{log}")
    code, out, _ = run("audit", "list", "--user", "Dr Hall", "--event", "access_refused", *of, "--format", "json")
    (line,) = json.loads(out)
    assert (code, line["number"], line["event"], line["detail"]) == (0, 3, "access_refused", {})
    out = run("audit", "list", "--text", "scoliosis", *of)[1]
    assert "refused: True" in " ".join(out.split())
    assert json.loads(run("audit", "list", "--until", "2000-01-01", *of, "--format", "json")[1]) == []


def test_the_last_line_is_printed_and_compared(run: Run, log: Path) -> None:
    of = ("--database", f"duckdb:///{log}")
    code, _, err = run("audit", "verify", *of)
    (head,) = re.findall(r'"(5 [0-9a-f]{64})"', " ".join(err.split()).replace('" 5', '"5'))
    assert (code, "it knows line 5" in " ".join(err.split())) == (0, True)
    assert run("audit", "verify", "--head", head, *of)[0] == 0
    code, _, err = run("audit", "verify", "--head", f"6 {head[2:]}", *of)
    assert (code, "line 6 is not there as it was noted" in " ".join(err.split())) == (1, True)


def test_a_log_that_was_removed_is_found_and_settled(run: Run, log: Path) -> None:
    of = ("--database", f"duckdb:///{log}")
    for name in (audit.DATABASE, audit.HEAD):
        (log / name).unlink()
    code, _, err = run("audit", "verify", *of)
    assert (code, "'audit.sqlite' and 'audit.head' are missing" in " ".join(err.split())) == (1, True)
    assert "audit settle --reason TEXT" in " ".join(err.split())
    assert run("audit", "settle", *of)[0] == 1  # without a reason
    assert run("audit", "settle", "--reason", "the disk was exchanged", *of)[0] == 0
    code, _, err = run("audit", "verify", *of)
    assert (code, "Reason: the disk was exchanged" in " ".join(err.split())) == (0, True)


def test_a_folder_without_a_log_is_said(run: Run, tmp_path: Path) -> None:
    code, _, err = run("audit", "verify", "--database", f"duckdb:///{tmp_path / 'none'}")
    assert (code, "There is no audit log in" in err) == (0, True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("action", ["verify", "list", "export", "questions"])
def test_a_log_that_may_not_be_read_is_said(action: str, run: Run, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(chain, "reader", refuse)
    code, _, err = run("audit", action, "--database", f"duckdb:///{log}")
    assert (code, "cannot be read" in " ".join(err.split()), "Traceback" in err) == (1, True, False)


def test_a_load_that_cannot_be_logged_is_none(run: Run, tmp_path: Path) -> None:
    assert run("generate", tmp_path / "small", "--patients", "20")[0] == 0
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    (store / audit.DATABASE).mkdir()
    code, _, err = run("load", tmp_path / "small", "--database", f"duckdb:///{store}")
    assert code == 1
    assert "Nothing was loaded: the audit log" in " ".join(err.split())
    assert not (store / "generations").exists()
