"""Sign-in by OpenID Connect: Streamlit's own, as `st.login` starts it, with a session of ours at its end.

A stranger gets no websocket, so no script can call `st.login` for him: the button of the sign-in page leads to the same address. What the
provider says comes back as cookies that Streamlit signs and a browser would keep for 30 days. They never reach the browser: the claims are
read, the cookies stay with the session for the sign-out, and the browser gets the random name of the session.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import TOKENS_COOKIE_NAME, USER_COOKIE_NAME

from synapse_analytics import access, audit
from synapse_analytics.errors import SynapseError
from synapse_analytics.settings import SignIn, read_settings
from synapse_analytics.web.door import pages
from synapse_analytics.web.door.requests import address_of, cookie, header, host, is_place, place, with_header
from synapse_analytics.web.door.sessions import COOKIE, SESSIONS, Session

START, BACK, LOGOUT, LEFT = "/sign-in", "/oauth2callback", "/auth/logout", "/signed-out"
NEXT, NEXT_KEPT = "synapse_next", 600  # the cookie that holds where somebody wanted to go, and for how many seconds
KEPT_AS_IS = "%/?&=+:@!$'()*[]"  # what may stand in a cookie without an escape
REFUSED = "The sign-in of your clinic did not confirm who you are, or it took too long."
PROXY = "This dashboard is reached by its own address only."
Claims = Mapping[str, Any]


def secrets_of(sign_in: SignIn) -> dict[str, Any]:
    """What Streamlit's sign-in wants to know. The key of its cookies is new at every start: nothing is signed for longer than a session."""
    provider = {"client_id": sign_in.client_id, "client_secret": sign_in.secret(), "server_metadata_url": sign_in.provider}
    return {"auth": {"redirect_uri": sign_in.redirect_uri, "cookie_secret": secrets.token_urlsafe(48), **provider}}


class SigningIn:
    """The entrance of people who sign in. The settings that lead to the provider are those of the start; roles are read at every use."""

    def __init__(self, sign_in: SignIn, home: Path, start_page: Callable[[access.Person], str]) -> None:
        self._settings, self._home, self._start_page = sign_in, home, start_page
        self.https = sign_in.address.startswith("https://")
        self._host = sign_in.host

    def cookie(self, scope: Scope) -> str:
        """With https a name that no other host and no http page can set."""
        return f"__Host-{COOKIE}" if self.https else COOKIE

    def foreign(self, scope: Scope) -> str | None:
        """Another name than ours, or a connection that does not come through a proxy that the settings name."""
        return None if host(scope) == self._host and address_of(scope) in self._settings.trusted_proxies else PROXY

    def origin(self, scope: Scope) -> str:
        """The address in the settings."""
        return self._settings.address

    async def answers(self, scope: Scope, receive: Receive, send: Send, *, session: Session | None, app: ASGIApp) -> bool:
        """The button of the sign-in page, the way back from the provider, and the sign-out."""
        path, asked = scope["path"], dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        if scope["method"] != "GET":
            return False
        if path == START:
            await self._lead(scope, receive, send, app=app, wanted=asked.get("next", ""))
        elif path == BACK and ("code" in asked or "error" in asked):
            await _Return(self, scope, session, send).answer(app, receive)
        elif path in (BACK, LEFT):
            await pages.page(200, "You have signed out", button=("Sign in again", START))(scope, receive, send)
        elif path == LOGOUT and session is not None and header(scope, b"sec-fetch-site") != "cross-site":
            self._sign_out(session, scope)
            kept = "; ".join(f"{name}={value}" for name, value in session.kept.items())
            await app(with_header(scope, b"cookie", kept), receive, _leaving(send, self.cookie(scope)))
        else:
            return False
        return True

    def stranger(self, scope: Scope) -> Response:
        """The sign-in page; its button remembers where the person wanted to go."""
        wanted = place(scope)
        to = f"{START}?next={quote(wanted, safe='')}" if wanted != "/" and is_place(wanted) else START
        small = "You sign in again when you did not use the dashboard for a while, signed out in another tab, or when it was restarted."
        return pages.page(401, "Sign in to Synapse Spine Outcomes", "Use the account of your clinic.", button=("Sign in", to), small=small)

    def person(self, claims: Claims, session: str = "") -> access.Person:
        """The person of these claims with the roles that the settings give at this moment; nobody where they give none, or cannot be read."""
        try:
            now = read_settings(self._home).sign_in
        except SynapseError:
            return access.NOBODY
        return replace(access.person_of(claims, now), session=session) if now else access.NOBODY

    def wrongly_set(self) -> str | None:
        """What is wrong with the settings, which are read at every use."""
        try:
            read_settings(self._home)
        except SynapseError as error:
            return str(error)
        return None

    def begin(self, claims: Claims, kept: Mapping[str, str], scope: Scope) -> tuple[Session, str] | None:
        """A session for the person of these claims, and the page where it begins; None without a role. Logged before it begins."""
        person = self.person(claims)
        detail = {"subject": str(claims.get("sub", ""))[:200], "from": self._asker(scope)}
        event = audit.Event.SIGN_IN if person.roles else audit.Event.SIGN_IN_REFUSED
        audit.append(event, person, audit.Subject(detail=detail), home=self._home, done="Nobody was signed in")
        if not person.roles:
            return None
        return SESSIONS.begin(lambda name: self.person(claims, name), kept), self._start_page(person)

    def no_role(self, claims: Claims) -> Response:
        """Says kindly that the provider knows this person and the dashboard does not."""
        why = access.why_no_role(claims, self._settings)
        said = "You are signed in, but you have no role here. Ask an administrator of this dashboard for a role."
        return pages.page(403, "You have no access yet", said, button=("Sign in as somebody else", START), small=why)

    def next_place(self, scope: Scope, otherwise: str) -> str:
        """Where the person wanted to go; else where the role starts."""
        wanted = cookie(scope, NEXT) or ""
        return wanted if is_place(wanted) else otherwise

    async def _lead(self, scope: Scope, receive: Receive, send: Send, *, app: ASGIApp, wanted: str) -> None:
        """Lead the browser to the provider, or say that the provider cannot be reached."""
        said: list[Message] = []

        async def heard(message: Message) -> None:
            said.append(message)

        await app(_login(scope), receive, heard)
        if said[0]["status"] != 302:
            await _failed(503, "The sign-in of your clinic cannot be reached at the moment.")(scope, receive, send)
            return
        noted = _noting(send, self._next(wanted))
        for message in said:
            await noted(message)

    def _next(self, wanted: str) -> str | None:
        """The cookie that keeps a place until the person is back from the provider."""
        if not is_place(wanted):
            return None
        answer = Response()
        answer.set_cookie(NEXT, quote(wanted, safe=KEPT_AS_IS), max_age=NEXT_KEPT, httponly=True, samesite="lax", path=BACK)
        return answer.headers["set-cookie"]

    def _sign_out(self, session: Session, scope: Scope) -> None:
        audit.append(audit.Event.SIGN_OUT, session.person, audit.Subject(detail={"from": self._asker(scope)}), home=self._home, done="")
        SESSIONS.end(session.id)

    def _asker(self, scope: Scope) -> str:
        """The address of the person's computer, as far as the proxies that are trusted say."""
        passed = [part.strip() for part in (header(scope, b"x-forwarded-for") or "").split(",") if part.strip()]
        strangers = [part for part in passed if part not in self._settings.trusted_proxies]
        return (strangers[-1] if strangers else address_of(scope))[:45]


def _login(scope: Scope) -> Scope:
    """The request that `st.login` sends a browser to."""
    path, _, query = generate_login_redirect_url("default").partition("?")
    return {**scope, "path": path, "raw_path": path.encode(), "query_string": query.encode()}


def _noting(send: Send, set_cookie: str | None) -> Send:
    """Adds a cookie to an answer."""

    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start" and set_cookie:
            MutableHeaders(scope=message).append("set-cookie", set_cookie)
        await send(message)

    return noted


def _leaving(send: Send, ours: str) -> Send:
    """Takes the cookie of the session away; where the provider has no page of its own for a sign-out, ours says that it is done."""

    async def left(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = MutableHeaders(scope=message)
            told.append("set-cookie", f"{ours}=; Max-Age=0; Path=/; HttpOnly; SameSite=lax")
            if told.get("location") == "/":
                told["location"] = LEFT
        await send(message)

    return left


class _Return:
    """The way back from the provider: Streamlit checks what it says, and what Streamlit answers is replaced by ours."""

    def __init__(self, entrance: SigningIn, scope: Scope, before: Session | None, send: Send) -> None:
        self.entrance, self.scope, self.before, self.send = entrance, scope, before, send
        self.said: Message = {}

    async def answer(self, app: ASGIApp, receive: Receive) -> None:
        """Have Streamlit exchange the code, then begin a session, or say why there is none."""

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.said = message

        await app(self.scope, receive, heard)
        given = _cookies(self.said)
        claims = _claims(given)
        answer = self._session(claims, given) if claims else _failed(403, REFUSED)
        for key, value in self.said.get("headers", ()):
            if key == b"set-cookie" and not value.startswith(b"_streamlit_user"):
                answer.raw_headers.append((key, value))
        await answer(self.scope, receive, self.send)

    def _session(self, claims: Claims, given: Mapping[str, str]) -> Response:
        if self.before is not None:
            SESSIONS.end(self.before.id, "signed in again")
        kept = {name: value for name, value in given.items() if name.startswith((USER_COOKIE_NAME, TOKENS_COOKIE_NAME))}
        begun = self.entrance.begin(claims, kept, self.scope)
        if begun is None:
            return self.entrance.no_role(claims)
        session, start = begun
        answer = RedirectResponse(self.entrance.next_place(self.scope, start), 303, {"cache-control": "no-store"})
        answer.set_cookie(self.entrance.cookie(self.scope), session.id, httponly=True, samesite="lax")
        answer.delete_cookie(NEXT, path=BACK)
        return answer


def _failed(status: int, why: str) -> Response:
    small = "If it happens again, tell the people who run this dashboard: its log says at which step it failed."
    return pages.page(status, "Signing in did not work", why, button=("Try again", START), small=small)


def _cookies(said: Message) -> dict[str, str]:
    """The cookies that an answer sets, without those that it takes away."""
    found: dict[str, str] = {}
    for key, value in said.get("headers", ()):
        if key == b"set-cookie":
            found |= {name: held.value for name, held in SimpleCookie(value.decode("latin-1")).items() if held.value}
    return found


def _claims(given: Mapping[str, str]) -> Claims | None:
    """The claims of the person, from the cookie that Streamlit signed; None if nobody was signed in."""

    def single(name: str) -> bytes | None:
        held = given.get(name)
        return None if held is None else decode_signed_value(get_cookie_secret(), name, held.encode("latin-1"))

    whole = get_cookie_with_chunks(single, USER_COOKIE_NAME)
    claims = json.loads(whole) if whole else None
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") else None
