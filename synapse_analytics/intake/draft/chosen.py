"""Answers to a draft: a field that somebody says is in a column is drafted from this column, as if the draft had found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from synapse_analytics.bundle.column_names import is_identity_name
from synapse_analytics.bundle.headings import is_like_a_value
from synapse_analytics.intake.draft.columns import Columns
from synapse_analytics.intake.draft.dates import dates_of
from synapse_analytics.intake.draft.draft import used_columns
from synapse_analytics.intake.draft.fields import filled
from synapse_analytics.intake.draft.headings import without_values
from synapse_analytics.intake.draft.looks import look_of
from synapse_analytics.intake.draft.tables import with_split
from synapse_analytics.intake.mapping import model
from synapse_analytics.intake.mapping.fields import DATE_OF, FieldOf, Reads
from synapse_analytics.intake.mapping.leaves import Answer, changed, texts_in
from synapse_analytics.intake.mapping.places import Place
from synapse_analytics.intake.mapping.questions import field_at
from synapse_analytics.intake.raw import RawTable

_HOW_DATES = "How are these dates written? Write it as the format."


def columns_for(tables: Sequence[RawTable], mapping: model.Mapping, place: Place) -> list[str]:
    """The columns that may fill the field at a place: those that the mapping does not read yet come first, those named after people last."""
    table, field = _table(tables, mapping, place), field_at(mapping, place)
    if table is None:
        return []
    used = used_columns(mapping.rows)[table.name]
    of_people = set() if field and field.reads is Reads.ID else {name for name in table.cells.column_names if is_identity_name(name)}
    names = [name for name in table.cells.column_names if not is_like_a_value(name)]
    return sorted(names, key=lambda name: (name in of_people | table.identifiers, name in used))


def answered(tables: Sequence[RawTable], mapping: model.Mapping, answers: Mapping[Place, Answer]) -> model.Mapping:
    """The mapping with these answers; IntakeRefused for what is not allowed."""
    others: dict[Place, Answer] = {}
    for place, answer in answers.items():
        field, table = field_at(mapping, place), _table(tables, mapping, place)
        columns = _columns(answer, table) if table and place[4:] == ("from",) else []
        if field and table and columns and not _has_column(mapping, place):
            mapping = _filled(mapping, place, _drafted(field, table, columns))
        else:
            others[place] = answer
    return changed(mapping, others)


def _table(tables: Sequence[RawTable], mapping: model.Mapping, place: Place) -> RawTable | None:
    return next((table for table in tables if place[0] == "rows" and table.name == mapping.rows[int(place[1])].from_), None)


def _columns(answer: Answer, table: RawTable) -> list[str]:
    """The columns that an answer names; none if one of them is not there."""
    known = table.cells.column_names
    names = [answer] if answer in known else texts_in(answer)
    return [str(name) for name in names] if set(names) <= set(known) else []


def _has_column(mapping: model.Mapping, place: Place) -> bool:
    """True if the field reads a column: then only its name changes, and what is said about its values stays."""
    rule = mapping.rows[int(place[1])].fields.get(str(place[3]))
    return rule is not None and rule.from_ not in {(), (model.OPEN,)}


def _drafted(field: FieldOf, table: RawTable, columns: list[str]) -> dict[str, dict[str, Any]]:
    """The field as the draft fills it from these columns; a column of dates fills the date that a day is calculated from."""
    if len(columns) > 1:
        return {field.name: {"from": columns}}
    look = look_of(table, columns[0])
    dates = dates_of(look)
    if dates and field.name in DATE_OF:
        field = replace(field, name=DATE_OF[field.name], reads=Reads.DATE)
    if field.reads is Reads.DATE and not dates:
        return {field.name: {"from": columns, "format": model.OPEN, "ask": _HOW_DATES}}
    found = Columns(table, dates={look.name: dates} if dates else {})
    return {field.name: filled(field, with_split(look) if field.name == "symptom" else look, found)}


def _filled(mapping: model.Mapping, place: Place, made: dict[str, dict[str, Any]]) -> model.Mapping:
    """The mapping with a field filled so, in the place of the one that was open; its columns are no longer left out."""
    number, name = int(place[1]), str(place[3])
    rule = mapping.rows[number]
    new = {key: model.FieldRule.model_validate(one) for key, one in made.items()}
    fields: dict[str, model.FieldRule] = {}
    for key in dict.fromkeys([*rule.fields, name]):
        fields |= new if key == name else {key: rule.fields[key]}
    rows = [*mapping.rows]
    rows[number] = without_values(rule.model_copy(update={"fields": fields}))
    used = {column for one in new.values() for column in one.from_}
    kept = {column: why for column, why in mapping.left_out.get(rule.from_, {}).items() if column not in used}
    left = {**mapping.left_out, rule.from_: kept} if rule.from_ in mapping.left_out else mapping.left_out
    return mapping.model_copy(update={"rows": tuple(rows), "left_out": left})
