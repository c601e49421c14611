"""One log for all that the server says: one handler for our lines, Uvicorn's and Streamlit's."""

from __future__ import annotations

import logging

import streamlit as st
from streamlit import logger as theirs

from synapse_analytics import logs
from synapse_analytics.logs.lines import Wanted, handler


def settle(how: Wanted) -> None:
    """Send all lines of this process through one handler from now on, also those of loggers that Streamlit makes later."""
    one, root = handler(how), logging.getLogger()
    root.handlers[:] = [one]
    root.setLevel(how.level.upper())
    theirs.setup_formatter = _hand_over
    for known in [each for each in logging.Logger.manager.loggerDict.values() if isinstance(each, logging.Logger)]:
        _hand_over(known)
    logging.getLogger("uvicorn.access").disabled = True  # without their values, which are left out, its lines say nothing
    st.config.set_option("logger.level", how.level)
    theirs.set_log_level(how.level)
    logs.through(one)


def _hand_over(logger: logging.Logger) -> None:
    """Let a logger have no handler of its own."""
    logger.handlers.clear()
    logger.propagate = True
