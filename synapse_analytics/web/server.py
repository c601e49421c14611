"""What stands around the router in the server: the door, the headers of every response, health, and a warm start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.middleware import Middleware

from synapse_analytics.web.document import Documented
from synapse_analytics.web.door.edge import Edge
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.door.watch import watched
from synapse_analytics.web.faults_shown import show_fault
from synapse_analytics.web.health import health
from synapse_analytics.web.security import Hardening
from synapse_analytics.web.stopping import Stopping, tell_systemd


def around(door: Door) -> dict[str, Any]:
    """What `st.App` is given besides the router."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
        """Refuse an address that strangers could reach, get warm for the first visitor, and note when the server starts and stops."""
        stopping = Stopping()
        stopping.listen()
        door.open()
        from synapse_analytics.web.warm import warm  # noqa: PLC0415  (what refuses an address must not wait for the statistics)

        warm()
        async with watched(door.home) as stopping.last_line:
            tell_systemd("READY=1")
            try:
                yield {}
            finally:
                await stopping.runs_ended()
        stopping.leave()

    return {
        "secrets": door.secrets,
        "lifespan": lifespan,
        "on_script_error": show_fault,
        "routes": health(),
        "middleware": [
            Middleware(Hardening, https=door.entrance.https),
            Middleware(Edge, entrance=door.entrance),
            Middleware(Documented),
        ],
    }
