"""What killed processes left in a store is removed when the dashboard starts, and when a command is about to write."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from synapse_analytics.errors import SynapseError
from synapse_analytics.store.alone import LOADING
from synapse_analytics.store.building import sweep
from synapse_analytics.store.contents import GENERATIONS, LOCK, READYING, leftovers
from synapse_analytics.store.engine import store_folder
from synapse_analytics.store.locks import FileLock, waiting_for
from synapse_analytics.store.restore import finish


def sweep_up(database: str | None = None) -> None:
    """Remove what killed loads, restores and writers of small files left, and finish a restore that had begun; never fails.

    What cannot be done now, as the disk may not be written or somebody holds the store, is done the next time.
    """
    store = store_folder(database)
    with suppress(OSError, SynapseError, sqlite3.Error):
        if not store.is_dir():
            return
        finish(store)
        with waiting_for(store / LOCK, seconds=2):
            if (store / GENERATIONS).is_dir():
                sweep(store)
        for path in leftovers(store):
            _remove(store, path)


def _remove(store: Path, path: Path) -> None:
    """Remove what was left; what a restore lays ready only where none is under way."""
    if path.name != READYING:
        path.unlink(missing_ok=True)
        return
    with FileLock(store / LOADING) as lock:
        if lock.take():
            shutil.rmtree(path, ignore_errors=True)
