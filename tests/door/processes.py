"""What stands between a browser and the dashboard, as ordinary processes on this computer: nginx with TLS, a provider, the dashboard itself."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "docs" / "nginx.conf"
PATIENCE = 60.0  # seconds; a busy machine is slow, not broken
CLIENT = "outcomes"
PEOPLE = {f"{role}@clinic.example": [f"spine-{role}"] for role in ("leadership", "doctor", "analyst", "admin")} | {
    "nobody@clinic.example": ["cardiology"]
}
# Around the file that an administrator copies: what Debian's own nginx.conf says, for one process in a folder of a test.
AROUND = """daemon off;
{user}worker_processes 1;
pid nginx.pid;
events {{ worker_connections 768; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    gzip on;
    include {site};
}}
"""


@dataclass(frozen=True)
class Ports:
    """Where each of them listens."""

    tls: int
    plain: int
    dashboard: int
    provider: int


def free_ports() -> Ports:
    """Four ports that nobody uses."""
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _ in range(4)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return Ports(*(one.getsockname()[1] for one in found))


def nginx_program() -> str:
    """Where nginx is; a test is skipped without it, and fails on a machine of CI."""
    found = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None or shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("no nginx on this machine: tests/install_nginx.sh should have installed it")
        pytest.skip("no nginx on this machine (tests/install_nginx.sh installs it)")
    return found


@contextmanager
def running(command: list[str], log: Path, is_up: Callable[[], object], **more: Any) -> Iterator[subprocess.Popen[str]]:
    """A process that answers, and that is gone at the end; its log is in the message if it does not answer."""
    with log.open("a", encoding="utf-8") as said:
        started = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, text=True, **more)
    try:
        _wait_until(is_up, started, log)
        yield started
    finally:
        started.terminate()
        started.wait(20)


def _wait_until(is_up: Callable[[], object], started: subprocess.Popen[str], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and started.poll() is None:
        try:
            is_up()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise AssertionError(f"{started.args} does not answer:\n{log.read_text(encoding='utf-8')[-3000:]}")


def nginx_folder(folder: Path, ports: Ports) -> Path:
    """A folder with the documented configuration for these ports, and a certificate that signed itself; returns the file to start with."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    ours = {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{ports.plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{ports.tls} ssl",
        "https://outcomes.clinic.example": f"https://localhost:{ports.tls}",
        "server_name outcomes.clinic.example": "server_name localhost",
        "/etc/ssl/outcomes/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "http://127.0.0.1:8501": f"http://127.0.0.1:{ports.dashboard}",
    }
    for documented, here in ours.items():
        assert documented in text, f"{documented!r} is no longer in {CONFIGURATION.name}"
        text = text.replace(documented, here)
    (folder / "synapse.conf").write_text(text, encoding="utf-8")
    user = "user root;\n" if os.getuid() == 0 else ""  # else the folder of the test would be closed to nginx
    start = folder / "nginx.conf"
    start.write_text(AROUND.format(user=user, site=folder / "synapse.conf"), encoding="utf-8")
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    words += ["-addext", "subjectAltName=DNS:localhost", "-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    subprocess.run(words, check=True, capture_output=True)
    return start


@contextmanager
def nginx(folder: Path, ports: Ports) -> Iterator[str]:
    """The documented nginx in front of the dashboard; yields what people type."""
    command = [nginx_program(), "-p", str(folder), "-c", str(nginx_folder(folder, ports)), "-e", "stderr"]
    with running(command, folder / "nginx.log", lambda: socket.create_connection(("127.0.0.1", ports.tls), 2).close()):
        yield f"https://localhost:{ports.tls}"


@contextmanager
def provider(folder: Path, port: int) -> Iterator[str]:
    """An OpenID Connect provider that knows the people of the test; yields its discovery document."""
    people = [json.dumps({"sub": name, "email": name, "roles": roles}) for name, roles in PEOPLE.items()]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    for claims in people:
        command += ["--user-claims", claims]
    path = "/.well-known/openid-configuration"
    with running(command, folder / "provider.log", lambda: get(port, path)):
        yield f"http://127.0.0.1:{port}{path}"


def settle_settings(home: Path, address: str, discovery: str) -> None:
    """settings.yaml of a store where people sign in, and the client's secret beside it."""
    secret = home / "client_secret"
    secret.write_text("not secret at all\n", encoding="utf-8")
    secret.chmod(0o600)
    sign_in = {
        "address": address,
        "provider": discovery,
        "client_id": CLIENT,
        "client_secret_file": str(secret),
        "roles": {role.partition("-")[2]: [role] for (role,) in PEOPLE.values() if role.startswith("spine-")},
    }
    (home / "settings.yaml").write_text(yaml.safe_dump({"sign_in": sign_in}), encoding="utf-8")
    (home / "settings.yaml").chmod(0o600)


def load(home: Path) -> None:
    """The sample data, as an operator loads them."""
    home.chmod(0o700)
    command = [sys.executable, "-m", "synapse_analytics", "load", "sample_data"]
    subprocess.run(command, cwd=ROOT, env=_environment(home), check=True, capture_output=True)


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"SYNAPSE_HOME": str(home), "PYTHONPATH": str(ROOT)}


@contextmanager
def dashboard(home: Path, port: int, log: Path) -> Iterator[subprocess.Popen[str]]:
    """The dashboard as a clinic starts it."""
    command = [sys.executable, "-m", "synapse_analytics", "serve", "--port", str(port)]
    with running(command, log, lambda: _healthy(port), cwd=ROOT, env=_environment(home)) as started:
        yield started


def _healthy(port: int) -> None:
    if get(port, "/api/healthz").status != 200:
        raise ConnectionError("not healthy yet")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(
    port: int, path: str, *, tls: bool = False, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request, without a browser; nothing is followed and no certificate is doubted."""
    asked = (
        http.client.HTTPSConnection("localhost", port, timeout=20, context=trusting())
        if tls
        else http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    )
    try:
        asked.request(method, path, body, dict(headers or {}))
        given = asked.getresponse()
        return Answer(given.status, {name.lower(): value for name, value in given.getheaders()}, given.read())
    finally:
        asked.close()


def trusting() -> ssl.SSLContext:
    """TLS with whom you like: our certificate signed itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
