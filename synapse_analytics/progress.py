"""How long work tells how far it is: a callback that a terminal bar, a web page or a test can be."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as (what, done, total) with whole units of work; total 0 = not known yet."""


def quiet(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
