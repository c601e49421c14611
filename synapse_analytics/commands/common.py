"""What the commands share: the cohort, options and person named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics.access import Person, local_person
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import UsageError
from synapse_analytics.store import store_home
from synapse_analytics.terminal import Format

REFUSED, NOT_ALLOWED = 2, 3
Database = Annotated[str | None, typer.Option("--database", help="Store to use; default: embedded, under SYNAPSE_HOME, else ./.synapse")]
CohortText = Annotated[str, typer.Option("--cohort", help='Who, as a URL query: "diagnosis=spinal_stenosis&sex=female"')]
PolicyOption = Annotated[
    str | None, typer.Option("--policy", help="publish = rounded, to be shared; a policy weaker than the deployment's cannot be asked for")
]
FormatOption = Annotated[Format, typer.Option("--format", help="table for people, json or csv for machines")]


def cohort_from(text: str) -> Cohort:
    """The cohort of a URL query; here a value that would be dropped on a page is an error, so that no number misleads."""
    cohort, notices = Cohort.from_url(text)
    if notices:
        raise UsageError("The cohort cannot be read. " + " ".join(notices))
    return cohort


def options_from(pairs: list[str]) -> dict[str, str]:
    """`name=value` pairs as a dictionary."""
    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--option takes name=value; '{pair}' has no '='.")
        options[name] = value
    return options


def home_of(database: str | None) -> Path:
    """The folder of the store, where the audit log lies too."""
    return store_home(database)


def operator() -> Person:
    """Whoever runs the command line has the machine, and with it every role."""
    return local_person("command line")
