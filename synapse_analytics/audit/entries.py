"""The events that are logged, and the fields of one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from synapse_analytics.access import Person

FIELDS = ("at", "user", "roles", "event", "cohort", "rows", "sha256", "detail")
Entry = Mapping[str, Any]  # the fields of one line, not chained yet


class Event(StrEnum):
    """What is logged."""

    START = "start"  # the dashboard began to serve
    STOP = "stop"
    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"  # the provider knows the person, and no role of ours does
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session_ended"  # nobody signed out: the session was idle for too long, too old, or another sign-in took its place
    ACCESS_REFUSED = "access_refused"
    QUESTION = "question"
    QUESTIONS_LOST = "questions_lost"  # rows: how many were answered and could not be logged
    DOWNLOAD = "download"  # a table of released numbers was taken away
    REPORT_ASKED = "report_asked"
    REPORT = "report"  # it was made and leaves now
    LOAD_ASKED = "load_asked"  # a bundle was handed in
    LOAD_REFUSED = "load_refused"  # it was not accepted
    LOAD_ABORTED = "load_aborted"  # a fault or a person stopped it, and nothing was published
    PUBLISH_ASKED = "publish_asked"  # a data version is complete; the next step puts it into use
    PUBLISH = "publish"  # it is in use
    GENERATION_USE_ASKED = "generation_use_asked"
    GENERATION_USED = "generation_used"
    GENERATION_REMOVE_ASKED = "generation_remove_asked"
    GENERATION_REMOVED = "generation_removed"
    GENERATION_FOUND = "generation_found"  # the data version in use is not the one that the log put into use
    BACKUP_ASKED = "backup_asked"
    BACKUP = "backup"  # a backup was written and read back; sha256: of the list of its files
    RESTORE_ASKED = "restore_asked"  # in the log of the store that is replaced, where it has one
    RESTORE = "restore"  # in the log that was restored: the data version that is in use since
    DRAFT_MAPPING_ASKED = "draft_mapping_asked"
    DRAFT_MAPPING = "draft_mapping"  # a clinic's own files were read and a mapping of them was proposed
    ANONYMISE_ASKED = "anonymise_asked"
    ANONYMISE = "anonymise"  # its detail says whether the files were accepted, and what became of the rows
    EXPORT_PREVIEWED = "export_previewed"
    EXPORT_ASKED = "export_asked"
    EXPORT_FINISHED = "export_finished"
    EXPORT_ABORTED = "export_aborted"
    COHORT_SAVE_ASKED = "cohort_save_asked"
    COHORT_SAVED = "cohort_saved"
    COHORT_REMOVE_ASKED = "cohort_remove_asked"
    COHORT_REMOVED = "cohort_removed"
    SETTINGS_CHANGE = "settings_change"
    POLICY_CHANGE = "policy_change"
    LOG_SETTLED = "log_settled"  # an operator looked into what was wrong with the log, and says why it goes on


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of an event: the cohort as its URL of codes, how many rows, the sha256 of a file, and short details."""

    cohort: str | None = None
    rows: int | None = None
    sha256: str | None = None
    detail: Mapping[str, Any] | None = None


class Happening(NamedTuple):
    """An event, the person who caused it, its subject and time; made within a click, so it is turned into text later."""

    event: Event
    user: Person
    subject: Subject
    at: float  # seconds since 1970


def entry(happening: Happening) -> Entry:
    """The fields of its line."""
    event, user, about, at = happening
    return {
        "at": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds"),
        "user": user.name.encode("utf-8", "replace").decode(),  # a name that is no text must not keep the others from the disk
        "roles": ",".join(sorted(user.roles)),
        "event": Event(event).value,
        "cohort": about.cohort,
        "rows": about.rows,
        "sha256": about.sha256,
        "detail": json.dumps(about.detail or {}, sort_keys=True, default=_plain),
    }


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)
