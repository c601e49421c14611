"""Which cohorts and groupings a policy allows: `publish` asks coarse questions only, so that differences isolate nobody."""

from __future__ import annotations

from collections.abc import Collection

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.definition import Cohort
from synapse_analytics.cohort.groups import GROUPINGS
from synapse_analytics.errors import NotAllowed

PUBLISH_AGE_BANDS = ("18-39", "40-64", "65-90")
PUBLISH_FILTERS = ("diagnosis", "sex", "age_band", "month_from", "month_to", "treatment")
PUBLISH_GROUPINGS = ("diagnosis", "sex", "age_band", "age_sex", "year")
LEGAL = (
    f"diagnosis; treatment (classes: {', '.join(v.codes(v.TREATMENT_CLASSES))}); sex; age_band ({', '.join(PUBLISH_AGE_BANDS)}); "
    "whole years (month_from in January, month_to in December)"
)


def legal_groupings(policy_name: str) -> tuple[str, ...]:
    """What answers may be split by under a policy: a split shows what a filter would."""
    return PUBLISH_GROUPINGS if policy_name == "publish" else GROUPINGS


def too_fine(cohort: Cohort) -> tuple[str, ...]:
    """The filters of a cohort that `publish` does not know, or not so finely."""
    return tuple(name for name in cohort.in_use() if name not in PUBLISH_FILTERS or not _is_coarse(cohort, name))


def without(cohort: Cohort, filters: Collection[str]) -> Cohort:
    """The cohort without these filters; names that are none are ignored."""
    return Cohort(**{name: value for name, value in cohort.in_use().items() if name not in filters})


def check_allowed(cohort: Cohort, policy_name: str, *, by: str | None = None) -> None:
    """Raise NotAllowed when the policy does not permit these filters or this grouping; it names what to drop and lists what is legal."""
    if policy_name != "publish":
        return
    said, wrong = [], too_fine(cohort)
    if wrong:
        said.append(f"The policy 'publish' does not allow this filter: {', '.join(wrong)}. Legal: {LEGAL}.")
    if by is not None and by not in PUBLISH_GROUPINGS:
        said.append(f"The policy 'publish' does not allow a split by {by}. Legal: {', '.join(PUBLISH_GROUPINGS)}.")
        wrong += ("by",)
    if said:
        raise NotAllowed(" ".join(said), drop=wrong)


def _is_coarse(cohort: Cohort, name: str) -> bool:
    coarse = {
        "treatment": set(cohort.treatment) <= set(v.codes(v.TREATMENT_CLASSES)),
        "age_band": set(cohort.age_band) <= set(PUBLISH_AGE_BANDS),
        "month_from": (cohort.month_from or "").endswith("-01"),
        "month_to": (cohort.month_to or "").endswith("-12"),
    }
    return coarse.get(name, True)
