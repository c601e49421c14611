"""How the door is built when the server starts, and what it refuses to serve."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

from synapse_analytics import access
from synapse_analytics.errors import StoreError, SynapseError
from synapse_analytics.places import PROGRAM, document
from synapse_analytics.settings import SignIn, read_settings
from synapse_analytics.store import check_private, store_home
from synapse_analytics.web.door.local import Local
from synapse_analytics.web.door.requests import LOOPBACK
from synapse_analytics.web.door.sessions import HEADER, SESSIONS
from synapse_analytics.web.door.sign_in import SigningIn, secrets_of

ELSEWHERE = (
    "The dashboard cannot be served on {address}, because no sign-in is set up: anyone who can reach that address could read everything. "
    f"Serve it on 127.0.0.1, or set up sign-in ({document('sign_in.md')})."
)
DESCRIPTORS = Path("/proc/self/fd")
NOT_SERVED = f"With sign-in the dashboard is started by `{PROGRAM} serve`, which keeps to the proxies that the settings name."


class Door:
    """The entrance of this server, and what Streamlit has to know of it."""

    def __init__(self) -> None:
        try:
            self.home = store_home()
            self.sign_in: SignIn | None = read_settings(self.home).sign_in
            self.secrets: dict[str, Any] | None = secrets_of(self.sign_in) if self.sign_in else None
        except SynapseError as error:
            _stop(str(error))
        self.entrance = SigningIn(self.sign_in, self.home, access.start_page) if self.sign_in else Local()
        st.config.set_option("server.trustedUserHeaders", {HEADER.decode(): "session"})
        st.config.set_option("server.enableXsrfProtection", True)  # noqa: FBT003 - the third parameter of Streamlit's own
        st.config.set_option("server.enableCORS", True)  # noqa: FBT003
        st.config.set_option("server.enableAgentApi", False)  # noqa: FBT003
        st.config.set_option("client.showErrorDetails", "none")  # a traceback may hold a patient's value
        if self.sign_in:
            SESSIONS.last(self.sign_in.idle_minutes * 60, self.sign_in.longest_hours * 3600, local=False)
        else:
            SESSIONS.last(float("inf"), float("inf"), local=True)

    def open(self) -> None:
        """Refuse to serve where strangers could come in, and what others may read; in local mode, print the link."""
        try:
            check_private(self.home)
        except StoreError as error:
            _stop(str(error))
        if self.sign_in:
            if os.environ.get("FORWARDED_ALLOW_IPS") != "none":
                _stop(NOT_SERVED)
            return
        address = st.config.get_option("server.address")
        bound = list(_listening())
        for place in [address or "every address of this computer", *(host for host, _ in bound)]:
            if place not in LOOPBACK:
                _stop(ELSEWHERE.format(address=place))
        if isinstance(self.entrance, Local) and (bound or not DESCRIPTORS.is_dir()):  # else its first visitor shows where it will listen
            self.entrance.print_link(*(bound[0] if bound else (address, st.config.get_option("server.port"))))


def _listening() -> Iterator[tuple[str, int]]:
    """Host and port of every socket on which this process waits for connections already, where the system tells (Linux)."""
    for descriptor in DESCRIPTORS.glob("*"):
        try:
            if not stat.S_ISSOCK(os.stat(descriptor).st_mode):
                continue  # a socket that is made of something else leaves the copy of it open
            with socket.socket(fileno=os.dup(int(descriptor.name))) as held:
                if held.family in (socket.AF_INET, socket.AF_INET6) and held.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    yield held.getsockname()[:2]
        except (OSError, ValueError):
            continue


def _stop(sentence: str) -> NoReturn:
    with suppress(OSError, ValueError):  # nobody may be there to read it
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - stderr may be closed, too
    os._exit(3)  # the server would make a traceback of an exception, and go on waiting for its threads
