"""Visitors of a server that we start open its link once, and share the session that it gives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from benchmarks import entering

RIGHT = "right"


class Doorkeeper(BaseHTTPRequestHandler):
    """Gives a session for a page that is asked for with the token, and sends on to a page that nobody should follow it to."""

    def do_GET(self) -> None:
        """Answer."""
        admitted = self.path == f"/?token={RIGHT}" and "text/html" in self.headers["Accept"]
        self.send_response(303 if admitted else 403)
        if admitted:
            self.send_header("location", "http://127.0.0.1:1/")
            self.send_header("set-cookie", "synapse_session_8501=abc-_; HttpOnly; Path=/; SameSite=lax")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Doorkeeper) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def said(folder: Path, *lines: str) -> Path:
    place = folder / "log"
    place.write_text("\n".join(["The log may hold more.", *lines, ""]), encoding="utf-8")
    return place


def test_the_newest_link_is_opened_and_its_cookie_kept(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "_held", {})
    assert entering.cookie(address) == ""
    links = [f"Open this link, it works once: {address}/?token={token}" for token in ("used", RIGHT)]
    entering.enter(address, said(tmp_path, *links))
    assert entering.cookie(address) == "synapse_session_8501=abc-_"
    assert entering.cookie("http://127.0.0.1:2") == ""


def test_a_link_that_gives_no_session_is_told(address: str) -> None:
    with pytest.raises(RuntimeError, match=r"answers its own link with 403 and gives no session"):
        entering.opened(f"{address}/?token=wrong")
