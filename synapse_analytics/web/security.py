"""ASGI middleware around Streamlit: requests of this computer only, security headers, and a redirect of the default page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from synapse_analytics.web.browser import OFFERED, PLOTLY

HOME = "/overview"  # Streamlit serves the default page at "/" only, and answers its name with "not found"
KEEP = "public, max-age=31536000, immutable"  # for a file whose name holds its version
DOWNLOADS = "/media/"
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
ONLY_HERE = "Until sign-in is set up this dashboard answers this computer only: open http://127.0.0.1:8501 on it."
CLOSED = "/_stcore/metrics"  # Streamlit gives numbers about the server to anybody who asks


@cache
def policy() -> str:
    """The content security policy: our own files, and the one inline script of Streamlit by its hash."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def headers(path: str, status: int = 200) -> dict[str, str]:
    """The headers of a response; a download must not stay in a cache."""
    kept = {
        "content-security-policy": policy(),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }
    if path.startswith(DOWNLOADS):
        return kept | {"cache-control": "no-store"}
    return kept | ({"cache-control": KEEP} if path == f"{OFFERED}{PLOTLY}" and status == 200 else {})


def is_local(scope: Scope) -> bool:
    """True if the request comes from this computer and its Host names this computer: another name is a page that rebinds its DNS to us."""
    client = scope.get("client")
    named = dict(scope.get("headers") or ()).get(b"host", b"localhost").decode("latin-1")
    host = named[1:].partition("]")[0] if named.startswith("[") else named.partition(":")[0]
    return (client is None or client[0] in LOCAL) and host.lower() in LOCAL


class Hardening:
    """Refuse other computers, redirect the default page to "/", close the metrics, and add the headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on to Streamlit."""
        if scope["type"] == "websocket" and not is_local(scope):
            await receive()
            await WebSocketClose(code=1008, reason="this computer only")(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers(scope["path"], message["status"]))
            await send(message)

        await (_own_answer(scope) or self.app)(scope, receive, hardened)


def _own_answer(scope: Scope) -> Response | None:
    """The response to a request that Streamlit must not see; None for every other."""
    if not is_local(scope):
        return PlainTextResponse(ONLY_HERE, 403)
    if scope["path"].rstrip("/") == HOME:
        query = scope.get("query_string", b"").decode("latin-1")
        return RedirectResponse(f"/?{query}" if query else "/", 307)
    return Response(status_code=403) if scope["path"] == CLOSED else None
