"""The page of an empty store: one click to the sample or to a question, one's own bundle, and the commands where a click may not load."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
import typer
from streamlit.testing.v1 import AppTest

from synapse_analytics.bundle import check_bundle, explained
from synapse_analytics.commands import bundles
from synapse_analytics.store import list_generations
from synapse_analytics.web import first_minute
from synapse_analytics.web.data import loading as data
from tests.builders import person
from tests.pages.test_pages import ROOT, entered, said

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "store"))
    return tmp_path


def welcomed() -> AppTest:
    at = entered("overview").run()
    assert not at.exception
    assert [title.value for title in at.title] == ["Welcome to Synapse Spine Outcomes"]
    return at


def test_it_says_what_this_is_and_offers_both_ways() -> None:
    at = welcomed()
    assert "Nothing leaves this computer" in said(at)
    assert {"Load the sample", *(question for question, _, _ in first_minute.QUESTIONS)} <= {button.label for button in at.button}
    assert at.file_uploader(key="bundle_upload")
    assert [code.value for code in at.code] == ["python -m synapse_analytics load PATH/TO/YOUR/BUNDLE"]
    assert not at.sidebar.button


def test_the_sample_is_loaded_by_a_click() -> None:
    at = welcomed()
    at.button(key="load_sample").click().run()
    assert not at.exception
    assert [title.value for title in at.title] == ["Overview"]
    assert "2,000 patients" in said(at)
    assert len(list_generations()) == 1


def test_a_question_loads_the_sample_and_opens_its_page() -> None:
    at = welcomed()
    at.button(key="ask_pathways").click().run()
    assert not at.exception
    assert [title.value for title in at.title] == ["Pathways"]
    assert "**Patients with spinal stenosis**" in said(at)


def test_every_question_leads_to_a_page() -> None:
    assert len(first_minute.QUESTIONS) == 3
    assert all((ROOT / "pages" / f"{page}.py").exists() for _, page, _ in first_minute.QUESTIONS)


def test_without_the_folder_the_sample_is_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_minute, "SAMPLE", home / "nowhere")
    monkeypatch.setattr(first_minute, "PATIENTS", 40)
    at = welcomed()
    at.button(key="load_sample").click().run()
    assert not at.exception
    assert [(made.synthetic, made.rows["patients"]) for made in list_generations()] == [(True, 40)]


def test_where_a_click_may_not_load_there_are_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "person", lambda: person("lee", "doctor"))
    at = welcomed()
    assert "Load the sample" not in {button.label for button in at.button}
    assert at.code[0].value == "python -m synapse_analytics load sample_data"
    assert "What happens to patients with spinal stenosis?" in said(at)
    assert not at.get("file_uploader")


def test_a_bad_bundle_gets_the_words_of_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sentence, file, line, column, nearest code, what is legal and what to do: all that the one says the other says."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as made:
        for path in (ROOT / "sample_data").glob("*.*"):
            text = path.read_text(encoding="utf-8")
            if path.name == "patients.csv":
                text = text.replace(",female,", ",femal,", 9)
            if path.name != "adverse_events.csv":
                made.writestr(path.name, text)
    (home / "bad.zip").write_bytes(bundle.getvalue())
    at = welcomed()
    at.file_uploader(key="bundle_upload").upload("bad.zip", bundle.getvalue(), "application/zip").run()
    next(button for button in at.button if button.label == "Check and load").click().run()
    assert not at.exception
    with pytest.raises(typer.Exit):
        bundles.load(home / "bad.zip")
    typed, seen = one_line(capsys.readouterr().err), one_line(said(at).replace("\\", ""))
    result = check_bundle(home / "bad.zip")
    assert [error.value.replace("\\", "") for error in at.error] == [result.sentence()]
    assert result.sentence() in typed
    reasons = explained(result)
    assert {"unknown_code", "missing_file"} <= set(result.counts)
    for reason in reasons:
        for text in (reason.heading, reason.advice, *reason.places):
            assert one_line(text) in typed
            assert one_line(text) in seen
    (code,) = (reason for reason in reasons if "unknown_code" in reason.heading)
    assert re.match(
        r"patients\.csv, lines \d+, \d+, \d+, \d+, \d+ and 4 more, column sex, value \*+\. Nearest code: female\. Allowed: female, male, ",
        code.places[0],
    )
    assert not list_generations()


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_same_bundle_again_says_that_it_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    bundles.load(ROOT / "sample_data")
    first = list_generations()[0].id
    assert "already loaded" not in capsys.readouterr().err
    bundles.load(ROOT / "sample_data")
    assert f"These data are already loaded as data version {first}" in one_line(capsys.readouterr().err)


def test_a_file_that_is_no_bundle_gets_its_sentence(home: Path) -> None:
    at = welcomed()
    at.file_uploader(key="bundle_upload").upload("bad.zip", b"no zip", "application/zip").run()
    next(button for button in at.button if button.label == "Check and load").click().run()
    assert not at.exception
    assert len(at.error) == 1
