"""The filters of a cohort, each declared once: field, label, legal values, clause over episode_facts and words of the sentence.

Within one filter the values are alternatives (or); the filters of a cohort all have to hold (and).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.schema import ID_PATTERN
from synapse_analytics.cohort.words import among, months
from synapse_analytics.store.tables import episode_facts

FACTS = episode_facts.c
AGES = range(91)
AGE_LIMITS = ("age_from", "age_to")
RANGES = (AGE_LIMITS, ("month_from", "month_to"))
COMORBIDITIES = (v.Term("0", "0"), v.Term("1", "1"), v.Term("2", "2"), v.Term("3_or_more", "3 or more"))
MONTH_PATTERN = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
UNIT_PATTERN = re.compile(ID_PATTERN)

Clause = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: its legal values, the clause that keeps episodes, and its words in the sentence."""

    field: str
    label: str
    clause: Callable[[Any], Clause]
    words: Callable[[Any], str]
    terms: tuple[Any, ...] = ()  # legal values of a closed list, in clinical order; empty: units, ages, months
    many: bool = True  # a tuple of values, or one value

    @property
    def legal(self) -> tuple[str, ...]:
        """The legal codes of a closed list, in clinical order."""
        return tuple(term.code for term in self.terms)

    @property
    def legal_words(self) -> str:
        """The legal values in words."""
        if self.many:
            return ", ".join(self.legal) or "a short code of letters, digits, - and _ with at least one letter"
        return "whole years 0 to 90" if self.field in AGE_LIMITS else "a month, YYYY-MM"

    def is_legal(self, value: Any) -> bool:
        """True if the filter may hold this code, age or month."""
        if self.terms:
            return value in self.legal
        if self.field in AGE_LIMITS:
            return type(value) is int and value in AGES
        return isinstance(value, str) and (is_unit(value) if self.many else is_month(value))

    def offered(self, present: Mapping[str, int]) -> tuple[str, ...]:
        """The legal codes that anybody in the data has, where the load noted them; else all."""
        column, terms = _NOTED.get(self.field, (self.field, self.terms))
        if column not in present:
            return self.legal
        wanted = treatments_of if self.field == "treatment" else tuple
        return tuple(code for code in self.legal if present[column] & mask_of(terms, wanted((code,))))

    def label_of(self, code: str) -> str:
        """The label of a code; the label of a site or clinician is its code."""
        return next((term.label for term in self.terms if term.code == code), code)


# Filters whose codes are noted under a column of another name, or as bits of another list.
_NOTED: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "any_diagnosis": ("diagnoses", v.DIAGNOSES),
    "symptom": ("symptoms", v.SYMPTOMS),
    "treatment": ("treatments", v.TREATMENTS),
    "comorbidities": ("comorbidities_band", COMORBIDITIES),
    "investigation": ("investigations", v.INVESTIGATIONS),
}


def is_unit(text: str) -> bool:
    """True if the text has the form of a site or clinician code."""
    return UNIT_PATTERN.fullmatch(text) is not None and any(letter.isalpha() for letter in text)


def is_month(text: str) -> bool:
    """True if the text is a month, YYYY-MM."""
    return MONTH_PATTERN.fullmatch(text) is not None


def month_number(text: str) -> int:
    """A month as the store counts it: year * 12 + month - 1."""
    return int(text[:4]) * 12 + int(text[5:]) - 1


def one_of(column: sa.Column, terms: tuple[Any, ...]) -> Callable[[tuple[str, ...]], Clause]:
    """Clause: the column holds the position of one of the codes."""

    def clause(chosen: tuple[str, ...]) -> Clause:
        positions = [v.position(terms, code) for code in chosen]
        return column == positions[0] if len(positions) == 1 else column.in_(positions)

    return clause


def mask_of(terms: tuple[Any, ...], chosen: tuple[str, ...]) -> int:
    """The bit mask of codes: bit k is position k of the closed list."""
    return sum(1 << v.position(terms, code) for code in chosen)


def any_of(column: sa.Column, terms: tuple[Any, ...]) -> Callable[[tuple[str, ...]], Clause]:
    """Clause: the bit mask of the column holds at least one of the codes."""
    return lambda chosen: column.bitwise_and(mask_of(terms, chosen)) != 0


def treatments_of(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Treatments and classes as the treatments they name."""
    return tuple(term.code for term in v.TREATMENTS if term.code in chosen or term.treatment_class in chosen)


def _unit(column: sa.Column) -> Callable[[tuple[str, ...]], Clause]:
    return lambda chosen: column == chosen[0] if len(chosen) == 1 else column.in_(chosen)


def _yes_no(column: sa.Column) -> Callable[[tuple[str, ...]], Clause]:
    return lambda chosen: column.is_not(None) if len(chosen) > 1 else column.is_(chosen == ("yes",))


def _comorbidities(chosen: tuple[str, ...]) -> Clause:
    exact = [int(code) for code in chosen if code.isdigit()]
    clauses = [FACTS.comorbidities.in_(exact)] if exact else []
    return sa.or_(*clauses, *([FACTS.comorbidities >= 3] if "3_or_more" in chosen else []))


def _by_class() -> tuple[v.Treatment, ...]:
    """Each class, followed by its treatments (a procedure is its own class)."""
    listed = [term for group in v.TREATMENT_CLASSES for term in (group, *(t for t in v.TREATMENTS if t.treatment_class == group.code))]
    return tuple({term.code: term for term in listed}.values())


RECEIVABLE = _by_class()


def _coded(field: str, label: str, terms: tuple[Any, ...], words: str) -> Filter:
    return Filter(field, label, one_of(FACTS[field], terms), lambda chosen: words.format(among(terms, chosen)), terms)


def _masked(field: str, label: str, terms: tuple[Any, ...], words: str, column: sa.Column) -> Filter:
    return Filter(field, label, any_of(column, terms), lambda chosen: words.format(among(terms, chosen)), terms)


def _flag(field: str, label: str, yes: str, no: str, both: str) -> Filter:
    spoken = {("yes",): yes, ("no",): no}
    return Filter(field, label, _yes_no(FACTS[field]), lambda chosen: spoken.get(chosen, both), v.YES_NO)


def _single(field: str, label: str, clause: Callable[[Any], Clause], words: Callable[[Any], str]) -> Filter:
    return Filter(field, label, clause, words, many=False)


_DECLARED = (
    _coded("diagnosis", "Primary diagnosis", v.DIAGNOSES, "with {}"),
    _masked("any_diagnosis", "Any diagnosis", v.DIAGNOSES, "with {} as primary or other diagnosis", FACTS.diagnoses),
    _masked("symptom", "Symptom", v.SYMPTOMS, "with the symptom {}", FACTS.symptoms),
    _coded("sex", "Sex", v.SEXES, "{}"),
    _coded("age_band", "Age band", v.AGE_BANDS, "aged {}"),
    _single("age_from", "Age from", lambda years: FACTS.age_years >= years, "aged {} or over".format),
    _single("age_to", "Age to", lambda years: FACTS.age_years <= years, "aged {} or under".format),
    _single(
        "month_from", "First seen from", lambda month: FACTS.first_visit_month >= month_number(month), lambda month: months(month, None)
    ),
    _single("month_to", "First seen to", lambda month: FACTS.first_visit_month <= month_number(month), lambda month: months(None, month)),
    Filter("site", "Site", _unit(FACTS.site), lambda chosen: f"at {' or '.join(chosen)}"),
    Filter("clinician", "Clinician", _unit(FACTS.clinician), lambda chosen: f"seen by {' or '.join(chosen)}"),
    _coded("highest_stage", "Highest stage reached", v.STAGES, "whose highest stage was {}"),
    Filter(
        "treatment",
        "Treatment received",
        lambda chosen: any_of(FACTS.treatments, v.TREATMENTS)(treatments_of(chosen)),
        lambda chosen: f"who received {among(RECEIVABLE, chosen)}",
        RECEIVABLE,
    ),
    _coded("pain_band", "Baseline pain", v.PAIN_BANDS, "with baseline pain {}"),
    _coded("odi_band", "Baseline ODI", v.ODI_BANDS, "with baseline ODI {}"),
    _coded("symptom_band", "Symptom duration", v.SYMPTOM_BANDS, "with symptoms for {}"),
    _coded("bmi_band", "BMI", v.BMI_BANDS, "with BMI {}"),
    _flag("smoker", "Smoker", "who smoke", "who do not smoke", "whose smoking is recorded"),
    Filter(
        "comorbidities",
        "Comorbidities",
        _comorbidities,
        lambda chosen: f"with {among(COMORBIDITIES, chosen)} {'comorbidity' if chosen == ('1',) else 'comorbidities'}",
        COMORBIDITIES,
    ),
    _flag("red_flags", "Red flags", "with red flags", "without red flags", "with or without red flags"),
    _masked("investigation", "Investigation done", v.INVESTIGATIONS, "investigated by {}", FACTS.investigations),
)
FILTERS: Mapping[str, Filter] = MappingProxyType({declared.field: declared for declared in _DECLARED})

__all__ = ["AGES", "FILTERS", "RANGES", "RECEIVABLE", "Filter", "is_month", "is_unit", "mask_of", "month_number", "treatments_of"]
