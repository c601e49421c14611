"""Which session a run of a page, and a file that it offers, belongs to.

Streamlit gives every open tab a run of its own and keeps with it the headers of its websocket, where the edge has put the name of the session.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from streamlit.runtime import Runtime

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
    """True if a tab of the session offers the file at this address of `/media/`."""
    if not Runtime.exists():
        return False
    file = PurePosixPath(path).stem
    offered = Runtime.instance().media_file_mgr._files_by_session_and_coord
    return any(file in held.values() and owns_run(session, run) for run, held in list(offered.items()))
