"""The way into a dashboard that was started here: the link that it prints, which works once, is opened once, and all visitors of ours
share the session that it gives. A server without a door has no link, and whoever visits it brings nothing.
"""

from __future__ import annotations

import re
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

LINK = re.compile(r"it works once: (http://\S+)")
_held: dict[str, str] = {}  # the cookie, as a request names it, by the address of the server


def links(said: Path) -> list[str]:
    """The links in what a server has written, the newest last: only that one may be unused."""
    return LINK.findall(said.read_text(encoding="utf-8", errors="replace"))


def opened(link: str) -> str:
    """Open a link; the cookie of the session that it gives, as a request names it. RuntimeError if it gives none."""
    parts = urlsplit(link)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path or '/'}?{parts.query}", headers={"Accept": "text/html"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    given = SimpleCookie(answer.getheader("set-cookie") or "")
    if answer.status != 303 or not given:
        raise RuntimeError(f"{parts.netloc} answers its own link with {answer.status} and gives no session")
    return "; ".join(f"{name}={held.coded_value}" for name, held in given.items())


def enter(address: str, said: Path) -> None:
    """Open the link of a server that has just started; from now on visitors of the address bring its session."""
    bring(address, opened(links(said)[-1]))


def bring(address: str, session: str) -> None:
    """From now on visitors of the address bring this session."""
    _held[address] = session


def cookie(address: str) -> str:
    """The session of an address as a request names it; nothing where there is no door."""
    return _held.get(address, "")


def admitted(window: BrowserContext, address: str) -> BrowserContext:
    """The window, which may now visit the address."""
    name, _, value = cookie(address).partition("=")
    if name:
        window.add_cookies([{"name": name, "value": value, "url": address}])
    return window
