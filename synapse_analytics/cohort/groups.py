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
POOLED = "pooled"  # not "other", which is a sex
# A site or clinician may have any code of letters, digits, - and _, also "pooled" or "all": the brackets say that it is no code.
POOLED_UNITS, UNIT_NOT_RECORDED = "(pooled)", "(not recorded)"
UNITS = ("site", "clinician")
POOL_VALUE = -1  # the value that stands for pooled groups; no column holds it


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
    _plain("site", "Site", absent=UNIT_NOT_RECORDED),
    _plain("clinician", "Clinician", absent=UNIT_NOT_RECORDED),
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


@dataclass(frozen=True, slots=True)
class Joined:
    """A split in which some groups are joined: for each joined group its values of the column, the value that stands for them, its code."""

    by: str
    groups: tuple[tuple[tuple[Any, ...], Any, str], ...]

    def column(self) -> sa.ColumnElement[Any]:
        """The column with one value for each joined group."""
        column = grouping(self.by).column
        cases = [(column.in_([value for value in values if value is not None]), stand) for values, stand, _ in self.groups]
        cases += [(column.is_(None), stand) for values, stand, _ in self.groups if None in values]
        return sa.case(*((met, sa.cast(sa.literal_column(str(stand)), sa.SmallInteger)) for met, stand in cases), else_=column)


Split = str | Joined | None


def grouping(by: str) -> Grouping:
    """The declared grouping; UsageError lists the legal ones."""
    if by not in _BY_NAME:
        raise UsageError(f"Nothing can be split by '{by}'. Allowed: {', '.join(GROUPINGS)}.")
    return _BY_NAME[by]


def group_column(by: Split) -> sa.ColumnElement[Any]:
    """The column of episode_facts to group by; without a grouping one constant group.

    The constant is a cast, because a bare number after GROUP BY means a position in the select list.
    """
    if isinstance(by, Joined):
        return by.column()
    return sa.cast(sa.literal_column("0"), sa.SmallInteger) if by is None else grouping(by).column


def group_keys(by: Split) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns of episode_facts that split what is counted: one, or none without a grouping."""
    return () if by is None else (group_column(by),)


def group_label(by: Split, value: Any) -> str:
    """The code of a group as it stands in answers: a vocabulary code, a unit, a year; "all" without a grouping.

    Joined neighbours are "2021 to 2023" or "18-64", pooled groups "pooled".
    """
    if by is None:
        return ALL
    if isinstance(by, Joined):
        joined = {stand: code for _, stand, code in by.groups}
        return joined[value] if value in joined else group_label(by.by, value)
    declared = grouping(by)
    if value is None:
        return declared.absent
    return declared.terms[value].code if declared.terms else str(value)


def group_words(by: str | None, code: str) -> str:
    """The label of a group for people."""
    if by is None:
        return "All"
    if by in UNITS:
        return {POOLED_UNITS: "Smaller ones together", UNIT_NOT_RECORDED: "Not recorded"}.get(code, code)
    known = {term.code: term.label for term in grouping(by).terms}
    return known.get(code) or {NOT_RECORDED: "Not recorded", "none": "None", POOLED: "Others, pooled"}.get(code, code)


def is_everybody(by: str | None, code: Any) -> bool:
    """True if a group is the whole cohort: without a split, or with all groups joined. A site called "all" is a site."""
    return by is None or (code == ALL and by not in UNITS)


def group_order(by: Split, values: Iterable[Any]) -> list[Any]:
    """Fetched values, or the codes of groups, in clinical order (units and years by name); pooled and absent groups come last."""
    if by is None:
        return list(values)
    if isinstance(by, Joined):
        return sorted(group_order(by.by, values), key=lambda value: value == POOL_VALUE)
    declared = grouping(by)
    ranks: dict[Any, int] = {term.code: rank for rank, term in enumerate(declared.terms)}

    def rank(value: Any) -> tuple[bool, int, str]:
        is_absent = value is None or (value == declared.absent and value not in ranks)
        place = value if declared.terms and isinstance(value, int) else ranks.get(value, len(ranks))
        return is_absent, place, str(value)

    return sorted(values, key=rank)
