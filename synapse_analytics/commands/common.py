"""What the commands share: the cohort, options and person named on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from synapse_analytics.access import Person, local_person
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort, faults, is_link, policy_of
from synapse_analytics.errors import UsageError
from synapse_analytics.store import check_owner, store_home
from synapse_analytics.terminal import Format, write_rows


def path_from(text: str) -> Path:
    """The path of an argument; UsageError for an empty one, which would be the current folder."""
    if not text.strip():
        raise UsageError("A path is empty. Name a file or a folder; . is the folder you are in.")
    return Path(text)


BundleArgument = Annotated[Path, typer.Argument(parser=path_from, help="the bundle: a folder or a .zip file")]
PathArgument = Annotated[Path, typer.Argument(parser=path_from, help="where to write it")]
Database = Annotated[
    str | None,
    typer.Option("--database", help="the store, as duckdb:///FOLDER; default: the folder that SYNAPSE_HOME names, else ./.synapse"),
]
CohortText = Annotated[
    str,
    typer.Option(
        "--cohort",
        help='the patients, as in the address of a page: "diagnosis=spinal_stenosis&sex=female", or the whole link; default: everybody',
    ),
]
PolicyOption = Annotated[
    str | None,
    typer.Option("--policy", help="publish: rounded numbers to share. You cannot ask for a weaker policy than the one that is set here"),
]
FormatOption = Annotated[Format, typer.Option("--format", help="table for people, json or csv for programs")]


def cohort_from(text: str, clinic: Clinic) -> Cohort:
    """The cohort of a URL query or of the link of a page; what a page would leave out is an error here, so that no number misleads."""
    known = clinic.generation
    if is_link(text):
        return Cohort.from_link(text, sites=known.sites, clinicians=known.clinicians)
    cohort, notices = Cohort.from_url(text, sites=known.sites, clinicians=known.clinicians)
    if notices:
        raise UsageError("The cohort cannot be read. " + faults(notices))
    return cohort


def policy_from(policy: str | None, cohort: str) -> str | None:
    """The policy that is asked for, else that of a link: its numbers were rounded, and so are these."""
    return policy or policy_of(cohort)


def options_from(pairs: list[str]) -> dict[str, str]:
    """`name=value` pairs as a dictionary."""
    options: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            missing = "name" if equals else "'='"
            raise UsageError(f"--option takes name=value; '{pair}' has no {missing}.")
        if name in options:
            raise UsageError(f"The option {name} is given twice: '{options[name]}' and '{value}'. Give it once.")
        options[name] = value
    return options


def operator() -> Person:
    """The person at the command line, who has the machine and with it every role."""
    return local_person("command line")


def home_of(database: str | None) -> Path:
    """The folder of a store; StoreError for an account that it does not belong to, which could not log what it does."""
    home = store_home(database)
    check_owner(home)
    return home


def clinic_of(database: str | None, *, policy: str | None = None) -> Clinic:
    """The clinic of a store, asked by the person at the command line; StoreError for an account that could not log what it asks."""
    home_of(database)
    return open_clinic(database, policy=policy, asker=operator())


def write_table(rows: Iterable[Mapping[str, Any]], form: Format, title: str) -> None:
    """Rows of an answer on stdout, without the list of cells withheld in each."""
    write_rows([{name: value for name, value in row.items() if name != "withheld"} for row in rows], form, title)
