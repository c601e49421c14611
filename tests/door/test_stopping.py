"""TERM, INT and HUP end the server within seconds, whatever runs: its log has the last line, and nothing half done stays."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.web import stopping
from synapse_analytics.web.stopping import Stopping
from tests.door.one_server import a_server, cookie_of, ended, events_of_a_quiet, tab

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
# A dashboard whose page asks what takes a minute, or loads a bundle; all that stands around the router is the true one.
LAUNCHER = """
import streamlit as st
from synapse_analytics import logs
from synapse_analytics.logs import lines
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.logged import settle
from synapse_analytics.web.server import around
logs.install_in_server()
settle(lines.wanted())
app = st.App({page!r}, **around(Door()))
"""
PAGE = f"""
import time
from pathlib import Path
import streamlit as st
from synapse_analytics.web.data.loading import load_bundle
st.write("begun")
load_bundle(Path({str(ROOT / "sample_data")!r})) if "load" in st.query_params else time.sleep(60)
"""


@pytest.mark.slow
def test_what_runs_is_ended_by_a_hang_up_and_nothing_half_done_stays(tmp_path: Path) -> None:
    page, launcher = tmp_path / "page.py", tmp_path / "launcher.py"
    page.write_text(PAGE, encoding="utf-8")
    launcher.write_text(LAUNCHER.format(page=str(page)), encoding="utf-8")
    words = ("-m", "streamlit", "run", str(launcher), "--server.address", "127.0.0.1", "--server.port", "{port}")
    with a_server(tmp_path, *words) as (server, port):
        cookie = cookie_of(server)
        with tab(port, cookie, "sleep=1"), tab(port, cookie, "load=1"):
            child = _child(server)
            threading.Timer(0.2, server.send_signal, (signal.SIGTERM,)).start()  # a second one in between must not break the first
            assert ended(server, "SIGHUP") == 0
    events = events_of_a_quiet(tmp_path)
    assert events[-3:] == [audit.Event.LOAD_ASKED, audit.Event.LOAD_ABORTED, audit.Event.STOP]
    assert not list((tmp_path / "home" / "generations").glob("*"))
    assert not Path(f"/proc/{child}").exists()


def test_a_server_that_cannot_end_leaves_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when its last line cannot be written, as the disk hangs."""
    left = threading.Event()
    monkeypatch.setattr(stopping, "_leave", left.set)
    monkeypatch.setattr(stopping, "PATIENCE", 0.0)
    monkeypatch.setattr(stopping, "LAST_LINE", 0.01)
    ending = Stopping()
    ending._server = type("Server", (), {"should_exit": False})()
    ending.last_line = threading.Event().wait
    ending._asked(signal.SIGTERM, None)
    ending._asked(signal.SIGTERM, None)
    assert left.wait(5)
    assert ending._server.should_exit


def test_signals_stay_with_whoever_has_them() -> None:
    """Where no server of ours runs, as in a test or under another server, nothing is taken over."""
    before = [signal.getsignal(number) for number in stopping.SIGNALS]
    ending = Stopping()
    ending.listen()
    ending.leave()  # nobody asked
    assert [signal.getsignal(number) for number in stopping.SIGNALS] == before


def _child(server: subprocess.Popen[str]) -> int:
    """The process that loads, as soon as it has begun to build."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        children = [each for tasks in Path(f"/proc/{server.pid}/task").glob("*/children") for each in tasks.read_text().split()]
        if children:
            return int(children[0])
        time.sleep(0.05)
    raise AssertionError("nothing is loaded")
