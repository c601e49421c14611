"""The documented configuration of nginx, with an echo in place of the dashboard: what it passes on, what it refuses, what it writes down."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.door.processes import CONFIGURATION, ROOT, Answer, Ports, free_ports, get, nginx, trusting

UPLOAD = "/_stcore/upload_file/one/two"
FORGED = {
    "X-Forwarded-For": "10.1.1.1",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Port": "80",
    "X-Real-IP": "127.0.0.1",
    "Forwarded": "for=127.0.0.1",
}
SECRET = "diagnosis=spinal_stenosis"  # noqa: S105  (what a query may hold)


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked; refuses every upload before its body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The headers as they came."""
        said = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        upgrade = self.headers.get("Upgrade")
        self.send_response(101 if upgrade else 200)
        if upgrade:
            self.send_header("Upgrade", upgrade)
            self.send_header("Connection", "upgrade")
        else:
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if not upgrade:
            self.wfile.write(said)

    def do_PUT(self) -> None:
        """A refusal, and the connection closed: the body is never read."""
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()
        time.sleep(0.2)  # what is closed at once, with a body that nobody read, takes the answer with it
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@pytest.fixture(scope="module")
def ports() -> Ports:
    """Ports of this file alone: another file has a dashboard behind its nginx."""
    return free_ports()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of nginx."""
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def edge(folder: Path, ports: Ports) -> Iterator[int]:
    """nginx in front of the echo; its port."""
    with nginx(folder, ports):
        echo = ThreadingHTTPServer(("127.0.0.1", ports.dashboard), Echo)
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        yield ports.tls
        echo.shutdown()
        echo.server_close()


def heard(answer: Answer) -> dict[str, str]:
    """The headers that reached the dashboard."""
    assert answer.status == 200
    return dict(json.loads(answer.body))


def test_plain_http_leads_to_https(edge: int, ports: Ports) -> None:
    answer = get(ports.plain, f"/outcomes?{SECRET}", headers={"Host": "elsewhere.example"})
    assert (answer.status, answer.headers["location"]) == (301, f"https://localhost:{edge}/outcomes?{SECRET}")


def test_what_a_browser_says_about_itself_is_not_passed_on(edge: int) -> None:
    said = heard(get(edge, "/", tls=True, headers=FORGED))
    told = {name: value for name, value in said.items() if "forward" in name or name in ("x-real-ip", "host")}
    assert told == {"host": f"localhost:{edge}", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}


def test_old_tls_is_refused(edge: int) -> None:
    asking = trusting()
    asking.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("localhost", edge), 5) as plain, pytest.raises(ssl.SSLError, match="(?i)version|handshake"):
        asking.wrap_socket(plain, server_hostname="localhost")


def test_a_websocket_is_passed_on_and_no_other_protocol(edge: int) -> None:
    upgrading = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert get(edge, "/_stcore/stream", tls=True, headers=upgrading).status == 101
    said = heard(get(edge, "/", tls=True, headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAA"}))
    assert (said.get("upgrade"), said["connection"]) == (None, "close")


def test_an_upload_is_refused_before_its_body(edge: int, folder: Path) -> None:
    """Of 400 MB only the first have been sent when the refusal is there, and nothing of them is on nginx's disk."""
    head = f"PUT {UPLOAD} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400000000\r\n\r\n"
    with socket.create_connection(("localhost", edge), 10) as plain, trusting().wrap_socket(plain, server_hostname="localhost") as asking:
        asking.sendall(head.encode() + bytes(1_000_000))
        assert asking.recv(100).startswith(b"HTTP/1.1 403 ")
    assert not [path for name in ("body", "proxy") for path in (folder / name).rglob("*") if path.is_file()]


def test_only_an_upload_may_be_large(edge: int) -> None:
    big, too_big = "400000000", "600000000"
    assert get(edge, UPLOAD, tls=True, method="PUT", headers={"Content-Length": big}).status == 403
    assert get(edge, UPLOAD, tls=True, method="PUT", headers={"Content-Length": too_big}).status == 413
    assert get(edge, "/outcomes", tls=True, method="POST", headers={"Content-Length": big}).status == 413


def test_nginx_takes_what_the_dashboard_takes() -> None:
    most = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]["maxUploadSize"]
    allowed = re.findall(r"client_max_body_size (\d+)m;", CONFIGURATION.read_text(encoding="utf-8"))
    assert allowed == [str(most + 1)]


def test_a_flood_of_sign_ins_is_slowed(edge: int) -> None:
    answers = [get(edge, "/auth/login", tls=True).status for _ in range(60)]
    assert answers[:40] == [200] * 40
    assert 429 in answers
    assert get(edge, "/", tls=True).status == 200


def test_no_query_is_written_down(edge: int, ports: Ports, folder: Path) -> None:
    """Not in the log of requests, and not in the log of errors: of a flood, of an upload too large, of a dashboard that is down."""
    answer = get(edge, f"/outcomes?{SECRET}", tls=True, headers={"Referer": f"https://localhost:{edge}/?{SECRET}"})
    assert heard(answer)
    for _ in range(60):
        get(edge, f"/auth/login?{SECRET}", tls=True)
    assert get(edge, f"{UPLOAD}?{SECRET}", tls=True, method="PUT", headers={"Content-Length": "600000000"}).status == 413
    get(ports.plain, f"/?{SECRET}")
    written = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.log"))
    assert re.search(r' 127\.0\.0\.1 "GET /outcomes" 200 \d+ [\d.]+ 200\n', written)
    assert "spinal_stenosis" not in written


def test_a_dashboard_that_is_down_is_said_without_a_version(tmp_path: Path) -> None:
    ports = free_ports()
    with nginx(tmp_path, ports):
        answer = get(ports.tls, f"/outcomes?{SECRET}", tls=True)
    assert answer.status == 502
    assert answer.headers["server"] == "nginx"
    assert re.search(rb"nginx/\d", answer.body) is None
    assert all("spinal_stenosis" not in path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.log"))
