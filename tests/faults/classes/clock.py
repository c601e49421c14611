"""A clock that jumps: data versions keep their order and their ids apart, the log stays whole, and no session lives for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from inspect import signature
from pathlib import Path
from unittest import mock

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.store import list_generations
from synapse_analytics.web.door.sessions import Sessions
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.kept import copy, kept, left_behind, unsound, url, which
from tests.faults.program import command

DAY = 86_400.0
JUMPS = (-365 * DAY, 365 * DAY, -1.0, -3600.0, 3600.0, -20 * 365 * DAY, 30 * 365 * DAY, 0.0)  # seconds; at 0.0 it stands still


@contextmanager
def _jumped(seconds: float) -> Iterator[None]:
    """The clock of the wall is so many seconds off; at 0 it stands still."""
    real, now = time.time, datetime.now(UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, zone: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return (datetime.now(zone) if seconds else now.astimezone(zone)) + timedelta(seconds=seconds)

    wall = mock.patch("time.time", side_effect=lambda: real() + seconds)
    with (
        wall,
        mock.patch("synapse_analytics.store.building.datetime", Clock),
        mock.patch("synapse_analytics.store.load.datetime", Clock, create=True),
    ):
        yield


def _loading(folder: Path) -> Inject:
    """Two loads while the clock is wrong, one after it was set right: the last one loaded is in use and the newest of the list."""
    home = folder / "home"

    def inject(number: int) -> End:
        copy(home)
        with _jumped(JUMPS[number]):
            wrong = _newest(home, "third") or _newest(home, "first")
        return End(wrong or _newest(home, "third") or unsound(home) or left_behind(home))

    return inject


def _newest(home: Path, name: str) -> str:
    before = {info.id for info in list_generations(url(home))}
    done = command("load", kept().bundles[name], "--database", url(home))
    if done.code:
        return done.said[-300:]
    first, *_others = list_generations(url(home))
    if first.id in before or not first.current:
        return "the data version that was just loaded is not the newest of the list"
    return "" if which(home) == name else f"answers are those of {which(home)}"


def _logging(folder: Path) -> Inject:
    home = folder / "home"

    def inject(number: int) -> End:
        copy(home)
        for jump in (JUMPS[number], -JUMPS[number]):
            with _jumped(jump):
                audit.append(audit.Event.QUESTION, audit.ITSELF, home=home)
        return End(unsound(home))

    return inject


def _sessions(_folder: Path) -> Inject:
    """A session neither ends at once nor later than it should."""

    clock = signature(Sessions).parameters["clock"].default  # taken by its name, or it would be the one from before it jumped

    def inject(number: int) -> End:
        sessions = Sessions(idle=0.2, longest=0.3, clock=lambda: getattr(time, clock.__name__)())  # noqa: PLW0108  (the one of that moment)
        begun = sessions.begin(local_person)
        with _jumped(JUMPS[number]):
            if sessions.find(begun.id) is None:
                return End("the session ended when the clock jumped")
            time.sleep(0.25)
            return End("the session outlived its time") if sessions.find(begun.id) else SURVIVED

    return inject


CLASSES = (
    Faults(
        "loads while the clock is wrong, or stands still",
        "The data version that was loaded last is in use and the first of the list; none takes the place of another.",
        len(JUMPS),
        1,
        _loading,
    ),
    Faults("lines of the audit log while the clock is wrong", "The log stays whole.", len(JUMPS), 1, _logging),
    Faults(
        "sessions while the clock is wrong", "A session ends when it would have ended, not sooner and not later.", len(JUMPS), 1, _sessions
    ),
)
