"""The command about the audit log: verify its chain, export it, list the questions."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer

from synapse_analytics import audit as log
from synapse_analytics.cohort import Cohort
from synapse_analytics.commands.common import Database, FormatOption
from synapse_analytics.disclosure import CLINIC
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.store import store_home
from synapse_analytics.terminal import Format, note, write_rows
from synapse_analytics.vocabulary.plurals import counted

ACTIONS = ("verify", "export", "questions")


def audit(
    action: Annotated[
        str, typer.Argument(help="verify: has anything been changed? export: every line as JSON. questions: the list of questions")
    ] = "verify",
    under: Annotated[int | None, typer.Option(min=1, help="questions about cohorts of fewer patients than this")] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="questions asked by this person")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="questions asked from this day on (UTC)")
    ] = None,
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Verify the audit log, export it, or list which questions were asked, by whom and about which patients."""
    if action not in ACTIONS:
        raise UsageError(f"'{action}' is not an action. Allowed: {', '.join(ACTIONS)}.")
    if action != "questions" and (under, user, since) != (None, None, None):
        raise UsageError(f"--under, --user and --since narrow the list of questions. 'audit {action}' does not take them.")
    if action == "verify":
        _verify(database)
    elif action == "export":
        for line in log.export(store_home(database)):
            sys.stdout.write(f"{line}\n")
    else:
        found = log.questions(store_home(database), under=under, user=user, since=since.date() if since else None)
        write_rows(list(_shown(found, form)), form, "Questions")


def _verify(database: str | None) -> None:
    found = log.verify(store_home(database))
    if found.problem:
        raise StoreError(f"The audit log has been changed or damaged: {found.problem}. {counted(found.lines, 'line')} could be verified.")
    note(f"The audit log is complete and unchanged: {counted(found.lines, 'line')}.")


def _shown(found: Iterable[log.Question], form: Format) -> Iterable[dict[str, Any]]:
    for question in found:
        row: dict[str, Any] = {
            "at": question.at[:19].replace("T", " "),  # UTC
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
