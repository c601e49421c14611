"""Progress of long work: a callback that draws a bar at a terminal or on a page."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as (description, done, total), in units of work; total 0 means not known yet."""


def quiet(_description: str, _done: int, _total: int) -> None:
    """Show no progress."""
