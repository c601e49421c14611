"""Released records as a zip: the data, its manifest and its data dictionary, written in parts and never half."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from synapse_analytics import __version__, audit
from synapse_analytics.analyses.records import release_records, subject_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import ReleasedRecords, check_records
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.exports.spreadsheets import BOM, FORMATS, MOST_XLSX_ROWS, check_format, csv_header, csv_rows, safe_table, write_xlsx
from synapse_analytics.exports.whole_files import OURS_ALONE, check_place, placed
from synapse_analytics.progress import Progress, quiet

PART = 65_536  # rows written at a time: a few megabytes, and progress every 0.2 seconds
ANONYMITY = (
    "Some values of age band, sex, diagnosis, year and site were left blank once, when these data were loaded, so that at least five patients "
    "share every combination. A value that is blank in one export is blank in all, and rows are chosen by these columns only: "
    "all exports of one data version together tell no more than one export of all rows. Two data versions have different blanks."
)


def export_records(
    clinic: Clinic, cohort: Cohort, out: Path, *, form: str = "csv", progress: Progress = quiet, **asked: Any
) -> dict[str, Any]:
    """Release the rows of a cohort and write them; `asked` are the other arguments of release_records: table, columns, purpose, user."""
    _check(out, form)  # before the question is logged
    return export(out, release_records(clinic, cohort, **asked), form, progress)


def export(out: Path, records: ReleasedRecords, form: str = "csv", progress: Progress = quiet) -> dict[str, Any]:
    """Write the zip of released records and return its manifest; a failure leaves no file and is logged."""
    question = check_records(records).question
    _check(out, form)
    try:
        with placed(out, mode=OURS_ALONE) as part:
            manifest = _write(part, records, form, progress)
            with part.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            finished = subject_of(question, records.rows.num_rows, digest)
            audit.append(audit.Event.EXPORT_FINISHED, question.user, finished, home=question.home)
    except BaseException:
        with contextlib.suppress(StoreError):  # people must read the first error, not that of the log
            audit.append(audit.Event.EXPORT_ABORTED, question.user, subject_of(question), home=question.home)
        raise
    return manifest


def _check(out: Path, form: str) -> None:
    check_format(form)
    check_place(out, "export.zip")


class _Entry(io.RawIOBase):
    """A file inside the zip, hashed while it is written."""

    def __init__(self, entry: IO[bytes]) -> None:
        self._entry = entry
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.digest.update(content)
        return self._entry.write(content)


def _write(path: Path, records: ReleasedRecords, form: str, progress: Progress) -> dict[str, Any]:
    if form == "xlsx" and records.rows.num_rows > MOST_XLSX_ROWS:
        raise UsageError(f"XLSX takes up to {MOST_XLSX_ROWS:,} rows, these are {records.rows.num_rows:,}. Choose csv, excel or parquet.")
    # Level 1 packs CSV to a tenth at twice the speed of the default; Parquet and XLSX are packed already.
    packing: dict[str, Any] = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1} if FORMATS[form] == "csv" else {}
    name = f"data.{FORMATS[form]}"
    with zipfile.ZipFile(path, "w", **packing) as archive:
        archive.writestr("data_dictionary.md", data_dictionary(records))
        with archive.open(name, "w", force_zip64=True) as opened:
            entry = _Entry(opened)
            WRITERS[form](records, entry, progress)
        manifest = describe(records) | {"file": name, "file_sha256": entry.digest.hexdigest()}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return manifest


def _parts(rows: pa.Table, progress: Progress) -> Iterator[pa.Table]:
    total = rows.num_rows
    for start in range(0, total, PART):
        yield rows.slice(start, PART)
        progress("Writing rows", min(start + PART, total), total)


def _csv(records: ReleasedRecords, entry: _Entry, progress: Progress) -> None:
    entry.write(csv_header(records.rows.column_names))
    # One thread formats the next part while this one packs the last: both let go of the interpreter.
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for part in _parts(safe_table(records.rows), progress):
            coming = pool.submit(csv_rows, part)
            if waiting is not None:
                entry.write(waiting.result())
            waiting = coming
        if waiting is not None:
            entry.write(waiting.result())


def _excel(records: ReleasedRecords, entry: _Entry, progress: Progress) -> None:
    entry.write(BOM)
    _csv(records, entry, progress)


def _parquet(records: ReleasedRecords, entry: _Entry, progress: Progress) -> None:
    fields = [field.with_type(getattr(field.type, "value_type", field.type)) for field in records.rows.schema]  # no dictionaries
    with pq.ParquetWriter(entry, pa.schema(fields)) as writer:
        for part in _parts(records.rows, progress):
            writer.write_table(part.cast(pa.schema(fields)))


def _xlsx(records: ReleasedRecords, entry: _Entry, progress: Progress) -> None:
    buffer = io.BytesIO()
    rows = (row for part in _parts(records.rows, progress) for row in zip(*(column.to_pylist() for column in part.columns), strict=True))
    write_xlsx(buffer, [(records.question.table, records.rows.column_names, rows)])
    entry.write(buffer.getvalue())


WRITERS = {"csv": _csv, "excel": _excel, "parquet": _parquet, "xlsx": _xlsx}


def describe(records: ReleasedRecords) -> dict[str, Any]:
    """The manifest: the question, the data, the definitions, and how many cells were blanked."""
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
    """The meaning, the values and the blanked cells of each column, as Markdown."""
    question = check_records(records).question
    lines = [
        f"# Data dictionary: {question.table}",
        "",
        f"An empty value was not recorded, or was left blank. {ANONYMITY}",
        f"{records.counted.left_out:,} rows were left out because a value that a filter asks for is blank in them.",
        "Patient and episode numbers are new in every export. Day 0 is the first visit of the episode. An episode without a treatment (a score) has one row",
        "with empty values in the table treatments (scores).",
        "",
        "| column | meaning | values | left blank, rows |",
        "|---|---|---|---|",
        *(f"| {name} | {meaning} | {values} | {records.counted.blanked.get(name, 0)} |" for name, meaning, values in question.definitions),
    ]
    return "\n".join(lines) + "\n"
