"""Who is served when many click at once: two runs at a time, the others one after the other, mostly in the order in which they came.

Python computes in one thread at a time. If all runs that are asked for share it, all of them end late; one after the other, most end early.
The second run computes while the first one waits for the database. Many at once also cost more of the processor: every
widget takes one lock of Streamlit, for which all of them wait.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
PATIENCE = 5.0  # s after which a run begins in any case: those before it may be at work for long

_turns = threading.BoundedSemaphore(AT_ONCE)
_of_thread = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn, and give it back at the end; a run that is in its turn already goes on."""
    if getattr(_of_thread, "running", False):
        yield
        return
    _of_thread.running = True
    taken = _turns.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        _of_thread.running = False
        if taken:
            _turns.release()
