"""ASGI middleware around Streamlit: requests of this computer only, security headers, and a redirect of the default page."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]
HOME = "/overview"  # Streamlit serves the default page at "/" only, and answers its name with "not found"
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


def headers(path: str) -> list[tuple[bytes, bytes]]:
    """The headers of a response; a download must not stay in a cache."""
    kept = [
        ("content-security-policy", policy()),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ]
    if path.startswith(DOWNLOADS):
        kept.append(("cache-control", "no-store"))
    return [(name.encode(), value.encode()) for name, value in kept]


def is_local(scope: Scope) -> bool:
    """True if the request comes from this computer and its Host names this computer: another name is a page that rebinds its DNS to us."""
    client = scope.get("client")
    named = dict(scope.get("headers") or ()).get(b"host", b"localhost").decode("latin-1")
    host = named[1:].partition("]")[0] if named.startswith("[") else named.partition(":")[0]
    return (client is None or client[0] in LOCAL) and host.lower() in LOCAL


class Hardening:
    """Refuse other computers, redirect the default page to "/", close the metrics, and add the headers to every other response."""

    def __init__(self, app: ASGI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on to Streamlit."""
        if scope["type"] in ("http", "websocket") and not is_local(scope):
            await _turn_away(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path.rstrip("/") == HOME:
            query = scope.get("query_string", b"")
            await _plain(send, path, 307, (b"location", b"/" + (b"?" + query if query else b"")))
            return
        if path == CLOSED:
            await _plain(send, path, 403)
            return

        async def hardened(message: Any) -> None:
            if message["type"] == "http.response.start":
                ours = headers(path)
                names = {name for name, _ in ours}
                message["headers"] = [pair for pair in message.get("headers", []) if pair[0].lower() not in names] + ours
            await send(message)

        await self.app(scope, receive, hardened)


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "this computer only"})
        return
    await _plain(send, scope["path"], 403, (b"content-type", b"text/plain; charset=utf-8"), body=ONLY_HERE.encode())


async def _plain(send: Send, path: str, status: int, *more: tuple[bytes, bytes], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers(path), *more]})
    await send({"type": "http.response.body", "body": body})
