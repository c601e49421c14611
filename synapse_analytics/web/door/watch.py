"""What goes on at the door while the server runs: sessions that are over are ended, and what happens at the door is logged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from synapse_analytics import audit
from synapse_analytics.access import NOBODY, Person
from synapse_analytics.errors import SynapseError
from synapse_analytics.store import sweep_up
from synapse_analytics.store.found import audit_pointer
from synapse_analytics.web.changes import note_settings
from synapse_analytics.web.door import uploads
from synapse_analytics.web.door.on_disk import FILES
from synapse_analytics.web.door.sessions import SESSIONS, Session

PAUSE = 15.0  # seconds between two looks for sessions that are over
SERVER = Person("the dashboard")
SERVES = "The dashboard serves all the same"
_logger = logging.getLogger("synapse_analytics.web.door")


@contextlib.asynccontextmanager
async def watched(home: Path) -> AsyncIterator[Callable[[], None]]:
    """While this lasts sessions end in time, and the log has a line of each end, and of the start and the stop of the server.

    Yields what logs the stop, for a server that cannot wait for the end of this; done again it does nothing.
    """

    def ended(session: Session, why: str) -> None:
        if why != "signed out":  # that one is logged before it happens
            audit.append_soon(audit.Event.SESSION_ENDED, session.person or NOBODY, audit.Subject(detail={"why": why}), home=home)

    SESSIONS.watch(ended)
    FILES.open()  # and what a killed server left there goes
    sweep_up(f"duckdb:///{home}")
    _noted(lambda: audit_pointer(f"duckdb:///{home}"))
    _noted(lambda: audit.append(audit.Event.START, SERVER, home=home, done=SERVES))
    _noted(lambda: note_settings(home, SERVER))
    stop = _once(lambda: _noted(lambda: audit.append(audit.Event.STOP, SERVER, home=home, done="The dashboard has stopped")))
    sweeping = asyncio.create_task(_sweep())
    try:
        yield stop
    finally:
        sweeping.cancel()
        stop()


async def _sweep() -> None:
    while True:
        await asyncio.sleep(PAUSE)
        SESSIONS.sweep()
        uploads.sweep()


def _once(deed: Callable[[], None]) -> Callable[[], None]:
    """The deed, done by whoever comes first; the others wait for that."""
    guard, is_done = threading.Lock(), False

    def done() -> None:
        nonlocal is_done
        with guard:
            if not is_done:
                is_done = True
                deed()

    return done


def _noted(deed: Callable[[], None]) -> None:
    """A server that cannot be logged serves all the same: the pages say so, and who has to sign in cannot."""
    try:
        deed()
    except SynapseError as error:
        _logger.warning("%s", str(error))
