"""Fetched counts are kept for a while, so that the database answers a question once, even if two visitors ask it at the same time."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeVar

KEPT_BYTES = 64_000_000  # of everything kept, with the views derived from it


class Remembered(Protocol):
    """Something that can be kept: it knows its size, and whether it makes an older one of the same question unnecessary."""

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""

    def covers(self, other: Self) -> bool:
        """True if this one answers everything the other one answers."""


Kind = TypeVar("Kind", bound=Remembered)


@dataclass(slots=True)
class _Turn:
    """One caller at a time fetches; the last one who waits removes the turn."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


_kept: OrderedDict[Any, list[Any]] = OrderedDict()
_sizes: Counter[Any] = Counter()  # bytes by question, as they were when the next one was asked
_guard = threading.Lock()
_fetching: dict[Any, _Turn] = {}  # by question; a second caller waits for the first


def remembered(question: Any, serves: Callable[[Kind], bool], make: Callable[[], Kind]) -> Kind:
    """The kept answer to a question that `serves`; without one it is made by one caller, while the others wait, and kept."""
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
    """Drop everything kept: the next question is fetched."""
    with _guard:
        _kept.clear()
        _sizes.clear()


def _found(question: Any, serves: Callable[[Kind], bool]) -> Kind | None:
    for found in _kept.get(question, ()):
        if serves(found):
            _touch(question)
            return found
    return None


def _keep(question: Any, made: Remembered) -> None:
    """Keep a new answer in place of those it covers; the answers least recently asked for are dropped."""
    with _guard:
        _kept[question] = [*(one for one in _kept.get(question, ()) if not made.covers(one)), made]
        _touch(question)
        while len(_kept) > 1 and _sizes.total() > KEPT_BYTES:
            del _sizes[_kept.popitem(last=False)[0]]


def _touch(question: Any) -> None:
    """This question was asked last. To look at the size of all that is kept takes longer than to count a small clinic: only the size of this one
    and of the one before it, from which views may have been derived since, are looked at anew."""
    for one in (next(reversed(_kept)), question):
        _sizes[one] = sum(kept.nbytes for kept in _kept[one])
    _kept.move_to_end(question)
