"""A session ends: without use, when it is too old, at a sign-out, and when there are too many."""

from __future__ import annotations

import pytest

from synapse_analytics.access import NOBODY, Person, Role
from synapse_analytics.web.door import sessions
from synapse_analytics.web.door.sessions import Session, Sessions, is_alive

ANA = Person("ana@clinic.example", frozenset({Role.DOCTOR}))


class Clock:
    """Seconds that a test lets pass."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(clock: Clock) -> Sessions:
    return Sessions(idle=900, longest=28_800, clock=clock)


@pytest.fixture
def ends(held: Sessions) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    held.watch(lambda session, why: told.append((session.id, why)))
    return told


def begun(held: Sessions) -> Session:
    return held.begin(lambda name: Person(ANA.name, ANA.roles, name))


def test_a_session_that_is_used_lasts_until_it_is_too_old(held: Sessions, clock: Clock, ends: list[tuple[str, str]]) -> None:
    session = begun(held)
    for _ in range(32):
        clock.now += 899
        assert held.find(session.id) is session
        held.touch(session)
    assert held.left(session) == 28_800 - 32 * 899
    clock.now += 32
    assert held.find(session.id) is None
    assert ends == [(session.id, "too old")]


def test_a_session_without_use_ends(held: Sessions, clock: Clock, ends: list[tuple[str, str]]) -> None:
    session = begun(held)
    clock.now += 899
    assert held.person(session.id) == ANA
    clock.now += 1
    held.sweep()
    assert ends == [(session.id, "idle")]
    assert held.person(session.id) == NOBODY


def test_looking_for_a_session_is_no_use_of_it(held: Sessions, clock: Clock) -> None:
    session = begun(held)
    for _ in range(9):
        clock.now += 100
        held.find(session.id)
    assert held.find(session.id) is None


@pytest.mark.parametrize("name", [None, "", "A" * 43, "\x00", "é" * 10_000])
def test_a_name_of_no_session_is_nobody(held: Sessions, name: str | None) -> None:
    begun(held)
    assert held.find(name) is None
    assert held.person(name) == NOBODY


def test_what_has_ended_does_not_come_back(held: Sessions, ends: list[tuple[str, str]]) -> None:
    first, second = begun(held), begun(held)
    held.end(first.id)
    held.end(first.id)
    held.touch(first)
    assert (held.find(first.id), held.find(second.id)) == (None, second)
    assert ends == [(first.id, "signed out")]
    assert first.id != second.id


def test_roles_are_those_of_the_moment(held: Sessions) -> None:
    roles = {"now": frozenset({Role.ADMIN})}
    session = held.begin(lambda name: Person("ana", roles["now"], name))
    roles["now"] = frozenset()
    assert held.person(session.id).roles == frozenset()


def test_of_too_many_the_one_without_use_for_longest_ends(
    held: Sessions, clock: Clock, ends: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    first, second, third = begun(held), begun(held), begun(held)
    clock.now += 1
    held.touch(first)
    held.touch(third)
    begun(held)
    assert ends == [(second.id, "too many")]


def test_a_person_is_alive_as_long_as_the_session(monkeypatch: pytest.MonkeyPatch, held: Sessions) -> None:
    monkeypatch.setattr(sessions, "SESSIONS", held)
    person = begun(held).person
    assert is_alive(person)
    held.end(person.session)
    assert not is_alive(person)
    assert is_alive(ANA)  # at the command line nobody has a session
