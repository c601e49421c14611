"""A published cohort may not leave out a few patients: its difference to the wider cohort would describe them.

Two published cohorts whose difference is 1 to 12 patients describe these patients, however much is rounded: every split
of either cohort narrows the rounded numbers a little more. So one of the two cannot be asked for.
"""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.counts import Relation, count
from synapse_analytics.errors import NotAllowed

FILTERS_TOGETHER = (("diagnosis",), ("sex",), ("age_band",), ("month_from", "month_to"), ("treatment",))


def check_rest(clinic: Clinic, cohort: Cohort) -> None:
    """Raise NotAllowed, naming the filter to drop, if a filter leaves out 1 to 12 of the patients who pass the others."""
    for names in FILTERS_TOGETHER:
        used = [name for name in names if name in cohort.in_use()]
        if used and 0 < patients_left_out(clinic, cohort, names) < clinic.policy.counted:
            raise NotAllowed(
                "To be shared, a cohort may not leave out a few patients only, because the numbers with and without them would tell "
                f"about them. This one does, by its filter: {', '.join(FILTERS[name].label for name in used)}. Drop the filter, or choose another value.",
                drop=used,
            )


def patients_left_out(clinic: Clinic, cohort: Cohort, names: tuple[str, ...]) -> int:
    """Distinct patients with an episode that passes all filters but these."""
    clauses = cohort.clauses()
    wide = [clause for name, _, clause in clauses if name not in names]
    flags = sa.case((sa.and_(sa.true(), *(clause for _, _, clause in clauses)), 3), (sa.and_(sa.true(), *wide), 1), else_=0)
    relation = Relation(("left out", cohort, names), flags=flags, bits={"wide": 0, "narrow": 1})
    return int(count(clinic, Cohort(), relation).whole().outside("narrow", "wide")[0])
