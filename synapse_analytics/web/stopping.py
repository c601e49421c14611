"""How the server ends: on TERM, INT or HUP, within five seconds, whatever runs, with its last line in the audit log.

Uvicorn waits for whoever does not hang up, dies of the signal in the end, and does not know HUP. So the signals are ours: they tell
Uvicorn to go, and Streamlit to stop its runs, which gives each of them the chance to end what it began (a load ends its process
and sweeps what that had built). What is not over by then goes with this process, which leaves by `os._exit`: nothing may be heard of libraries
that are taken down while others still use them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from streamlit.runtime import exists, get_instance

from synapse_analytics import audit
from synapse_analytics.web.door.on_disk import FILES

SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
ANSWERS, RUNS, PATIENCE = 1, 2.2, 3.0  # seconds: for answers under way; from the signal on for runs; for all
LAST_LINE = 0.5  # seconds for it, and for lines that wait
RUN = "ScriptRunner.scriptThread"  # the thread in which Streamlit runs a page
_logger = logging.getLogger("synapse_analytics.web")


class Stopping:
    """The end of this server; `last_line` is what has to be done before it in any case, and may be done again."""

    def __init__(self) -> None:
        self.last_line: Callable[[], None] = _nothing
        self._since: float | None = None
        self._server: Any = None

    def listen(self) -> None:
        """Take the signals over from the server in which we run; nothing in one that leaves them to others, as a test does."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
        if not hasattr(self._server, "should_exit"):
            return
        self._server.config.timeout_graceful_shutdown = ANSWERS
        for number in SIGNALS:
            if number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started by nohup: it is to outlive its terminal
            signal.signal(number, self._asked)

    def _asked(self, number: int, _frame: object) -> None:
        """A signal came; a further one changes nothing."""
        if self._since is not None:
            return
        self._since = time.monotonic()
        threading.Thread(target=self._begin, args=(signal.Signals(number).name,), daemon=True).start()  # a handler may hold no lock

    def _begin(self, name: str) -> None:
        _logger.info("The dashboard stops: %s came.", name)
        tell_systemd("STOPPING=1")
        self._server.should_exit = True
        if exists():
            get_instance().stop()
        time.sleep(PATIENCE)
        _logger.warning("The dashboard was not done in %g seconds and ends what still runs.", PATIENCE)
        _within(LAST_LINE, self.last_line)
        _leave()

    async def runs_ended(self) -> None:
        """Wait until no page runs any more, while there is time."""
        while (
            self._since is not None
            and time.monotonic() < self._since + RUNS
            and any(thread.name == RUN for thread in threading.enumerate())
        ):
            await asyncio.sleep(0.05)

    def leave(self) -> None:
        """End this process, if a signal asked for that."""
        if self._since is not None:
            _leave()


def tell_systemd(what: str) -> None:
    """Tell the service manager how it stands, if one wants to know."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place and hasattr(socket, "AF_UNIX"):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.connect(f"\0{place[1:]}" if place.startswith("@") else place)
            told.send(what.encode())


def _leave() -> NoReturn:
    """End this process and those that it began; what others were to do at its end is done here."""
    _within(LAST_LINE, audit.flush)
    _within(LAST_LINE / 2, audit.tell)
    for child in _children():
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)
    with suppress(Exception):
        FILES.close()
    logging.shutdown()
    os._exit(0)


def _within(seconds: float, deed: Callable[[], object]) -> None:
    """Do something, and do not wait for it any longer: the disk or a program of the clinic may hang."""
    does = threading.Thread(target=deed, daemon=True)
    does.start()
    does.join(seconds)


def _children() -> list[int]:
    """The processes that this one began and that still run, where the system tells (Linux)."""
    lists = Path("/proc/self/task").glob("*/children")
    found: list[int] = []
    for each in lists:
        with suppress(OSError):  # a thread that has just ended
            found += map(int, each.read_text(encoding="ascii").split())
    return found


def _nothing() -> None:
    """Nothing has begun yet that has to be ended."""
