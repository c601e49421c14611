"""The mapping that is proposed for FHIR resources: rows are chosen by their codes, which are listed with what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.concepts import load
from synapse_analytics.intake.draft.headings import speakable
from synapse_analytics.intake.draft.standard import Drafted, Place, Standard, rules
from synapse_analytics.intake.draft.standard_codes import codes_of_terms, distinct, words_of
from synapse_analytics.intake.mapping.model import RowRule
from synapse_analytics.intake.raw import RawTable

_WRONG = {"status": ("entered-in-error", "cancelled", "not-done", "nullified")}
_RULED_OUT = {"verification": ("refuted", "entered-in-error")}
_PLACES = (
    Place("Condition", "code", "date", ("diagnoses", "symptoms"), icd10="icd10", clinician="clinician", unless=_RULED_OUT),
    Place("Procedure", "code", "date", ("treatments", "investigations"), id="id", end="end_date", clinician="clinician", unless=_WRONG),
    Place("MedicationRequest", "code", "date", ("treatments",), id="id", end="end_date", clinician="clinician", unless=_WRONG),
    Place("MedicationStatement", "code", "date", ("treatments",), id="id", end="end_date", unless=_WRONG),
    Place("DiagnosticReport", "code", "date", ("investigations",), value_codes="value_code", unless=_WRONG),
    Place("Observation", "code", "date", ("instruments", "symptoms"), value="value", value_codes="value_code", unless=_WRONG),
)
FHIR = Standard(
    patient="patient", visit="encounter", places=_PLACES, visits="Encounter", visit_id="id", visit_start="date", visit_end="end_date",
    clinician="clinician", site="site", status="disposition", secondary={"category": ("problem-list-item",)},
)  # fmt: skip
_ITEM = re.compile(r"(odi|oswestry|eq[-_ ]?5d(?:[-_ ]?5l)?)[-_ .]*(?:q|item|section)?[-_ .]*(\d+)", re.IGNORECASE)
_FORMS = {"odi": (10, None), "eq5d5l_index": (5, "1-5")}
_CODING = "How are the answers of the ODI coded? Write `coded: 0-5` or `coded: 1-6`."


def drafted(tables: Sequence[RawTable]) -> Drafted:
    """The tables with the code system of each code."""
    by_name = {table.name: table for table in tables}
    return Drafted(FHIR, by_name, {name: _systems(table) for name, table in by_name.items() if "code_system" in table.cells.column_names})


def _systems(table: RawTable) -> dict[str, tuple[str, str]]:
    pairs = table.cells.select(["code", "code_system"]).group_by(["code", "code_system"]).aggregate([]).to_pylist()
    return {pair["code"]: (pair["code_system"], pair["code"]) for pair in pairs if pair["code"] and pair["code_system"]}


def propose(tables: list[RawTable]) -> list[RowRule]:
    """The rules that are proposed for FHIR resources; what is not certain is asked."""
    found = drafted(tables)
    patients = [_patients(found.tables["Patient"])] if "Patient" in found.tables else []
    return [*patients, *rules(found), *_symptoms(found), *_questionnaires(found)]


def _patients(table: RawTable) -> RowRule:
    fields: dict[str, Any] = {
        "patient_id": "id",
        "sex": {"from": "gender", "codes": codes_of_terms(table, "gender", v.SEXES, distinct(table, "gender")), "empty": "unknown"},
        "date_of_birth": {
            "from": "birth_date",
            "format": "year-month-day",
            "why": "the birthDate; where it lacks a day or month, the middle",
        },
    }
    return RowRule.model_validate({"from": "Patient", "into": "patients", "fields": fields, "why": "the patients of the source"})


def _symptoms(found: Drafted) -> Iterator[RowRule]:
    """Observations that are named `symptom` and hold the symptom as their value."""
    table = found.tables.get("Observation")
    names = (
        [] if table is None else [code for code in distinct(table, "code") if words_of(table, "code").get(code, code).lower() == "symptom"]
    )
    if table is None or not names:
        return
    codes = codes_of_terms(table, "value_code", v.SYMPTOMS, distinct(table, "value_code"))
    links = {"patient_id": "patient", "date": {"from": "date", "format": "year-month-day"}}
    fields = links | {"symptom": {"from": "value_code", "codes": codes}} | ({"episode_id": "encounter"} if found.by_visit else {})
    yield RowRule.model_validate(
        {"from": table.name, "into": "symptoms", "where": {"code": names}, "unless": _WRONG, "fields": fields, "why": "its name is symptom"}
    )


def _questionnaires(found: Drafted) -> Iterator[RowRule]:
    """Scores and items that the answers of questionnaires hold."""
    table = found.tables.get("QuestionnaireResponse")
    if table is None or not table.n:
        return
    scores = {**_items(table), **_totals(table)}
    links = {"patient_id": "patient", "date": {"from": "date", "format": "year-month-day"}}
    links |= {"episode_id": "encounter"} if found.by_visit else {}
    if scores:
        yield RowRule.model_validate(
            {"from": table.name, "into": "scores", "unless": _WRONG, "fields": links, "scores": scores, "why": "the names of the questions"}
        )
    if "event" in table.cells.column_names:
        yield RowRule.model_validate(
            {"from": table.name, "into": "adverse_events", "unless": {**_WRONG, "event": ("",)}, "fields": links | _event(table),
             "why": "a question asks for the complication"}
        )  # fmt: skip


def _event(table: RawTable) -> dict[str, Any]:
    fields: dict[str, Any] = {"treatment_id": "treatment"} if "treatment" in table.cells.column_names else {}
    for name, terms in (("event", v.EVENTS), ("severity", v.SEVERITIES)):
        texts = distinct(table, name)
        codes = codes_of_terms(table, name, terms, texts)
        lacking = [text for text in texts if text not in codes]
        ask = {"ask": f"What do these codes mean: {', '.join(speakable(lacking)[:20])}?"} if lacking else {}
        if texts:
            fields[name] = {"from": name, "codes": codes, **ask}
    return fields


def _items(table: RawTable) -> dict[str, Any]:
    """The questionnaires whose items are all there, in their order."""
    found: dict[str, dict[int, str]] = {name: {} for name in _FORMS}
    for column in table.cells.column_names:
        if match := _ITEM.fullmatch(column):
            found["odi" if match[1].lower().startswith("o") else "eq5d5l_index"][int(match[2])] = column
    whole = {name: [items[at] for at in sorted(items)] for name, items in found.items() if set(items) == set(range(1, _FORMS[name][0] + 1))}
    return {name: {"items": items, **_coding(table, name, items)} for name, items in whole.items()}


def _coding(table: RawTable, name: str, items: Sequence[str]) -> dict[str, str]:
    if _FORMS[name][1]:
        return {"coded": str(_FORMS[name][1])}
    said = {text for column in items for text in distinct(table, column)}
    if "0" in said:
        return {"coded": "0-5", "why": "an answer is 0"}
    return {"coded": "1-6", "why": "an answer is 6, and none is 0"} if "6" in said else {"ask": _CODING}


def _totals(table: RawTable) -> dict[str, Any]:
    """Questions whose name or words are those of a score."""
    instruments = load("instruments")
    found = {}
    for column in table.cells.column_names:
        meaning = instruments.meaning(column) or instruments.meaning(table.labels.get(column, ""))
        if meaning and meaning not in found:
            found[meaning] = {"from": column, "why": "the name of the question"}
    return found
