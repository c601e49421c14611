"""The mapping that is proposed for a standard whose tables are always the same: rows are chosen by what their codes mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.draft.headings import speakable
from synapse_analytics.intake.draft.looks import look_of
from synapse_analytics.intake.draft.scales import scales_of
from synapse_analytics.intake.draft.standard_codes import Known, codes_of_terms, distinct, known_codes, words_of
from synapse_analytics.intake.draft.standard_traits import Trait, traits_of
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import RowRule
from synapse_analytics.intake.raw import RawTable

ISO = "year-month-day"
LONG_VISIT = 14  # days: where half of the visits last longer, a visit is a referral or an episode, and no single day
_FIRST_VISITS = "A diagnosis starts an episode on its day; the rules of `episode` put those together that belong together."
_NO_CODE = "No row says it. Write the value for all, or the column that holds it."
_BY_PART = "These codes were recognised by a word of their name: {}. Check what they mean, or delete them."
_EVENT = "Is each of these rows a complication of a treatment?"
_NO_DIAGNOSIS = (
    "None of the codes is in the concept set. Write into `codes` which of them mean which diagnosis, and choose these rows by `where`."
)
_DIED = " The table death says who died: give their episodes the status died."
_VAS_CODES = frozenset({"38214-3"})


@dataclass(frozen=True, slots=True)
class Place:
    """A table of the standard: its columns, and the lists that its codes may belong to."""

    table: str
    code: str
    date: str
    lists: tuple[str, ...]
    id: str = ""
    end: str = ""
    icd10: str = ""
    value: str = ""
    value_codes: str = ""
    clinician: str = ""
    link: str = ""  # the treatment that a complication followed
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standard:
    """The columns that all tables of a standard share, its tables, and the table of its visits."""

    patient: str
    visit: str
    places: tuple[Place, ...]
    visits: str
    visit_id: str
    visit_start: str
    visit_end: str
    clinician: str
    site: str
    status: str = ""
    secondary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # how a diagnosis is marked that is not the first


@dataclass(frozen=True)
class Drafted:
    """The tables of one source, and whether its visits are episodes."""

    standard: Standard
    tables: Mapping[str, RawTable]
    systems: Mapping[str, Mapping[str, tuple[str, str]]]  # table -> code -> its system and its code there

    @property
    def by_visit(self) -> bool:
        """True if a visit is what an episode is here: most of them last for weeks."""
        visits = self.tables.get(self.standard.visits)
        return visits is not None and _half_last(visits, self.standard.visit_start, self.standard.visit_end)

    def places(self) -> list[Place]:
        """The places whose tables hold rows."""
        return [place for place in self.standard.places if place.table in self.tables and self.tables[place.table].n]

    def known(self, place: Place, name: str) -> Known:
        """The codes of a place that are in the list of this name. Complications have no concept set: the words of our list alone count."""
        if name == "events":
            texts = distinct(self.tables[place.table], place.code)
            return Known(codes_of_terms(self.tables[place.table], place.code, v.EVENTS, texts), distinct=len(texts))
        return known_codes(self.tables[place.table], place.code, name, self.systems.get(place.table, {}))


def rules(drafted: Drafted) -> Iterator[RowRule]:
    """Every rule but those of the patients."""
    traits = [(place, trait, codes) for place in drafted.places() for trait, codes in traits_of(drafted.tables[place.table], place.code)]
    said = {trait.field for _, trait, _ in traits}
    yield from _episodes(drafted, said)
    for place, trait, codes in traits:
        if (rule := _trait_rule(drafted, place, trait, codes)) is not None:
            yield rule
    for place in drafted.places():
        taken = {code for one, _, codes in traits if one is place for code in codes}
        for name in place.lists:
            known = drafted.known(place, name)
            left = {code: means for code, means in known.codes.items() if code not in taken}
            taken |= set(left)
            is_empty = name == "instruments" and not _is_there(drafted.tables[place.table], place.value)
            if left and not is_empty and (name != "diagnoses" or _marked(drafted, place)):
                yield _MAKERS[name](drafted, place, Known(left, known.by_part & set(left), known.distinct))


def _rule(drafted: Drafted, place: Place, into: str, fields: Mapping[str, Any], known: Known) -> RowRule:
    """A rule for the rows with these codes; fields with nothing in their column are left away."""
    table = drafted.tables[place.table]
    whole = {**_links(drafted, place, into), **fields}
    there = {name: one for name, one in whole.items() if _is_there(table, one)}
    part = sorted(known.by_part)
    ask = _BY_PART.format(", ".join(f"{code} ({words_of(table, place.code).get(code, '')})" for code in part[:20])) if part else ""
    return RowRule.model_validate(
        {"from": place.table, "into": into, "where": {place.code: tuple(known.codes)} if known.codes else {}, "unless": _unless(table, place), "fields": there,
         "why": known.why, "ask": ask}
    )  # fmt: skip


def _unless(table: RawTable, place: Place) -> dict[str, tuple[str, ...]]:
    return {column: texts for column, texts in place.unless.items() if column in table.cells.column_names}


def _is_there(table: RawTable, one: Any) -> bool:
    columns = [one.get("from")] if isinstance(one, dict) else [one]
    return all(column is None or (column in table.cells.column_names and table.column(column).null_count < table.n) for column in columns)


def _links(drafted: Drafted, place: Place, into: str) -> dict[str, Any]:
    standard = drafted.standard
    links: dict[str, Any] = {"patient_id": standard.patient}
    return links | ({"episode_id": standard.visit} if drafted.by_visit and into != "patients" else {})


def _coded(column: str, known: Known) -> dict[str, Any]:
    return {"from": column, "codes": known.codes}


def _date(column: str) -> dict[str, Any]:
    return {"from": column, "format": ISO}


def _treatments(drafted: Drafted, place: Place, known: Known) -> RowRule:
    fields = {
        "treatment_id": place.id, "treatment": _coded(place.code, known), "start_date": _date(place.date), "end_date": _date(place.end),
        "clinician": place.clinician,
    }  # fmt: skip
    return _rule(drafted, place, "treatments", {name: one for name, one in fields.items() if one not in ("", _date(""))}, known)


def _investigations(drafted: Drafted, place: Place, known: Known) -> RowRule:
    table = drafted.tables[place.table]
    fields: dict[str, Any] = {"investigation": _coded(place.code, known), "date": _date(place.date)}
    terms = record_kind("investigations").field("finding").terms
    found = codes_of_terms(table, place.value_codes, terms, distinct(table, place.value_codes)) if place.value_codes else {}
    if found:
        fields["finding"] = {"from": place.value_codes, "codes": found, "otherwise": "leave_out"}
    return _rule(drafted, place, "investigations", fields, known)


def _symptoms(drafted: Drafted, place: Place, known: Known) -> RowRule:
    return _rule(drafted, place, "symptoms", {"symptom": _coded(place.code, known), "date": _date(place.date)}, known)


def _scores(drafted: Drafted, place: Place, known: Known) -> RowRule:
    systems = drafted.systems.get(place.table, {})
    vas = [code for code in known.codes if systems.get(code, ("", code))[1] in _VAS_CODES]
    value: dict[str, Any] = {"from": place.value}
    if vas:
        look = look_of(drafted.tables[place.table], place.value)
        found = scales_of(look, place.code, {code: known.codes[code] for code in vas}, dict.fromkeys(vas, "VAS"))
        value |= {name: one for name, one in found.items() if name != "missing"}
    return _rule(drafted, place, "scores", {"instrument": _coded(place.code, known), "value": value, "date": _date(place.date)}, known)


def _events(drafted: Drafted, place: Place, known: Known) -> RowRule:
    table = drafted.tables[place.table]
    fields: dict[str, Any] = {"event": _coded(place.code, known), "date": _date(place.date)}
    found = codes_of_terms(table, place.value_codes, v.SEVERITIES, distinct(table, place.value_codes))
    if found:
        fields["severity"] = {"from": place.value_codes, "codes": found, "otherwise": "leave_out"}
    if place.link:
        fields["treatment_id"] = place.link
    return _rule(drafted, place, "adverse_events", fields, known).model_copy(update={"ask": _EVENT})


def _diagnoses(drafted: Drafted, place: Place, known: Known) -> RowRule:
    """Diagnoses that are marked as secondary; those that begin an episode have a rule of their own."""
    return _rule(drafted, place, "other_diagnoses", _diagnosis(place, known) | {"date": _date(place.date)}, known).model_copy(
        update={"where": {place.code: tuple(known.codes), **_marked(drafted, place)}}
    )


def _diagnosis(place: Place, known: Known) -> dict[str, Any]:
    icd10 = {"from": place.icd10, "otherwise": "leave_out", "why": "only what is written as an ICD-10 code is used"}
    return {"diagnosis": _coded(place.code, known), **({"icd10": icd10} if place.icd10 else {})}


def _marked(drafted: Drafted, place: Place) -> dict[str, tuple[str, ...]]:
    table = drafted.tables[place.table]
    found = {column: tuple(set(texts) & set(distinct(table, column))) for column, texts in drafted.standard.secondary.items()}
    return {column: tuple(sorted(texts)) for column, texts in found.items() if texts}


_MAKERS = {
    "treatments": _treatments, "investigations": _investigations, "symptoms": _symptoms, "instruments": _scores, "diagnoses": _diagnoses, "events": _events,
}  # fmt: skip


def _episodes(drafted: Drafted, said: set[str]) -> Iterator[RowRule]:
    """Episodes from visits that last, or from the diagnoses; what nothing says is asked."""
    standard = drafted.standard
    open_ones = {} if "red_flags" in said else {"red_flags": {"value": "no", "ask": _NO_CODE}}
    if drafted.by_visit:
        yield _of_visits(drafted, open_ones, said)
    for place in drafted.places():
        if place.lists[0] != "diagnoses":
            continue
        known = drafted.known(place, "diagnoses")
        fields = _diagnosis(place, known) | ({} if known.codes else {"diagnosis": {"from": place.code, "ask": _NO_DIAGNOSIS}})
        if not drafted.by_visit:
            fields |= {"first_visit_date": _date(place.date), "clinician": place.clinician or standard.clinician, **open_ones}
            fields |= {"site": {"value": "S1", "ask": _NO_CODE}} | ({} if "status" in said else {"status": _no_status(drafted)})
        rule = _rule(drafted, place, "episodes", fields, known)
        secondary = {column: (*rule.unless.get(column, ()), *texts) for column, texts in _marked(drafted, place).items()}
        why = f"{known.why}. {'' if drafted.by_visit else _FIRST_VISITS}".strip()
        yield rule.model_copy(update={"unless": {**rule.unless, **secondary}, "why": why})


def _no_status(drafted: Drafted) -> dict[str, str]:
    death = drafted.tables.get("death")
    return {"value": "open", "ask": _NO_CODE + (_DIED if death is not None and death.n else "")}


def _of_visits(drafted: Drafted, open_ones: Mapping[str, Any], said: set[str]) -> RowRule:
    standard, table = drafted.standard, drafted.tables[drafted.standard.visits]
    fields: dict[str, Any] = {
        "patient_id": standard.patient, "episode_id": standard.visit_id, "first_visit_date": _date(standard.visit_start),
        "closed_date": _date(standard.visit_end), "site": standard.site, "clinician": standard.clinician, **open_ones,
    }  # fmt: skip
    if "status" not in said:
        terms = record_kind("episodes").field("status").terms
        codes = codes_of_terms(table, standard.status, terms, distinct(table, standard.status)) if standard.status else {}
        fields["status"] = {"from": standard.status, "codes": codes} if codes else _no_status(drafted)
    there = {name: one for name, one in fields.items() if _is_there(table, one)}
    why = f"half of the visits last longer than {LONG_VISIT} days, so that a visit stands for an episode"
    return RowRule.model_validate({"from": standard.visits, "into": "episodes", "fields": there, "why": why})


def _trait_rule(drafted: Drafted, place: Place, trait: Trait, codes: Sequence[str]) -> RowRule | None:
    """A rule for what is recorded of a patient or an episode as an observation of its own; None when no value stands there."""
    table = drafted.tables[place.table]
    rows = table.cells.filter(pc.is_in(table.cells[place.code], value_set=pa.array(codes, pa.string())))
    column = next(
        (one for one in (place.value, place.value_codes) if one in rows.column_names and rows[one].null_count < rows.num_rows), ""
    )
    if not column:
        return None
    one: dict[str, Any] = {"from": column, "why": "the name of what is recorded says it"}
    terms = record_kind(trait.into).field(trait.field).terms or trait.terms
    texts = sorted(text for text in pc.unique(rows[column]).to_pylist() if text) if terms else []
    if found := codes_of_terms(table, column, terms, texts):
        one |= {"codes": found}
    if lacking := [text for text in texts if text not in found]:
        one |= {"ask": f"What do these codes mean: {', '.join(speakable(lacking)[:20])}?"}
    fields = {trait.field: one} | ({} if drafted.by_visit or trait.into == "patients" else {"first_visit_date": _date(place.date)})
    return _rule(drafted, place, trait.into, fields, Known(dict.fromkeys(codes, ""), distinct=len(distinct(table, place.code))))


def _half_last(visits: RawTable, start: str, end: str) -> bool:
    """True if half of the visits that have an end last longer than LONG_VISIT days."""
    if not {start, end} <= set(visits.cells.column_names):
        return False
    whole = [
        pc.if_else(pc.match_substring_regex(visits.column(name), r"^\d{4}-\d\d-\d\d$"), visits.column(name), None) for name in (start, end)
    ]
    days = (np.asarray(one.cast(pa.date32()).cast(pa.int32()).to_numpy(zero_copy_only=False), float) for one in whole)
    first, last = days
    length = (last - first)[~np.isnan(last - first)]
    return bool(length.size and np.median(length) > LONG_VISIT)
