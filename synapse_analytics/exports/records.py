"""Released records as a zip: the data, its manifest and its data dictionary, written in parts and never half."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from synapse_analytics import __version__, audit
from synapse_analytics.analyses.records import release_records, subject_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import ReleasedRecords, check_records
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.exports.placing import OURS_ALONE, check_place, placed
from synapse_analytics.exports.spreadsheets import BOM, MOST_XLSX_ROWS, csv_header, csv_rows, safe_table, write_xlsx
from synapse_analytics.progress import Progress, quiet

FORMATS = ("csv", "excel", "parquet", "xlsx")
PART = 65_536  # rows written at a time: a few megabytes, and progress every 0.2 seconds
WRITING = "Writing rows"
ANONYMITY = (
    "The cells age band, sex, diagnosis, year and site were blanked once, when these data were loaded, so that at least five patients "
    "share every combination. A cell that is blanked in one export is blanked in all, and rows are chosen by these cells only: "
    "exports of the same generation tell together no more than one export of all rows. Two generations are blanked apart."
)
Sink = Callable[[bytes], object]


def export_records(
    clinic: Clinic, cohort: Cohort, out: Path, *, form: str = "csv", progress: Progress = quiet, **asked: Any
) -> dict[str, Any]:
    """Release the rows of a cohort and write them; `asked` is what release_records asks: table, columns, purpose, user."""
    _check_form(form)
    check_place(out, "export.zip")
    return export(out, release_records(clinic, cohort, **asked), form, progress)


def export(out: Path, records: ReleasedRecords, form: str = "csv", progress: Progress = quiet) -> dict[str, Any]:
    """Write the zip of released records and return its manifest; a failure leaves no file and is logged."""
    question = check_records(records).question
    _check_form(form)
    check_place(out, "export.zip")
    try:
        with placed(out, mode=OURS_ALONE) as part:
            manifest = _write(part, records, form, progress)
            with part.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            finished = subject_of(question, records.rows.num_rows, digest)
            audit.append(audit.Event.EXPORT_FINISHED, question.user, finished, home=question.home)
    except BaseException:
        with contextlib.suppress(StoreError):  # what went wrong first is what people must read
            audit.append(audit.Event.EXPORT_ABORTED, question.user, subject_of(question), home=question.home)
        raise
    return manifest


def _check_form(form: str) -> None:
    if form not in FORMATS:
        raise UsageError(f"There is no format '{form}'. Legal: {', '.join(FORMATS)}.")


def _write(path: Path, records: ReleasedRecords, form: str, progress: Progress) -> dict[str, Any]:
    if form == "xlsx" and records.rows.num_rows > MOST_XLSX_ROWS:
        raise UsageError(f"XLSX takes up to {MOST_XLSX_ROWS:,} rows, these are {records.rows.num_rows:,}. Choose csv, excel or parquet.")
    # Level 1 packs CSV to a tenth at twice the speed of the default; Parquet and XLSX are packed already.
    packing: dict[str, Any] = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1} if form in ("csv", "excel") else {}
    name = f"data.{'csv' if form == 'excel' else form}"
    with zipfile.ZipFile(path, "w", **packing) as archive:
        archive.writestr("data_dictionary.md", data_dictionary(records))
        digest = hashlib.sha256()
        with archive.open(name, "w", force_zip64=True) as entry:

            def sink(content: bytes) -> None:
                digest.update(content)
                entry.write(content)

            WRITERS[form](records, sink, progress)
        manifest = describe(records) | {"file": name, "file_sha256": digest.hexdigest()}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return manifest


def _parts(rows: pa.Table, progress: Progress) -> Iterator[pa.Table]:
    total = rows.num_rows
    for start in range(0, total, PART):
        yield rows.slice(start, PART)
        progress(WRITING, min(start + PART, total), total)


def _decoded(part: pa.Table) -> pa.Table:
    return pa.table(
        {name: column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column for name, column in _named(part)}
    )


def _named(part: pa.Table) -> Iterator[tuple[str, pa.ChunkedArray]]:
    return zip(part.column_names, part.columns, strict=True)


def _csv(records: ReleasedRecords, sink: Sink, progress: Progress) -> None:
    sink(csv_header(records.rows.column_names))
    # One thread formats the next part while this one packs the last: both let go of the interpreter.
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for part in _parts(safe_table(records.rows), progress):
            coming = pool.submit(csv_rows, part)
            if waiting is not None:
                sink(waiting.result())
            waiting = coming
        if waiting is not None:
            sink(waiting.result())


def _excel(records: ReleasedRecords, sink: Sink, progress: Progress) -> None:
    sink(BOM)
    _csv(records, sink, progress)


class _Stream(io.RawIOBase):
    """A file to write to that passes everything on, for writers that want a file."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._sink(bytes(content))
        return len(content)


def _parquet(records: ReleasedRecords, sink: Sink, progress: Progress) -> None:
    schema = _decoded(records.rows.slice(0, 0)).schema
    with pq.ParquetWriter(pa.PythonFile(_Stream(sink), mode="w"), schema) as writer:
        for part in _parts(records.rows, progress):
            writer.write_table(_decoded(part))


def _xlsx(records: ReleasedRecords, sink: Sink, progress: Progress) -> None:
    buffer = io.BytesIO()
    rows = (row for part in _parts(records.rows, progress) for row in zip(*(column.to_pylist() for column in part.columns), strict=True))
    write_xlsx(buffer, [(records.question.table, records.rows.column_names, rows)])
    sink(buffer.getvalue())


WRITERS = {"csv": _csv, "excel": _excel, "parquet": _parquet, "xlsx": _xlsx}


def describe(records: ReleasedRecords) -> dict[str, Any]:
    """The manifest: what was asked, of which data, by which definitions, and what was blanked."""
    question = check_records(records).question
    generation, cohort = question.generation, question.cohort
    return {
        "format": "synapse-records/1",
        "table": question.table,
        "rows": records.rows.num_rows,
        "patients": records.counted.patients,
        "episodes": records.counted.episodes,
        "withheld_cells": 0,  # rows hold no counts; what protects them are the blanked cells
        "blanked_cells": sum(records.counted.blanked.values()),
        "blanked_by_column": dict(records.counted.blanked),
        "rows_left_out_by_blanks": records.counted.left_out,
        "anonymity": ANONYMITY,
        "cohort": {"words": cohort.sentence(), "url": cohort.url(), "python": cohort.python()},
        "columns": list(question.columns),
        "definitions": {name: f"{meaning} ({values})" for name, meaning, values in question.definitions},
        "purpose": question.purpose,
        "exported_by": question.user.name,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "policy": question.policy.name,
        "clinic": generation.clinic,
        "synthetic": generation.synthetic,
        "data_until": generation.data_until,
        "generation": {"id": generation.id, "sha256": generation.sha256},
        "app_version": __version__,
    }


def data_dictionary(records: ReleasedRecords) -> str:
    """What each column means, as Markdown."""
    question = check_records(records).question
    lines = [
        f"# Data dictionary: {question.table}",
        "",
        f"An empty cell was not recorded, or was blanked. {ANONYMITY}",
        f"{records.counted.left_out:,} rows were left out because a cell that a filter asks for is blanked.",
        "Ids are new in every export. Day 0 is the first visit of the episode. An episode without a treatment (a score) has one row",
        "with empty cells in the table treatments (scores).",
        "",
        "| column | meaning | values | blanked cells |",
        "|---|---|---|---|",
        *(f"| {name} | {meaning} | {values} | {records.counted.blanked.get(name, 0)} |" for name, meaning, values in question.definitions),
    ]
    return "\n".join(lines) + "\n"
