"""What leaves through a button: role, session and policy are asked again, the file is made, a line is logged, and only then the file leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from synapse_analytics import audit
from synapse_analytics.access import Permission
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.web import permitted


def leaving(
    handle: Clinic,
    make: Callable[[Clinic], bytes],
    about: audit.Subject,
    *,
    event: audit.Event = audit.Event.DOWNLOAD,
    needs: Permission = Permission.EXPORT_SHOWN,
) -> Callable[[], bytes]:
    """What a button calls when somebody clicks on it; where the line cannot be written there is no file."""

    def file() -> bytes:
        content = make(still_allowed(handle, needs))
        detail = {"policy": handle.policy.name, "generation": handle.generation.id} | dict(about.detail or {})
        logged = replace(about, sha256=hashlib.sha256(content).hexdigest(), detail=detail)
        audit.append(event, handle.asker, logged, home=handle.home, done="No file was made")
        return content

    return file


def still_allowed(handle: Clinic, needs: Permission = Permission.EXPORT_SHOWN) -> Clinic:
    """The handle a file is made with, when it is made; NotAllowed if role or session have ended, or the deployment has become stricter, since the page was drawn."""
    permitted.check(handle.asker, needs, "download", handle.home)
    open_clinic(asker=handle.asker).under(handle.policy)
    return handle
