"""The page Data, a clinic's own files: drop, answer, count, load; refusals; a kept mapping; who may not load sees no place for files."""

from __future__ import annotations

import tempfile
import threading
from functools import partial, partialmethod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from synapse_analytics.intake import SECRET_FILE
from synapse_analytics.intake.disguise import stored_secret
from synapse_analytics.intake.mapping.leaves import Leaf
from synapse_analytics.store import list_generations
from synapse_analytics.store.alone import LOADING
from synapse_analytics.web.data import clinic_mapping, loading
from synapse_analytics.web.data.loading import OVER, STOPPED, wait_until_over
from tests.builders import person
from tests.pages.test_pages import ROOT, entered, said

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.slow]

REGISTER = """patient_id,patient_name,sex,age_years,first_visit_date,primary_diagnosis,site,clinician,status,red_flags
p1,Asha Planted,female,41,2025-01-06,herniated_disc,A,C1,in_treatment,no
p2,Ravi Planted,male,52,2025-02-03,zzqx,A,C1,in_treatment,no
p3,Mina Planted,female,63,2025-03-03,spinal_stenosis,B,C2,in_treatment,no
"""
SCORES = b"patient_id,score_date,odi\np1,2025-01-06,40\np2,2025-02-03,52\np3,2025-03-03,44\n"
TREATMENTS = b"patient_id,start_date,treatment\np1,2025-01-08,physical_therapy\np2,2025-02-05,epidural_steroid_injection\np3,2025-03-05,physical_therapy\n"
ANSWERS = {
    "Name of the clinic": "Drawn clinic",
    "Last month with complete data, such as 2026-06": "2025-12",
    "Who anonymises the data": "an analyst",
}
READY = "Anonymise, check and load"


@pytest.fixture
def home(own_log: Path) -> Path:
    return own_log


def opened() -> AppTest:
    at = entered("data")
    at.query_params["data_tab"] = "Your own files"
    return at.run()


def dropped(content: str | bytes = REGISTER, name: str = "register.csv") -> AppTest:
    at = opened()
    data = content.encode() if isinstance(content, str) else content
    files = {name: data} | ({"scores.csv": SCORES, "treatments.csv": TREATMENTS} if content is REGISTER else {})
    at.file_uploader(key="own_files_given").set_value([(file, held, "text/csv") for file, held in files.items()]).run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


def answered_top(at: AppTest) -> AppTest:
    for field in at.text_input:
        if field.label in ANSWERS:
            field.set_value(ANSWERS[field.label])
    return press(at, "Use these answers")


def answered(at: AppTest) -> AppTest:
    answered_top(at)
    next(box for box in at.selectbox if box.label == "zzqx").set_value("herniated_disc")
    return press(at, "Use these answers")


def asked_column(at: AppTest) -> Selectbox:
    return next(box for box in at.selectbox if box.label == "Which column, or the same for every row")


def can_load(at: AppTest) -> bool:
    return not next(button for button in at.button if button.label == READY).disabled


def files_of(home: Path) -> dict[str, bytes]:
    """The files of the store but its log, and the one that says when the last load began."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and "audit" not in path.name and path.name != LOADING]
    return {str(path): path.read_bytes() for path in files}


def stored(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def test_files_become_a_data_version_and_nobody_is_named(home: Path) -> None:
    at = dropped()
    assert "Answer 3 questions" in said(at)
    assert not can_load(at)
    answered(at)
    assert [done.value for done in at.success] == ["No question is open."]
    assert "9 rows were read, and all were kept." in said(at)
    assert can_load(at)
    before = len(list_generations())
    press(at, READY)
    assert not at.error
    assert any(done.value.startswith("Loaded as data version") for done in at.success)
    assert [(one.clinic, one.current) for one in list_generations()][0] == ("Drawn clinic", True)
    assert len(list_generations()) == before + 1
    assert "Download the report" in [button.label for button in at.get("download_button")]
    assert b"Planted" not in stored(home)


def test_a_field_that_was_not_found_is_in_a_column_or_the_same_for_every_row(home: Path) -> None:
    at = dropped(REGISTER.replace("red_flags", "danger").replace(",no\n", ",okay\n").replace("site", "zz"))
    boxes = [box for box in at.selectbox if box.label == asked_column(at).label]
    assert boxes[1].options[:3] == ["the same for every row: no", "the same for every row: yes", 'column "zz"']
    assert boxes[0].options[:2] == ['column "zz"', 'column "danger"']
    boxes[0].set_value(("zz",))
    boxes[1].set_value(("danger",))
    press(at, "Use these answers")
    next(box for box in at.selectbox if box.label == "okay").set_value("no")
    answered(at)
    assert can_load(at)


def test_the_scale_of_each_code_of_a_long_table_is_chosen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"p{one},2025-0{one}-06,VAS leg,{one}\n" for one in (1, 2, 3))
    monkeypatch.setitem(globals(), "SCORES", f"patient_id,score_date,instrument,value\n{rows}".encode())
    at = dropped()
    scale = next(box for box in at.selectbox if box.label == "VAS leg" and "0 to 100" in box.options)
    scale.set_value("0 | 100")
    press(at, "Use these answers")
    (value,) = [rule.fields["value"] for rule in at.session_state["own_files"].mapping.rows if rule.into == "scores"]
    assert (value.scales, value.ask) == ({"VAS leg": (0, 100)}, "")


def test_files_are_there_when_somebody_comes_back_until_they_are_removed(home: Path) -> None:
    at = answered(dropped())
    at.switch_page(str(ROOT / "pages" / "methods.py")).run()
    assert not at.get("file_uploader")
    at.switch_page(str(ROOT / "pages" / "data.py")).run()
    assert "In the memory of this session: register.csv, scores.csv, treatments.csv" in said(at)
    assert can_load(at)
    press(at, "Remove these files")
    assert "own_files" not in at.session_state
    assert at.file_uploader(key="own_files_given")
    assert READY not in {button.label for button in at.button}


def test_files_are_held_once_and_let_go_when_they_are_loaded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go: list[str] = []
    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", lambda _, session_id, file_id: let_go.append(file_id))
    at = answered(dropped())
    assert len(set(let_go)) == 3
    press(at, READY)
    assert at.session_state["own_files"].tables == ()
    assert "Download the report" in [button.label for button in at.get("download_button")]
    assert at.file_uploader(key="own_files_given")


def click_when(monkeypatch: pytest.MonkeyPatch, drawn: str) -> None:
    """A click on Cancel: Streamlit ends the run where this is drawn for the first time, in a bar of progress, or when a bar is taken away."""
    waiting = [drawn]
    real = {name: getattr(DeltaGenerator, name) for name in ("progress", "empty")}

    def draw(name: str, at: DeltaGenerator, *said: Any) -> Any:
        if waiting and str(said[-1] if said else name).startswith(waiting[0]):
            waiting.clear()
            st.rerun()
        return real[name](at, *said)

    for name in real:
        monkeypatch.setattr(DeltaGenerator, name, partialmethod(partial(draw, name)))


def test_a_cancel_leaves_everything_as_it_was_and_says_so(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at, scratch = answered(dropped()), tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    stored_secret(home / SECRET_FILE)
    before = files_of(home)
    for stage in ("Reading rows: 2", "Anonymising: 1", "Anonymising: 4", "Checking", "Storing", "Building", "Putting into use"):
        with monkeypatch.context() as clicking:
            click_when(clicking, stage)
            press(at, READY)
        assert [info.value for info in at.info] == [STOPPED], stage
        assert files_of(home) == before
        assert list(scratch.iterdir()) == []
        assert can_load(at)
    ways: list[str] = []
    monkeypatch.setattr(st, "page_link", lambda _page, label, **_more: ways.append(label))
    press(at, READY)
    assert ways[0] == "Cancel"  # it opens the page anew: a button of the part that is drawn alone would wait until the work is done
    assert ways[1:] == ["Look at the overview"]
    assert any(done.value.startswith("Loaded as data version") for done in at.success)


def test_the_run_after_a_cancel_waits_until_it_is_known_how_the_work_ended() -> None:
    ended: dict[str, Any] = {OVER: threading.Event()}
    threading.Timer(0.2, lambda: (ended.update(loaded="it was too late"), ended[OVER].set())).start()
    wait_until_over(ended)
    assert ended["loaded"] == "it was too late"


def test_a_cancel_that_comes_too_late_does_not_say_that_nothing_was_loaded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at, before = answered(dropped()), len(list_generations())
    with monkeypatch.context() as clicking:
        click_when(clicking, "empty")
        press(at, READY)
    assert len(list_generations()) == before + 1
    assert STOPPED not in {info.value for info in at.info}
    assert any(done.value.startswith("Loaded as data version") for done in at.success)
    assert at.session_state["own_files"].tables == ()
    assert "publish" in str(stored(home))


def test_a_kept_mapping_is_used_again_in_two_clicks(home: Path) -> None:
    at = answered(dropped())
    at.text_input(key="own_keep_name").set_value("register")
    press(at, "Keep it")
    assert b"Planted" not in stored(home)
    again = press(dropped(), "Use this mapping")
    assert can_load(again)


def test_a_wrong_answer_is_refused_in_words_and_the_question_stays(home: Path) -> None:
    at = dropped()
    for field in at.text_input:
        if field.label in ANSWERS:
            field.set_value(ANSWERS[field.label].replace("2025-12", "December"))
    press(at, "Use these answers")
    assert len(at.error) == 1
    assert "Answer 3 questions" in said(at)
    assert not can_load(at)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("page.csv", b"<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table></body></html>"), ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_sentence(home: Path, name: str, content: bytes) -> None:
    at = dropped(content, name)
    assert at.error[0].value == "The source cannot be read as it is. Nothing was written."
    assert READY not in {button.label for button in at.button}


def test_where_no_row_is_kept_the_page_says_so_and_nothing_can_be_loaded(home: Path) -> None:
    at = answered(dropped(REGISTER.replace("2025-", "2031-")))
    assert "nothing to load" in "".join(warning.value for warning in at.warning)
    assert not can_load(at)


def test_who_may_not_load_sees_no_place_for_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "person", lambda: person("lee", "doctor"))
    at = opened()
    assert not at.exception
    assert not at.get("file_uploader")


def test_a_wrong_answer_is_named_in_words_and_what_was_typed_beside_it_stays(home: Path) -> None:
    at = dropped()
    for field in at.text_input:
        if field.label in ANSWERS:
            field.set_value(ANSWERS[field.label].replace("2025-12", "December"))
    press(at, "Use these answers")
    assert at.error[0].value.endswith("this is not a month. Allowed: year and month, such as 2026-06.")
    assert "pattern" not in at.error[0].value
    assert "Drawn clinic" in [field.value for field in at.text_input]
    next(field for field in at.text_input if field.value == "December").set_value("2025-12")
    press(at, "Use these answers")
    assert not at.error


def test_whether_a_score_is_a_sum_or_percent_is_chosen_and_taken_as_its_scale(home: Path) -> None:
    at = dropped("patient_id,sex,age_years,first_visit_date,primary_diagnosis,site,clinician,status,red_flags,Baseline ODI\n"
                 "p1,female,41,2025-01-06,herniated_disc,A,C1,in_treatment,no,44\np2,male,52,2025-02-03,spinal_stenosis,A,C1,in_treatment,no,30\n")  # fmt: skip
    assert "Scores: Oswestry Disability Index, from column Baseline ODI of register.csv" in said(at)
    box = next(box for box in at.selectbox if box.label == "Lowest and highest value")
    assert box.options == ["0 to 50 for the sum of ten items", "0 to 100 for percent"]
    box.set_value("0 | 50")
    answered_top(at)
    scores = next(rule for rule in at.session_state["own_files"].mapping.rows if rule.into == "scores").scores["odi"]
    assert (scores.scale, scores.ask) == ((0, 50), "")


def test_empty_cells_of_the_first_rows_are_empty_and_no_word(home: Path) -> None:
    at = dropped(REGISTER.replace("Asha Planted", ""))
    first = next(table.value for table in at.dataframe if "patient_name" in table.value)
    assert list(first["patient_name"]) == ["", "Ravi Planted", "Mina Planted"]


def test_how_a_load_of_files_ended_is_not_told_a_second_time_beside_a_bundle(home: Path) -> None:
    at = press(answered(dropped()), READY)
    at.query_params["data_tab"] = "What is loaded"
    at.session_state["data_tab"] = "What is loaded"
    at.run()
    assert "Load another bundle" in said(at)
    assert not at.success


def test_a_mapping_without_a_name_is_not_kept_and_the_page_says_what_a_name_is(home: Path) -> None:
    at = press(dropped(), "Keep it")
    assert at.warning[0].value.startswith("A name of a mapping has 1 to 60 letters")


def test_who_types_the_name_of_a_column_means_the_column_and_no_number_or_date_can_be_typed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = dropped(REGISTER.replace("site", "Ward").replace("age_years", "zz"))
    asked = [box.proto.placeholder for box in at.selectbox if box.label == asked_column(at).label and box.proto.accept_new_options]
    assert asked == ["Choose a column, or type a text"]  # of the site; the age, which is asked as well, is in a column
    site = Leaf(("rows", 1, "fields", "site", "value"), "site", "?")
    monkeypatch.setattr(clinic_mapping, "st", SimpleNamespace(session_state={"own_question_0_0": "ward"}))
    used: list[dict[Any, Any]] = []
    clinic_mapping._answer([site], lambda _place: ["zz", "Ward"], used.append)
    assert used == [{("rows", 1, "fields", "site", "from"): ("Ward",)}]
