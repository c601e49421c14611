"""What has changed since the last start of the server: the settings, and the policy in force."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from synapse_analytics import audit
from synapse_analytics.access import Person
from synapse_analytics.audit import Event, Subject
from synapse_analytics.clinic import deployment_policy
from synapse_analytics.errors import StoreError
from synapse_analytics.settings import read_settings, settings_file

IN_FORCE = "The settings and the policy are in force all the same"


def note_settings(home: Path, user: Person) -> None:
    """Log the settings (their sha256) and the policy in force where they are not those that the last start noted.

    SynapseError when the log cannot be read or written, or the settings cannot be used.
    """
    try:
        last, now = _last(home, Event.SETTINGS_CHANGE), _digest(settings_file(home))
        if now != (last and last["sha256"]):
            audit.append(Event.SETTINGS_CHANGE, user, Subject(sha256=now), home=home, done=IN_FORCE)
        policy = {"policy": deployment_policy(read_settings(home)).name}
        last = _last(home, Event.POLICY_CHANGE)
        if last is None or json.loads(last["detail"]) != policy:
            audit.append(Event.POLICY_CHANGE, user, Subject(detail=policy), home=home, done=IN_FORCE)
    except audit.UNREADABLE as fault:
        raise StoreError(f"{IN_FORCE}: the audit log in '{home}' cannot be read ({fault}). Check it with `audit verify`.") from fault


def _last(home: Path, event: Event) -> dict[str, Any] | None:
    return next(audit.lines(home, event, newest_first=True), None)


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
