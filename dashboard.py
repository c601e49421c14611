"""The launcher: `streamlit run dashboard.py` finds `app`, the router with headers, health and a warm start around it.

The script Streamlit runs is synapse_analytics/web/app.py, never this file: a pages/ folder beside the running script
would let a deep link skip the router and, one day, its sign-in.
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

from synapse_analytics.errors import NotAllowed
from synapse_analytics.web.document import Documented
from synapse_analytics.web.security import LOCAL, ONLY_HERE, Hardening

ROUTER = Path(__file__).parent / "synapse_analytics" / "web" / "app.py"


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Refuse an address that others could reach, then get warm for the first visitor."""
    address = st.config.get_option("server.address")
    if address and address not in LOCAL:
        raise NotAllowed(f"Serving on {address} needs sign-in, which is not there yet. {ONLY_HERE}")
    from synapse_analytics.web.warm import warm  # noqa: PLC0415  (what refuses an address must not wait for the statistics)

    warm()
    yield {}


async def healthz(_request: Request) -> JSONResponse:
    """Whether the server answers; says nothing about data."""
    return JSONResponse({"status": "ok"})


app = st.App(ROUTER, lifespan=lifespan, routes=[Route("/api/healthz", healthz)], middleware=[Middleware(Hardening), Middleware(Documented)])
