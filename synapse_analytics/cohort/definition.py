"""The cohort itself: one frozen object with equivalent forms (URL query, Python expression, English sentence, YAML).

It is in canonical order from the moment it exists (closed lists in clinical order, units sorted, ranges ascending), so
that equal questions are equal objects and may key a cache. No query is run here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from synapse_analytics.cohort import words
from synapse_analytics.cohort.filters import FILTERS, RANGES, Clause, Filter
from synapse_analytics.cohort.link import filters_of
from synapse_analytics.cohort.url import faults, read_url
from synapse_analytics.disclosure import CLINIC
from synapse_analytics.errors import UsageError

URLS_KEPT = 512


@dataclass(frozen=True, slots=True)
class Cohort:
    """The patients asked about; every field is a filter, an empty field restricts nothing."""

    diagnosis: tuple[str, ...] = ()
    any_diagnosis: tuple[str, ...] = ()
    symptom: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    age_band: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    month_from: str | None = None  # YYYY-MM, first visit
    month_to: str | None = None
    site: tuple[str, ...] = ()
    clinician: tuple[str, ...] = ()
    highest_stage: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()  # treatments or classes received
    pain_band: tuple[str, ...] = ()
    odi_band: tuple[str, ...] = ()
    symptom_band: tuple[str, ...] = ()
    bmi_band: tuple[str, ...] = ()
    smoker: tuple[str, ...] = ()
    comorbidities: tuple[str, ...] = ()  # "0", "1", "2", "3_or_more"
    red_flags: tuple[str, ...] = ()
    investigation: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, declared in FILTERS.items():
            object.__setattr__(self, name, _checked(declared, getattr(self, name)))
        for low, high in RANGES:
            first, last = getattr(self, low), getattr(self, high)
            if first is not None and last is not None and first > last:
                object.__setattr__(self, low, last)
                object.__setattr__(self, high, first)

    def in_use(self) -> dict[str, Any]:
        """The filters that restrict something, in the order of the fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value not in ((), None)}

    def clauses(self) -> list[tuple[str, str, Clause]]:
        """(field, label, clause over episode_facts) of each filter in use."""
        return [(name, FILTERS[name].label, FILTERS[name].clause(value)) for name, value in self.in_use().items()]

    def where(self) -> list[Clause]:
        """The clauses over episode_facts that all have to hold."""
        return [clause for _, _, clause in self.clauses()]

    def url(self) -> str:
        """The canonical URL query: codes, a parameter repeated for each value of a filter."""
        return _url(self)

    def python(self) -> str:
        """A Python expression that evaluates back to this cohort."""
        return f"Cohort({', '.join(f'{name}={value!r}' for name, value in self.in_use().items())})"

    def sentence(self, patients: int | None = None) -> str:
        """The cohort in English; a number of patients below the smallest group of the clinic is not said."""
        text = words.sentence(self._fragments())
        return text if patients is None else f"{text}; {words.counted(patients, CLINIC.group)}"

    @classmethod
    def from_url(
        cls,
        text: str,
        *,
        sites: Sequence[str] | None = None,
        clinicians: Sequence[str] | None = None,
    ) -> tuple[Cohort, tuple[str, ...]]:
        """The cohort of a URL query, and a notice for each part left out of it."""
        values, notices = read_url(text, units={"site": sites, "clinician": clinicians})
        return cls(**values), notices

    @classmethod
    def from_link(cls, link: str, *, sites: Sequence[str] | None = None, clinicians: Sequence[str] | None = None) -> Cohort:
        """The cohort of the address of a page, as it is copied there; UsageError for a name or a value that is not known.

        A page leaves out what it does not know and says so; who computes with the numbers may not read it. The policy a link asks for
        is `cohort.policy_of(link)`.
        """
        cohort, notices = cls.from_url(filters_of(link), sites=sites, clinicians=clinicians)
        if notices:
            raise UsageError("The link cannot be read. " + faults(notices))
        return cohort

    def _fragments(self) -> dict[str, str]:
        spoken: dict[str, str] = {}
        for name, value in self.in_use().items():
            if name == "sex":
                spoken["sex"] = words.subject(value)
            elif name.startswith("age_") and name != "age_band":
                spoken["ages"] = words.ages(self.age_from, self.age_to)
            elif name.startswith("month_"):
                spoken["months"] = words.months(self.month_from, self.month_to)
            else:
                spoken[name] = FILTERS[name].words(value)
        return spoken


@lru_cache(maxsize=URLS_KEPT)
def _url(cohort: Cohort) -> str:
    """Made once: every question needs it, for the cache and for the audit log."""
    return urlencode(cohort.in_use(), doseq=True)


def _checked(declared: Filter, value: Any) -> Any:
    """The value in canonical form; UsageError names the legal values."""
    if value is None and not declared.many:
        return None
    chosen = [value] if isinstance(value, str) or not declared.many else set(value or ())
    wrong = sorted(str(item) for item in chosen if not declared.is_legal(item))
    if wrong:
        raise UsageError(f"{declared.label} ({declared.field}) cannot be {', '.join(map(repr, wrong))}. Allowed: {declared.legal_words}.")
    if not declared.many:
        return value
    return tuple(code for code in declared.legal if code in chosen) if declared.terms else tuple(sorted(chosen))
