"""Which session a run of a page, and a file that it offers, belongs to.

Streamlit gives every open tab a run of its own and keeps with it the headers of its websocket, where the edge has put the name of the session.
"""

from __future__ import annotations

import threading
from pathlib import PurePosixPath

from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager

from synapse_analytics.web.door.sessions import HEADER, Session

_NAME = HEADER.decode()


def owner_of_run(run: str) -> str | None:
    """The name of the session that an open tab belongs to; None if there is no such tab."""
    client = Runtime.instance().get_client(run) if Runtime.exists() else None
    known = client.client_context if client else None
    return dict(known.headers).get(_NAME) if known else None


def owns_run(session: Session, run: str) -> bool:
    """True if the tab is open and belongs to the session."""
    return owner_of_run(run) == session.id


def owns_file(session: Session, path: str) -> bool:
    """True if a tab of the session offers the file at this address of `/media/`, or had it made by a click on a download."""
    if not Runtime.exists():
        return False
    file = PurePosixPath(path).stem
    offered = Runtime.instance().media_file_mgr._files_by_session_and_coord
    runs = {run for run, held in list(offered.items()) if file in held.values()} | _asked_for.get(file, set())
    return any(owns_run(session, run) for run in runs)


def _noting(manager: MediaFileManager, asked: str) -> str:
    """Make the file that a click asks for, and note which tab asked: Streamlit keeps that of files that are made when the page is drawn only."""
    entry = manager._deferred_callables.get(asked)
    address = _make(manager, asked)
    if entry is not None:
        file, run = PurePosixPath(address).stem, entry["session_id"]
        with _guard:
            for old in [old for old, runs in _asked_for.items() if not any(map(owner_of_run, runs))]:
                del _asked_for[old]  # of tabs that are closed
            _asked_for[file] = {run} | _asked_for.get(file, set())
    return address


_asked_for: dict[str, set[str]] = {}  # the tabs that had a file made, by the name of the file
_guard = threading.Lock()
_make = MediaFileManager.execute_deferred
MediaFileManager.execute_deferred = _noting  # type: ignore[method-assign, assignment]  # it has no place for somebody who listens
