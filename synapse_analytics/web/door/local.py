"""Local mode: no sign-in, this computer only, and a link that works once.

Other accounts of this computer reach 127.0.0.1 as well, so being here is not enough: the link is printed where only the person who
started the dashboard reads it, and whoever opens it first gets the session of one person with every role.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from synapse_analytics.access import Person, local_person
from synapse_analytics.web.door.pages import page
from synapse_analytics.web.door.requests import LOOPBACK, host, host_name, is_document, is_from_here, is_place
from synapse_analytics.web.door.sessions import COOKIE, SESSIONS, Session

TOKEN = "token"  # noqa: S105 - the name of the parameter of the link
ONLY_HERE = (
    "Until sign-in is set up this dashboard answers this computer only, and nobody through a proxy. "
    "Open the link that it printed when it started, on the computer it runs on."
)
KEPT = 30 * 24 * 3600  # seconds that a browser keeps the cookie; the session itself ends with the server
PAUSE = 10.0  # seconds between two links that are printed


class Local:
    """The entrance of local mode; prints its link on stdout."""

    https = False

    def __init__(self) -> None:
        self._token, self._printed = "", -PAUSE
        self._guard = threading.Lock()

    def print_link(self, address: str, port: int) -> None:
        """Print a link to this server that works once: the same again until it has been used, then another.

        Where the server listens, never the Host of a request: a stranger would have the link lead to a server of his own, and get the token.
        """
        at = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self._token, self._printed = self._token or secrets.token_urlsafe(32), time.monotonic()
        with suppress(OSError, ValueError):  # whoever read it is gone: a server that printed this once goes on without
            print(f"Open this link, it works once: http://{at}/?{TOKEN}={self._token}", flush=True)  # noqa: T201 - stdout may be closed, too

    def cookie(self, scope: Scope) -> str:
        """Browsers keep cookies by host, not by port: two dashboards of one computer must not end each other's sessions."""
        return f"{COOKIE}_{(host(scope) or '').rpartition(':')[2]}"

    def foreign(self, scope: Scope) -> str | None:
        """Another computer, a proxy, or a name that is not this computer's: a page that rebinds its DNS to us."""
        return None if is_from_here(scope) and host_name(scope) in LOOPBACK else ONLY_HERE

    def origin(self, scope: Scope) -> str:
        """That of the Host, which was found to be this computer, port and all."""
        return f"http://{host(scope)}"

    async def answers(self, scope: Scope, receive: Receive, send: Send, *, session: Session | None, app: ASGIApp) -> bool:
        """The link that was printed: a session for its first visitor, and for everybody the same page without the token."""
        asked = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = dict(asked).get(TOKEN)
        if given is None or not is_document(scope) or scope["method"] != "GET":
            return False
        if session is None and not self._is_first(given):
            await self.stranger(scope)(scope, receive, send)
            return True
        rest = urlencode([(name, value) for name, value in asked if name != TOKEN])
        to = f"{scope['path']}?{rest}" if rest else scope["path"]
        answer = RedirectResponse(to if is_place(to) else "/", 303)
        if session is None:
            begun = SESSIONS.begin(_somebody_here)
            answer.set_cookie(self.cookie(scope), begun.id, max_age=KEPT, httponly=True, samesite="lax")
        await answer(scope, receive, send)
        return True

    def wrongly_set(self) -> str | None:
        """Here no role comes from the settings."""
        return None

    def stranger(self, scope: Scope) -> Response:
        """Says where the link is; a fresh one is printed, because the one before may be used up."""
        with self._guard:
            if time.monotonic() - self._printed >= PAUSE:
                self.print_link(*scope["server"])
        return page(
            403,
            "Open the link of this dashboard",
            "This browser has no session. Open the link that the dashboard has just printed in the window where it was started. It works once.",
            small="Other people who use this computer could reach this address too. That is why the address alone is not enough.",
        )

    def _is_first(self, given: str) -> bool:
        with self._guard:
            first = bool(self._token) and hmac.compare_digest(given.encode(), self._token.encode())
            if first:
                self._token = ""
            return first


def _somebody_here(session: str) -> Person:
    return Person(local_person().name, local_person().roles, session)
