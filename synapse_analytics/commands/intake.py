"""Commands about a clinic's own files: draft-mapping, anonymise."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from synapse_analytics.audit import Deed, Event, Subject, deed
from synapse_analytics.commands.common import Database, FormatOption, home_of, operator, path_from
from synapse_analytics.errors import IntakeRefused, UsageError
from synapse_analytics.exports.whole_files import check_place, placed
from synapse_analytics.intake import SECRET_FILE
from synapse_analytics.intake.account import Accounting
from synapse_analytics.intake.address import source_from, spoken_source
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.labels import shown_table
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.report import as_html, as_json, total, verdict
from synapse_analytics.intake.without_values import without_values
from synapse_analytics.places import PROGRAM
from synapse_analytics.terminal import Format, note, shown_progress, write_rows
from synapse_analytics.vocabulary.plurals import counted, plural

NOTHING = "Nothing was written"
SO_FAR = f"{NOTHING}."
WRITTEN = "The bundle was written"


class Ids(StrEnum):
    """How patients are numbered."""

    SAME = "same"
    FRESH = "fresh"


SourceArgument = Annotated[
    Any,
    typer.Argument(
        metavar="SOURCE",
        parser=source_from,
        help="the clinic's own records: a file, a folder, a .zip file, or the URL of a database. "
        "Its password may stand in the environment variable SYNAPSE_SOURCE_PASSWORD",
    ),
]


def draft_mapping(
    source: SourceArgument,
    out: Annotated[Path, typer.Option("--out", parser=path_from, help="where to write the mapping, such as mapping.yaml")],
    replace: Annotated[bool, typer.Option("--replace", help="replace a mapping that is there already")] = False,  # noqa: FBT002
    files: Annotated[
        Path | None, typer.Option(parser=path_from, help="a YAML file that says under files: how files are read, as a fault told you")
    ] = None,
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Read the clinic's own files and propose a mapping: every guess says why, and what is not certain is asked."""
    check_place(out, "mapping.yaml")
    if out.exists() and not replace:
        raise UsageError(f"'{out}' is there already, perhaps with your answers. Name another file, or add --replace to lose it.")
    with deed(Event.DRAFT_MAPPING_ASKED, operator(), home=home_of(database), so_far=NOTHING) as drafting:
        with without_values(SO_FAR):
            with shown_progress() as progress:
                sources = _part("sources")
                readings = _part("mapping.reading").read_readings(files) if files else {}
                tables = sources.read_source(source, readings, progress)
                _stop_at_unknown(readings, tables)
                mapping = _part("draft").draft_mapping(tables, source=sources.kind_of(source))
                mapping = mapping.model_copy(update={"files": readings}) if readings else mapping
                on_months = _part("draft").note_on_months(mapping, tables, datetime.now().astimezone().date())
            questions = _part("mapping.reading").open_questions(mapping)
            text = _part("mapping.writing").to_yaml(mapping, on_months)
        with placed(out) as part:
            part.write_text(text, encoding="utf-8")
        subject = Subject(rows=sum(table.read for table in tables), detail=_drafted(tables, mapping, questions))
        drafting.ends(Event.DRAFT_MAPPING, subject, done="The mapping was written")
    write_rows([_found(table) for table in tables], form, "Tables that were found")
    fields = subject.detail["fields"] if subject.detail else 0
    note(f"Wrote {out}: {counted(fields, 'field')} {plural(fields, 'is', 'are')} proposed, {counted(len(questions), 'question')} open.")
    note("Answer each question in the file, then:" if questions else "Read it, then:")
    note(f"  {PROGRAM} anonymise {_quoted(spoken_source(source))} --mapping {_quoted(out)} --out bundle")


def anonymise(
    source: SourceArgument,
    mapping: Annotated[
        Path, typer.Option("--mapping", parser=path_from, help="the mapping, as draft-mapping wrote it and you answered it")
    ],
    out: Annotated[Path, typer.Option("--out", parser=path_from, help="the folder of the bundle to write")],
    link_table: Annotated[
        Path | None,
        typer.Option(
            parser=path_from, help="write which new id stands for which patient to this file, which only you can read; default: nowhere"
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(parser=path_from, help="write what became of every row to FILE.html with FILE.json beside it, or to FILE.json alone"),
    ] = None,
    ids: Annotated[Ids, typer.Option(help="same: the ids of the last time; fresh: new ones that nobody can make again")] = Ids.SAME,
    database: Database = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Make a bundle of the clinic's own files by a mapping: without identities, and with an account of every row. Nothing is loaded."""
    reports = _reports(report, out)
    home = home_of(database)
    asked = Subject(detail={"link_table": link_table is not None, "ids": ids.value})
    with deed(Event.ANONYMISE_ASKED, operator(), asked, home=home, so_far=NOTHING) as anonymising:
        with without_values(SO_FAR):
            work = _part("anonymise")
            chosen = _part("mapping.reading").read_mapping(mapping)
            with _refusals_logged(anonymising), shown_progress() as progress:
                work.stop_at_questions(chosen)
                account = work.anonymise(source, chosen, out, work.Options(_secret(ids, home), link_table, progress))
        with without_values(f"{WRITTEN}, its report was not: do not load it."):
            texts = [as_json(account) if path.suffix.lower() == ".json" else as_html(account) for path in reports]
        anonymising.ends(Event.ANONYMISE, _accepted(account, link_table, ids), done=WRITTEN)
    for path, text in zip(reports, texts, strict=True):
        with placed(path) as part:
            part.write_text(text, encoding="utf-8")
    _say(account, form)
    note("\n".join(f"Wrote {path}." for path in (out, *reports, *([link_table] if link_table else []))))
    note(f"Next:\n  {PROGRAM} load {_quoted(out)}")


def _part(name: str) -> Any:
    """A part of the intake, read when it is needed: the help of a command does not wait for it."""
    return import_module(f"synapse_analytics.intake.{name}")


def _stop_at_unknown(readings: Any, tables: Sequence[RawTable]) -> None:
    """IntakeRefused where something is said of a file that is not there: it would help nothing, and its name may be anything."""
    if readings:
        faults = Faults()
        _part("mapping.checking").check_files(faults, readings, tables)
        faults.raise_if_any("What is written under files does not fit the source. Nothing was written.")


def _found(table: RawTable) -> dict[str, Any]:
    return {"table": shown_table(table.name), "rows": table.n, "columns": table.cells.num_columns, "how it was read": table.how}


def _drafted(tables: Sequence[RawTable], mapping: Any, questions: Sequence[Any]) -> dict[str, Any]:
    """What was drafted, in numbers."""
    fields = sum(len(rule.fields) + len(rule.scores) for rule in mapping.rows)
    return {"source": mapping.source, "tables": len(tables), "fields": fields, "questions": len(questions)}


def _reports(report: Path | None, bundle: Path) -> tuple[Path, ...]:
    """The files of the report; UsageError, before any work, where they cannot be written."""
    if report is None:
        return ()
    if report.suffix.lower() not in {".html", ".json"}:
        raise UsageError(f"The name '{report}' does not say what to write. Allowed endings: .html (with the .json beside it), .json.")
    if bundle.resolve() in report.resolve().parents:
        raise UsageError("The report would become a file of the bundle, which is then refused. Name a path outside the bundle.")
    files = (report,) if report.suffix.lower() == ".json" else (report, report.with_suffix(".json"))
    for path in files:
        check_place(path, "report.html")
    return files


@contextmanager
def _refusals_logged(anonymising: Deed) -> Iterator[None]:
    """Log that records were handed in and refused, and how many faults they have."""
    try:
        yield
    except IntakeRefused as refusal:
        anonymising.ends(Event.ANONYMISE, Subject(detail={"accepted": False, "faults": len(refusal.faults)}), done=NOTHING)
        raise


def _secret(ids: Ids, home: Path) -> bytes:
    disguise = _part("disguise")
    return disguise.fresh_secret() if ids is Ids.FRESH else disguise.stored_secret(home / SECRET_FILE)


def _accepted(account: Accounting, link_table: Path | None, ids: Ids) -> Subject:
    """The line of the log: counts alone, and whether somebody can now tell who the patients are."""
    whole = total(account)
    rows = {"kept": whole.kept, "merged": whole.merged, "left_out": sum(whole.dropped.values())}
    more = {"source": account.source, "tables": len(account.tables), "link_table": link_table is not None, "ids": ids.value}
    return Subject(rows=whole.read, detail={"accepted": True} | rows | more)


def _say(account: Accounting, form: Format) -> None:
    """The account: as JSON for programs, else a row for each table and the verdict."""
    if form is Format.JSON:
        sys.stdout.write(as_json(account))
        return
    rows = [
        {"table": one.table, "read": one.read, "kept": one.kept, "merged": one.merged, "left out": sum(one.dropped.values())}
        for one in account.tables
    ]
    write_rows(rows, form, "Rows of the source")
    note(verdict(account))


def _quoted(text: str | Path) -> str:
    return shlex.quote(str(text))
