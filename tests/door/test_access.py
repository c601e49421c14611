"""Who gets what: every page, route, download, upload and websocket message, for everybody who may not have it.

The table of who may see what is written here once more, from privacy policy and not from the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_storage import MediaFileKind

from synapse_analytics import audit
from synapse_analytics.access import NOBODY, Person, Role
from synapse_analytics.web.door.sessions import SESSIONS, Session
from synapse_analytics.web.door.start import Door
from synapse_analytics.web.server import around
from tests.door.asked import Answer, Asking, Dashboard, Socket

ROOT = Path(__file__).resolve().parents[2]
HOST = "outcomes.clinic.example"
COOKIE = "__Host-synapse_session"
SETTINGS = f"""
sign_in:
  address: https://{HOST}
  provider: http://127.0.0.1:9/.well-known/openid-configuration
  client_id: outcomes
  roles: {{leadership: [board], doctor: [doctors], analyst: [analysts], admin: [admins]}}
"""
EVERYBODY_SEES = ["overview", "diagnoses", "pathways", "outcomes", "variation", "export", "data", "methods"]
CARE = ["compare_treatments", "patients_like_mine"]
ROLES = list(Role)
NOT_FOR = {
    **{(Role.LEADERSHIP, page): "Compare" for page in CARE},
    **{(role, "audit_log"): "Audit log" for role in (Role.LEADERSHIP, Role.DOCTOR, Role.ANALYST)},
}
PAGES = [*EVERYBODY_SEES, *CARE, "audit_log"]
ROUTES = [
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/script-health-check",
    "/_stcore/agent/",
    "/_stcore/bidi-components/synapse.charts/charts.js",
    "/component/synapse.charts/index.html",
    "/media/0123456789abcdef.csv",
    "/static/js/index.js",
    "/favicon.png",
    "/auth/login",
    "/auth/logout",
    "/api/session",
    "/api/anything",
    "/healthz",
    "/outcomes/_stcore/health",
    "/..%2f..%2fetc/passwd",
]
WITHOUT = ["no session", "signed out", "expired", "no role any more", "forged"]


@dataclass(frozen=True)
class House:
    """The dashboard behind its door."""

    dashboard: Dashboard

    def ask(self, path: str, session: str | None, method: str = "GET", **headers: str) -> Answer:
        """The answer to somebody whose cookie holds this."""
        asking = Asking(path, method=method, host=HOST, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return self.dashboard.ask(asking, {COOKIE: session} if session else None)

    def tab(self, session: str | None, origin: str | None = f"https://{HOST}") -> Asking:
        """The websocket of a tab of somebody whose cookie holds this."""
        headers = ({"origin": origin} if origin else {}) | ({"cookie": f"{COOKIE}={session}"} if session else {})
        return Asking("/_stcore/stream", host=HOST, headers=headers)


@pytest.fixture(scope="module")
def settled() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def house(settled: pytest.MonkeyPatch, sample_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The server as it runs for people who sign in, over the sample data."""
    written = tmp_path_factory.mktemp("settings") / "settings.yaml"
    written.write_text(SETTINGS, encoding="utf-8")
    settled.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    settled.setenv("SYNAPSE_SETTINGS", str(written))
    settled.setenv("SYNAPSE_CLIENT_SECRET", "not used here")
    settled.setenv("FORWARDED_ALLOW_IPS", "none")
    before = st.config.get_option("server.trustedUserHeaders")
    app = st.App(ROOT / "synapse_analytics" / "web" / "app.py", **around(Door()))
    with Dashboard(app).serving() as dashboard:
        yield House(dashboard)
    st.config.set_option("server.trustedUserHeaders", before)
    SESSIONS.last(float("inf"), float("inf"), local=True)
    Runtime._instance = None


@pytest.fixture(autouse=True)
def closed(no_door: None, monkeypatch: pytest.MonkeyPatch, sample_store: str) -> None:
    """Here pages need a session, and the store is the one of the server."""
    monkeypatch.setattr(SESSIONS, "needed", True)
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))


def begun(*roles: Role) -> Session:
    """A session of a person with these roles."""
    return SESSIONS.begin(lambda name: Person("ana@clinic.example", frozenset(roles), name))


def without(how: str) -> str | None:
    """The cookie of somebody who has no session."""
    if how == "no session":
        return None
    if how == "forged":
        return "A" * 43
    if how == "no role any more":
        return SESSIONS.begin(lambda _name: NOBODY).id
    session = begun(*ROLES)
    if how == "expired":
        session.seen -= SESSIONS.idle + 1
    else:
        SESSIONS.end(session.id)
    return session.id


def words(messages: list[ForwardMsg]) -> bytes:
    """All that came, as bytes."""
    return b"\n".join(message.SerializeToString() for message in messages)


def menu(messages: list[ForwardMsg]) -> set[str]:
    """The pages that the browser shows in the menu."""
    return {page.url_pathname or "overview" for message in messages for page in message.navigation.app_pages if not page.is_hidden}


def markers(home: str) -> list[bytes]:
    """What only somebody with a session may read: the clinic, the data version, what the pages say."""
    version = (Path(home.removeprefix("duckdb:///")) / "CURRENT").read_text(encoding="ascii").split()[0]
    return [version.encode(), b"Synapse Spine (synthetic)", b"episodes", b"patients,", b"median", b"Traceback"]


@pytest.mark.parametrize("how", WITHOUT)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_a_session_is_the_sign_in_page(house: House, page: str, how: str) -> None:
    expected = house.ask(f"/{page}", None)
    answer = house.ask(f"/{page}", without(how))
    assert (answer.status, answer.body) == (expected.status, expected.body) == (401, expected.body)
    assert b"Sign in" in answer.body
    assert answer.header("cache-control") == "no-store"


@pytest.mark.parametrize("how", WITHOUT)
@pytest.mark.parametrize("route", ROUTES)
def test_a_route_without_a_session_says_nothing(house: House, sample_store: str, route: str, how: str) -> None:
    for accept in ("text/html", "*/*"):
        answer = house.ask(route, without(how), accept=accept)
        assert answer.status in {401, 403}
        assert not [marker for marker in markers(sample_store) if marker in answer.body]
        assert len(answer.body) < 3_000  # a sentence, or the sign-in page


@pytest.mark.parametrize("how", WITHOUT)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "OPTIONS", "PATCH", "HEAD"])
def test_nothing_is_taken_without_a_session(house: House, method: str, how: str) -> None:
    assert house.ask("/_stcore/upload_file/abc/def", without(how), method).status == 403


@pytest.mark.parametrize("how", WITHOUT)
def test_no_websocket_without_a_session(house: House, how: str) -> None:
    with house.dashboard.socket(house.tab(without(how))) as tab:
        assert not tab.accepted


@pytest.mark.parametrize(
    "origin", [None, "https://evil.example", "http://outcomes.clinic.example", "https://outcomes.clinic.example:444", "null"]
)
def test_no_websocket_for_the_page_of_somebody_else(house: House, origin: str | None) -> None:
    with house.dashboard.socket(house.tab(begun(*ROLES).id, origin)) as tab:
        assert not tab.accepted


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_of_a_role(house: House, role: Role) -> None:
    with house.dashboard.socket(house.tab(begun(role).id)) as tab:
        told = menu(tab.run())
    assert told == {page for page in PAGES if (role, page) not in NOT_FOR}


@pytest.mark.parametrize(("role", "page"), NOT_FOR)
def test_a_page_of_another_role_is_not_run(house: House, role: Role, page: str) -> None:
    session = begun(role)
    with house.dashboard.socket(house.tab(session.id)) as tab:
        said = words(tab.run(page))
    assert b"You may not" in said
    for only_there in (b"points", b"overlap", b"Verify", b"Older lines"):
        assert only_there not in said
    (line,) = list(audit.search(event=audit.Event.ACCESS_REFUSED, newest_first=True, limit=1))
    assert (line.user, page in str(line.detail)) == ("ana@clinic.example", True)


@pytest.mark.parametrize("how", ["signed out", "expired", "no role any more"])
def test_a_replayed_message_of_a_tab_whose_session_is_over_is_not_answered(house: House, how: str) -> None:
    roles = {"held": frozenset(ROLES)}
    session = SESSIONS.begin(lambda name: Person("ana@clinic.example", roles["held"], name))
    with house.dashboard.socket(house.tab(session.id)) as tab:
        assert tab.run("outcomes")
        if how == "signed out":
            SESSIONS.end(session.id)
        elif how == "expired":
            session.seen -= SESSIONS.idle + 1
        else:
            roles["held"] = frozenset()
        said = words(tab.run("outcomes"))
        assert b"points" not in said
        assert b"episodes" not in said
        assert tab.closed() or how == "no role any more"


def test_the_end_of_a_session_closes_all_its_tabs_and_no_other(house: House) -> None:
    ana, other = begun(Role.DOCTOR), begun(Role.DOCTOR)
    with (
        house.dashboard.socket(house.tab(ana.id)) as first,
        house.dashboard.socket(house.tab(ana.id)) as second,
        house.dashboard.socket(house.tab(other.id)) as third,
    ):
        for tab in (first, second, third):
            tab.run("methods")
        SESSIONS.end(ana.id)
        assert first.closed()
        assert second.closed()
        assert third.run("methods")


def run_of(tab: Socket) -> str:
    """The number under which Streamlit keeps a tab."""
    return next(message.new_session.initialize.session_id for message in tab.run() if message.WhichOneof("type") == "new_session")


def test_a_file_is_given_to_the_session_it_was_made_for(house: House) -> None:
    ana, other = begun(Role.DOCTOR), begun(Role.DOCTOR)
    with house.dashboard.socket(house.tab(ana.id)) as tab, house.dashboard.socket(house.tab(other.id)) as elsewhere:
        elsewhere.run("methods")
        run = run_of(tab)
        media = Runtime.instance().media_file_mgr
        file = media._storage.load_and_get_id(b"pain,n\r\n7,120\r\n", "text/csv", MediaFileKind.DOWNLOADABLE, "pain.csv")
        media._files_by_session_and_coord[run]["pain"] = file
        address = media._storage.get_url(file)
        assert house.ask(address, ana.id).body == b"pain,n\r\n7,120\r\n"
        for session in (None, other.id, "A" * 43):
            refused = house.ask(address, session, accept="*/*")
            assert (refused.status, b"120" in refused.body) == (403, False)
        SESSIONS.end(ana.id)
        assert house.ask(address, ana.id).status == 403


def test_an_upload_to_the_tab_of_somebody_else_is_refused(house: House) -> None:
    ana, admin = begun(Role.DOCTOR), begun(Role.ADMIN)
    with house.dashboard.socket(house.tab(ana.id)) as tab:
        run = run_of(tab)
        assert house.ask(f"/_stcore/upload_file/{run}/{run}", admin.id, "PUT").status == 403


def test_a_tab_is_not_taken_over_by_another_session(house: House) -> None:
    """Whoever learns the number of somebody's run gets a run of her own, not the one with all that it keeps."""
    ana, other = begun(Role.ADMIN), begun(Role.LEADERSHIP)
    with house.dashboard.socket(house.tab(ana.id)) as tab:
        run = run_of(tab)
        asking = house.tab(other.id)
        asking.headers["sec-websocket-protocol"] = f"streamlit, x, {run}"
        with house.dashboard.socket(asking) as taken:
            said = taken.run()
            assert run not in words(said).decode("latin-1")
            assert "audit_log" not in menu(said)


@pytest.mark.parametrize("header", ["x-synapse-session", "X-Synapse-Session"])
def test_the_header_of_the_door_cannot_be_brought_along(house: House, header: str) -> None:
    ana, other = begun(Role.ADMIN), begun(Role.LEADERSHIP)
    asking = house.tab(other.id)
    asking.headers[header] = ana.id
    with house.dashboard.socket(asking) as tab:
        assert "audit_log" not in menu(tab.run())


@pytest.mark.parametrize(
    "changed", [{"host": "127.0.0.1:8501"}, {"host": "evil.example"}, {"host": None}, {"client": "192.168.1.7"}, {"host": f"{HOST}@evil"}]
)
def test_who_comes_by_another_way_gets_nothing(house: House, changed: Mapping[str, str | None]) -> None:
    given = {"host": HOST, "client": "127.0.0.1"} | changed
    asking = Asking("/", host=given["host"], client=given["client"] or "", headers={"cookie": f"{COOKIE}={begun(*ROLES).id}"})
    assert house.dashboard.ask(asking).status == 403


def test_what_needs_no_session_says_nothing_of_the_data(house: House) -> None:
    assert house.ask("/api/healthz", None).body == b'{"status":"ok"}'
    assert house.ask("/api/readyz", None).body == b'{"status":"ready"}'
    assert house.ask("/api/readyz", None, "HEAD").status == 200


@pytest.mark.parametrize("route", ["/api/healthz", "/api/readyz"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "OPTIONS", "PATCH"])
def test_health_takes_nothing(house: House, route: str, method: str) -> None:
    assert house.ask(route, None, method).status == 405


def test_a_message_that_is_none_closes_the_tab(house: House) -> None:
    with house.dashboard.socket(house.tab(begun(Role.DOCTOR).id)) as tab:
        message = BackMsg()
        message.clear_cache = True
        tab.say(message)
        tab._tell({"type": "websocket.receive", "bytes": b"\xff\xff\xff"})
        assert tab.closed()
