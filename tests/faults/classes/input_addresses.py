"""Hostile addresses: read as links and by the pages, asked of the server, and opened as pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, parse_qsl

from streamlit.testing.v1 import AppTest

from synapse_analytics.access import Role
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import FILTERS, Cohort, policy_of
from synapse_analytics.errors import UsageError
from synapse_analytics.web.document import is_too_long
from synapse_analytics.web.session import CLINIC, COHORT
from tests.door.asked import Asking
from tests.door.test_access import HOST
from tests.faults import hostile_addresses as hostile
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.inside import at_home, drawn_home
from tests.faults.served import ask, begun, served
from tests.pages.test_pages import components, entered
from tests.reading import seen_markdown

READ = "Each filter of the address is in force or is named in a short note, nobody gets a wider cohort or a weaker policy unsaid, and no other error comes out."
ANSWERED = "The server answers within two seconds with a page, a way to one or a refusal: no fault of the server, no word of the address in it, no file."
OPENED = f"The page stands. {READ}"
SLOWEST, SLOWEST_PAGE = 2.0, 30.0  # seconds of work: to read an address or answer it, and to draw a page on a machine with other work
LONGEST_NOTE, LONGEST_BANNER = 1_000, 6_000  # characters
REFLECTED = (b"alert(1)", b"onerror", b"evil.example/x.png", b"root:", b"UNION SELECT", b"Traceback", b"DROP TABLE")


def _not_applied(query: str, cohort: Cohort, said: str) -> str:
    """The first filter of a query that is neither in force, all of it and nothing else, nor named in what was said."""
    asked: dict[str, set[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in FILTERS:
            asked.setdefault(name, set()).update(part.strip() for part in value.split(",") if part.strip())
        elif not said and name not in hostile.KNOWN | hostile.STREAMLITS:
            return f"the name {name[:40]!r}"
    for name, parts in asked.items():
        held = getattr(cohort, name)
        in_force = {str(one) for one in (held if isinstance(held, tuple) else (held,)) if one is not None}
        are_those = in_force == parts or (name.startswith("age_") and in_force == {part.lstrip("0") or "0" for part in parts})
        if not are_those and FILTERS[name].label.casefold() not in said.casefold():
            return f"the filter {name}"
    return ""


def _as_links(folder: Path) -> AbstractContextManager[Inject]:
    return _asking(lambda number: _as_link(number) or _read_by_a_page(number))


@contextmanager
def _asking(judge: Callable[[int], str], slowest: float = SLOWEST) -> Iterator[Inject]:
    with at_home(drawn_home()):
        open_clinic()

        def inject(number: int) -> End:
            begin = time.process_time()
            wrong = judge(number)
            return End(wrong or ("it takes too long" if time.process_time() - begin > slowest else ""))

        yield inject


def _as_link(number: int) -> str:
    """What is wrong with how the address is read as a link and as a query."""
    known = open_clinic().generation
    query, whole = hostile.query(number), hostile.address(number)
    cohort, notices = Cohort.from_url(query, sites=known.sites, clinicians=known.clinicians)
    if any(len(notice) > LONGEST_NOTE or not notice.isprintable() for notice in notices):
        return "a note is no short line"
    if wrong := _not_applied(query, cohort, " ".join(notices)):
        return f"{wrong} is left out of the query unsaid"
    try:
        cohort = Cohort.from_link(whole, sites=known.sites, clinicians=known.clinicians)
        weaker = "publish" in parse_qs(query).get("policy", ()) and "publish" not in (policy_of(whole) or "")
    except UsageError as error:
        return "the error is no short line" if len(str(error)) > LONGEST_BANNER or not str(error).isprintable() else ""
    if "#" in whole.partition("?")[0]:
        return ""  # a browser looks for nothing behind it
    wrong = _not_applied(query, cohort, "")
    return f"{wrong} is left out of the link unsaid" if wrong else "the policy of the link is lost" if weaker else ""


def _reading(page: str) -> None:
    """What the router does with an address before it draws a page."""
    import streamlit as st

    from synapse_analytics.web import address, link
    from synapse_analytics.web.session import COHORT, open_anew

    link.opened({name: st.query_params.get_all(name) for name in st.query_params})
    address.note_link()
    open_anew()
    address.arrive(page)
    asked, notices = address.read_cohort()
    st.session_state[COHORT] = asked
    link.banner(notices)


def _read_by_a_page(number: int) -> str:
    at = AppTest.from_function(_reading, kwargs={"page": hostile.page_of(number)}, default_timeout=60)
    at._bidi_component_manager = components()
    return _shown(at, number)


def _opened(number: int) -> str:
    return _shown(entered(hostile.page_of(number)), number)


def _shown(at: AppTest, number: int) -> str:
    """What is wrong with what a page says of its address."""
    query = hostile.query(number)
    if is_too_long(query.encode()):
        return ""  # the server opens no page for it
    for name, values in parse_qs(query, keep_blank_values=True).items():
        at.query_params[name] = values
    at.run()
    if at.exception:
        return f"the page fails: {at.exception[0].value[:200]}"
    said = " ".join(seen_markdown(info.value) for info in at.info)
    if len(said) > LONGEST_BANNER:
        return f"the note has {len(said)} characters"
    if wrong := _not_applied(query, at.session_state[COHORT], said):
        return f"{wrong} is left out of the page unsaid"
    wishes = [value for value in parse_qs(query).get("policy", ()) if value != "clinic"]
    return "the policy of the address is lost" if wishes and at.session_state[CLINIC].policy.name != "publish" else ""


@contextmanager
def _of_the_server(folder: Path) -> Iterator[Inject]:
    with at_home(drawn_home()) as patch, served(patch, folder) as dashboard:
        cookie = begun(*Role)

        def inject(number: int) -> End:
            random = Random(number)
            host = HOST if number % 5 else random.choice(hostile.HOSTS).partition("//")[2] or "evil.example"
            host = host.encode().decode("latin-1")
            asking = Asking(hostile.path_and_query(number), host=host, headers={"accept": random.choice(("text/html", "*/*"))})
            begin = time.process_time()
            answer = ask(dashboard, asking, cookie)
            if time.process_time() - begin > SLOWEST:
                return End("it takes too long")
            if is_too_long(asking.path.partition("?")[2].encode()) and answer.status == 200:
                return End("a page that would read nothing of the address")
            if answer.status >= 500 or (host != HOST and answer.status != 403):
                return End(f"status {answer.status}")
            if found := [word for word in REFLECTED if word in answer.body]:
                return End(f"the answer holds {found[0]!r}")
            to = answer.header("location")
            return End("it leads to another place") if to and (not to.startswith("/") or to.startswith(("//", "/\\"))) else SURVIVED

        yield inject


CLASSES = (
    Faults("hostile addresses, read as links and by the pages", READ, 2_000, 12, _as_links),
    Faults("hostile addresses, asked of the server", ANSWERED, 150, 10, _of_the_server),
    Faults("hostile addresses, opened as pages", OPENED, 40, 1, lambda _folder: _asking(_opened, SLOWEST_PAGE)),
)
