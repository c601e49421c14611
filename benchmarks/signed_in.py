"""People who are signed in: the dashboard as a clinic serves it, a provider that knows them, and a session for each of them.

The provider is oidc-provider-mock. Browsers reach the dashboard over http on this computer, so no proxy with TLS is needed.
Everybody signs in over the same addresses that a browser is sent to, and holds a cookie of their own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

import httpx  # a dependency of Streamlit's sign-in
import yaml

from benchmarks.measure import free_port
from benchmarks.serving import Server, dashboard, started

ROLES = ("leadership", "doctor", "analyst")
DISCOVERY, HEALTH = ".well-known/openid-configuration", "api/healthz"
LONGEST_WAY = 8  # redirects from the sign-in page to the dashboard and back


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in, and by which role."""

    name: str
    role: str


def people(many: int) -> list[Person]:
    """So many different persons, the roles in turn."""
    return [Person(f"{ROLES[number % len(ROLES)]}{number + 1:02d}@clinic.example", ROLES[number % len(ROLES)]) for number in range(many)]


def signed_in(address: str, person: Person) -> str:
    """Sign in as a browser does; the cookie of the session, as a request names it. RuntimeError if there is none."""
    with httpx.Client(timeout=60, headers={"Accept": "text/html"}) as browser:
        answer = browser.get(f"{address}/sign-in")
        for _ in range(LONGEST_WAY):
            if "synapse_session" in browser.cookies:
                return f"synapse_session={browser.cookies['synapse_session']}"
            if answer.is_redirect:
                answer = browser.get(urljoin(str(answer.url), answer.headers["location"]))
            else:  # the form of the provider
                answer = browser.post(answer.url, data={"sub": person.name})
    raise RuntimeError(f"{person.name} cannot sign in: {answer.status_code}")


@contextmanager
def clinic(home: Path, everybody: Sequence[Person]) -> Iterator[Server]:
    """The dashboard over a store, where these people sign in; the settings lie elsewhere, so that the store stays as it is."""
    with ExitStack() as held:
        provider = held.enter_context(started(partial(_provider, everybody), DISCOVERY)).address
        folder, port = Path(held.enter_context(tempfile.TemporaryDirectory())), free_port()
        settings = _settled(folder, f"http://127.0.0.1:{port}", f"{provider}/{DISCOVERY}")
        environment = {"SYNAPSE_HOME": str(home), "SYNAPSE_SETTINGS": str(settings)}
        yield held.enter_context(started(serve_signed_in, HEALTH, environment, port))


def serve_signed_in(port: int) -> list[str]:
    """The command is that of any dashboard; where people sign in it prints no link to open."""
    return dashboard(port)


def _provider(everybody: Sequence[Person], port: int) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    for person in everybody:
        command += ["--user-claims", json.dumps({"sub": person.name, "email": person.name, "roles": [f"spine-{person.role}"]})]
    return command


def _settled(folder: Path, address: str, discovery: str) -> Path:
    """The settings of a clinic that signs in with the provider, and the client's secret beside them."""
    secret, settings = folder / "client_secret", folder / "settings.yaml"
    secret.write_text("not secret at all\n", encoding="utf-8")
    sign_in = {"address": address, "provider": discovery, "client_id": "outcomes", "client_secret_file": str(secret)}
    roles = {"roles": {role: [f"spine-{role}"] for role in ROLES}}
    settings.write_text(yaml.safe_dump({"sign_in": sign_in | roles}), encoding="utf-8")
    for path in (secret, settings):
        path.chmod(0o600)
    return settings
