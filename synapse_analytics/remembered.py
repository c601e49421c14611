"""What was fetched is remembered for a while: the same question is not asked twice, not even by two visitors at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

KEPT_BYTES = 64_000_000  # of all that is remembered, with what was derived from it


class Remembered(Protocol):
    """What can be kept: it says what it takes, and whether it answers whatever another one of the same question does."""

    @property
    def nbytes(self) -> int:
        """What it takes."""

    def covers(self, other: Self) -> bool:
        """True if the other one is not needed beside this one."""


Kind = TypeVar("Kind", bound=Remembered)


@dataclass(slots=True)
class _Turn:
    """One at a time fetches; with the last one who waits the turn goes."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


_kept: OrderedDict[Any, list[Any]] = OrderedDict()
_guard = threading.Lock()
_fetching: dict[Any, _Turn] = {}  # whoever asks what somebody else is fetching waits for it


def remembered(question: Any, serves: Callable[[Kind], bool], make: Callable[[], Kind]) -> Kind:
    """What is kept under a question and serves; else it is made, by one caller while the others wait, and kept."""
    with _guard:
        if (found := _found(question, serves)) is not None:
            return found
        turn = _fetching.setdefault(question, _Turn())
        turn.waiting += 1
    try:
        with turn.lock:
            with _guard:
                if (found := _found(question, serves)) is not None:  # fetched by somebody else while we waited
                    return found
            made = make()
            _keep(question, made)
            return made
    finally:
        with _guard:
            turn.waiting -= 1
            if not turn.waiting:
                _fetching.pop(question, None)


def forget_all() -> None:
    """Let go of all that is kept: what is asked next is fetched."""
    with _guard:
        _kept.clear()


def _found(question: Any, serves: Callable[[Kind], bool]) -> Kind | None:
    for found in _kept.get(question, ()):
        if serves(found):
            _kept.move_to_end(question)
            return found
    return None


def _keep(question: Any, made: Remembered) -> None:
    """Keep what was made instead of what it covers; what was not asked for longest goes."""
    with _guard:
        _kept[question] = [*(one for one in _kept.get(question, ()) if not made.covers(one)), made]
        _kept.move_to_end(question)
        while len(_kept) > 1 and sum(one.nbytes for several in _kept.values() for one in several) > KEPT_BYTES:
            _kept.popitem(last=False)
