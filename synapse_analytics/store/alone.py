"""One load at a time: whoever comes second is told since when the first is under way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from synapse_analytics.errors import StoreError
from synapse_analytics.files import why
from synapse_analytics.store.locks import FileLock
from synapse_analytics.store.private import make_private

LOADING = "loading"  # in the folder of a store: locked while a load is under way, and touched when it began


@contextmanager
def alone(store: Path, so: str = "Nothing was loaded.") -> Iterator[None]:
    """Be the only load of this store, in any process; StoreError if there is one already, which says how things stand (`so`)."""
    try:
        make_private(store)
        lock = FileLock(store / LOADING)
        is_free = lock.take()
    except OSError as error:
        raise StoreError(f"The store in {store} cannot be written: {why(error)}. {so}") from error
    if not is_free:
        since = datetime.fromtimestamp(lock.path.stat().st_mtime, UTC)
        raise StoreError(f"Another load is under way since {since:%H:%M} UTC. Wait until it is done. {so}")
    with lock:
        os.utime(lock.path)
        yield
