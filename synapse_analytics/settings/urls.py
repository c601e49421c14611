"""The two web addresses of the settings: where people find the dashboard, and where the provider describes itself.

No message shows what was written: people paste addresses with a user and a password in them.
"""

from __future__ import annotations

import re
from typing import Any

from synapse_analytics.errors import UsageError

DISCOVERY = "/.well-known/openid-configuration"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\])(?P<port>:[1-9][0-9]{{0,4}})?(?P<path>/[\w.~%!$&'()*+,;=:@/-]*)?",
    re.IGNORECASE | re.ASCII,
)
ITSELF = ("127.0.0.1", "localhost", "[::1]")  # what never leaves this computer needs no TLS
USUAL_PORTS = ("https:443", "http:80")  # which browsers leave out
ANY_TENANT = re.compile(r"https://login\.microsoftonline\.com/(common|organizations|consumers)/", re.IGNORECASE)
HTTP_ONLY = "http only for 127.0.0.1, localhost and [::1]"


def address(where: str, value: Any) -> str:
    """What people type to reach the dashboard, as browsers write it: in small letters and without the usual port."""
    allowed = f"Allowed: https://host or https://host:port, as https://outcomes.clinic.example, without user, path or query; {HTTP_ONLY}."
    scheme, host, port, path = _parts(where, value, allowed)
    if path:
        raise UsageError(f"{where}: something stands after the host. {allowed}")
    return f"{scheme}://{host}{'' if scheme + port in USUAL_PORTS else port}".lower()


def provider(where: str, value: Any) -> str:
    """The URL of the provider's discovery document."""
    allowed = f"Allowed: the https URL of the discovery document, which ends with {DISCOVERY}; {HTTP_ONLY}."
    _parts(where, value, allowed)
    if not value.endswith(DISCOVERY):
        raise UsageError(f"{where}: the end is missing. Add {DISCOVERY} to the address of the provider. {allowed}")
    if ANY_TENANT.match(value):
        raise UsageError(f"{where}: people of every organisation could sign in. Allowed: the id of your own tenant in its place.")
    return str(value)


def _parts(where: str, value: Any, allowed: str) -> tuple[str, str, str, str]:
    found = URL.fullmatch(value) if isinstance(value, str) else None
    if not found or int((found["port"] or ":1")[1:]) > 65535:
        raise UsageError(f"{where}: this is not a web address that can be used. {allowed}")
    scheme, host, port, path = (found[part] or "" for part in ("scheme", "host", "port", "path"))
    if scheme.lower() == "http" and host.lower() not in ITSELF:
        raise UsageError(f"{where}: http is not encrypted. {allowed}")
    return scheme.lower(), host, port, path
