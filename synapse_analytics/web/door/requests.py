"""What a request says about itself: headers, cookies, host, origin. Nothing of it is believed because it is said."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
INSIDE = ("/_stcore/", "/media/", "/static/", "/component/", "/api/", "/auth/")  # below these no document is
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip", b"via")
LONGEST_PLACE = 4_000  # characters of an address within the dashboard


def header(scope: Scope, name: bytes) -> str | None:
    """The one value of a header; None if there is none, or if there are several that differ."""
    values = {value for key, value in scope.get("headers") or () if key.lower() == name}
    return values.pop().decode("latin-1").strip() if len(values) == 1 else None


def cookie(scope: Scope, name: str) -> str | None:
    """The value of a cookie, without quotes around it; None if it is not there."""
    for key, value in scope.get("headers") or ():
        if key.lower() == b"cookie":
            for part in value.decode("latin-1").split(";"):
                found, _, held = part.strip().partition("=")
                if found == name:
                    return held.strip('"')
    return None


def without_escapes(scope: Scope) -> Scope:
    """The request without cookies that hold an escape. Ours and Streamlit's hold none, and Python needs half a minute to read one full of them."""
    return {**scope, "headers": [(key, _plain(held) if key.lower() == b"cookie" else held) for key, held in scope.get("headers") or ()]}


def _plain(cookies: bytes) -> bytes:
    return cookies if b"\\" not in cookies else b";".join(part for part in cookies.split(b";") if b"\\" not in part)


def host(scope: Scope) -> str | None:
    """The Host of a request, with its port, in small letters; None without one, or with one that is no host."""
    named = (header(scope, b"host") or "").lower()
    try:
        parts = urlsplit(f"//{named}")
        sound = bool(parts.hostname) and parts.netloc == named and "@" not in named and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return named if sound else None


def host_name(scope: Scope) -> str | None:
    """The Host of a request without its port."""
    named = host(scope)
    return urlsplit(f"//{named}").hostname if named else None


def address_of(scope: Scope) -> str:
    """The address of the other end of the connection."""
    client = scope.get("client")
    return client[0] if client else ""


def is_from_here(scope: Scope) -> bool:
    """True if both ends of the connection are this computer, and no proxy says that it passes on somebody else's request."""
    server = scope.get("server") or ("",)
    forwarded = any(key.lower() in FORWARDED for key, _ in scope.get("headers") or ())
    return address_of(scope) in LOOPBACK and server[0] in LOOPBACK and not forwarded


def is_document(scope: Scope) -> bool:
    """True if a browser asks for a page: what it gets instead can be a page, too."""
    return scope["method"] in ("GET", "HEAD") and not scope["path"].startswith(INSIDE) and "text/html" in (header(scope, b"accept") or "")


def place(scope: Scope) -> str:
    """The path and query of a request."""
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def is_place(text: str) -> bool:
    """True for a path of this dashboard, with or without a query: never another server, whatever a browser makes of slashes."""
    within = text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text
    return within and text.isascii() and text.isprintable() and len(text) <= LONGEST_PLACE and not text.startswith(INSIDE)


def with_header(scope: Scope, name: bytes, value: str | None) -> Scope:
    """The request with this header and no other of its name; without it if the value is None."""
    others = [(key, held) for key, held in scope.get("headers") or () if key.lower() != name]
    return {**scope, "headers": others if value is None else [*others, (name, value.encode("latin-1"))]}
