"""What answers can be split by: the column over episode_facts, the code of each group and the fixed order of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.filters import COMORBIDITIES, FACTS
from synapse_analytics.errors import UsageError

ALL = "all"
NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class Grouping:
    """One attribute answers can be split by; `terms` is its closed list, empty for site, clinician and year."""

    name: str
    label: str
    column: sa.ColumnElement[Any]
    terms: tuple[Any, ...] = ()
    absent: str = NOT_RECORDED  # the code of a null


def _plain(name: str, label: str, terms: tuple[Any, ...] = (), absent: str = NOT_RECORDED) -> Grouping:
    return Grouping(name, label, FACTS[name], terms, absent)


# Age and sex in one split, because a table by both must be gated as one.
AGE_SEX = tuple(v.Term(f"{band.code}_{sex.code}", f"{sex.label} {band.label}") for band in v.AGE_BANDS for sex in v.SEXES)


_DECLARED = (
    _plain("diagnosis", "Primary diagnosis", v.DIAGNOSES),
    _plain("sex", "Sex", v.SEXES),
    _plain("age_band", "Age", v.AGE_BANDS),
    _plain("age_sex", "Age and sex", AGE_SEX),
    _plain("site", "Site"),
    _plain("clinician", "Clinician"),
    _plain("highest_stage", "Highest stage reached", v.STAGES),
    _plain("first_treatment", "First treatment", v.TREATMENTS, absent="none"),
    _plain("year", "Year of first visit"),
    _plain("pain_band", "Baseline pain", v.PAIN_BANDS),
    _plain("odi_band", "Baseline ODI", v.ODI_BANDS),
    _plain("symptom_band", "Symptom duration", v.SYMPTOM_BANDS),
    _plain("bmi_band", "BMI", v.BMI_BANDS),
    _plain("smoker", "Smoker", v.YES_NO),
    Grouping("comorbidities", "Comorbidities", FACTS.comorbidities_band, COMORBIDITIES),
    _plain("red_flags", "Red flags", v.YES_NO),
    _plain("occupation", "Occupation", v.OCCUPATIONS),
    _plain("side", "Side of the pain", v.SIDES),
    _plain("status", "Status", v.STATUSES),
)
_BY_NAME: Mapping[str, Grouping] = MappingProxyType({declared.name: declared for declared in _DECLARED})
GROUPINGS: tuple[str, ...] = tuple(_BY_NAME)


def grouping(by: str) -> Grouping:
    """The declared grouping; UsageError lists the legal ones."""
    if by not in _BY_NAME:
        raise UsageError(f"Nothing can be split by '{by}'. Legal: {', '.join(GROUPINGS)}.")
    return _BY_NAME[by]


def group_column(by: str | None) -> sa.ColumnElement[Any]:
    """The column of episode_facts to group by; without a grouping one constant group.

    The constant is a cast, because a bare number after GROUP BY means a position in the select list.
    """
    return sa.cast(sa.literal_column("0"), sa.SmallInteger) if by is None else grouping(by).column


def group_keys(by: str | None) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns of episode_facts that split what is counted: one, or none without a grouping."""
    return () if by is None else (grouping(by).column,)


def group_label(by: str | None, value: Any) -> str:
    """The code of a group as it stands in answers: a vocabulary code, a unit, a year; "all" without a grouping."""
    if by is None:
        return ALL
    declared = grouping(by)
    if value is None:
        return declared.absent
    return declared.terms[value].code if declared.terms else str(value)


def group_words(by: str | None, code: str) -> str:
    """What people read for the code of a group."""
    if by is None:
        return "All"
    known = {term.code: term.label for term in grouping(by).terms}
    return known.get(code) or {NOT_RECORDED: "Not recorded", "none": "None"}.get(code, code)


def group_order(by: str | None, values: Iterable[Any]) -> list[Any]:
    """Fetched values, or the codes of groups, in clinical order (units and years by name); what is absent comes last."""
    if by is None:
        return list(values)
    declared = grouping(by)
    ranks: dict[Any, int] = {term.code: rank for rank, term in enumerate(declared.terms)}

    def rank(value: Any) -> tuple[bool, int, str]:
        is_absent = value is None or (value == declared.absent and value not in ranks)
        place = value if declared.terms and isinstance(value, int) else ranks.get(value, len(ranks))
        return is_absent, 0 if is_absent else place, str(value)

    return sorted(values, key=rank)
