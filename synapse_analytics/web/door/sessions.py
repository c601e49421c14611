"""The sessions of this server: who is signed in, since when, and until when.

A session lives in the memory of the server, and the browser holds no more than its random name in a cookie: what has ended cannot be
presented again, whatever a browser has kept. A restart ends all sessions.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from synapse_analytics.access import NOBODY, Person

COOKIE = "synapse_session"
HEADER = b"x-synapse-session"  # what the edge tells Streamlit; what a browser says under this name is thrown away
MOST = 5_000  # sessions at a time; beyond it the one that was idle longest ends
IDLE, LONGEST = 15 * 60.0, 8 * 3600.0  # seconds


@dataclass(slots=True)
class Session:
    """A session: whom it belongs to, by which claims, and what the provider's part of the server keeps for the sign-out."""

    id: str
    begun: float  # seconds of the clock of `Sessions`
    seen: float
    who: Callable[[str], Person]  # the person of the session of this name; asked at every use: roles may be taken away while it lasts
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)  # cookies that the browser never sees

    @property
    def person(self) -> Person:
        """Whose session it is, with the roles of this moment."""
        return self.who(self.id)


class Sessions:
    """The sessions of one server. Every method may be called from any thread."""

    def __init__(self, idle: float = IDLE, longest: float = LONGEST, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle, self.longest, self._clock = idle, longest, clock
        self.local = True  # nobody signs in here
        self.needed = True  # a page that runs without a session is nobody's; only tests that run pages without a server say otherwise
        self._held: dict[str, Session] = {}
        self._guard = threading.RLock()
        self._watching: list[Callable[[Session, str], None]] = []

    def watch(self, told: Callable[[Session, str], None]) -> None:
        """Have `told(session, why)` called whenever a session ends; why is "signed out", "signed in again", "no role", "idle", "too old" or "too many"."""
        self._watching.append(told)

    def begin(self, who: Callable[[str], Person], kept: Mapping[str, str] | None = None) -> Session:
        """A new session, under a name that nobody can guess."""
        now = self._clock()
        session = Session(secrets.token_urlsafe(32), now, now, who, kept or {})
        with self._guard:
            oldest = min(self._held.values(), key=lambda one: one.seen, default=None) if len(self._held) >= MOST else None
            self._held[session.id] = session
        if oldest is not None:
            self.end(oldest.id, "too many")
        return session

    def last(self, idle: float, longest: float, *, local: bool) -> None:
        """From now on sessions end after so many seconds without use, and in any case after so many."""
        self.idle, self.longest, self.local = idle, longest, local

    def find(self, name: str | None) -> Session | None:
        """The session of this name; None if there is none, or if it has ended by now."""
        with self._guard:
            session = self._held.get(name or "")
            left = self.left(session) if session else 0.0
        if session is not None and left <= 0:
            self.end(session.id, "idle" if self._clock() - session.begun < self.longest else "too old")
            return None
        return session

    def left(self, session: Session) -> float:
        """Seconds until the session ends, if nobody does anything."""
        now = self._clock()
        return min(session.seen + self.idle, session.begun + self.longest) - now

    def touch(self, session: Session) -> None:
        """Note that the person did something just now."""
        session.seen = self._clock()

    def end(self, name: str, why: str = "signed out") -> None:
        """End the session of this name; harmless if there is none."""
        with self._guard:
            session = self._held.pop(name, None)
        if session is not None:
            for told in self._watching:
                told(session, why)

    def sweep(self) -> None:
        """End those whose time is over, so that the log says when, and nobody's tab shows what it showed."""
        for name in list(self._held):
            self.find(name)

    def person(self, name: str | None) -> Person:
        """Whose session this is; NOBODY without one."""
        session = self.find(name)
        return session.person if session else NOBODY


SESSIONS = Sessions()


def is_alive(person: Person) -> bool:
    """True if the session that the person signed in for has not ended; true for those who need none."""
    return not person.session or SESSIONS.find(person.session) is not None
