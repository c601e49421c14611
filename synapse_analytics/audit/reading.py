"""The questions of the log, read back: person, answer, cohort and options."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from synapse_analytics.audit.chain import audit_home, lines
from synapse_analytics.audit.entries import Event
from synapse_analytics.errors import StoreError


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it was logged; `n` is None where the cohort was refused, because it had so few patients."""

    at: str  # UTC
    user: str
    roles: str
    answer: str
    cohort: str  # URL of codes
    options: Mapping[str, Any]
    n: int | None  # patients of the cohort
    refused: bool
    generation: str


def questions(
    home: Path | None = None, *, under: int | None = None, user: str | None = None, since: date | None = None
) -> Iterator[Question]:
    """The questions asked, oldest first; only those about cohorts of `under` so many patients (a refused cohort is), by `user`, from day `since` (UTC) on."""
    try:
        for line in lines(home, Event.QUESTION):
            found = _question(line)
            small = under is None or found.refused or (found.n is not None and found.n < under)
            if small and user in (None, found.user) and (since is None or found.at[:10] >= since.isoformat()):
                yield found
    except (sqlite3.Error, ValueError, KeyError) as fault:
        raise StoreError(f"The audit log in '{audit_home(home)}' cannot be read ({fault}). Restore it from a backup.") from fault


def _question(line: Mapping[str, Any]) -> Question:
    detail = json.loads(line["detail"])
    return Question(
        at=line["at"],
        user=line["user"],
        roles=line["roles"],
        answer=detail["answer"],
        cohort=line["cohort"],
        options=detail["options"],
        n=detail["n"],
        refused=detail.get("refused", False),
        generation=detail["generation"],
    )
