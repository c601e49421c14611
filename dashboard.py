"""The launcher: `streamlit run dashboard.py` finds `app`, the router with headers, health and a warm start around it.

The script Streamlit runs is synapse_analytics/web/app.py, never this file: a pages/ folder beside the running script
would let a deep link skip the router and, one day, its sign-in.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from synapse_analytics.errors import NotAllowed, SynapseError
from synapse_analytics.web.document import Documented, document
from synapse_analytics.web.security import LOCAL, ONLY_HERE, Hardening

ROUTER = Path(__file__).parent / "synapse_analytics" / "web" / "app.py"


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Import what the first visitor would wait for, then keep it out of the collector.

    Streamlit collects after every run; over all imported modules that costs 40 to 60 ms each time, frozen nothing.
    """
    address = st.config.get_option("server.address")
    if address and address not in LOCAL:
        raise NotAllowed(f"Serving on {address} needs sign-in, which is not there yet. {ONLY_HERE}")
    from synapse_analytics import analyses  # noqa: PLC0415  (what refuses an address must not wait for the statistics)
    from synapse_analytics.clinic import open_clinic  # noqa: PLC0415  (as above)
    from synapse_analytics.web import charts  # noqa: PLC0415  (as above)
    from synapse_analytics.web.memory import hand_back_what_is_freed  # noqa: PLC0415  (as above: it imports Arrow)

    hand_back_what_is_freed()
    charts.offer()
    document()
    with suppress(SynapseError, OSError):  # what cannot be read is told on the page, not by a server that does not start
        analyses.answer(open_clinic(policy="publish"), "attrition")  # which is not logged: nobody asks
    gc.collect()
    gc.freeze()
    yield {}


async def healthz(_request: Request) -> JSONResponse:
    """Whether the server answers; says nothing about data."""
    return JSONResponse({"status": "ok"})


app = st.App(ROUTER, lifespan=lifespan, routes=[Route("/api/healthz", healthz)], middleware=[Middleware(Hardening), Middleware(Documented)])
