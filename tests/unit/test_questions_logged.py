"""Every question under the policy `clinic` is a line of the audit log, whoever asks and however the answer is got."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses, audit
from synapse_analytics.analyses import registry
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed, StoreError, UsageError
from tests.builders import person
from tests.twins.open_policy import changed

HALL = person("Dr Hall", "doctor")
WOMEN = Cohort(sex=("female",))


@pytest.fixture
def clinic(sample_clinic: Clinic, tmp_path: Path) -> Clinic:
    """The sample data, asked by Dr Hall, with an audit log of its own."""
    (tmp_path / "home").mkdir()
    return changed(sample_clinic, home=tmp_path / "home", asker=HALL)


def strict(clinic: Clinic, home: Path | None = None) -> Clinic:
    """The same clinic where a question that cannot be logged is not answered."""
    return changed(clinic, home=home or clinic.home, settings=replace(clinic.settings, questions_must_be_logged=True))


def logged(clinic: Clinic) -> list[dict[str, Any]]:
    assert audit.flush()
    assert audit.verify(clinic.home).problem is None
    return [line | {"detail": json.loads(line["detail"])} for line in audit.lines(clinic.home)]


def small_cohort(clinic: Clinic) -> Cohort:
    """A cohort of 1 to 4 patients."""
    for age in range(18, 91):
        asked = Cohort(diagnosis=("piriformis_syndrome",), age_from=age, age_to=age)
        if analyses.attrition(clinic, asked).refused:
            return asked
    raise AssertionError("the sample has no small cohort")


def test_a_line_says_who_asked_what_about_whom(clinic: Clinic) -> None:
    answered = analyses.responders(clinic, WOMEN, by="diagnosis")
    (line,) = logged(clinic)
    assert (line["event"], line["user"], line["roles"], line["cohort"]) == ("question", "Dr Hall", "doctor", "sex=female")
    assert (line["rows"], line["sha256"]) == (None, None)
    assert line["detail"] == {
        "answer": "responders",
        "options": {"by": "diagnosis", "index": "first_visit", "instrument": "nrs_pain", "month": 12, "preset": "nrs_2"},
        "n": answered.n,
        "generation": clinic.generation.id,
    }


@pytest.mark.slow
def test_every_answer_is_logged_once(clinic: Clinic) -> None:
    """The guard: an analysis that is registered is logged, also one that uses what another one uses."""
    for name in analyses.answers():
        analyses.answer(clinic, name, WOMEN)
    assert [line["detail"]["answer"] for line in logged(clinic)] == list(analyses.answers())


@pytest.mark.slow
def test_the_log_switched_off_is_noticed(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard above can fail: without the logging call there is no line."""
    monkeypatch.setattr(registry, "_log", lambda *_: None)
    with pytest.raises(AssertionError):
        test_every_answer_is_logged_once(clinic)


def test_a_kept_answer_is_logged_for_whoever_asks(clinic: Clinic) -> None:
    kept = analyses.overview(clinic, WOMEN)
    second = changed(clinic, asker=person("Prof Lee", "leadership"))
    assert analyses.answer(second, "overview", WOMEN, lambda _compute: kept) is kept
    assert [(line["user"], line["detail"]["answer"]) for line in logged(clinic)] == [("Dr Hall", "overview"), ("Prof Lee", "overview")]


def test_what_is_shown_is_what_is_logged(clinic: Clinic) -> None:
    """A memory that gives back another answer than the one asked for does not hide it from the log."""
    other = analyses.overview(clinic.under("publish"), WOMEN)
    men = analyses.overview(clinic, Cohort(sex=("male",)))
    analyses.answer(clinic, "attrition", WOMEN, lambda _compute: men)
    analyses.answer(clinic, "attrition", WOMEN, lambda _compute: other)
    assert [(line["cohort"], line["detail"]["answer"]) for line in logged(clinic)] == [("sex=male", "overview")] * 2


def test_a_small_cohort_is_logged_without_its_size(clinic: Clinic) -> None:
    asked = small_cohort(clinic)
    line = logged(clinic)[-1]
    assert (line["cohort"], line["detail"]["n"], line["detail"]["refused"]) == (asked.url(), None, True)


def test_what_leaves_needs_no_line(clinic: Clinic) -> None:
    analyses.overview(clinic.under("publish"), WOMEN)
    assert logged(clinic) == []


def test_what_was_not_answered_is_not_logged(clinic: Clinic) -> None:
    with pytest.raises(UsageError):
        analyses.answer(clinic, "overview", WOMEN, None, nonsense="x")
    with pytest.raises(UsageError, match="no option recall"):
        analyses.answer(clinic, "overview", WOMEN, None, recall="x")
    with pytest.raises(NotAllowed):
        analyses.overview(clinic.under("publish"), Cohort(clinician=("c01",)))
    assert logged(clinic) == []


@pytest.mark.slow
def test_the_log_holds_codes_and_counts_only(clinic: Clinic) -> None:
    """No sentence, no label, no value of an answer: apart from names every text is a code, a month or a URL of them."""
    for name in analyses.answers():
        analyses.answer(clinic, name, Cohort(diagnosis=("spinal_stenosis", "herniated_disc"), month_from="2023-01"))
    for line in logged(clinic):
        assert set(line["detail"]) == {"answer", "options", "n", "generation"}
        values = [line["detail"]["answer"], *line["detail"]["options"].values()]
        assert all(value is None or isinstance(value, int) or re.fullmatch(r"[a-z0-9_]+", value) for value in values), line
        assert re.fullmatch(r"[A-Za-z0-9_=&.%-]*", line["cohort"])


def test_what_describes_one_patient_is_not_logged(clinic: Clinic) -> None:
    """Who asks for patients like theirs has one before them, whom nobody may find in a log."""
    theirs = {"age": "61", "sex": "male", "diagnosis": "spinal_stenosis", "pain": "9", "symptom_weeks": "33"}
    released = analyses.patients_like_mine(clinic, WOMEN, **theirs, width="1.5")
    (line,) = logged(clinic)
    assert line["detail"]["options"] == dict.fromkeys(theirs, "given") | {"odi": None, "bmi": None, "smoker": None, "width": 1.5}
    assert analyses.options_to_log(released) == line["detail"]["options"]
    assert released.options["age"] == "61"  # the answer itself says of whom it is


def test_other_lines_come_after_the_questions_before_them(clinic: Clinic) -> None:
    analyses.overview(clinic, WOMEN)
    audit.append(audit.Event.EXPORT_ASKED, HALL, home=clinic.home)
    analyses.attrition(clinic, WOMEN)
    audit.append(audit.Event.EXPORT_FINISHED, HALL, home=clinic.home)
    events = [line["event"] for line in audit.lines(clinic.home)]
    assert events == ["question", "export_asked", "question", "export_finished"]
    assert audit.verify(clinic.home).problem is None


# --- where a question must be logged ------------------------------------------------------------------------------------


def test_strict_question_is_on_disk_before_it_is_answered(clinic: Clinic) -> None:
    analyses.overview(strict(clinic), WOMEN)
    assert len(list(audit.lines(clinic.home))) == 1


def test_strict_question_that_cannot_be_logged_is_not_answered(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")
    asked = strict(clinic, tmp_path / "blocked")
    kept = analyses.overview(clinic, WOMEN)
    for recall in (None, lambda _compute: kept):
        with pytest.raises(StoreError, match="^Nothing is answered, because a question must be logged first: the audit log"):
            analyses.answer(asked, "overview", WOMEN, recall)
    assert analyses.overview(asked.under("publish"), WOMEN).n is not None


def test_refused_strict_question_is_not_logged_later(clinic: Clinic, tmp_path: Path) -> None:
    place = tmp_path / "blocked"
    place.write_text("")
    asked = strict(clinic, place)
    with pytest.raises(StoreError):
        analyses.overview(asked, WOMEN)
    place.unlink()
    analyses.attrition(asked, WOMEN)
    assert [line["detail"]["answer"] for line in logged(asked)] == ["attrition"]


def test_lenient_question_is_answered_and_told_once(clinic: Clinic, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = tmp_path / "blocked"
    place.write_text("")
    asked = changed(clinic, home=place)
    for _ in range(3):
        assert analyses.overview(asked, WOMEN).n
        assert not audit.flush()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "sex" not in caplog.text
    place.unlink()
    place.mkdir()
    assert len(logged(asked)) == 3
