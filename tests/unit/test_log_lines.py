"""The server's own log: one handler, text or JSON, in a private file that may be rotated; its options, and what is refused at the start."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from synapse_analytics import logs
from synapse_analytics.errors import UsageError
from synapse_analytics.logs import lines
from tests.unit.test_command_line import Run, run
from tests.unit.test_serve import Started, started

__all__ = ["run", "started"]
WHO = "Maria Lopez"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[tuple[logging.Logger, Path]]:
    """A logger of ours whose lines go through the filter into a file, as JSON."""
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logs._record)
    file = tmp_path / "server.log"
    logger, handler = logging.getLogger("synapse_analytics.lines"), lines.handler(lines.Wanted(format="json", file=file))
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield logger, file
    logger.removeHandler(handler)
    handler.close()
    logging.setLogRecordFactory(before)


def _objects(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_one_object(written: tuple[logging.Logger, Path]) -> None:
    logger, file = written
    logger.debug("below the level")
    logger.info("Three lines\nwait")
    try:
        float(WHO)
    except ValueError as fault:
        logger.exception("A fault")
        number = logs.number(fault)
    plain, fault_line = _objects(file)
    assert plain.keys() == {"time", "level", "logger", "message"}
    assert (plain["level"], plain["logger"], plain["message"]) == ("info", "synapse_analytics.lines", "Three lines\nwait")
    assert str(plain["time"]).endswith("Z")
    assert (fault_line["message"], fault_line["fault"]) == ("A fault", number)
    kind, place = fault_line["places"]  # type: ignore[misc]
    assert kind == "ValueError"
    assert "test_a_line_is_one_object" in place
    assert WHO not in file.read_text(encoding="utf-8")


def test_the_number_of_a_fault_is_that_of_its_places() -> None:
    def raised(what: str) -> BaseException:
        try:
            float(what)
        except ValueError as fault:
            return fault
        raise AssertionError

    assert logs.number(raised(WHO)) == logs.number(raised("another")) != logs.number(KeyError(WHO))
    assert len(logs.number(raised(WHO))) == 6


def test_the_text_has_the_number_too() -> None:
    record = logging.LogRecord("a.part", logging.ERROR, "", 0, "A fault", (), None)
    record.fault, record.exc_text = "012345", "KeyError"
    assert lines._Text().format(record).split(" ", 2)[2] == "ERROR a.part: A fault (fault 012345)\nKeyError"


def test_tabs_that_are_opened_and_closed_are_no_news(tmp_path: Path) -> None:
    from uvicorn.protocols.websockets import websockets_sansio_impl
    from websockets import protocol

    kept = lines.handler(lines.Wanted(file=tmp_path / "log"))
    for place in (logs._file(str(module.__file__)) for module in (websockets_sansio_impl, protocol)):
        said = [logging.LogRecord("uvicorn.error", level, place, 0, "connection open", (), None) for level in (logging.INFO, logging.ERROR)]
        assert [bool(kept.filter(record)) for record in said] == [False, True], place
    assert kept.filter(logging.LogRecord("uvicorn.error", logging.INFO, "uvicorn/lifespan/on.py", 0, "startup", (), None))
    kept.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_file_is_private_and_may_be_rotated(written: tuple[logging.Logger, Path]) -> None:
    logger, file = written
    logger.info("before")
    file.rename(file.with_suffix(".1"))
    file.write_text("", encoding="utf-8")
    file.chmod(0o644)  # as a careless logrotate would make it
    logger.info("after")
    assert ([line["message"] for line in _objects(file.with_suffix(".1"))], [line["message"] for line in _objects(file)]) == (
        ["before"],
        ["after"],
    )
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(file.with_suffix(".1").stat().st_mode) == 0o600
    file.unlink()
    file.parent.rename(file.parent.with_name("gone"))
    logger.info("nowhere")  # is lost, and the work goes on
    file.parent.with_name("gone").rename(file.parent)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_a_device_stays_as_it_is_and_a_pipe_that_nobody_reads_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[int] = []
    monkeypatch.setattr(os, "fchmod", lambda _descriptor, mode: changed.append(mode))  # as root it would close /dev/null to all others
    lines.handler(lines.Wanted(file=Path(os.devnull))).close()
    assert changed == []
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="cannot be written"):
        lines.handler(lines.Wanted(file=tmp_path / "pipe"))


def test_what_python_writes_of_faults_goes_there_too(written: tuple[logging.Logger, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    logger, file = written
    monkeypatch.setattr(logs, "_handler", logger.handlers[0])
    logs._stopped(ValueError, ValueError(WHO), None)
    (line,) = _objects(file)
    assert (line["level"], "ValueError" in str(line["message"]), WHO in str(line)) == ("error", True, False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--log-level", "loud"], "--log-level or SYNAPSE_LOG_LEVEL: there is no 'loud'. Allowed: debug, info, warning, error."),
        (["--log-format", "xml"], "--log-format or SYNAPSE_LOG_FORMAT: there is no 'xml'. Allowed: text, json."),
        (
            ["--log-file", "/proc/nowhere/server.log"],
            "The log file '/proc/nowhere/server.log' cannot be written: No such file or directory.",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_the_server_starts(words: list[str], sentence: str, run: Run, started: Started) -> None:
    code, _, err = run("serve", *words)
    assert (code, started) == (1, [])
    assert sentence in " ".join(err.split())


def test_the_environment_says_the_same_and_an_option_wins(
    run: Run, started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNAPSE_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("SYNAPSE_LOG_FILE", "server.log")
    assert run("serve", "--log-format", "json", "--log-level", "debug")[0] == 0
    ((_, environment),) = started
    told = {name: value for name, value in environment.items() if name.startswith("SYNAPSE_LOG")}
    assert told == {"SYNAPSE_LOG_LEVEL": "debug", "SYNAPSE_LOG_FORMAT": "json", "SYNAPSE_LOG_FILE": str(tmp_path / "server.log")}
    assert lines.wanted(environ=told) == lines.Wanted("debug", "json", tmp_path / "server.log")
    with pytest.raises(UsageError):
        lines.wanted(environ={"SYNAPSE_LOG_FORMAT": "csv"})
