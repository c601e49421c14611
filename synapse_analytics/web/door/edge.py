"""The edge: what every request has to pass before Streamlit sees it. A verified session or nothing.

Documents, websockets, uploads and downloads alike. A request with a session goes on with the name of the session in a header of ours, which
Streamlit keeps with the connection: the pages ask for the person of that session, and two sessions never share what a page keeps.
"""

from __future__ import annotations

import re

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from synapse_analytics.web.door import pages
from synapse_analytics.web.door.entrance import Entrance
from synapse_analytics.web.door.owners import owns_file, owns_run
from synapse_analytics.web.door.requests import cookie, header, is_document, with_header, without_escapes
from synapse_analytics.web.door.sessions import HEADER, SESSIONS, Session
from synapse_analytics.web.door.sockets import Guarded
from synapse_analytics.web.door.uploads import receive_upload

HEALTH, READY, ALIVE, STREAM, HOME = "/api/healthz", "/api/readyz", "/api/session", "/_stcore/stream", "/overview"
# Of Streamlit's own addresses those that a page needs: not its numbers about the server, not its interface for programs.
CORE = re.compile(r"(?:/[a-z_]+)?/_stcore/(?:health|host-config|stream|bidi-components/.+)")
UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)")
MEDIA = "/media/"
NO_SESSION = "This needs a session. Open the dashboard and sign in.\n"
NOT_YOURS = "This belongs to another session, or it is gone.\n"


class Edge:
    """The middleware."""

    def __init__(self, app: ASGIApp, entrance: Entrance) -> None:
        self.app, self.entrance = app, entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on to Streamlit."""
        scope = without_escapes(scope) if "headers" in scope else scope
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] not in (HEALTH, READY):
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = SESSIONS.find(cookie(scope, self.entrance.cookie(scope)))
        sound = self.entrance.foreign(scope) is None and header(scope, b"origin") == self.entrance.origin(scope)
        if session is None or not session.person.roles or not sound or scope["path"] != STREAM:
            await receive()
            await WebSocketClose(code=1008, reason="no session")(scope, receive, send)
            return
        await Guarded(session, receive, send).run(self.app, with_header(scope, HEADER, session.id))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self.entrance.foreign(scope)
        if refused:
            await PlainTextResponse(f"{refused}\n", 403)(scope, receive, send)
            return
        session = SESSIONS.find(cookie(scope, self.entrance.cookie(scope)))
        if session is not None and not session.person.roles:
            wrong = self.entrance.wrongly_set()
            if wrong is not None and is_document(scope):
                await pages.wrongly_set(wrong)(scope, receive, send)
                return
            if wrong is None and not session.person.roles:  # else it lasts, and gets nothing, until the settings are corrected
                SESSIONS.end(session.id, "no role")
            session = None
        if await self.entrance.answers(scope, receive, send, session=session, app=self.app):
            return
        answer = self._without(scope) if session is None else self._with(scope, session)
        if answer is not None:
            await answer(scope, receive, send)
        elif session is not None:
            await self._on(scope, receive, send, session)

    def _without(self, scope: Scope) -> Response:
        if scope["path"] == ALIVE:
            return JSONResponse({"left": 0}, 401, {"cache-control": "no-store"})
        return self.entrance.stranger(scope) if is_document(scope) else PlainTextResponse(NO_SESSION, 403, {"cache-control": "no-store"})

    def _with(self, scope: Scope, session: Session) -> Response | None:
        """What is answered here to somebody with a session; None for what goes on."""
        path, method = scope["path"], scope["method"]
        if path == ALIVE:
            left = SESSIONS.left(session)
            return JSONResponse({"left": round(left) if left < 1e9 else None}, headers={"cache-control": "no-store"})
        if path.rstrip("/") == HOME:  # Streamlit serves the default page at "/" only, and answers its name with "not found"
            query = scope.get("query_string", b"").decode("latin-1")
            return RedirectResponse(f"/?{query}" if query else "/", 307)
        if path.startswith(MEDIA) and not owns_file(session, path):
            return PlainTextResponse(NOT_YOURS, 403)
        upload = UPLOAD.fullmatch(path)
        if upload:
            return None if owns_run(session, upload[1]) and method in ("PUT", "DELETE") else PlainTextResponse(NOT_YOURS, 403)
        closed = path.startswith("/auth/") or ("/_stcore/" in path and not CORE.fullmatch(path))
        return PlainTextResponse("There is nothing here.\n", 404) if closed or method not in ("GET", "HEAD") else None

    async def _on(self, scope: Scope, receive: Receive, send: Send, session: Session) -> None:
        if UPLOAD.fullmatch(scope["path"]):
            SESSIONS.touch(session)
            await receive_upload(scope, receive, send, person=session.person, owner=session.id)
            return
        if scope["path"].startswith(MEDIA):
            SESSIONS.touch(session)
        await self.app(with_header(scope, HEADER, session.id), receive, send)
