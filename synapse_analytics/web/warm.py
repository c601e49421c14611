"""What a server does before its first visitor, who would wait for it."""

from __future__ import annotations

import gc
import importlib
import logging
import pkgutil
from types import ModuleType

from synapse_analytics import analyses, figures, web
from synapse_analytics.clinic import open_clinic
from synapse_analytics.errors import NothingLoaded, SynapseError
from synapse_analytics.web import browser
from synapse_analytics.web.document import document
from synapse_analytics.web.memory import hand_back_what_is_freed

_logger = logging.getLogger("synapse_analytics.web")
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
    ask_first()
    gc.collect()
    gc.freeze()


def ask_first() -> None:
    """Ask what is asked first, which is not logged: nobody asks. What cannot be read is told in the log and on the page; the server starts."""
    try:
        for name in ("attrition", "overview"):
            analyses.answer(open_clinic(policy="publish"), name)
    except NothingLoaded:
        pass  # as in a new store: the first page says how to load
    except SynapseError as error:
        _logger.warning("%s", f"No data can be shown yet. {error}")
    except OSError as error:
        _logger.warning("%s", f"No data can be shown yet ({type(error).__name__}).")


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name != ROUTER:
            importlib.import_module(module.name)
