"""A Released answer as a file: one table as CSV, CSV for Excel, Parquet or XLSX, or the whole answer as a document."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.errors import UsageError
from synapse_analytics.exports.spreadsheets import BOM, check_format, csv_header, csv_opening, csv_rows, safe_table, write_xlsx
from synapse_analytics.exports.stamps import about, check_same, file_stem

if TYPE_CHECKING:
    import pandas as pd

BETWEEN_STEPS = " > "
About = Mapping[str, str]  # facts about the file, which stand in it


def as_document(released: Released) -> dict[str, Any]:
    """The answer as plain lists and dictionaries, ready for JSON."""
    answer = check_released(released)
    return {
        "name": answer.name,
        "cohort": answer.cohort.url(),
        "generation": answer.generation,
        "policy": answer.policy,
        "options": _plain(answer.options),
        "n": answer.n,
        "episodes": answer.episodes,
        "withheld": answer.withheld,
        "refused": answer.refused,
        "notes": list(answer.notes),
        "tables": {name: [_plain(row) for row in rows] for name, rows in answer.tables.items()},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def as_frame(released: Released, table: str) -> pd.DataFrame:
    """One released table for a notebook; withheld cells are missing, and the column `withheld` names them."""
    import pandas as pd  # noqa: PLC0415 - half a second that only a notebook needs

    return pd.DataFrame([_plain(row) for row in check_released(released).tables[table]])


def file_name(released: Released, table: str) -> str:
    """The name of the CSV file of a table: answer, table, cohort, and whether it may leave the clinic."""
    return f"{file_stem(released, table)}.csv"


def table_bytes(released: Released, table: str, clinic: Clinic, form: str = "csv") -> bytes:
    """One table of an answer as the bytes of a file: csv, excel (CSV with BOM), parquet or xlsx.

    The file names the question, the cohort, the data and the policy. `clinic` is the handle under which the answer was asked;
    NotAllowed is raised for another one, so that no stamp can be wrong.
    """
    tables = check_same(released, clinic).tables
    if table not in tables:
        raise UsageError(f"The answer {released.name} has no table '{table}'. It has: {', '.join(tables) or 'none'}.")
    rows = [{name: _cell(value) for name, value in row.items()} for row in tables[table]]
    return WRITERS[check_format(form)](rows, about(released, clinic, table))


def _cell(value: Any) -> Any:
    """A list in one cell: the steps of a pathway, or the columns that are withheld."""
    return BETWEEN_STEPS.join(str(item) for item in value) if isinstance(value, tuple) else value


def _csv(rows: list[dict[str, Any]], head: About) -> bytes:
    return csv_opening(head) + (csv_header(list(rows[0])) + csv_rows(safe_table(_arrow(rows))) if rows else b"")


def _arrow(rows: list[dict[str, Any]]) -> pa.Table:
    """Columns of one type each; a column that mixes text and numbers (values of several indicators) becomes text."""
    columns = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows]
        known = [value for value in values if value is not None]
        as_text = not known or any(isinstance(value, str) for value in known)
        columns[name] = pa.array([None if value is None else str(value) for value in values], pa.string()) if as_text else pa.array(values)
    return pa.table(columns)


def _parquet(rows: list[dict[str, Any]], head: About) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(_arrow(rows).replace_schema_metadata(dict(head)), buffer)
    return buffer.getvalue()


def _xlsx(rows: list[dict[str, Any]], head: About) -> bytes:
    buffer = io.BytesIO()
    numbers = ("Numbers", list(rows[0]) if rows else [], (tuple(row.values()) for row in rows))
    write_xlsx(buffer, [numbers, ("About", ("what", "it is"), iter(head.items()))])
    return buffer.getvalue()


WRITERS = {"csv": _csv, "excel": lambda rows, head: BOM + _csv(rows, head), "parquet": _parquet, "xlsx": _xlsx}
