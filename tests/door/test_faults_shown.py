"""A page that raises: its reader gets a sentence and a number, the log has the place under that number, and neither has a value."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime import Runtime

from synapse_analytics import logs
from synapse_analytics.access import Person, local_person
from synapse_analytics.logs import lines
from synapse_analytics.web import document
from synapse_analytics.web.door.sessions import COOKIE, SESSIONS
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.server import around
from tests.door.asked import HERE, Asking, Dashboard

WHO = "Maria Lopez"
PAGE = f"""
import streamlit as st
from synapse_analytics.errors import UsageError
@st.fragment
def part():
    if "part" in st.query_params:
        float({WHO!r})
part()
if "ours" in st.query_params:
    raise UsageError("There is no such tab. Allowed: a, b.")
if "whole" in st.query_params:
    float({WHO!r})
"""
ASSETS = Path(document.browser.__file__).parent / "assets"


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Path]:
    """The server's log."""
    before, theirs = logging.getLogRecordFactory(), logging.getLogger("streamlit.error_util")
    logging.setLogRecordFactory(logs._record)
    file = tmp_path / "server.log"
    handler = lines.handler(lines.Wanted(file=file))
    theirs.addHandler(handler)
    yield file
    theirs.removeHandler(handler)
    handler.close()
    logging.setLogRecordFactory(before)


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory, sample_store: str) -> Iterator[Dashboard]:
    """The dashboard in local mode, whose page raises."""
    settled, page = pytest.MonkeyPatch(), tmp_path_factory.mktemp("raises") / "page.py"
    settled.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    page.write_text(PAGE, encoding="utf-8")
    before = st.config.get_option("server.trustedUserHeaders")
    with Dashboard(st.App(page, **around(Door()))).serving() as served:
        yield served
    st.config.set_option("server.trustedUserHeaders", before)
    SESSIONS.last(float("inf"), float("inf"), local=True)
    Runtime._instance = None
    settled.undo()


def _said(dashboard: Dashboard, query: str) -> str:
    """All that a page shows, as text."""
    session = SESSIONS.begin(lambda name: Person("ana", local_person().roles, name))
    with dashboard.socket(Asking("/_stcore/stream", headers={"origin": f"http://{HERE}", "cookie": f"{COOKIE}_8501={session.id}"})) as tab:
        assert tab.accepted
        return "\n".join(str(message.delta.new_element) for message in tab.run(query=query))


@pytest.mark.parametrize("where", ["whole", "part"])
def test_a_fault_has_a_number_that_the_log_has_too(dashboard: Dashboard, heard: Path, where: str) -> None:
    said = _said(dashboard, f"{where}=1")
    assert "A fault of the program stopped this page" in said
    (number,) = re.findall(r"fault (\d{6})", said)
    logged = heard.read_text(encoding="utf-8")
    assert f"(fault {number})" in logged
    assert "page.py" in logged
    assert "ValueError" not in said
    for text in (said, logged):
        assert WHO not in text
        assert "Streamlit Cloud" not in text


def test_a_refusal_that_no_page_expected_is_its_own_sentence(dashboard: Dashboard) -> None:
    assert "There is no such tab. Allowed: a, b." in _said(dashboard, "ours=1")


OF_STREAMLIT = re.compile(r"`([A-Z][^`$]*\bStreamlit\b[^`]*)`")
UNSEEN = (  # what it is made with, which is true; and what only whoever writes pages sees: menus, advertisements, their faults
    "Made with Streamlit",
    "Streamlit API Error",
    "Streamlit Community Cloud",
    "Streamlit logo",
    "Installing Streamlit",
    "Install the official",
    "Install Streamlit",
    "Explore and learn",
    "The app\u2019s code is not connected",
    "If you are trying to access",
    "Received Streamlit message",
    "Streamlit Component",
)
CLOSED = (
    "Is Streamlit still running?",
    "Streamlit server is not responding",
    "Cannot connect to Streamlit",
)  # in the dialog that is closed


def test_every_word_of_streamlit_about_itself_is_known() -> None:
    """An update may bring others: then they are given words of ours in away.js, or named here with why nobody sees them."""
    away = (ASSETS / "away.js").read_text(encoding="utf-8")
    ours = tuple(re.findall(r"^  \['([^']+)'", away, flags=re.MULTILINE))
    scripts = [path.read_text(encoding="utf-8") for path in document.SCRIPTS.glob("*.js")]
    told = {text for script in scripts for text in OF_STREAMLIT.findall(script) if len(text) < 400 and "(" not in text[:20]}
    assert told
    unknown = {text[:80] for text in told if not text.startswith((*ours, *UNSEEN, *CLOSED))}
    assert not unknown
    every = "".join(scripts)
    assert not [text for text in ours if text not in every], "no longer said by Streamlit"
