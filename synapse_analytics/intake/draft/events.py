"""What is one episode in a REDCap project whose patients have several events: its arms, events or repeats, or none of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.draft.codes import said
from synapse_analytics.intake.draft.columns import Columns
from synapse_analytics.intake.draft.forms import EVENT, FORM, INSTANCE, any_filled
from synapse_analytics.intake.draft.headings import speakable
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import OPEN
from synapse_analytics.intake.sources.redcap_columns import ARM
from synapse_analytics.vocabulary.plurals import counted

_NEW = re.compile("referral|episode|problem|complaint", re.IGNORECASE)  # in the name of an event: it is none of a row of visits
_WAYS = (((ARM,), "arm"), ((EVENT,), "event"), ((EVENT, INSTANCE), "repeat of an event"))
_RECORDS = ("value", "treatment", "investigation", "event")  # the field that says most of one record
_ASK = (
    "Is each {0} a new referral or a visit of the same one? Write column if each is a new referral: the columns in `id` then say to which"
    " of them a row belongs. Write one_per_patient if each is a visit of the same one. Allowed, too: gap, referral."
)
_FORM = (
    "Is each time that this form was filled a new referral or a visit of the same one? Write referral if each is a new referral: the date"
    " of a row then says to which of them it belongs. Write one_per_patient if each is a visit of the same one. Allowed, too: gap."
)


def told(columns: Columns) -> pa.Table:
    """The patient, and what links rows, of each row that says something about an episode; no rows where no column says whose they are."""
    look = columns.first("patient_id")
    if look is None:
        return columns.table.cells.slice(0, 0)
    telling = [field.name for field in record_kind("episodes").fields if field.name in columns.fields and field.name != "patient_id"]
    there = any_filled(columns.table, [columns.fields[name][0].name for name in telling])
    return columns.table.cells.filter(pc.and_(there, pc.is_valid(columns.table.column(look.name))))


def of_events(columns: Columns, found: Sequence[Columns]) -> dict[str, Any] | None:
    """What is one episode, with the question; None where neither arms nor events nor repeats tell the rows of a patient apart."""
    rows, patient = told(columns), columns.fields["patient_id"][0].name
    forms = _filled(rows, FORM)
    if forms:
        why = f"the form {said(speakable(forms))} is filled several times for a patient"
        return {"is": "referral", "why": why, "ask": _FORM} if columns.first("first_visit_date", "date") else None
    repeated = any(_filled(one.table.cells, FORM) for one in found if one.table.name == columns.table.name)
    for names, what in _WAYS:
        if not set(names) <= set(rows.column_names) or (INSTANCE in names and repeated):  # the forms have numbers of their own
            continue
        if _is_unique(rows, [patient, *names]):
            lost = sorted(_with_records(found, columns.table.name, names[0]) - set(_filled(rows, names[0])))
            return _proposed(rows, [patient, *names], what, lost)
    return None


def _proposed(rows: pa.Table, names: list[str], what: str, lost: list[str]) -> dict[str, Any]:
    """Events that are named so, and arms, are new referrals, until somebody says otherwise; of other events nothing says it.

    `lost` are events with records and without an episode to which these belong.
    """
    called = _filled(rows, names[1])
    new = not lost and (what == "arm" or all(_NEW.search(name) for name in called))
    times = pc.value_counts(rows[names[0]]).field("counts")
    several = counted(int(pc.sum(pc.greater(times, 1)).as_py()), "patient")
    why = f"for {several} more than one {what} has a diagnosis or the like: {said(speakable(called))}"
    why += f"; with column, the scores and treatments of {said(speakable(lost))} are left out, as nothing there says more" if lost else ""
    return {"is": "column" if new else OPEN, "id": names, "why": why, "ask": _ASK.format(what)}


def _with_records(found: Sequence[Columns], table: str, name: str) -> set[str]:
    """The events (or arms) of a table in which scores, treatments or the like are recorded."""
    events: set[str] = set()
    for part in found:
        told = [one.look.name for one in part.scores] + [part.fields[one][0].name for one in _RECORDS if one in part.fields]
        if part.table.name == table and told:
            events |= set(_filled(part.table.cells.filter(any_filled(part.table, told)), name))
    return events


def _filled(rows: pa.Table, name: str) -> list[str]:
    """The texts of a column that may not be there."""
    return sorted(text for text in pc.unique(rows[name]).to_pylist() if text) if name in rows.column_names else []


def _is_unique(rows: pa.Table, names: list[str]) -> bool:
    return bool(rows.num_rows == rows.group_by(names).aggregate([]).num_rows)
