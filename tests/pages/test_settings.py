"""Settings and the pages: wrong ones are told and nothing is shown; changed ones are followed at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synapse_analytics import analyses
from synapse_analytics.clinic import open_clinic
from synapse_analytics.errors import NotAllowed
from tests.pages.charts_of import charts_of

ROOT = Path(__file__).resolve().parents[2]
ROUTER = ROOT / "synapse_analytics" / "web" / "app.py"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def file(sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> Path:
    """The settings file of the sample store, not there yet."""
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    path = tmp_path / "settings.yaml"
    path.write_text("", encoding="utf-8")
    monkeypatch.setenv("SYNAPSE_SETTINGS", str(path))
    return path


def opened() -> AppTest:
    at = AppTest.from_file(str(ROUTER), default_timeout=60).run()
    assert not at.exception
    return at


def test_wrong_settings_show_nothing(file: Path) -> None:
    file.write_text("policy: everybody", encoding="utf-8")
    at = opened()
    assert [title.value for title in at.title] == ["The settings need to be corrected"]
    assert "is not a policy. Allowed: clinic, publish" in at.warning[0].value
    assert not at.sidebar.button
    assert not charts_of(at)


def test_policy_comes_from_the_settings(file: Path) -> None:
    file.write_text("policy: publish", encoding="utf-8")
    assert any("policy publish" in element.proto.body for element in opened().get("html"))


def test_changed_settings_are_answered_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answer = analyses.answer

    def counted(clinic: Any, name: str, cohort: Any, recall: Any, /, **options: Any) -> Any:
        def computed(compute: Any) -> Any:
            return recall(lambda: asked.append(name) or compute())

        return answer(clinic, name, cohort, computed, **options)

    monkeypatch.setattr(analyses, "answer", counted)
    opened()
    first = asked.count("attrition")
    opened()
    assert asked.count("attrition") == first == 1
    file.write_text("targets: {median_wait: 21}", encoding="utf-8")
    opened()
    assert asked.count("attrition") == 2


@pytest.mark.parametrize("settings", ["questions_must_be_logged: true", "policy: publish", "policy: publsh"])
def test_settings_that_change_under_an_open_page_draw_all_of_it_anew(file: Path, monkeypatch: pytest.MonkeyPatch, settings: str) -> None:
    """A click on a tab runs the body of the page alone, which must not go on with the settings of the run before, nor with wrong ones."""
    from synapse_analytics.web import session

    handle = open_clinic()
    monkeypatch.setattr(session, "clinic", lambda: handle)
    assert not session.is_outdated()
    file.write_text(settings, encoding="utf-8")
    assert session.is_outdated()


def test_a_file_is_not_made_under_a_policy_that_is_no_longer_allowed(file: Path) -> None:
    """A drawer that was opened before the deployment became stricter gives nothing away afterwards."""
    from synapse_analytics.web.leaving import still_allowed

    handle = open_clinic()
    assert still_allowed(handle) is handle
    file.write_text("policy: publish", encoding="utf-8")
    with pytest.raises(NotAllowed):
        still_allowed(handle)
    assert still_allowed(handle.under("publish"))
