"""The log read back: its lines, searched; and the questions among them, with person, answer, cohort and options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, TypedDict, Unpack

from synapse_analytics.audit.chain import UNREADABLE, lines, unreadable
from synapse_analytics.audit.entries import Event

WORDS = ("number", "at", "user", "roles", "event", "cohort", "rows", "sha256")  # of a line as it stands in the file


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log."""

    number: int
    at: str  # UTC
    user: str
    roles: str  # separated by commas
    event: str  # the value of an Event, perhaps of another version of the program
    cohort: str | None  # URL of codes
    rows: int | None
    sha256: str | None
    detail: Mapping[str, Any]


class Sought(TypedDict, total=False):
    """What narrows a search of the log."""

    user: str | None
    event: Event | None
    since: date | None  # the first day (UTC)
    until: date | None  # the last day
    text: str  # stands anywhere in the line, in whatever case
    newest_first: bool
    limit: int | None


def search(home: Path | None = None, **sought: Unpack[Sought]) -> list[Line]:
    """The lines that fit, the oldest first unless asked otherwise; StoreError where the log cannot be read."""
    try:
        return list(islice(map(_line, _lines(home, sought)), sought.get("limit")))
    except UNREADABLE as fault:
        raise unreadable(home, fault) from fault


def _lines(home: Path | None, sought: Sought) -> Iterator[dict[str, Any]]:
    """The lines of this event, person and time, with this text. Each is looked at as it stands in the file: of very many lines few fit."""
    since, until, event = sought.get("since"), sought.get("until"), sought.get("event")
    text = sought.get("text", "").casefold()
    for line in lines(home, *[event] if event else [], newest_first=sought.get("newest_first", False)):
        if (
            sought.get("user") in (None, line["user"])
            and (since is None or line["at"][:10] >= since.isoformat())
            and (until is None or line["at"][:10] <= until.isoformat())
            and (not text or text in _words(line).casefold())
        ):
            yield line


def _words(line: Mapping[str, Any]) -> str:
    """What a text is looked for in. In details what is not ASCII stands as numbers, so those that have any are read."""
    detail = line["detail"]
    said = json.dumps(json.loads(detail), ensure_ascii=False) if "\\" in detail else detail
    return " ".join(word for word in (line["user"], line["roles"], line["event"], line["cohort"], line["sha256"], said) if word)


def _line(line: Mapping[str, Any]) -> Line:
    """A line with its details; those of another form, which somebody has put in, under a name of their own."""
    detail = json.loads(line["detail"])
    return Line(**{name: line[name] for name in WORDS}, detail=detail if isinstance(detail, Mapping) else {"detail": detail})


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it was logged; `n` is None where the cohort was refused, because it had so few patients."""

    at: str  # UTC
    user: str
    roles: str
    answer: str
    cohort: str  # URL of codes
    options: Mapping[str, Any]  # "given" for what described one patient
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
    except (*UNREADABLE, KeyError, TypeError) as fault:
        raise unreadable(home, fault) from fault


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
