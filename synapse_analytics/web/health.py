"""Two questions of whoever watches the server: does it live, and can it serve people? Neither answer says anything about data."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from synapse_analytics import audit
from synapse_analytics.errors import SynapseError
from synapse_analytics.files import content_of
from synapse_analytics.settings import read_settings, settings_file
from synapse_analytics.store import store_home
from synapse_analytics.web.door.edge import HEALTH, READY

KEPT = 5.0  # seconds for which an answer holds while the files it rests on stay the same
PAGE = 4096  # bytes that must fit on the disk
NO_STORE = {"cache-control": "no-store"}
_logger = logging.getLogger("synapse_analytics.web")


async def _live(_request: Request) -> JSONResponse:
    """Whether the server answers."""
    return JSONResponse({"status": "ok"})


class _Ready:
    """Whether people can be served: settings, data and log, each tried as a page needs it."""

    def __init__(self) -> None:
        self._asking = asyncio.Lock()
        self._known: tuple[Any, float, str] = (None, 0.0, "")

    async def __call__(self, _request: Request) -> JSONResponse:
        async with self._asking:  # however many ask, it is tried once
            missing = await asyncio.to_thread(self._missing)
        return JSONResponse(
            {"status": "not ready", "because": missing} if missing else {"status": "ready"}, 503 if missing else 200, NO_STORE
        )

    def _missing(self) -> str:
        state, now = _state(store_home()), time.monotonic()
        if self._known[0] != state or now > self._known[1] + KEPT:
            sentence, why = _fault(store_home())
            if sentence != self._known[2]:  # strangers get the sentence, the log of the server also why
                _logger.warning("%s", f"People cannot be served. {sentence} {why}" if sentence else "People can be served again.")
            self._known = (state, now, sentence)
        return self._known[2]


def health() -> list[Route]:
    """The addresses of both."""
    return [Route(HEALTH, _live), Route(READY, _Ready().__call__)]


def missing(home: Path) -> str:
    """What people would miss, in a sentence for strangers; empty when nothing is."""
    return _fault(home)[0]


def _fault(home: Path) -> tuple[str, str]:
    """What people would miss, for strangers, and why, for those inside; both empty when nothing is."""
    needs: dict[str, Callable[[Path], object]] = {
        "The settings cannot be used.": read_settings,
        "The log cannot be written.": _write_log,
        "No data version can be used.": _answer,
    }
    for sentence, need in needs.items():
        try:
            need(home)
        except SynapseError as error:
            return sentence, str(error)
        except Exception as error:  # noqa: BLE001 - whatever the fault; its words may hold a value
            return sentence, f"({type(error).__name__})"
    return "", ""


def _answer(home: Path) -> None:
    """Ask what is asked most; it is remembered as long as the data version stays, and not logged: nobody asks."""
    from synapse_analytics import analyses  # noqa: PLC0415  (what refuses an address must not wait for the statistics)
    from synapse_analytics.clinic import open_clinic  # noqa: PLC0415

    analyses.answer(open_clinic(f"duckdb:///{home}", policy="publish"), "attrition")


def _write_log(home: Path) -> None:
    """Begin a line of the audit log, and give it up; its key is there, and something of its size has room on the disk."""
    content_of(home / audit.KEY)
    with closing(
        sqlite3.connect(f"{(home / audit.DATABASE).absolute().as_uri()}?mode=rw", uri=True, timeout=2, isolation_level=None)
    ) as log:
        log.execute("begin immediate")
        log.execute("rollback")
    with tempfile.TemporaryFile(dir=home) as room:  # without a name where the system can do that
        room.write(bytes(PAGE))


def _state(home: Path) -> tuple[Any, ...]:
    """What changes with the data version in use, the settings and the log."""
    return tuple(_stamp(path) for path in (home / "CURRENT", settings_file(home), home / audit.DATABASE, home / audit.KEY))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns
