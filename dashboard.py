"""The launcher: `streamlit run dashboard.py` finds `app`, the router with the door and all else that stands around it.

The script Streamlit runs is synapse_analytics/web/app.py, never this file: a pages/ folder beside the running script
would let a deep link skip the router.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from synapse_analytics import logs, web
from synapse_analytics.logs import lines
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.logged import settle
from synapse_analytics.web.server import around

ROUTER = Path(web.__file__).with_name("app.py")

logs.install_in_server()
settle(lines.wanted())
app = st.App(ROUTER, **around(Door()))
