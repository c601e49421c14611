"""The recorded questions of every page over one store, without a cache: `python -m benchmarks.pages DATABASE RECORDING`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.measure import milliseconds
from benchmarks.workloads import COHORTS, EVERYONE, SINGLE
from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import UsageError
from synapse_analytics.remembered import forget_all
from synapse_analytics.web.memory import hand_back_what_is_freed

Questions = Iterable[tuple[str, dict[str, Any], bool]]


def ask(clinic: Clinic, questions: Questions, cohort: Cohort) -> None:
    """Answer the questions of a page for a cohort of which nothing is remembered."""
    forget_all()
    for name, options, everybody in questions:
        with suppress(UsageError):  # a page says so and is done, too
            analyses.answer(clinic, name, Cohort() if everybody else cohort, **options)


def timed(clinic: Clinic, questions: Questions, cohorts: Iterable[str] = COHORTS) -> dict[str, float]:
    """Milliseconds by cohort."""
    known = {name: Cohort.from_url(COHORTS[name])[0] for name in cohorts}
    return {name: milliseconds(partial(ask, clinic, questions, cohort), 5 if name == EVERYONE else 3) for name, cohort in known.items()}


def statements(clinic: Clinic, questions: Questions) -> dict[str, int]:
    """How many statements the questions take for everyone, and how much SQL that is."""
    sent: list[int] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(len(statement.encode()))

    sa.event.listen(clinic.engine, "before_cursor_execute", hear)
    ask(clinic, questions, Cohort())
    sa.event.remove(clinic.engine, "before_cursor_execute", hear)
    return {"statements": len(sent), "bytes": sum(sent)}


def main(database: str, recording: str) -> None:
    """Time every tab of every page for each cohort, then the single answers for everyone."""
    hand_back_what_is_freed()  # as the server does: it costs a little time
    clinic = open_clinic(database)
    recorded = json.loads(Path(recording).read_text(encoding="utf-8"))
    pages = {
        page: {tab: statements(clinic, asked) | {"times": timed(clinic, asked)} for tab, asked in tabs.items()}
        for page, tabs in recorded.items()
    }
    single = {label: timed(clinic, [(name, options, False)], [EVERYONE])[EVERYONE] for label, (name, options, _) in SINGLE.items()}
    sys.stdout.write(json.dumps({"pages": pages, "single": single}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
