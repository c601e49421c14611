"""The export of rows: release_records() gives an analyst the rows of a cohort, re-keyed, k-anonymous and logged; preview_records() ten of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import audit
from synapse_analytics import vocabulary as v
from synapse_analytics.access import Permission, Person, check, may
from synapse_analytics.anonymity import SMALLEST_CLASS
from synapse_analytics.bundle.schema import Kind
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_rows_allowed
from synapse_analytics.disclosure import PREVIEWED, Keys, RecordsPreview, ReleasedRecords, RowQuestion, preview_rows, release_rows
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.queries.records import (
    ATTRIBUTES,
    EPISODE_KEY,
    ID_COLUMNS,
    PATIENT_KEY,
    RECORD_TABLES,
    ROWS_OF,
    RecordColumn,
    count_records,
    record_rows,
)

LONGEST_PURPOSE = 300
FEW = (
    f"These filters choose the rows of fewer than {SMALLEST_CLASS} patients (values that are left blank match no filter). "
    "To protect them, no row is exported. Remove filters."
)


def record_columns(table: str) -> tuple[str, ...]:
    """The columns of an export table that may leave; UsageError lists the tables there are."""
    return tuple(column.name for column in _declared(table))


def release_records(  # noqa: PLR0913 - the privacy policy names these, and each is asked for on its own
    clinic: Clinic, cohort: Cohort, columns: Sequence[str] | None, purpose: str, user: Person, *, table: str = "episodes"
) -> ReleasedRecords:
    """The rows of a cohort for a purpose; no columns = all that may leave. Logged before anything is read.

    Rows are chosen by the blanked cells of the generation's one anonymous table. NotAllowed names the filters that are not
    among these cells, and refuses under 5 patients.
    """
    question = _question(clinic, cohort, columns, purpose, user, table=table)
    audit.append(audit.Event.EXPORT_ASKED, user, subject_of(question), home=clinic.home)
    counted = count_records(clinic, cohort, table, question.columns)
    if counted.too_few:
        raise NotAllowed(FEW)
    return release_rows(question, *_read(clinic, question), counted)


def preview_records(  # noqa: PLR0913 - it asks what release_records asks
    clinic: Clinic, cohort: Cohort, columns: Sequence[str] | None, purpose: str, user: Person, *, table: str = "episodes"
) -> RecordsPreview:
    """Ten rows as release_records would give them, and what all its rows hold; under the same rules. Logged before anything is read."""
    question = _question(clinic, cohort, columns, purpose, user, table=table)
    audit.append(audit.Event.EXPORT_PREVIEWED, user, subject_of(question), home=clinic.home)
    counted = count_records(clinic, cohort, table, question.columns)
    if counted.too_few:
        raise NotAllowed(FEW)
    return preview_rows(question, *_read(clinic, question, few=PREVIEWED), counted)


def _question(  # noqa: PLR0913 - see release_records
    clinic: Clinic, cohort: Cohort, columns: Sequence[str] | None, purpose: str, user: Person, *, table: str
) -> RowQuestion:
    """What is asked, once it is legal and permitted."""
    chosen = _checked_columns(table, columns)
    question = RowQuestion(
        table=table,
        columns=chosen,
        cohort=cohort,
        generation=clinic.generation,
        policy=clinic.policy,
        purpose=_checked_purpose(purpose),
        user=user,
        definitions=tuple(_definition(column) for column in _declared(table) if column.name in chosen),
        home=clinic.home,
    )
    _check_permitted(clinic, question)
    check_rows_allowed(cohort, table)
    return question


def subject_of(question: RowQuestion, rows: int | None = None, sha256: str | None = None) -> audit.Subject:
    """What the audit log says about an export: codes, counts and the purpose, no value of a patient."""
    detail = {
        "table": question.table,
        "columns": ",".join(question.columns),
        "purpose": question.purpose,
        "generation": question.generation.id,
    }
    return audit.Subject(question.cohort.url(), rows, sha256, detail)


def _declared(table: str) -> tuple[RecordColumn, ...]:
    if table not in RECORD_TABLES:
        raise UsageError(f"There is no export table '{table}'. There are: {', '.join(RECORD_TABLES)}.")
    return RECORD_TABLES[table]


def _definition(column: RecordColumn) -> tuple[str, str, str]:
    legal = {
        Kind.ID: "text",
        Kind.UNIT: "text",
        Kind.YES_NO: ", ".join(v.codes(v.YES_NO)),
        Kind.CODE: ", ".join(v.codes(column.terms)),
        Kind.DAY: "whole days",
        Kind.COUNT: "whole number",
    }
    if column.name == "age_band":
        return column.name, column.meaning, ", ".join(v.codes(v.FIVE_YEAR_BANDS))
    return column.name, column.meaning, legal.get(column.kind, "number")


def _checked_columns(table: str, columns: Sequence[str] | None) -> tuple[str, ...]:
    legal = record_columns(table)
    unknown = sorted(set(columns or ()) - set(legal))
    if unknown:
        raise UsageError(f"The table {table} has no column {', '.join(unknown)} that may be exported. Allowed: {', '.join(legal)}.")
    return tuple(name for name in legal if not columns or name in columns)


def _checked_purpose(purpose: str) -> str:
    plain = " ".join(purpose.split())
    if not 3 <= len(plain) <= LONGEST_PURPOSE or not plain.isprintable():
        raise UsageError(f"Say what the rows are for, in 3 to {LONGEST_PURPOSE} characters; it is logged.")
    return plain


def _check_permitted(clinic: Clinic, question: RowQuestion) -> None:
    if not may(question.user, Permission.EXPORT_RECORDS):
        audit.append(audit.Event.ACCESS_REFUSED, question.user, subject_of(question), home=clinic.home)
        check(question.user, Permission.EXPORT_RECORDS)
    if question.policy.name == "publish":
        raise NotAllowed("Under the policy 'publish' no rows can be exported; aggregated numbers can.")


def _read(clinic: Clinic, question: RowQuestion, *, few: int | None = None) -> tuple[pa.Table, Keys, dict[str, pa.DictionaryArray]]:
    """The rows ready to be shown, whose they are, and the cells of the anonymous table."""
    table = question.table
    stored = record_rows(clinic, question.cohort, table, question.columns, few=few)
    declared = [column for column in RECORD_TABLES[table] if column.name in question.columns and column.name not in ID_COLUMNS]
    shown = {column.name: SHOWN[column.kind](column, stored.column(column.name)) for column in declared if column.name not in ATTRIBUTES}
    keys = Keys(
        patients=stored.column(PATIENT_KEY).to_numpy(),
        episodes=None if table == "patients" else stored.column(EPISODE_KEY).to_numpy(),
        order=stored.column("order_within").to_numpy() if table in ROWS_OF else None,
    )
    cells = {column.name: _cells(column.name, stored.column(column.name)) for column in declared if column.name in ATTRIBUTES}
    return pa.table(shown), keys, cells


def _cells(name: str, stored: pa.ChunkedArray) -> pa.DictionaryArray:
    """The cells of the anonymous table as they are shown; null = blanked."""
    terms: Mapping[str, tuple[v.Coded, ...]] = {"age_band": v.FIVE_YEAR_BANDS, "sex": v.SEXES, "diagnosis": v.DIAGNOSES}
    column = stored.combine_chunks()
    if name in terms:
        return pa.DictionaryArray.from_arrays(column.cast(pa.int32()), pa.array(v.codes(terms[name])))
    return column.dictionary_encode()


def _codes(column: RecordColumn, stored: pa.ChunkedArray) -> pa.Array:
    indices = stored.combine_chunks().cast(pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array(v.codes(column.terms)))


def _yes_no(_column: RecordColumn, stored: pa.ChunkedArray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(stored.combine_chunks().cast(pa.int32()), pa.array(v.codes(v.YES_NO)))


def _thousandths(column: RecordColumn, stored: pa.ChunkedArray) -> pa.Array:
    """Units with the instrument's decimals: thousandths are exact, so one division gives the shortest decimal."""
    return pc.round(pc.divide(stored.combine_chunks().cast(pa.float64()), 1000.0), column.decimals)


def _whole(_column: RecordColumn, stored: pa.ChunkedArray) -> pa.Array:
    return stored.combine_chunks().cast(pa.int32())


def _text(_column: RecordColumn, stored: pa.ChunkedArray) -> pa.Array:
    return stored.combine_chunks().cast(pa.string()).dictionary_encode()


SHOWN: Mapping[Kind, Callable[[RecordColumn, pa.ChunkedArray], pa.Array]] = {
    Kind.CODE: _codes,
    Kind.YES_NO: _yes_no,
    Kind.NUMBER: _thousandths,
    Kind.SCORE: _thousandths,
    Kind.COUNT: _whole,
    Kind.DAY: _whole,
    Kind.UNIT: _text,
}
