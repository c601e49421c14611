"""A person with other roles than the one of local mode, on every page of a test."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from synapse_analytics import audit
from synapse_analytics.access import Person
from synapse_analytics.web import session
from tests.pages.test_pages import entered

# Modules that ask who the person is; each is there before a test changes that, or its first import would keep the person of a test.
ASKING = ("audit_log", "export", "data.clinic_files", "saved_cohorts", "taking", "who")


def comes(someone: Person, patch: pytest.MonkeyPatch) -> None:
    """From now on this person opens the pages; every module that knows who asks is told."""
    for name in ASKING:
        importlib.import_module(f"synapse_analytics.web.{name}")
    known = session.person

    def now() -> Person:
        return someone

    for name, module in list(sys.modules.items()):
        if name.startswith("synapse_analytics.web") and getattr(module, "person", None) is known:
            patch.setattr(module, "person", now)


def forced(page: str, query: dict[str, Any] | None = None, **state: Any) -> AppTest:
    """A page that the menu does not offer, asked for as by a link or by a message that somebody wrote."""
    at = entered("overview")
    at._page_hash = calc_hash("" if page == "overview" else page)
    for name, value in (query or {}).items():
        at.query_params[name] = value
    for name, value in state.items():
        at.session_state[name] = value
    return at.run()


def refusals(home: Path | None = None) -> list[audit.Line]:
    """The lines about refused access, oldest first."""
    return audit.search(home, event=audit.Event.ACCESS_REFUSED)
