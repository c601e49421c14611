"""Commands about answers: answers, answer, export, dictionary."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from synapse_analytics import analyses
from synapse_analytics.audit import Event, Subject, append
from synapse_analytics.clinic import Clinic
from synapse_analytics.commands.common import (
    CohortText,
    Database,
    FormatOption,
    PathArgument,
    PolicyOption,
    clinic_of,
    cohort_from,
    operator,
    options_from,
    path_from,
    policy_from,
    write_table,
)
from synapse_analytics.dictionary import data_dictionary_rows
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.exports import as_document, export_records, stamp, table_bytes
from synapse_analytics.exports.whole_files import check_place, placed
from synapse_analytics.findings import findings_of
from synapse_analytics.terminal import Format, note, shown_progress, write_json, write_rows
from synapse_analytics.vocabulary.plurals import counted

ENDINGS = (".csv", ".xlsx", ".parquet")


def answers(form: FormatOption = Format.TABLE) -> None:
    """List the questions that can be answered, with their options."""
    rows: list[dict[str, Any]] = [
        {
            "name": entry.name,
            "question": entry.question,
            "options": [{"name": o.name, "default": o.default, "legal": _legal(o.legal), "meaning": o.meaning} for o in entry.options],
        }
        for entry in analyses.answers().values()
    ]
    if form is not Format.JSON:
        rows = [row | {"options": "; ".join(f"{o['name']}={o['default']}" for o in row["options"])} for row in rows]
    write_rows(rows, form, "Questions")


def _legal(legal: tuple[Any, ...] | range | None) -> list[Any] | str:
    if isinstance(legal, range):
        return f"{legal.start} to {legal.stop - 1}"
    return "any" if legal is None else list(legal)


def answer(
    name: Annotated[str, typer.Argument(help="the name of the question, as 'answers' lists it")],
    cohort: CohortText = "",
    option: Annotated[list[str] | None, typer.Option("--option", help="name=value; may be given several times")] = None,
    database: Database = None,
    policy: PolicyOption = None,
    form: FormatOption = Format.TABLE,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=path_from,
            help="save one table to this file instead (.csv, .xlsx or .parquet), with the question, the cohort and the policy",
        ),
    ] = None,
    table: Annotated[str | None, typer.Option(help="the table that --out saves; default: the first")] = None,
) -> None:
    """Answer one question about a cohort. Numbers that rest on too few patients are withheld."""
    if table is not None and out is None:
        raise UsageError("--table says which table --out saves. Name the file too: --out FILE.")
    form_of_file = None if out is None else _form_of(out)
    if out is not None:
        check_place(out, f"{name}.csv")
    clinic = clinic_of(database, policy=policy_from(policy, cohort))
    released = analyses.answer(clinic, name, cohort_from(cohort, clinic), **options_from(option or []))
    if out is not None and form_of_file is not None and not released.refused:
        _save(released, clinic, out, table or next(iter(released.tables)), form_of_file)
    elif form is Format.JSON:
        write_json(as_document(released))
    else:
        _write_tables(released, form)
    if released.refused:
        note(released.refused)
        raise typer.Exit(NotAllowed.exit_code)


def _write_tables(released: Released, form: Format) -> None:
    note(released.cohort.sentence(released.n))
    for said in findings_of(released):
        if said.drawn:
            note(f"{said.question}{'' if said.question.endswith('?') else ':'} {said.answer}")
    for name, rows in released.tables.items():
        write_table(rows, form, name)
    if released.withheld:
        numbers = counted(released.withheld, "number was", "numbers were")
        note(f"{numbers} withheld: too few patients.")


def _form_of(out: Path) -> str:
    """The format that the name of a file asks for."""
    ending = out.suffix.casefold()
    if ending not in ENDINGS:
        wrong = f"There is no format '{ending.removeprefix('.')}'" if ending else f"The name '{out}' does not say the format"
        raise UsageError(f"{wrong}. Allowed endings: {', '.join(ENDINGS)}.")
    return ending.removeprefix(".")


def _save(released: Released, clinic: Clinic, out: Path, name: str, form: str) -> None:
    """One table as a file that says who may see it, what was asked and of whom."""
    content = table_bytes(released, name, clinic, form)
    detail = {"answer": released.name, "table": name, "file": form, "policy": clinic.policy.name, "generation": clinic.generation.id}
    taken = Subject(released.cohort.url(), sha256=sha256(content).hexdigest(), detail=detail)
    append(Event.DOWNLOAD, operator(), taken, home=clinic.home, done="Nothing was written")
    with placed(out) as part:
        part.write_bytes(content)
    note(f"Wrote the table {name} to {out}. {stamp(clinic)}")


def export(
    out: PathArgument,
    purpose: Annotated[str, typer.Option(help="what the rows are for; it is written to the audit log")],
    table: Annotated[str, typer.Option(help="patients, episodes, treatments, scores or wide")] = "episodes",
    cohort: CohortText = "",
    columns: Annotated[str, typer.Option(help="columns, separated by commas; default: all that may be exported")] = "",
    target: Annotated[str, typer.Option("--for", help="csv, excel (CSV that Excel opens), parquet or xlsx")] = "csv",
    database: Database = None,
    policy: PolicyOption = None,
) -> None:
    """Export rows of a cohort, blanked so that no patient can be singled out, as a zip with manifest and data dictionary.

    The filters of the cohort may be diagnosis, sex, age (in steps of 5 years), whole years and site; for the table patients only sex and age.
    """
    clinic = clinic_of(database, policy=policy_from(policy, cohort))
    chosen = tuple(name.strip() for name in columns.split(",") if name.strip())
    with shown_progress() as progress:
        manifest = export_records(
            clinic,
            cohort_from(cohort, clinic),
            out,
            table=table,
            columns=chosen or None,
            form=target,
            purpose=purpose,
            user=operator(),
            progress=progress,
        )
    note(f"Wrote {out}: {counted(manifest['rows'], 'row')}, {counted(manifest['blanked_cells'], 'value')} left blank to protect patients.")
    if manifest["rows_left_out_by_blanks"]:
        left_out = counted(manifest["rows_left_out_by_blanks"], "row was", "rows were")
        note(f"{left_out} left out, because a value that a filter asks for is blank there.")


def dictionary(form: FormatOption = Format.TABLE) -> None:
    """Print the data dictionary of the bundle."""
    write_rows(data_dictionary_rows(), form, "Data dictionary")
