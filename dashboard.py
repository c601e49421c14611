"""The launcher: `streamlit run dashboard.py` finds `app`, the router with the door, headers, health and a warm start around it.

The script Streamlit runs is synapse_analytics/web/app.py, never this file: a pages/ folder beside the running script
would let a deep link skip the router.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from synapse_analytics.web.document import Documented
from synapse_analytics.web.door.edge import HEALTH, Edge
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.door.watch import watched
from synapse_analytics.web.security import Hardening

ROUTER = Path(__file__).parent / "synapse_analytics" / "web" / "app.py"
door = Door()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Refuse an address that strangers could reach, get warm for the first visitor, and note when the server starts and stops."""
    door.open()
    from synapse_analytics.web.warm import warm  # noqa: PLC0415  (what refuses an address must not wait for the statistics)

    warm()
    async with watched(door.home):
        yield {}


async def healthz(_request: Request) -> JSONResponse:
    """Whether the server answers; says nothing about data."""
    return JSONResponse({"status": "ok"})


app = st.App(
    ROUTER,
    secrets=door.secrets,
    lifespan=lifespan,
    routes=[Route(HEALTH, healthz)],
    middleware=[
        Middleware(Hardening, https=door.entrance.https),
        Middleware(Edge, entrance=door.entrance),
        Middleware(Documented),
    ],
)
