"""Commands about data: check, load, generate, generations (data versions)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics import store
from synapse_analytics.audit import Deed, Event, Subject, deed
from synapse_analytics.bundle import Check, check_bundle, explained, warned
from synapse_analytics.commands.common import BundleArgument, Database, FormatOption, PathArgument, home_of, operator, path_from
from synapse_analytics.errors import BundleRefused, UsageError
from synapse_analytics.progress import Progress
from synapse_analytics.store.found import audit_pointer
from synapse_analytics.store.generations import generation_folder
from synapse_analytics.synthetic import PATIENTS, SEED
from synapse_analytics.synthetic import generate as make_bundle
from synapse_analytics.terminal import Format, note, shown_progress, write_json, write_rows
from synapse_analytics.vocabulary.plurals import counted

NOT_LOADED = "Nothing was loaded"
CHANGES = {  # asked, done, and what is then said of the data version
    "use": (Event.GENERATION_USE_ASKED, Event.GENERATION_USED, "is now in use"),
    "remove": (Event.GENERATION_REMOVE_ASKED, Event.GENERATION_REMOVED, "was removed"),
}


def check(bundle: BundleArgument, form: FormatOption = Format.TABLE) -> None:
    """Check a bundle (folder or .zip) and say what is wrong with it. Nothing is loaded.

    The first places of each problem are shown; --format csv or json lists them all.
    """
    with shown_progress() as progress:
        result = check_bundle(bundle, progress)
    problems = [asdict(problem) for problem in result.problems]
    if form is Format.JSON:
        warnings = [asdict(warning) for warning in result.warnings]
        write_json({"accepted": result.accepted, "rows": result.rows, "counts": result.counts, "problems": problems, "warnings": warnings})
    elif form is Format.CSV:
        write_rows(problems, form, "Problems")
    _say_verdict(result)
    if not result.accepted:
        raise typer.Exit(BundleRefused.exit_code)


def _say_verdict(result: Check) -> None:
    """The verdict, then every reason for a refusal with its first places and what to do, or every warning."""
    note(result.sentence())
    for reason in explained(result):
        note(f"\n{reason.heading}")
        for place in reason.places:
            note(f"  {place}")
        note(f"  {reason.advice}")
    for warning in warned(result.warnings):
        note(f"Warning: {warning}")


def load(bundle: BundleArgument, database: Database = None) -> None:
    """Check a bundle and load it as a new data version, which the dashboard then shows."""
    home = store.store_home(database)
    store.check_private(home)
    store.sweep_up(database)
    audit_pointer(database)
    with deed(Event.LOAD_ASKED, operator(), home=home, so_far=NOT_LOADED) as load_asked, store.alone(home):
        with shown_progress() as progress:
            result = check_bundle(bundle, progress)
            generation = _loaded(result, database, load_asked, progress) if result.accepted else None
        if generation is None:
            refused = Subject(detail={"problems": sum(result.counts.values())})
            load_asked.ends(Event.LOAD_REFUSED, refused, done=NOT_LOADED)
    _say_verdict(result)
    if generation is None:
        raise typer.Exit(BundleRefused.exit_code)
    if same := store.same_data(generation, database):
        note(same)
    write_rows([{"table": name, "rows": rows} for name, rows in generation.rows.items()], Format.TABLE, f"Data version {generation.id}")


def _loaded(result: Check, database: str | None, load_asked: Deed, progress: Progress) -> store.GenerationInfo:
    """Load an accepted bundle: the log says so before it comes into use, and after."""

    def publishing(generation: str) -> None:
        load_asked.asks(Event.PUBLISH_ASKED, Subject(detail={"generation": generation}))

    info = store.load(result, database, progress, before_publish=publishing)
    subject = Subject(rows=info.rows["patients"], sha256=info.sha256, detail={"generation": info.id})
    load_asked.ends(Event.PUBLISH, subject, done=f"Data version {info.id} was loaded and is in use")
    return info


def generate(
    out: PathArgument,
    patients: Annotated[int, typer.Option(min=1, help="number of patients")] = PATIENTS,
    seed: Annotated[int, typer.Option(help="another number makes other patients")] = SEED,
    months: Annotated[int, typer.Option(min=1, max=600, help="number of months in which patients are first seen")] = 60,
    scenario: Annotated[str, typer.Option(help="which effects are built into the data")] = "default",
    truth: Annotated[Path | None, typer.Option(parser=path_from, help="write the effects that were built in to this file")] = None,
) -> None:
    """Make a bundle of synthetic patients. The same seed makes the same files."""
    with shown_progress() as progress:
        make_bundle(out, patients=patients, seed=seed, months=months, scenario=scenario, truth=truth, progress=progress)
    note(f"Wrote {out} ({counted(patients, 'synthetic patient')}).")


def generations(
    action: Annotated[str, typer.Argument(help="list, use or remove")] = "list",
    generation: Annotated[str | None, typer.Argument(metavar="ID", help="the id of a data version, as list shows it")] = None,
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the data versions that are kept, use one of them, or remove one."""
    if action in CHANGES:
        if not generation:
            raise UsageError(f"Which data version? Name its id: generations {action} ID. 'generations list' shows the ids.")
        _change(action, generation, database)
    elif action != "list":
        raise UsageError(f"'{action}' is not an action. Allowed: list, use ID, remove ID.")
    elif generation is not None:
        raise UsageError(f"'generations list' takes no ID; it was given '{generation}'. Allowed: list, use ID, remove ID.")
    rows = [
        {"id": g.id, "current": g.current, "clinic": g.clinic, "data_until": g.data_until, "synthetic": g.synthetic, "loaded_at": g.loaded_at,
         "patients": g.rows.get("patients", 0), "episodes": g.rows.get("episodes", 0)}
        for g in store.list_generations(database)
    ]  # fmt: skip
    write_rows(rows, form, "Data versions")
    for fault in store.unusable_generations(database):
        note(fault)


def _change(action: str, generation: str, database: str | None) -> None:
    """Use or remove a data version; the log says so before and after."""
    asked, changed, said = CHANGES[action]
    home, subject, done = home_of(database), Subject(detail={"generation": generation}), f"Data version {generation} {said}"
    generation_folder(home, generation)  # what is logged is an id of ours, never any text
    store.sweep_up(database)
    audit_pointer(database)
    with deed(asked, operator(), subject, home=home) as change:
        (store.use_generation if action == "use" else store.remove_generation)(generation, database)
        change.ends(changed, subject, done=done)
    note(f"{done}.")
