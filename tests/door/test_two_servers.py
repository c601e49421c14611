"""Two servers on one store: both follow a load, wherever it was made, and the lines of both stay one chain."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from synapse_analytics import audit
from tests.builders import write_bundle
from tests.door.one_server import SERVE, a_server, ask, cookie_of, shown, tab
from tests.unit.test_command_line import Run, run

__all__ = ["run"]


@pytest.mark.slow
def test_two_servers_follow_a_load(sample_store: str, run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(sample_store.removeprefix("duckdb:///"), home, ignore=shutil.ignore_patterns("audit.*"))
    bundle = write_bundle(tmp_path / "bundle", episodes=[{"patient_id": "P1", "episode_id": "E1"}])
    with (
        a_server(tmp_path, *SERVE) as (first, one),
        a_server(tmp_path, *SERVE) as (second, other),
        tab(one, cookie_of(first)) as here,
        tab(other, cookie_of(second)) as there,
    ):
        for page in (here, there):
            assert "Synapse Spine (synthetic)" in shown(page)
        assert run("load", str(bundle), "--database", f"duckdb:///{home}")[0] == 0
        for page in (here, there):
            ask(page)
            said = shown(page)
            assert "Drawn by a test" in said
            assert "Synapse Spine (synthetic)" not in said
    assert [line["event"] for line in audit.lines(home)].count(audit.Event.START) == 2
    assert audit.verify(home).problem is None
