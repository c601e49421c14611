"""Two servers on one store: both follow a load, wherever it was made, TERM and INT end them, and the lines of both stay one chain."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from synapse_analytics import audit
from tests.builders import write_bundle
from tests.door.one_server import SERVE, a_server, ask, cookie_of, ended, events_of_a_quiet, shown, tab
from tests.unit.test_command_line import Run, run

__all__ = ["run"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_two_servers_follow_a_load_and_a_signal_ends_each_while_a_page_is_open(run: Run, tmp_path: Path) -> None:
    home, episodes = tmp_path / "home", [{"patient_id": "P1", "episode_id": "E1"}]
    before, after = (write_bundle(tmp_path / name, episodes=episodes) for name in ("before", "after"))
    manifest = before / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("Drawn by a test", "The data before"), encoding="utf-8")
    assert run("load", str(before), "--database", f"duckdb:///{home}")[0] == 0
    with (
        a_server(tmp_path, *SERVE) as (first, one),
        a_server(tmp_path, *SERVE) as (second, other),
        tab(one, cookie_of(first)) as here,
        tab(other, cookie_of(second)) as there,
    ):
        for page in (here, there):
            assert "The data before" in shown(page)
        assert run("load", str(after), "--database", f"duckdb:///{home}")[0] == 0
        for page in (here, there):
            ask(page)
            said = shown(page)
            assert "Drawn by a test" in said
            assert "The data before" not in said
        assert [ended(first, "SIGTERM"), ended(second, "SIGINT")] == [0, 0]
        for port in (one, other):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=1)
    events = events_of_a_quiet(tmp_path)
    assert [events.count(event) for event in (audit.Event.START, audit.Event.STOP)] == [2, 2]
    assert audit.verify(home).problem is None
