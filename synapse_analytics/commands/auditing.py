"""The command about the audit log: verify it, search it, export it, list the questions, settle what was wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer

from synapse_analytics import audit as log
from synapse_analytics.cohort import Cohort
from synapse_analytics.commands.common import Database, FormatOption, operator
from synapse_analytics.disclosure import CLINIC
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.store import store_home
from synapse_analytics.terminal import Format, note, write_rows
from synapse_analytics.vocabulary.plurals import counted

TAKES = {  # which option narrows what
    "verify": ("--head",),
    "list": ("--user", "--since", "--until", "--event", "--text"),
    "questions": ("--under", "--user", "--since"),
    "export": (),
    "settle": ("--reason",),
}
A_DAY = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD"}


def audit(
    action: Annotated[
        str,
        typer.Argument(
            help="verify: has anything been changed? list: the lines, searched. export: every line as JSON. questions: the list of questions. "
            "settle: go on after a problem was looked into"
        ),
    ] = "verify",
    under: Annotated[int | None, typer.Option(min=1, help="questions about cohorts of fewer patients than this")] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="lines or questions of this person")] = None,
    since: Annotated[datetime | None, typer.Option(help="lines or questions from this day on (UTC)", **A_DAY)] = None,
    until: Annotated[datetime | None, typer.Option(help="lines until this day (UTC)", **A_DAY)] = None,
    event: Annotated[str | None, typer.Option(help="lines about this event, such as load_asked or sign_in")] = None,
    text: Annotated[str | None, typer.Option(help="lines that have this anywhere")] = None,
    head: Annotated[
        str | None, typer.Option(metavar='"NUMBER CHAIN"', help="verify that this last line, which you noted elsewhere, is still there")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="what you found when you looked into the problem; no patient's data")] = None,
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Verify the audit log, search it, export it, or list which questions were asked, by whom and about which patients."""
    given = {
        "--under": under,
        "--user": user,
        "--since": since,
        "--until": until,
        "--event": event,
        "--text": text,
        "--head": head,
        "--reason": reason,
    }
    _check(action, [name for name, value in given.items() if value is not None])
    home, first, last = store_home(database), since and since.date(), until and until.date()
    if action == "verify":
        _verify(database, _head_from(head))
    elif action == "settle":
        _settle(reason or "", database)
    elif action == "export":
        for line in log.export(home):
            sys.stdout.write(f"{line}\n")
    elif action == "list":
        found = log.search(home, user=user, event=_event_from(event), since=first, until=last, text=text or "")
        write_rows([_listed(line, form) for line in found], form, "Lines of the audit log")
    else:
        asked = log.questions(home, under=under, user=user, since=first)
        write_rows(list(_shown(asked, form)), form, "Questions")


def _check(action: str, given: list[str]) -> None:
    """UsageError for an action that is none, and for an option that it does not take."""
    if action not in TAKES:
        raise UsageError(f"'{action}' is not an action. Allowed: {', '.join(TAKES)}.")
    for name in given:
        if name not in TAKES[action]:
            takers = ", ".join(f"audit {one}" for one, names in TAKES.items() if name in names)
            raise UsageError(f"'audit {action}' does not take {name}. Allowed with: {takers}.")


def _verify(database: str | None, head: tuple[int, str] | None) -> None:
    home = store_home(database)
    if not log.may_read(home):
        raise StoreError(f"This account may not read the audit log in '{home}'. Run this as the account that the store belongs to.")
    found = log.verify(home, head=head)
    for said in found.notes:
        note(said)
    if found.problem:
        raise StoreError(
            f"The audit log is not whole: {found.problem}. {counted(found.lines, 'line')} could be verified. "
            "Look into it; then `audit settle --reason TEXT` notes what you found, and the log goes on from there."
        )
    if found.head is None:
        note(f"There is no audit log in '{home}' yet.")
        return
    note(f"The audit log is complete and unchanged: {counted(found.lines, 'line')}.")
    note(f'Its last line, to be noted elsewhere and compared with --head: "{found.head}"')


def _head_from(text: str | None) -> tuple[int, str] | None:
    """The last line that somebody noted."""
    if text is None:
        return None
    number, _, chain = text.strip().partition(" ")
    if not number.isdecimal() or not chain:
        raise UsageError(f"--head: '{text}' is not a last line. Allowed: its number and its chain, as 'audit verify' prints them.")
    return int(number), chain.strip()


def _settle(reason: str, database: str | None) -> None:
    problem = log.settle(reason, operator(), store_home(database))
    note(f"Settled: {problem}.")
    _verify(database, None)


def _event_from(text: str | None) -> log.Event | None:
    if text is None or text in list(log.Event):
        return log.Event(text) if text else None
    raise UsageError(f"--event: '{text}' is not an event. Allowed: {', '.join(log.Event)}.")


def _listed(line: log.Line, form: Format) -> dict[str, Any]:
    """One line, for people without what only a program needs."""
    row: dict[str, Any] = {"number": line.number, "at": _moment(line.at), "user": line.user, "event": line.event}
    if form is Format.JSON:
        return row | {
            "at": line.at,
            "roles": line.roles,
            "cohort": line.cohort,
            "rows": line.rows,
            "sha256": line.sha256,
            "detail": line.detail,
        }
    detail = "; ".join(f"{name}: {value}" for name, value in line.detail.items() if value not in (None, {}))
    return row | {"roles": line.roles.replace(",", ", "), "cohort": line.cohort, "rows": line.rows, "detail": detail}


def _moment(at: str) -> str:
    return at[:19].replace("T", " ")  # UTC


def _shown(found: Iterable[log.Question], form: Format) -> Iterable[dict[str, Any]]:
    for question in found:
        row: dict[str, Any] = {
            "at": _moment(question.at),
            "user": question.user,
            "roles": question.roles.replace(",", ", "),
            "answer": question.answer,
            "cohort": _words(question.cohort),
            "url": question.cohort,
        }
        if form is Format.JSON:
            yield row | {"at": question.at, "options": question.options, "n": question.n, "refused": question.refused}
        else:
            options = ", ".join(f"{name}={value}" for name, value in question.options.items() if value is not None)
            yield row | {"options": options, "n": f"1 to {CLINIC.group - 1}" if question.refused else question.n}


def _words(url: str) -> str:
    cohort, notices = Cohort.from_url(url)
    return cohort.sentence() + (" (and a filter that this version of the program does not know)" if notices else "")
