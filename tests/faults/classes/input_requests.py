"""Requests that are forged: every case of who gets what (tests/door/test_access.py), put to a server that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from tests.door import test_access
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.inside import at_home, drawn_home
from tests.faults.served import served

EXPECTED = (
    "Whoever has no session, no role, another's cookie, file or tab, or comes from another place gets the page to sign in or a refusal, "
    "and nothing of the data."
)


def _cases() -> list[tuple[Any, dict[str, Any]]]:
    """Every test there with each of its values."""
    found = []
    for name, test in vars(test_access).items():
        if name.startswith("test_"):
            marks = [mark.args for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
            found += [
                (test, {}) if not chosen else (test, _given(chosen))
                for chosen in product(*([(names, one) for one in values] for names, values in marks))
            ]
    return found


def _given(chosen: tuple[tuple[Any, Any], ...]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for names, value in chosen:
        given |= {names: value} if isinstance(names, str) else dict(zip(names, value, strict=True))
    return given


CASES = _cases()


@contextmanager
def _prepare(folder: Path) -> Iterator[Inject]:
    home = drawn_home()
    with at_home(home) as patch, served(patch, folder) as dashboard:
        rest = {"house": test_access.House(dashboard), "sample_store": f"duckdb:///{home}"}

        def inject(number: int) -> End:
            test, given = CASES[number]
            wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
            try:
                test(**{name: (rest | given)[name] for name in wanted})
            except AssertionError as wrong:
                return End(f"{test.__name__} {given}: {str(wrong)[:200]}")
            return SURVIVED

        yield inject


CLASSES = (Faults("forged requests", EXPECTED, len(CASES), 10, _prepare),)
