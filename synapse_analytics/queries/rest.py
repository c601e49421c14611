"""Who a published cohort leaves out: not a few, or the difference to the wider cohort would be about them.

Two published cohorts whose difference is 1 to 12 patients tell something about these, however much is rounded: every split
of either narrows the rounded numbers a little more. So such pairs cannot be asked for.
"""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS, Cohort, group_keys, group_label, without
from synapse_analytics.counts import Relation, count
from synapse_analytics.errors import NotAllowed

YEARS = ("month_from", "month_to")
# The filters that `publish` knows, each with the split that tells its values apart; none for treatment, of which one has several.
FILTERS_TOGETHER = ((("diagnosis",), "diagnosis"), (("sex",), "sex"), (("age_band",), "age_band"), (YEARS, "year"), (("treatment",), None))


def check_rest(clinic: Clinic, cohort: Cohort) -> None:
    """Raise NotAllowed, naming the filter to drop, if a filter leaves out 1 to 12 patients or joins values of which one has so few."""
    for names, by in FILTERS_TOGETHER:
        used = [name for name in names if name in cohort.in_use()]
        if used and _is_small(clinic, patients_left_out(clinic, cohort, names)):
            raise NotAllowed(_left_out(used), drop=used)
        if used and _joins_a_few(clinic, cohort, names, by):
            raise NotAllowed(_joined(used), drop=used)


def patients_left_out(clinic: Clinic, cohort: Cohort, names: tuple[str, ...]) -> int:
    """Distinct patients with an episode that passes all filters but these."""
    clauses = cohort.clauses()
    wide = [clause for name, _, clause in clauses if name not in names]
    flags = sa.case((sa.and_(sa.true(), *(clause for _, _, clause in clauses)), 3), (sa.and_(sa.true(), *wide), 1), else_=0)
    relation = Relation(("left out", cohort, names), flags=flags, bits={"wide": 0, "narrow": 1})
    return int(count(clinic, Cohort(), relation).whole().outside("narrow", "wide")[0])


def _joins_a_few(clinic: Clinic, cohort: Cohort, names: tuple[str, ...], by: str | None) -> bool:
    """True if several values are chosen and one of them holds 1 to 12 of the patients who pass the other filters."""
    if by is None:
        return len(cohort.treatment) > 1
    found = count(clinic, without(cohort, names), Relation(("values", by), keys=group_keys(by)))
    chosen = [place for place, (value,) in enumerate(found.keys) if _is_chosen(cohort, by, group_label(by, value))]
    return len(chosen) > 1 and any(_is_small(clinic, int(found.patients()[place])) for place in chosen)


def _is_chosen(cohort: Cohort, by: str, code: str) -> bool:
    if by != "year":
        return code in getattr(cohort, by)
    return (cohort.month_from or "")[:4] <= code <= (cohort.month_to or "9999")[:4]


def _is_small(clinic: Clinic, patients: int) -> bool:
    return 0 < patients < clinic.policy.counted


def _labels(used: list[str]) -> str:
    return ", ".join(FILTERS[name].label for name in used)


def _left_out(used: list[str]) -> str:
    return (
        f"To be shared, a cohort may not leave out a few patients only, because the numbers with and without them would tell about them. "
        f"This one does by its filter: {_labels(used)}. Drop the filter, or choose another value."
    )


def _joined(used: list[str]) -> str:
    return (
        f"To be shared, several values of a filter may be chosen together only where each holds enough patients. "
        f"Here one does not: {_labels(used)}. Choose one value, or drop the filter."
    )
