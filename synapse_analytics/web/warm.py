"""What a server does before its first visitor, who would wait for it."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from contextlib import suppress
from types import ModuleType

from synapse_analytics import analyses, figures, web
from synapse_analytics.clinic import open_clinic
from synapse_analytics.errors import SynapseError
from synapse_analytics.web import browser
from synapse_analytics.web.document import document
from synapse_analytics.web.memory import hand_back_what_is_freed

ROUTER = f"{web.__name__}.app"  # runs when it is imported


def warm() -> None:
    """Import what pages need, make the document, open the store, and keep all of it out of the collector.

    Streamlit would collect after every run (.streamlit/config.toml: postScriptGC), which costs more with every answer that is kept;
    Python collects by itself when much is new, and then does not look at what is frozen here.
    """
    hand_back_what_is_freed()
    for package in (figures, web):
        _import_all(package)
    browser.offer()
    document()
    with suppress(SynapseError, OSError):  # what cannot be read is told on the page, not by a server that does not start
        for name in ("attrition", "overview"):
            analyses.answer(open_clinic(policy="publish"), name)  # which is not logged: nobody asks
    gc.collect()
    gc.freeze()


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name != ROUTER:
            importlib.import_module(module.name)
