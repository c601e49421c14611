"""The command about cohorts: show one in all its forms, save it by name, list and open the saved ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics import analyses
from synapse_analytics.audit import Event, Subject, deed
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import SavedCohort, as_of_today
from synapse_analytics.cohort.saved_file import save_cohorts, saved_cohort, saved_cohorts
from synapse_analytics.cohort.since import what_changed
from synapse_analytics.commands.common import Database, FormatOption, clinic_of, cohort_from, operator, policy_from, write_table
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import UsageError
from synapse_analytics.store import store_home
from synapse_analytics.terminal import Format, note, write_json, write_rows

WAYS = "'QUERY', 'QUERY --save NAME', '--named NAME' or '--saved'"


def cohort(
    query: Annotated[
        str | None,
        typer.Argument(
            help='the patients, as in the address of a page: "diagnosis=spinal_stenosis&sex=female", or a whole link; "" is everybody'
        ),
    ] = None,
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="save the cohort under this name, for everybody who uses this store")
    ] = None,
    named: Annotated[
        str | None, typer.Option("--named", metavar="NAME", help="show a saved cohort, and what has changed since it was saved")
    ] = None,
    saved: Annotated[bool, typer.Option("--saved", help="list the saved cohorts")] = False,  # noqa: FBT002  (how a flag is declared)
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show a cohort as a sentence, as an address and in Python, and how many patients each filter leaves. Save cohorts, and list them."""
    if [query is not None, named is not None, saved].count(True) != 1 or (save is not None and query is None):
        raise UsageError(f"Which cohort? Allowed: {WAYS}.")
    if saved:
        _list(database, form)
    elif named is not None:
        entry = saved_cohort(named, store_home(database))
        clinic = clinic_of(database)
        released = _asked(clinic, entry.cohort)
        _show(entry.cohort, released, form, since=what_changed(entry.saved, as_of_today(released)))
    else:
        clinic = clinic_of(database, policy=policy_from(None, query or ""))
        chosen = cohort_from(query or "", clinic)
        released = _asked(clinic, chosen)
        if save is not None:
            _save(save, SavedCohort(chosen, as_of_today(released)), store_home(database))
        _show(chosen, released, form)
        if save is not None:
            note(f"Saved as '{save.strip()}'.")


def _save(name: str, entry: SavedCohort, home: Path) -> None:
    """Save a cohort. The name may be that of a patient: only its length is logged."""
    subject = Subject(entry.cohort.url(), detail={"letters_of_name": len(name.strip())})
    with deed(Event.COHORT_SAVE_ASKED, operator(), subject, home=home, so_far="Nothing was saved") as saving:
        save_cohorts({name: entry}, home)
        saving.ends(Event.COHORT_SAVED, subject, done="The cohort was saved")


def _asked(clinic: Clinic, chosen: Cohort) -> Released:
    return analyses.answer(clinic, "attrition", chosen)


def _show(chosen: Cohort, released: Released, form: Format, **more: str) -> None:
    forms = {"sentence": chosen.sentence(released.n), "url": chosen.url(), "python": chosen.python()} | more
    steps = released.tables.get("steps", ())
    if form is Format.JSON:
        write_json(forms | {"attrition": steps})
        return
    write_rows([forms], form, "Cohort")
    write_table(steps, form, "Patients left after each filter")


def _list(database: str | None, form: Format) -> None:
    """List the saved cohorts, without numbers of patients: a saved number is shown only beside the number of today."""
    rows = [
        {
            "name": name,
            "saved": entry.saved.on if entry.saved else None,
            "sentence": entry.cohort.sentence(),
            "url": entry.cohort.url(),
            "generation": entry.saved.generation if entry.saved else None,
            "policy": entry.saved.policy if entry.saved else None,
        }
        for name, entry in saved_cohorts(store_home(database)).items()
    ]
    write_rows(rows, form, "Saved cohorts")
