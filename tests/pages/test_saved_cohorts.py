"""Saved cohorts on the pages: save, open with what has changed, load a file, remove; and every refusal in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import audit
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import Saved, SavedCohort, to_yaml
from synapse_analytics.cohort.saved_file import save_cohorts, saved_cohorts
from tests.builders import person
from tests.pages.test_pages import open_page, said, small_cohort

WOMEN = Cohort(sex=("female",))
OLD = "20200101T000000000000-00000000"
THEN = Saved(date(2026, 11, 2), OLD, 900, "clinic")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def home(sample_store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of the sample store; what a test saves there is taken away again."""
    folder = Path(sample_store.removeprefix("duckdb:///"))
    monkeypatch.setenv("SYNAPSE_HOME", str(folder))
    yield folder
    for name in ("cohorts.yaml", "cohorts.lock"):
        (folder / name).unlink(missing_ok=True)


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.sidebar.button if button.label == label).click().run()
    assert not at.exception
    return at


def save(at: AppTest, name: str) -> AppTest:
    at.sidebar.text_input(key="saved_name").set_value(name)
    return press(at, "Save")


def told(at: AppTest) -> str:
    return "\n".join(element.value for kind in (at.sidebar.success, at.sidebar.warning) for element in kind)


def notice(at: AppTest) -> str:
    return "\n".join(info.value for info in at.main.info if info.icon == ":material/bookmark:")


def test_cohort_is_saved_and_opened() -> None:
    at = save(open_page("diagnoses", {"sex": ["female"]}), "Women [all]")
    assert "Saved as 'Women \\[all\\]'." in told(at)
    assert at.sidebar.text_input(key="saved_name").value == ""
    assert saved_cohorts()["Women [all]"].cohort == WOMEN
    assert notice(at) == ""
    at = press(open_page("diagnoses"), "Open")
    assert at.session_state["sex"] == ["female"]
    assert "**Women**" in said(at)
    assert notice(at).startswith("**Women \\[all\\].** Saved on ")
    assert notice(at).endswith(" patients. Nothing has changed since.")


def test_notice_goes_with_the_filters(home: Path) -> None:
    save_cohorts({"Women": SavedCohort(WOMEN, THEN)}, home)
    at = press(open_page("diagnoses"), "Open")
    assert "Saved on 2026-11-02 with 900 patients. Since then newer data were loaded" in notice(at)
    at.multiselect(key="pick_diagnosis").select("spinal_stenosis").run()
    assert notice(at) == ""
    at.multiselect(key="pick_diagnosis").unselect("spinal_stenosis").run()
    assert notice(at) == ""


def test_lost_filters_are_told(home: Path) -> None:
    save_cohorts({"East": SavedCohort(Cohort(sex=("female",), site=("EAST9",)), THEN)}, home)
    at = press(open_page("diagnoses"), "Open")
    assert "'EAST9' is not known here. The numbers are therefore not compared" in notice(at)
    assert "900" not in notice(at)


def test_small_cohort_is_saved_without_its_count(sample_clinic: Any) -> None:
    at = save(open_page("diagnoses", small_cohort(sample_clinic)), "Few")
    assert "Saved as" in told(at)
    entry = saved_cohorts()["Few"]
    assert entry.saved is not None
    assert entry.saved.patients is None
    assert notice(press(at, "Open")).endswith("Nothing has changed since.")


def test_refusals_are_told(home: Path) -> None:
    save_cohorts({"Women": SavedCohort(WOMEN, THEN)}, home)
    assert "There is already a saved cohort 'Women'. Remove it first" in told(save(open_page("diagnoses"), "Women"))
    assert "A saved cohort needs a name" in told(save(open_page("diagnoses"), "  "))
    (home / "cohorts.yaml").write_text("a: 3", encoding="utf-8")
    at = open_page("diagnoses")
    assert not at.exception
    assert "Correct the file or move it away" in told(at)


def test_forbidden_filters_are_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    at = save(open_page("diagnoses", {"smoker": ["yes"]}), "Smokers")
    assert "does not allow this filter: Smoker (smoker)" in told(at)
    assert saved_cohorts() == {}


def test_removed_is_gone(home: Path) -> None:
    save_cohorts({"Women": SavedCohort(WOMEN, THEN)}, home)
    at = press(open_page("diagnoses"), "Remove")
    assert list(saved_cohorts()) == ["Women"]
    assert "Removed 'Women'" in told(press(at, "Remove for everybody"))
    assert saved_cohorts() == {}


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (b"Women: {sex: [female]}", "Loaded: Women."),
        (to_yaml({"A": SavedCohort(WOMEN, THEN), "B": SavedCohort(Cohort())}).encode(), "Loaded: A, B."),
        (b"Taken: {sex: [male]}", "There is already a saved cohort 'Taken'"),
        (b"Women: {colour: red}", "unknown filters: colour"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"a: {sex: [" + b"x" * 5_000 + b"]}", "xxx ..."),
        (b"{}", "no cohort was in the file"),
    ],
)
def test_file_is_loaded(home: Path, content: bytes, answer: str) -> None:
    save_cohorts({"Taken": SavedCohort(WOMEN, THEN)}, home)
    at = open_page("diagnoses")
    at.sidebar.file_uploader(key="saved_upload").upload("cohorts.yaml", content, "application/yaml").run()
    assert not at.exception
    assert answer in told(at)
    assert len(told(at)) < 1_000


def test_taken_away_number_is_of_the_policy_in_force(home: Path) -> None:
    from synapse_analytics.cohort.saved import to_share

    entry = SavedCohort(WOMEN, replace(THEN, policy="clinic"))
    save_cohorts({"Women": entry}, home)
    assert "900" not in to_yaml({"Women": to_share(saved_cohorts(home)["Women"], "publish")})


def test_removal_is_forgotten_when_something_else_is_done(home: Path) -> None:
    save_cohorts({"Women": SavedCohort(WOMEN, THEN)}, home)
    at = press(press(open_page("diagnoses"), "Remove"), "Open")
    assert "Remove for everybody" not in {button.label for button in at.sidebar.button}


def test_nobody_without_a_role_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics.web import saved_cohorts as part

    monkeypatch.setattr(part, "person", lambda: person("somebody"))
    assert "saved_name" not in {box.key for box in open_page("diagnoses").sidebar.text_input}


# --- the log ------------------------------------------------------------------------------------------------------


def lines(home: Path) -> list[tuple[str, str | None, dict[str, Any]]]:
    return [(line.event, line.cohort, dict(line.detail)) for line in audit.search(home) if line.event.startswith("cohort_")]


def test_saving_and_removing_are_logged_without_the_name(own_log: Path) -> None:
    at = save(open_page("diagnoses", {"sex": ["female"]}), "Mrs Example")
    about = ("sex=female", {"letters_of_name": 11})
    assert lines(own_log) == [("cohort_save_asked", *about), ("cohort_saved", *about)]
    press(press(at, "Remove"), "Remove for everybody")
    assert lines(own_log)[2:] == [("cohort_remove_asked", *about), ("cohort_removed", *about)]
    assert not audit.search(own_log, text="Example")


def test_each_cohort_of_a_file_is_logged(own_log: Path) -> None:
    content = to_yaml({"A": SavedCohort(WOMEN, THEN), "Bc": SavedCohort(Cohort())}).encode()
    open_page("diagnoses").sidebar.file_uploader(key="saved_upload").upload("cohorts.yaml", content, "application/yaml").run()
    assert lines(own_log) == [
        ("cohort_save_asked", None, {"cohorts": 2}),
        ("cohort_saved", "sex=female", {"letters_of_name": 1}),
        ("cohort_saved", "", {"letters_of_name": 2}),
    ]


def test_what_cannot_be_logged_is_not_saved(own_log: Path) -> None:
    (own_log / audit.HEAD).unlink(missing_ok=True)
    (own_log / audit.HEAD).mkdir()
    at = save(open_page("diagnoses"), "Mine")
    assert "Nothing was done: the audit log" in told(at)
    assert saved_cohorts(own_log) == {}


def test_a_refused_one_is_not_said_to_be_saved(own_log: Path) -> None:
    save_cohorts({"Women": SavedCohort(WOMEN, THEN)}, own_log)
    save(open_page("diagnoses"), "Women")
    assert [event for event, *_ in lines(own_log)] == ["cohort_save_asked"]


def test_a_cohort_that_is_taken_away_is_logged(own_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from synapse_analytics.web import saved_cohorts as part

    entry = SavedCohort(WOMEN, THEN)
    assert b"Mrs Example" in part._taken("Mrs Example", entry)()
    (line,) = audit.search(own_log, event=audit.Event.DOWNLOAD)
    assert (line.cohort, line.detail["answer"]) == ("sex=female", "saved_cohort")
    assert not audit.search(own_log, text="Example")
