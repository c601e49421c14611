"""Until there is sign-in the app answers this computer only, however it was started."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from synapse_analytics.web.security import Hardening


def asked(client: str, host: str, kind: str = "http") -> list[dict[str, Any]]:
    """What is sent back to a request from an address that names a host."""
    sent: list[dict[str, Any]] = []

    async def inner(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start" if kind == "http" else "websocket.accept", "status": 200, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": kind, "path": "/", "client": (client, 50_000), "headers": [(b"host", host.encode())]}
    asyncio.run(Hardening(inner)(scope, receive, send))
    return sent


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost:8501", "[::1]:8501"])
def test_this_computer_is_answered(host: str) -> None:
    assert asked("127.0.0.1", host)[0]["status"] == 200


@pytest.mark.parametrize(
    ("client", "host"), [("192.168.1.7", "192.168.1.5:8501"), ("192.168.1.7", "127.0.0.1"), ("127.0.0.1", "evil.example")]
)
def test_others_are_turned_away(client: str, host: str) -> None:
    start, body = asked(client, host)
    assert start["status"] == 403
    assert b"sign-in" in body["body"]
    assert asked(client, host, "websocket")[0]["type"] == "websocket.close"


def test_responses_carry_the_headers() -> None:
    names = {name for name, _ in asked("127.0.0.1", "localhost")[0]["headers"]}
    assert {b"content-security-policy", b"x-content-type-options", b"x-frame-options"} <= names
