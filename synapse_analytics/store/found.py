"""Whether the log put the data version in use into use: a process may have been killed at the pointer, or somebody moved it by hand."""

from __future__ import annotations

import json
from pathlib import Path

from synapse_analytics import audit
from synapse_analytics.audit import Event, Subject
from synapse_analytics.errors import StoreError
from synapse_analytics.store.engine import store_folder
from synapse_analytics.store.generations import current_id

IN_USE = (Event.PUBLISH, Event.GENERATION_USED, Event.GENERATION_FOUND, Event.RESTORE)
ASKED = (Event.PUBLISH_ASKED, Event.GENERATION_USE_ASKED)


def audit_pointer(database: str | None = None) -> None:
    """Log that another data version is in use than the log put into use; StoreError when that cannot be logged.

    The line says whether somebody asked for it since: then whoever put it into use was stopped before the last line.
    """
    store = store_folder(database)
    try:
        generation = current_id(store)
    except StoreError:
        return  # none is in use; whatever needs one says why
    try:
        in_use, asked = _last(store)
    except audit.UNREADABLE as fault:
        raise StoreError(f"Nothing was done: the audit log in '{store}' cannot be read ({fault}). Check it with `audit verify`.") from fault
    if in_use != generation:
        found = Subject(detail={"generation": generation, "asked": generation in asked})
        audit.append(Event.GENERATION_FOUND, audit.ITSELF, found, home=store)


def _last(store: Path) -> tuple[str | None, set[str]]:
    """The data version that the log put into use last, and those that were asked for since."""
    asked: set[str] = set()
    for line in audit.lines(store, *IN_USE, *ASKED, newest_first=True):
        if line["event"] in IN_USE:
            return json.loads(line["detail"]).get("generation"), asked
        asked.add(json.loads(line["detail"]).get("generation"))
    return None, asked
