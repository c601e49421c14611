"""What a damaged store says of itself: each thing it keeps is as it was, or a sentence says that it is not; nothing in between."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synapse_analytics import audit
from synapse_analytics.cohort.saved_file import saved_cohorts
from synapse_analytics.errors import SynapseError
from synapse_analytics.settings import read_settings
from synapse_analytics.store import list_generations, use_generation
from tests.faults.kept import answers, forget, kept, url

SECONDS = 20  # that one look may take: a pipe in place of a file must not be waited for


class Refused(str):
    """A sentence that says what is wrong."""

    __slots__ = ()


def _attempt(look: Callable[[], Any]) -> Any:
    """What is seen, or the sentence; any other fault goes through: it would be a traceback."""
    try:
        return look()
    except SynapseError as said:
        return Refused(said)


def _listed(home: Path) -> list[tuple[Any, ...]]:
    return [(info.id, info.clinic, info.data_until, info.rows, info.current) for info in list_generations(url(home))]


def _rolled_back(home: Path) -> str:
    """The answers of the data version before, put into use."""
    forget()
    use_generation(kept().versions["first"], url(home))
    return answers(home)


def _log(home: Path) -> Any:
    """Every line, if the log says that it is whole."""
    found = audit.verify(home)
    return Refused(found.problem) if found.problem else [str(line) for line in audit.lines(home)]


def _logged(home: Path) -> str:
    """Whether one line more can be written and the log is whole; the questions that were asked meanwhile are written with it."""
    audit.append(audit.Event.QUESTION, audit.ITSELF, home=home)
    found = audit.verify(home)
    return Refused(found.problem) if found.problem else "whole"


LOOKS: dict[str, Callable[[Path], Any]] = {  # in this order: the last ones change the store
    "the answers": answers,
    "the list": _listed,
    "the log": _log,
    "the saved cohorts": saved_cohorts,
    "the settings": read_settings,
    "the data version before": _rolled_back,
    "a line more": _logged,
}
TYPED = {"cohorts.yaml": "the saved cohorts", "settings.yaml": "the settings"}  # what a person wrote may say something else now


def seen(home: Path) -> dict[str, Any]:
    """Everything that the store says, as a new process sees it."""
    found = {}
    for name, look in LOOKS.items():
        forget()
        with _in_time(name):
            found[name] = _attempt(lambda look=look: look(home))  # type: ignore[misc]
    return found


def differing(before: dict[str, Any], now: dict[str, Any], file: str = "") -> str:
    """What is neither as it was nor a sentence, after this file was damaged; nothing as a rule."""
    for name, was in before.items():
        found = now[name]
        if isinstance(found, Refused):
            if not found.endswith((".", ")", "?")) and name not in {"the log", "a line more"}:
                return f"of {name} it says no sentence: {found}"
        elif name == "the list":
            if any(one not in was and (*one[:-1], not one[-1]) not in was for one in found):
                return f"{name} says something else without a word"
        elif found != was and TYPED.get(file) != name:
            return f"{name}: another than before, without a word"
    return ""


class _Late(BaseException):
    """Nothing in the program catches it."""


@contextmanager
def _in_time(what: str) -> Iterator[None]:
    """AssertionError when it takes too long; only the main thread of a process can be woken."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(*_said: object) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS, 1)
    try:
        yield
    except _Late:
        raise AssertionError(f"{what} took longer than {SECONDS} seconds") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
