"""The headers of every response, and cookies that travel by https only."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from synapse_analytics.web.security import Hardening


def answered(*, https: bool, path: str = "/", cookies: tuple[bytes, ...] = ()) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that sets these cookies."""
    sent: list[dict[str, Any]] = []

    async def inner(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"set-cookie", cookie) for cookie in cookies]})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    asyncio.run(Hardening(inner, https=https)({"type": "http", "path": path}, receive, send))
    headers: list[tuple[bytes, bytes]] = sent[0]["headers"]
    return headers


def test_responses_carry_the_headers() -> None:
    names = {name for name, _ in answered(https=False)}
    assert {b"content-security-policy", b"x-content-type-options", b"x-frame-options"} <= names
    assert b"strict-transport-security" not in names


def test_scripts_may_not_be_made_of_text() -> None:
    policy = dict(answered(https=True))[b"content-security-policy"]
    assert b"unsafe-eval" not in policy
    assert b"script-src 'self' 'sha256-" in policy


def test_a_download_stays_in_no_cache() -> None:
    assert dict(answered(https=False, path="/media/0a.csv"))[b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("https", "expected"), [(True, [b"a=1; HttpOnly; Secure", b"b=2; Secure"]), (False, [b"a=1; HttpOnly", b"b=2; Secure"])]
)
def test_cookies_travel_by_https_where_it_is_there(https: bool, expected: list[bytes]) -> None:
    headers = answered(https=https, cookies=(b"a=1; HttpOnly", b"b=2; Secure"))
    assert [value for name, value in headers if name == b"set-cookie"] == expected
    assert (b"strict-transport-security" in dict(headers)) == https
