"""Commands about data: check, load, generate, generations."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from synapse_analytics import store
from synapse_analytics.audit import Event, Subject, append
from synapse_analytics.bundle import check_bundle
from synapse_analytics.commands.common import Database, FormatOption, PathArgument, operator, path_from
from synapse_analytics.errors import BundleRefused, UsageError
from synapse_analytics.synthetic import generate as make_bundle
from synapse_analytics.terminal import Format, note, shown_progress, write_json, write_rows


def check(bundle: PathArgument, form: FormatOption = Format.TABLE) -> None:
    """Check a bundle (folder or .zip) and list every problem; nothing is loaded."""
    with shown_progress() as progress:
        result = check_bundle(bundle, progress)
    problems = [asdict(problem) for problem in result.problems]
    if form is Format.JSON:
        warnings = [asdict(warning) for warning in result.warnings]
        write_json({"accepted": result.accepted, "rows": result.rows, "counts": result.counts, "problems": problems, "warnings": warnings})
    elif problems or form is Format.CSV:
        write_rows(problems, form, "Problems")
    _say_verdict(result)
    if not result.accepted:
        raise typer.Exit(BundleRefused.exit_code)


def _say_verdict(result: Any) -> None:
    note(result.sentence())
    for warning in result.warnings:
        note(f"Warning: {warning.rule} in {warning.file}: {warning.n:,}")


def load(bundle: PathArgument, database: Database = None) -> None:
    """Check a bundle, build a generation and publish it; prints its id and rows per table."""
    with shown_progress() as progress:
        result = check_bundle(bundle, progress)
        verdict = {"accepted": result.accepted, "problems": sum(result.counts.values())}
        append(Event.LOAD, operator(), Subject(detail=verdict), home=store.store_home(database), done="Nothing was loaded")
        if result.accepted:
            generation = store.load(result, database, progress)
    if not result.accepted:
        for problem in result.problems[:20]:
            note(problem.in_one_line())
        _say_verdict(result)
        raise typer.Exit(BundleRefused.exit_code)
    subject = Subject(sha256=generation.sha256, detail={"generation": generation.id})
    append(Event.PUBLISH, operator(), subject, home=store.store_home(database), done=f"Generation {generation.id} was loaded and serves")
    _say_verdict(result)
    write_rows([{"table": name, "rows": rows} for name, rows in generation.rows.items()], Format.TABLE, f"Generation {generation.id}")


def generate(
    out: PathArgument,
    patients: Annotated[int, typer.Option(min=1)] = 2000,
    seed: int = 1,
    months: Annotated[int, typer.Option(min=1, max=600)] = 60,
    scenario: str = "default",
    truth: Annotated[Path | None, typer.Option(parser=path_from)] = None,
) -> None:
    """Make a synthetic bundle: same seed, same bytes; --truth writes what was built in."""
    with shown_progress() as progress:
        make_bundle(out, patients=patients, seed=seed, months=months, scenario=scenario, truth=truth, progress=progress)
    note(f"Wrote {out} ({patients:,} synthetic patients).")


def generations(
    action: Annotated[str, typer.Argument(help="list, use ID or remove ID")] = "list",
    generation: Annotated[str | None, typer.Argument(metavar="ID")] = None,
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the generations kept, make one current again, or remove one."""
    changes = {"use": (store.use_generation, Event.GENERATION_USED), "remove": (store.remove_generation, Event.GENERATION_REMOVED)}
    if action in changes:
        if not generation:
            raise UsageError(f"Name the generation: generations {action} ID. See: generations list")
        change, event = changes[action]
        change(generation, database)
        done = f"Done: {action} {generation}"
        append(event, operator(), Subject(detail={"generation": generation}), home=store.store_home(database), done=done)
        note(f"{done}.")
    elif action != "list":
        raise UsageError(f"'{action}' is not an action. Legal: list, use ID, remove ID.")
    elif generation is not None:
        raise UsageError(f"'generations list' takes no ID; it was given '{generation}'. Legal: list, use ID, remove ID.")
    rows = [
        {"id": g.id, "current": g.current, "clinic": g.clinic, "data_until": g.data_until, "synthetic": g.synthetic, "loaded_at": g.loaded_at,
         "patients": g.rows.get("patients", 0), "episodes": g.rows.get("episodes", 0)}
        for g in store.list_generations(database)
    ]  # fmt: skip
    write_rows(rows, form, "Generations")
    for fault in store.unusable_generations(database):
        note(fault)
