"""The dashboard as its server runs it, without a network, for people who sign in: for the length of a case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime import Runtime

from synapse_analytics.access import Person, Role
from synapse_analytics.web import warm
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.server import around
from tests.door.asked import Answer, Asking, Dashboard
from tests.door.test_access import COOKIE, SETTINGS

ROUTER = Path(__file__).resolve().parents[2] / "synapse_analytics" / "web" / "app.py"
OPTIONS = (
    "server.trustedUserHeaders",
    "server.enableXsrfProtection",
    "server.enableCORS",
    "server.enableAgentApi",
    "client.showErrorDetails",
)


@contextmanager
def served(patch: pytest.MonkeyPatch, folder: Path) -> Iterator[Dashboard]:
    """The server over the store of this run; everything it sets for the whole process is as before when it ends."""
    written = folder / "settings.yaml"
    written.write_text(SETTINGS, encoding="utf-8")
    for name, value in (("SETTINGS", str(written)), ("CLIENT_SECRET", "not used here")):
        patch.setenv(f"SYNAPSE_{name}", value)
    patch.setenv("FORWARDED_ALLOW_IPS", "none")
    patch.setattr(warm, "warm", lambda: None)
    patch.setattr(SESSIONS, "needed", True)
    before = {name: st.config.get_option(name) for name in OPTIONS}
    try:
        with Dashboard(st.App(ROUTER, **around(Door()))).serving() as dashboard:
            yield dashboard
    finally:
        for name, value in before.items():
            st.config.set_option(name, value)
        SESSIONS.last(float("inf"), float("inf"), local=True)
        Runtime._instance = None


def begun(*roles: Role) -> str:
    """The cookie of somebody who has these roles."""
    return SESSIONS.begin(lambda name: Person("ana@clinic.example", frozenset(roles), name)).id


def ask(dashboard: Dashboard, asking: Asking, cookie: str = "") -> Answer:
    """The answer to a request of somebody whose cookie holds this."""
    return dashboard.ask(asking, {COOKIE: cookie} if cookie else None)
