"""Asked again whenever something is shown, done or taken away: may this person, and has the session not ended? A refusal is logged.

The page that offers something may be an hour old: roles are taken away and sessions end while a tab stays open.
"""

from __future__ import annotations

from pathlib import Path

from synapse_analytics import access, audit
from synapse_analytics.errors import NotAllowed
from synapse_analytics.web.door.sessions import SESSIONS, is_alive

ENDED = "Your session has ended. Sign in again."


def check(asker: access.Person, permission: access.Permission, of: str, home: Path | None = None) -> None:
    """NotAllowed unless the person may do this now; `of` names the page, button or file for the log."""
    alive = asker is not access.NOBODY and is_alive(asker)
    now = SESSIONS.person(asker.session) if asker.session and alive else asker
    if alive and access.may(now, permission):
        return
    why = "no_role" if alive else "session_ended"
    about = audit.Subject(detail={"permission": permission.name.lower(), "of": of, "why": why})
    audit.append(audit.Event.ACCESS_REFUSED, now, about, home=home)
    if not alive:
        raise NotAllowed(ENDED)
    access.check(now, permission)
