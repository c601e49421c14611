"""ASGI middleware around all others: the headers of every response."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synapse_analytics.web.browser import OFFERED, PLOTLY

KEEP = "public, max-age=31536000, immutable"  # for a file whose name holds its version
DOWNLOADS = "/media/"
ONLY_HTTPS = "max-age=31536000"  # seconds for which a browser that came by https comes by nothing else


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


class Hardening:
    """Add the headers to every response; where browsers come by https only, let no cookie travel otherwise."""

    def __init__(self, app: ASGIApp, https: bool = False) -> None:  # noqa: FBT001, FBT002 - as Starlette calls it
        self.app, self.https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                told.update(headers(scope["path"], message["status"]))
                if self.https:
                    told["strict-transport-security"] = ONLY_HTTPS
                    message["headers"] = [(key, _secure(value) if key == b"set-cookie" else value) for key, value in message["headers"]]
            await send(message)

        await self.app(scope, receive, hardened if scope["type"] == "http" else send)


def _secure(set_cookie: bytes) -> bytes:
    return set_cookie if b"secure" in set_cookie.lower().replace(b" ", b"").split(b";") else set_cookie + b"; Secure"
