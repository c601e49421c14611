"""What is left of a line of the log and of an exception: kinds and places, and of a library's text what its authors wrote."""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator

import pytest

from synapse_analytics import logs
from synapse_analytics.errors import BundleRefused

INSTALL = logs.install  # before tests replace it
WHO = "Maria Lopez"
HERE = "tests/unit/test_logs.py"


class Kept(logging.Handler):
    """A handler that nobody told of the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filter, for one test."""
    for owner, name in (
        (logging, "_logRecordFactory"),
        (logging, "raiseExceptions"),
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
        (warnings, "showwarning"),
        (traceback, "print_exception"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    INSTALL()


def heard(name: str) -> Iterator[tuple[logging.Logger, list[str]]]:
    logger, kept = logging.getLogger(name), Kept()
    logger.addHandler(kept)
    yield logger, kept.lines
    logger.removeHandler(kept)


@pytest.fixture
def library(filtered: None) -> Iterator[tuple[logging.Logger, list[str]]]:
    yield from heard("a_library")


@pytest.fixture
def own(filtered: None) -> Iterator[tuple[logging.Logger, list[str]]]:
    yield from heard("synapse_analytics.part")


Heard = tuple[logging.Logger, list[str]]


def test_values_of_a_library_become_types(library: Heard) -> None:
    logger, lines = library
    logger.warning("Row %d of %s, aged %5.1f, is 100%% wrong: %r", 4, WHO, 61.0, [WHO])
    logger.warning("Row of %(who)s", {"who": WHO})
    logger.warning("100% wrong")
    assert lines == ["Row <int> of <str>, aged <float>, is 100% wrong: <list>", "Row of <str>", "100% wrong"]


def test_a_text_made_while_running_is_left_out(library: Heard) -> None:
    logger, lines = library
    logger.error(f"Row of {WHO}")
    logger.error("Row of " + WHO)
    logger.error(ValueError(WHO))
    assert not [line for line in lines if WHO in line]
    assert all(line.startswith(f"a_library logs ERROR at {HERE}:") and "in test_a_text_made_while_running" in line for line in lines)


def test_a_line_of_ours_keeps_its_text_and_no_message(own: Heard) -> None:
    logger, lines = own
    logger.warning("%d lines wait (%s, %s)", 3, OSError(28, WHO), ValueError(WHO))
    logger.warning(BundleRefused(WHO))
    logger.warning("%d lines wait", "three")  # a fault of ours must not stop the work either
    assert lines == [
        "3 lines wait (OSError (No space left on device), ValueError)",
        "synapse_analytics.errors.BundleRefused",
        "<str> lines wait",
    ]


def test_an_exception_is_its_kind_and_places(library: Heard) -> None:
    logger, lines = library
    try:
        try:
            float(WHO)
        except ValueError as cause:
            cause.add_note(WHO)
            raise ExceptionGroup(WHO, [KeyError(WHO), BundleRefused(WHO)]) from cause
    except ExceptionGroup:
        logger.exception("A fault", stack_info=True)
    first, *rest = lines[0].splitlines()
    function = "in test_an_exception_is_its_kind_and_places"
    assert first == "A fault"
    assert rest[0] == "ExceptionGroup"
    assert rest[1].startswith(f"  {HERE}:")
    assert rest[2:6] == ["  | KeyError", "  | synapse_analytics.errors.BundleRefused", "which came of", "ValueError"]
    assert rest[6].endswith(function)
    assert rest[-1].endswith(function)  # the stack, the outermost first
    assert WHO not in lines[0]
    assert "float(" not in lines[0]
    assert str(logs.Path(__file__).parents[2]) not in lines[0]


def test_an_exception_that_cannot_be_told_is(library: Heard) -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError(WHO)

    odd, even = Odd(), ValueError(WHO)
    odd.__cause__, even.__cause__ = even, odd
    assert logs.reduced(odd).splitlines()[1:] == ["which came of", "ValueError"]


def test_of_a_deep_traceback_the_end_is_kept() -> None:
    def deeper(left: int) -> None:
        if not left:
            raise ValueError(WHO)
        deeper(left - 1)

    with pytest.raises(ValueError, match=WHO) as stopped:
        deeper(100)
    told = logs.reduced(stopped.value).splitlines()
    assert told[1] == f"  ({102 - logs.MOST_PLACES} places before)"
    assert len(told) == 2 + logs.MOST_PLACES


def test_the_name_of_a_fault_of_the_database_is_told() -> None:
    with pytest.raises(sqlite3.Error) as stopped:
        sqlite3.connect(":memory:").execute("SELECT 'Maria Lopez' FROM nowhere")
    assert logs.reduced(stopped.value).splitlines()[0] == "sqlite3.OperationalError (SQLITE_ERROR)"


@pytest.mark.usefixtures("filtered")
def test_the_filter_is_installed_once_or_twice(capsys: pytest.CaptureFixture[str]) -> None:
    before = (logging.getLogRecordFactory(), sys.excepthook, traceback.print_exception)
    INSTALL()
    assert before == (logging.getLogRecordFactory(), sys.excepthook, traceback.print_exception)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.usefixtures("filtered")
def test_a_fault_without_stderr_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    sys.excepthook(ValueError, ValueError(WHO), None)
