"""Whether the log is whole: the chain is followed from the first line to the last, the noted end is looked at, and the witnesses are asked."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synapse_analytics.audit import chain, witness
from synapse_analytics.audit.chain import COLUMNS, DATABASE, HEAD, KEY, START, audit_home, chained, lines, log_of
from synapse_analytics.audit.entries import Event
from synapse_analytics.audit.witness import Head
from synapse_analytics.files import content_of

ALONE = "No witness knows this log: a whole folder that was put back to an earlier copy is not found. Compare the last line with --head."


@dataclass(frozen=True, slots=True)
class Verification:
    """How many lines hold and, when not all do, where and how the log was changed."""

    lines: int
    problem: str | None = None
    head: str | None = None  # number and chain of the last line, to be noted elsewhere
    notes: tuple[str, ...] = ()  # sentences: what was settled, and what the witnesses outside the folder know


def verify(home: Path | None = None, *, head: tuple[int, str] | None = None, witnessed: bool = True) -> Verification:
    """Whether the log is whole; the first thing that does not fit is named. `head` is a last line that somebody noted elsewhere.

    `witnessed=False` for a copy in a backup: it may end before what the witnesses know, and none of them is asked or told.
    """
    folder = audit_home(home)
    walk = _Walk()
    try:
        problem = _missing(folder) or _followed(folder, walk) or _end_problem(folder, walk.last) or _guard_problem(folder)
        problem = problem or _noted_problem(folder, head)
        problem, notes = _asked(folder, walk.last, problem) if witnessed else (problem, [])
    except (*chain.UNREADABLE, TypeError) as fault:  # whatever somebody has put into its files
        return Verification(walk.good, f"the log in '{folder}' cannot be read after line {walk.good} ({fault})")
    if problem is None and witnessed:
        notes += _told(folder, walk.last)
    return Verification(walk.good, problem, str(walk.last) if walk.last else None, (*walk.settled, *notes))


@dataclass(slots=True)
class _Walk:
    """How far the chain was followed, and what was found on the way."""

    good: int = 0  # lines before the first that does not hold
    problem: str | None = None
    last: Head | None = None
    settled: list[str] = field(default_factory=list)

    def follow(self, key: bytes, found: Iterable[Mapping[str, Any]]) -> None:
        """Follow the chain over all lines. What was settled is a note, as long as the lines before are what they were then."""
        before, number, seal = START, 0, hashlib.sha256()
        for line in found:
            number += 1
            if line["number"] != number:
                self.problem = self.problem or f"line {number} is missing"
                number = line["number"]
            holds = _same(line["chain"], chained(key, before, number, line))
            if not holds:
                self.problem = self.problem or f"line {number} was changed or put in"
            elif line["event"] == Event.LOG_SETTLED:
                self._settle(line, seal.hexdigest())
            elif line["event"] == Event.GENERATION_FOUND:
                self.problem = self.problem or _found_problem(line)
            before = line["chain"]
            seal.update(chain.as_digested(line[name] for name in COLUMNS))
            self.good += self.problem is None
        if number:
            self.last = Head(log_of(key), number, str(before))

    def _settle(self, line: Mapping[str, Any], seal: str) -> None:
        if not _same(line["sha256"], seal):
            self.problem = f"lines before line {line['number']}, where the log was settled, were changed after that"
            return
        detail = json.loads(line["detail"])
        said = f"Line {line['number']}: {line['user']} settled on {line['at'][:10]} that {detail['problem']}. Reason: {detail['reason']}"
        self.settled.append(said)
        self.problem, self.good = None, line["number"] - 1


def _same(one: object, other: object) -> bool:
    return hmac.compare_digest(str(one).encode("utf-8", "replace"), str(other).encode("utf-8", "replace"))


def _found_problem(line: Mapping[str, Any]) -> str | None:
    detail = json.loads(line["detail"])
    if detail.get("asked"):
        return None
    return f"data version {detail.get('generation')} came into use and nobody asked for it in this log (line {line['number']})"


def _missing(folder: Path) -> str | None:
    """What of the log is missing, of which something is there."""
    there = [name for name in (DATABASE, KEY, HEAD) if (folder / name).exists()]
    gone = [name for name in (DATABASE, KEY, HEAD) if name not in there]
    if not there or gone in ([], [HEAD]):  # a note that is not there may still be on its way
        return None
    return f"{' and '.join(repr(name) for name in gone)} {'is' if len(gone) == 1 else 'are'} missing"


def _followed(folder: Path, walk: _Walk) -> str | None:
    """Follow the chain; the first problem, if any."""
    if _guards(folder):  # else who made the file was stopped before the first line
        walk.follow(content_of(folder / KEY), lines(folder))
    return walk.problem


def _guards(folder: Path) -> list[tuple[str, str]]:
    if not (folder / DATABASE).exists():
        return []
    with closing(chain.reader(folder)) as connection:
        return chain.guards(connection)


def _guard_problem(folder: Path) -> str | None:
    altered = _guards(folder) not in ([], chain.expected_guards())
    return "the table of the log, or what guards it against changes, was altered" if altered else None


def _end_problem(folder: Path, last: Head | None) -> str | None:
    """What is wrong with the note of the last line; a first note that was not put in its place yet is as good."""
    if last is None and not (folder / HEAD).exists():
        return None
    if (found := chain.noted_end(folder)) is None:
        return "the note of the last line is missing"
    if not chain.is_ours(content_of(folder / KEY), found):
        return "the note of the last line was changed"
    if last is None or not chain.has(folder, found.number, found.chain):
        return f"lines at the end are missing: line {found.number} was written"
    return None


def _noted_problem(folder: Path, head: tuple[int, str] | None) -> str | None:
    """What is wrong if somebody noted this last line elsewhere."""
    if head is None:
        return None
    if not (folder / DATABASE).exists():
        return f"the log is gone: somebody noted line {head[0]}"
    return None if chain.has(folder, *head) else f"line {head[0]} is not there as it was noted: lines are missing, or this is another log"


def _asked(folder: Path, last: Head | None, problem: str | None) -> tuple[str | None, list[str]]:
    """The problem, else what a witness knows and the log does not, and a note on every witness that is a file."""
    notes, knowing = [], 0
    for path in witness.files(folder):
        try:
            known = witness.noted(path)
        except (OSError, ValueError) as fault:
            problem = problem or f"the witness '{path}' was changed or cannot be read ({fault})"
            continue
        if last or known:
            notes.append(f"Witness '{path}': {f'it knows line {known.number}' if known else 'it knows nothing yet'}.")
        if known:
            knowing += 1
            problem = problem or _contradiction(folder, last, known, path)
    if last and not knowing:
        notes.append(ALONE)
    return problem, notes


def _contradiction(folder: Path, last: Head | None, known: Head, path: Path) -> str | None:
    if last is None:
        return f"the log is gone: the witness '{path}' knows line {known.number}"
    if known.log != last.log:
        return f"this is another log than the one of which the witness '{path}' knows line {known.number}"
    if known.number > last.number and not chain.has(folder, known.number, known.chain):
        return f"lines at the end are missing: the witness '{path}' knows line {known.number}"
    if not chain.has(folder, known.number, known.chain):
        return f"the log was put back to an earlier copy and went on from there: the witness '{path}' knows another line {known.number}"
    end = chain.noted_end(folder)
    if end and end.number < known.number:
        return f"the note of the last line was put back to an earlier one: the witness '{path}' knows line {known.number}"
    return None


def _told(folder: Path, last: Head | None) -> list[str]:
    """Tell syslog and the command of the clinic the last line, to find out whether they can be told; a note on each."""
    notes: list[str] = []
    if last is None:
        return notes
    for name, say in witness.callers(folder):
        try:
            say(last)
            notes.append(f"Witness {name}: it was told the last line; compare with --head what it was told before.")
        except OSError as fault:
            notes.append(f"Witness {name}: it cannot be told ({fault}).")
    return notes
