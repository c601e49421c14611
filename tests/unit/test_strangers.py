"""What a stranger may try at the door itself; behind it stands a dashboard that answers with what it was told."""

from __future__ import annotations

import io
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

from synapse_analytics.access import Person, Role, start_page
from synapse_analytics.settings import SignIn
from synapse_analytics.web.door import sessions, start
from synapse_analytics.web.door.edge import Edge
from synapse_analytics.web.door.local import Local
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.door.sign_in import SigningIn, _Return
from synapse_analytics.web.door.start import DESCRIPTORS, Door
from tests.door.asked import HERE, Asking, Dashboard

COOKIE = "synapse_session_8501"


async def told(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the cookies it was given, as Streamlit reads them; leads to a provider."""
    if scope["path"] == "/auth/login":
        await RedirectResponse("https://id.clinic.example/", 302)(scope, receive, send)
        return
    await JSONResponse(Request(scope, receive).cookies)(scope, receive, send)


@pytest.fixture
def here() -> Iterator[Dashboard]:
    """Local mode."""
    dashboard = Dashboard(Edge(told, Local()))
    yield dashboard
    dashboard.close()


def signing_in(home: Path) -> SigningIn:
    """The entrance of a clinic whose doctors sign in."""
    sign_in = SignIn(f"http://{HERE}", "http://127.0.0.1:9/.well-known/openid-configuration", "outcomes", (("doctor", ("doctors",)),))
    return SigningIn(sign_in, home, start_page)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Dashboard]:
    """People sign in."""
    dashboard = Dashboard(Edge(told, signing_in(tmp_path)))
    yield dashboard
    dashboard.close()


def signed_in() -> str:
    """The name of a session of this computer's one person."""
    return SESSIONS.begin(lambda name: Person("local", frozenset(Role), name)).id


@pytest.mark.parametrize("gone", ["none", "closed", "pipe"])
def test_a_server_whose_terminal_is_gone_answers_strangers(gone: str, here: Dashboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody reads the link, the page that speaks of it is still a page."""
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(OSError), os.fdopen(writing, "w", encoding="utf-8") as pipe:
        closed = io.StringIO()
        closed.close()
        monkeypatch.setattr("sys.stdout", {"none": None, "closed": closed, "pipe": pipe}[gone])
        assert here.ask(Asking("/", headers={"accept": "text/html"})).status == 403
        monkeypatch.undo()


def test_a_session_outlasts_settings_that_cannot_be_read(clinic: Dashboard, tmp_path: Path) -> None:
    """Somebody corrects the file while others work: they come back to the session they had, and meanwhile get nothing."""
    right = (
        "sign_in: {address: 'https://a.example', provider: 'https://b.example/.well-known/openid-configuration', "
        "client_id: c, roles: {doctor: [doctors]}}"
    )
    file, entrance = tmp_path / "settings.yaml", signing_in(tmp_path)
    file.write_text(right, encoding="utf-8")
    claims = {"is_logged_in": True, "email": "ana@clinic.example", "roles": ["doctors"]}
    held = {sessions.COOKIE: SESSIONS.begin(lambda name: entrance.person(claims, name)).id}
    assert clinic.ask("/", held).status == 200
    file.write_text(right + "\ntargets: [", encoding="utf-8")
    answer = clinic.ask("/", held)
    assert (answer.status, b"Line 2: This is not valid YAML" in answer.body) == (503, True)
    assert clinic.ask("/api/session", held).status == 401  # the page that is open makes way
    assert clinic.ask("/media/x.csv", held).status == 403
    assert b"not valid" not in clinic.ask("/").body  # a stranger reads nothing of the settings
    file.write_text(right, encoding="utf-8")
    assert clinic.ask("/", held).status == 200
    file.write_text(right.replace("[doctors]", "[others]"), encoding="utf-8")
    assert clinic.ask("/", held).status == 401
    assert SESSIONS.find(held[sessions.COOKIE]) is None


@pytest.mark.parametrize("name", [COOKIE, "_streamlit_session"])
def test_a_cookie_full_of_escapes_costs_no_time(here: Dashboard, name: str) -> None:
    slow = '"' + '\\"' * 15_000 + '"'
    session = signed_in()
    begun = time.perf_counter()
    here.ask("/", {name: slow})
    answer = here.ask("/", {"one": "1", "two": slow, COOKIE: session, "three": "3"})
    assert time.perf_counter() - begun < 2
    assert answer.body == f'{{"one":"1","{COOKIE}":"{session}","three":"3"}}'.encode()


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:8501", "[::1]:8501", "localhost"])
def test_the_link_never_leads_where_a_stranger_says(here: Dashboard, capsys: pytest.CaptureFixture[str], host: str) -> None:
    """Another account of this computer may wait there, and would get the token."""
    assert here.ask(Asking(host=host)).status == 403
    (printed,) = re.findall(r"http://([^/]+)/", capsys.readouterr().out)
    assert printed == HERE


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="this system does not tell where a process listens")
def test_no_link_is_printed_before_it_is_known_where_the_server_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """uvicorn opens its port after the start, and somebody else may listen on the one of the settings."""
    door = object.__new__(Door)
    door.home, door.sign_in, door.entrance = tmp_path, None, Local()
    monkeypatch.setattr(start, "_listening", lambda: iter(()))
    monkeypatch.setattr(st.config, "get_option", {"server.address": "127.0.0.1", "server.port": 8501}.get)
    door.open()
    assert not capsys.readouterr().out
    monkeypatch.setattr(start, "_listening", lambda: iter([("::1", 8502)]))
    door.open()
    assert "http://[::1]:8502/?token=" in capsys.readouterr().out


@pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="this system does not tell where a process listens")
def test_looking_where_the_server_listens_keeps_nothing_open() -> None:
    """A pipe of which a copy stays open never ends for whoever reads it."""
    with socket.create_server(("127.0.0.1", 0)) as heard:
        reads, writes = os.pipe()
        found = list(start._listening())
        os.close(writes)
        os.set_blocking(reads, False)
        assert os.read(reads, 1) == b""
        os.close(reads)
        assert heard.getsockname()[:2] in found


def test_the_link_is_no_way_to_another_server(here: Dashboard) -> None:
    for path in ("//evil.example/", "/%2Fevil.example/", "/%5Cevil.example/", "///evil.example"):
        answer = here.ask(f"{path}?token=x&sex=female", {COOKIE: signed_in()})
        assert (answer.status, answer.header("location")) == (303, "/")
    assert here.ask("/outcomes?token=x&sex=female", {COOKIE: signed_in()}).header("location") == "/outcomes?sex=female"


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("/outcomes?dx=spinal+stenosis&age=60&age=90", "/outcomes?dx=spinal+stenosis&age=60&age=90"),
        ("/outcomes?dx=a%2Cb%3Bc%20%22d%22&x=[1]", "/outcomes?dx=a%2Cb%3Bc%20%22d%22&x=[1]"),
        ('/outcomes?dx=a,b;c "d"', "/outcomes?dx=a%2Cb%3Bc%20%22d%22"),
        *(
            (elsewhere, "")
            for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/a\nb", "/" * 5_000)
        ),
    ],
)
def test_where_somebody_wanted_to_go_is_kept_in_a_cookie_without_escapes(clinic: Dashboard, wanted: str, kept: str) -> None:
    answer = clinic.ask(f"/sign-in?{urlencode({'next': wanted})}")
    assert answer.cookies().get("synapse_next", "").strip('"') == kept
    assert "\\" not in answer.header("set-cookie")


def test_the_session_before_another_sign_in_ends_and_the_log_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no sign-out, which would have been logged before."""
    ended: list[tuple[str, str]] = []
    monkeypatch.setattr(SESSIONS, "_watching", [lambda session, why: ended.append((session.id, why))])
    before = SESSIONS.begin(lambda name: Person("ana@clinic.example", frozenset(Role), name))
    returned = _Return(signing_in(tmp_path), Asking().scope("http"), before, lambda _message: None)  # type: ignore[arg-type, return-value]
    returned._session({"sub": "ben", "is_logged_in": True}, {})
    assert ended == [(before.id, "signed in again")]


def test_a_provider_that_cannot_be_reached_is_named_kindly(tmp_path: Path) -> None:
    dashboard = Dashboard(Edge(PlainTextResponse("Authentication error", 400), signing_in(tmp_path)))
    answer = dashboard.ask("/sign-in?next=/outcomes")
    dashboard.close()
    assert (answer.status, answer.header("cache-control"), answer.cookies()) == (503, "no-store", {})
    assert b"cannot be reached" in answer.body
