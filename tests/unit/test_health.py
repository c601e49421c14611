"""Live and ready: whoever watches the server learns that people can be served, or in one sentence what is missing, and nothing of the data."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.web import health, warm


@pytest.fixture
def home(sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test alone, with a log."""
    here = tmp_path / "home"
    shutil.copytree(sample_store.removeprefix("duckdb:///"), here)
    monkeypatch.setenv("SYNAPSE_HOME", str(here))
    audit.append(audit.Event.START, local_person(), home=here)
    return here


def _log_is_no_log(home: Path) -> None:
    (home / audit.DATABASE).write_bytes(b"no database" * 1000)


def _log_is_gone(home: Path) -> None:
    (home / audit.DATABASE).unlink()


def _key_is_gone(home: Path) -> None:
    (home / audit.KEY).unlink()


def _key_is_a_pipe(home: Path) -> None:
    _key_is_gone(home)
    os.mkfifo(home / audit.KEY)


def _no_room(home: Path) -> None:
    def full(**_where: Any) -> None:
        raise OSError(28, "No space left on device")

    health.tempfile.TemporaryFile = full  # type: ignore[attr-defined, assignment]


def _settings_are_wrong(home: Path) -> None:
    (home / "settings.yaml").write_text("policy: everything", encoding="utf-8")
    (home / "settings.yaml").chmod(0o600)


def _nothing_in_use(home: Path) -> None:
    (home / "CURRENT").unlink()


def _data_gone(home: Path) -> None:
    shutil.rmtree(home / "generations")


MISSING: dict[Callable[[Path], None], str] = {
    _settings_are_wrong: "The settings cannot be used.",
    _log_is_no_log: "The log cannot be written.",
    _log_is_gone: "The log cannot be written.",
    _key_is_gone: "The log cannot be written.",
    _key_is_a_pipe: "The log cannot be written.",
    _no_room: "The log cannot be written.",
    _nothing_in_use: "No data version can be used.",
    _data_gone: "No data version can be used.",
}


def test_a_store_that_serves_is_ready(home: Path) -> None:
    before = len(list(audit.lines(home)))
    assert health.missing(home) == ""
    assert len(list(audit.lines(home))) == before  # nobody asked anything
    assert not [path for path in home.iterdir() if path.name.startswith("tmp")]


@pytest.mark.parametrize("fault", MISSING, ids=lambda fault: fault.__name__)
def test_what_is_missing_is_said_in_a_sentence(home: Path, fault: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.tempfile, "TemporaryFile", health.tempfile.TemporaryFile)
    fault(home)
    assert health.missing(home) == MISSING[fault]


def test_the_answer_is_kept_while_the_files_stay_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    fault = ("The log cannot be written.", "The disk is full.")
    monkeypatch.setattr(health, "_fault", lambda store: asked.append(store) or ("", "") if len(asked) < 1 else fault)
    ready = health._Ready()
    answers = [asyncio.run(ready(None)) for _ in range(3)]  # type: ignore[arg-type]
    assert ([answer.status_code for answer in answers], len(asked)) == ([200, 200, 200], 1)
    (home / "CURRENT").write_text("another", encoding="ascii")
    late = asyncio.run(ready(None))  # type: ignore[arg-type]
    assert (late.status_code, bytes(late.body)) == (503, b'{"status":"not ready","because":"The log cannot be written."}')
    assert late.headers["cache-control"] == "no-store"


def test_the_log_of_the_server_says_what_is_missing_and_when_it_is_back(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Strangers are told a sentence; whoever reads the log learns which file it is, once for each change."""
    ready, current = health._Ready(), (home / "CURRENT").read_text(encoding="ascii")
    asyncio.run(ready(None))  # type: ignore[arg-type]
    for said in ("hello", "hello again"):
        (home / "CURRENT").write_text(said, encoding="ascii")
        asyncio.run(ready(None))  # type: ignore[arg-type]
    (home / "CURRENT").write_text(current, encoding="ascii")
    asyncio.run(ready(None))  # type: ignore[arg-type]
    missing, back = (record.getMessage() for record in caplog.records if record.name == "synapse_analytics.web")
    assert missing.startswith(f"People cannot be served. No data version can be used. The file {home / 'CURRENT'}, which names")
    assert back == "People can be served again."


def test_a_server_says_at_its_start_that_no_data_can_be_shown(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody may look at a page before Monday."""
    warm.ask_first()
    assert not caplog.records
    (home / "CURRENT").unlink()
    warm.ask_first()
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith(f"No data can be shown yet. The file {home / 'CURRENT'}, which names the data version in use, is missing")


def test_a_store_that_is_new_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "new"))
    warm.ask_first()
    assert not caplog.records
