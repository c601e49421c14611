"""The row door: release_records() gives an analyst the rows of a cohort, re-keyed, k-anonymous and logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import audit
from synapse_analytics import vocabulary as v
from synapse_analytics.access import Permission, Person, check, may
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Attribute, Keys, ReleasedRecords, RowQuestion, release_rows
from synapse_analytics.errors import NotAllowed, StoreError, UsageError
from synapse_analytics.queries.population import population
from synapse_analytics.queries.records import (
    ATTRIBUTES,
    EPISODE_KEY,
    ID_COLUMNS,
    OF_PATIENT,
    ORDER_WITHIN,
    PATIENT_KEY,
    RECORD_TABLES,
    RecordColumn,
    record_rows,
)
from synapse_analytics.records import Kind

SMALLEST_COHORT = 5
LONGEST_PURPOSE = 300
AGE_STEP, OLDEST = 5, 90


def record_columns(table: str) -> tuple[str, ...]:
    """The columns of an export table that may leave; UsageError lists the tables there are."""
    return tuple(column.name for column in _declared(table))


def release_records(  # noqa: PLR0913 - the privacy policy names these, and each is asked for on its own
    clinic: Clinic, cohort: Cohort, columns: Sequence[str] | None, purpose: str, user: Person, *, table: str = "episodes"
) -> ReleasedRecords:
    """The rows of a cohort for a purpose; no columns = all that may leave. Logged before anything is read."""
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
    counted = population(clinic, cohort)
    if counted[0] < SMALLEST_COHORT:
        raise NotAllowed(f"This cohort has fewer than {SMALLEST_COHORT} patients. To protect them no row leaves.")
    audit.append(audit.Event.EXPORT_ASKED, user, subject_of(question), home=clinic.home)
    return _released(clinic, question, counted)


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
        return column.name, column.meaning, "0 to 4, 5 to 9, ... 85 to 89, 90+"
    return column.name, column.meaning, legal.get(column.kind, "number")


def _checked_columns(table: str, columns: Sequence[str] | None) -> tuple[str, ...]:
    legal = record_columns(table)
    unknown = sorted(set(columns or ()) - set(legal))
    if unknown:
        raise UsageError(f"The table {table} has no column {', '.join(unknown)} that may leave. Legal: {', '.join(legal)}.")
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
        raise NotAllowed("Under the policy 'publish' no row leaves; aggregates may.")


def _released(clinic: Clinic, question: RowQuestion, counted: tuple[int, int]) -> ReleasedRecords:
    stored = record_rows(clinic, question.cohort, question.table, question.columns)
    declared = {column.name: column for column in RECORD_TABLES[question.table] if column.name in question.columns}
    attributes = {column.name: _attribute(column.name, stored) for column in ATTRIBUTES if column.name in declared}
    plain = [name for name in declared if name not in attributes and name not in ID_COLUMNS]
    rows = pa.table({name: SHOWN[declared[name].kind](declared[name], stored.column(name)) for name in plain})
    released = release_rows(question, rows, _keys(question.table, stored), attributes)
    _check_complete(released, counted)
    return released


def _keys(table: str, stored: pa.Table) -> Keys:
    return Keys(
        patients=stored.column(PATIENT_KEY).to_numpy(),
        episodes=None if table == "patients" else stored.column(EPISODE_KEY).to_numpy(),
        order=stored.column("order_within").to_numpy() if table in ORDER_WITHIN else None,
    )


def _check_complete(released: ReleasedRecords, counted: tuple[int, int]) -> None:
    """Whoever reads the rows must count what every page counts; treatments and scores have no row for some episodes."""
    table = released.question.table
    found = {
        "patients": (released.patients, counted[0]),
        "episodes": (released.episodes, counted[1]),
        "wide": (released.episodes, counted[1]),
    }
    if table in found and found[table][0] != found[table][1]:
        raise StoreError(f"The rows of {table} do not count what the cohort counts; nothing was exported. Load the bundle again.")


def _attribute(name: str, stored: pa.Table) -> Attribute:
    """The quasi-identifier as codes from 0 and the values they are shown as."""
    column = stored.column(name).combine_chunks()
    if name == "age_band":
        starts = range(0, OLDEST, AGE_STEP)
        # "5 to 9": a spreadsheet takes 5-9 for a day in September.
        shown = pa.array([*(f"{start} to {start + AGE_STEP - 1}" for start in starts), f"{OLDEST}+"])
        return Attribute(np.minimum(column.to_numpy() // AGE_STEP, OLDEST // AGE_STEP), shown, of_patient=True)
    if name in ("sex", "diagnosis"):
        terms = {"sex": v.SEXES, "diagnosis": v.DIAGNOSES}[name]
        return Attribute(column.to_numpy(), pa.array(v.codes(terms)), of_patient=name in OF_PATIENT)
    encoded = column.dictionary_encode()
    return Attribute(encoded.indices.to_numpy(), encoded.dictionary)


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
