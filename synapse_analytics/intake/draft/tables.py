"""The rules of one table: one row may become a patient, an episode, scores and treatments at once, with one rule for each."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

from synapse_analytics.intake.draft.boxes import filled_by_boxes
from synapse_analytics.intake.draft.codes import meaning_of, said
from synapse_analytics.intake.draft.columns import Columns
from synapse_analytics.intake.draft.fields import asked, bmi_of_two, filled
from synapse_analytics.intake.draft.looks import Look
from synapse_analytics.intake.draft.scales import scales_of
from synapse_analytics.intake.draft.scores import ScoreColumn, score_rule
from synapse_analytics.intake.draft.visits import visit_of
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import RowRule

Fields = dict[str, Any]
WHO_ASKED = "Which column says whose rows these are? Write it as `from: COLUMN`; several columns where numbers repeat between sites."
FURTHER = "Are these further diagnoses beside the main one? Otherwise delete this rule."
_FROM_SURGERY = "The headers count from the operation, and days count from day 0. Is the operation day 0? Otherwise name a column of dates."
NO_DAY = "No column says when this was. Write `from: COLUMN` with its `format` as the field date, or the day itself as `value`, such as 0."


def who(columns: Columns) -> Fields:
    """Whose rows these are."""
    found = {}
    for name in ("patient_id", "episode_id"):
        look = columns.first(name)
        if look:
            found[name] = filled(record_kind("episodes").field(name), look, columns)
    return found or {"patient_id": {"ask": WHO_ASKED}}


def rule(columns: Columns, into: str, fields: Fields, **more: Any) -> RowRule:
    """A rule on the rows of this table."""
    return RowRule.model_validate({"from": columns.table.name, "into": into, "fields": fields, **more})


def main_rule(columns: Columns, into: str) -> RowRule:
    """The rule that makes patients or episodes of the rows of this table; what a bundle needs and no column gives is asked."""
    fields = who(columns) | {
        one.kind.field: filled_by_boxes(one) for one in columns.boxes if one.kind.into == into and not columns.first(one.kind.field)
    }
    for field in record_kind(into).fields:
        look = columns.first(field.name) if field.becomes else None
        if look and field.name not in fields:
            fields[field.name] = filled(field, look, columns)
        elif field.needed and field.name not in fields:
            fields[field.name] = asked(field)
    if into == "patients":
        fields |= {"bmi": bmi} if "bmi" not in fields and (bmi := bmi_of_two(columns)) else {}
        fields.pop("episode_id", None)
        if not {"age_years", "date_of_birth"} & set(fields):
            fields["age_years"] = asked(record_kind("patients").field("age_years"))
        if {"age_years", "date_of_birth"} <= set(fields):
            del fields["age_years"]  # the date of birth says it exactly
    date = columns.first("date") or columns.dates_of_visits.get(0)
    if into == "episodes" and "first_visit_date" not in fields and date:
        fields["first_visit_date"] = filled(record_kind("episodes").field("first_visit_date"), date, columns)
    return rule(columns, into, fields)


def other_diagnoses(columns: Columns) -> RowRule:
    """The rule for the diagnoses of a table that does not describe the episodes."""
    kind = record_kind("other_diagnoses")
    found = {name: look for name in ("diagnosis", "icd10", "date") if (look := columns.first(name))}
    fields = {**who(columns), **{name: filled(kind.field(name), look, columns) for name, look in found.items()}}
    sure = re.search("other|second|comorb", f"{columns.table.name} {columns.fields['diagnosis'][0].label}", re.IGNORECASE)
    ask = "" if sure else FURTHER
    return rule(columns, "other_diagnoses", fields, ask=ask)


def record_rules(columns: Columns) -> list[RowRule]:
    """The rules that make scores, treatments, investigations, symptoms and adverse events of the rows of this table."""
    return [*_wide_scores(columns), *_long_scores(columns), *_treatments(columns), *_dated(columns), *_symptoms(columns)]


def _wide_scores(columns: Columns) -> list[RowRule]:
    """One rule for each visit that the headers name, or one for a table with a row for each visit."""
    visits: dict[int | None, dict[str, list[ScoreColumn]]] = defaultdict(lambda: defaultdict(list))
    for column in columns.scores:
        visits[column.day][column.instrument].append(column)
    rules = []
    for day in sorted(visits, key=lambda one: -1 if one is None else one):
        scores = {instrument: made for instrument, found in visits[day].items() if (made := score_rule(found))}
        if scores:
            rules.append(rule(columns, "scores", {**who(columns), **when(columns, day)}, scores=scores))
    return rules


def when(columns: Columns, day: int | None) -> Fields:
    """The date or day of the answers of one visit."""
    field = record_kind("scores").field("date")
    if day is not None:
        look = columns.dates_of_visits.get(day)
        why = "the headers of these scores name this visit"
        named = [column.look for column in columns.scores if column.day == day]
        ask = _FROM_SURGERY if day and any(re.search("post_?op|surg", one.words) for one in named) else ""
        return {"date": filled(field, look, columns)} if look else {"day": {"value": str(day), "why": why, "ask": ask}}
    look, visit = columns.first("date"), columns.first("visit")
    look = look or (columns.first("first_visit_date", "start_date") if visit is None else None)
    if look:
        return {"date": filled(field, look, columns)}
    return {"day": _days(visit) if visit else {"ask": NO_DAY}}


def _days(visit: Look) -> Fields:
    """The days of visits that have names."""
    names, labels = visit.codes, visit.table.choices.get(visit.name, {})
    read = {name: visit_of(labels.get(name) or name) for name in names}
    days = {name: found[1] for name, found in read.items() if found and (not found[0] or name in labels)}
    open_names = [name for name in names if name not in days]
    unknown = said(open_names) if names else "all"
    ask = f"On which day after day 0 are these visits: {unknown}? Write each under `days`." if open_names or not names else ""
    return {"from": visit.name, "days": days, "why": "no column holds dates, and these names say when a visit is planned", "ask": ask}


def _long_scores(columns: Columns) -> list[RowRule]:
    instrument, value = columns.first("instrument"), columns.first("value")
    if not instrument or not value:
        return []
    kind = record_kind("scores")
    labels = instrument.table.choices.get(instrument.name, {})
    scores = {code: score for code in instrument.counts if (score := meaning_of(kind.field("instrument"), labels.get(code) or code))}
    fields = {
        "instrument": filled(kind.field("instrument"), instrument, columns),
        "value": filled(kind.field("value"), value, columns) | scales_of(value, instrument.name, scores, labels),
    }
    if "scales" in fields["value"]:
        fields["value"]["why"] += "; the highest value of each code says its scale"
    return [rule(columns, "scores", {**who(columns), **when(columns, None), **fields})]


def _treatments(columns: Columns) -> list[RowRule]:
    kind = record_kind("treatments")
    rules = []
    for look in columns.fields.get("treatment", []):
        fields = {**who(columns), "treatment": filled(kind.field("treatment"), look, columns)}
        start = columns.first("start_date", "date")
        fields |= {"start_date": filled(kind.field("start_date"), start, columns)} if start else {"start_day": {"ask": NO_DAY}}
        for name in ("treatment_id", "end_date", "clinician", "sessions", "reoperation"):
            if other := columns.first(name):
                fields[name] = filled(kind.field(name), other, columns)
        rules.append(rule(columns, "treatments", fields))
    return rules


def _dated(columns: Columns) -> list[RowRule]:
    """Investigations and adverse events, each with the date of its row."""
    rules = []
    for into, named, more in (("investigations", "investigation", "finding"), ("adverse_events", "event", "severity")):
        kind, look, other = record_kind(into), columns.first(named), columns.first(more)
        if look:
            fields = {**who(columns), **when(columns, None), named: filled(kind.field(named), look, columns)}
            fields |= {more: filled(kind.field(more), other, columns)} if other else {}
            if into == "adverse_events" and (treatment := columns.first("treatment_id")):
                fields["treatment_id"] = filled(kind.field("treatment_id"), treatment, columns)
            rules.append(rule(columns, into, fields))
    return rules


def _symptoms(columns: Columns) -> list[RowRule]:
    first = columns.first("symptom")
    look = with_split(first) if first else None
    field = record_kind("symptoms").field("symptom")
    return [rule(columns, "symptoms", {**who(columns), "symptom": filled(field, look, columns)})] if look else []


def with_split(look: Look) -> Look:
    """The column with the sign between several answers in one cell, if there is one."""
    signs = (sign for sign in (";", "|", ",") if sum(sign in text for text in look.counts) >= 0.2 * len(look.counts))
    return replace(look, split=next(signs, ""))
