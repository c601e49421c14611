"""The cohorts and groupings that a policy allows: `publish` allows coarse ones only, so that no difference isolates a patient.

Rows are chosen only by the cells they show: a filter on anything else would reveal what the row hides.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.definition import Cohort
from synapse_analytics.cohort.filters import AGES, FILTERS
from synapse_analytics.cohort.groups import GROUPINGS
from synapse_analytics.errors import NotAllowed
from synapse_analytics.vocabulary.plurals import plural

PUBLISH_AGE_BANDS = ("18-39", "40-64", "65-90")
PUBLISH_FILTERS = ("diagnosis", "sex", "age_band", "month_from", "month_to", "treatment")
PUBLISH_GROUPINGS = ("diagnosis", "sex", "age_band", "age_sex", "year")
# A row of `patients` shows age band and sex only: a filter by diagnosis, year or site would write these onto it.
ROW_FILTERS_OF_PATIENTS = ("sex", "age_band", "age_from", "age_to")
ROW_FILTERS = ("diagnosis", *ROW_FILTERS_OF_PATIENTS, "month_from", "month_to", "site")
ROW_HINTS = {
    "age": "Rows show ages in bands of 5 years: age_from takes 0, 5, 10 and so on, age_to takes 4, 9, 14 and so on, or 90. "
    "The age band 18-39 cuts the band 15 to 19: ask for age_from=20, age_to=39.",
    "month": "Rows show the year: month_from must be a January, month_to a December.",
}
LEGAL = (
    f"one value each of diagnosis; treatment (classes: {', '.join(v.codes(v.TREATMENT_CLASSES))}); sex; age_band "
    f"({', '.join(PUBLISH_AGE_BANDS)}); and one year (month_from in January, month_to in December of the same year)"
)


def legal_groupings(policy_name: str) -> tuple[str, ...]:
    """The groupings that a policy allows: a split reveals as much as a filter."""
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
        said.append(
            f"The policy 'publish' does not allow {plural(len(wrong), 'this filter', 'these filters')}: {named(wrong)}. Allowed: {LEGAL}."
        )
    if by is not None and by not in PUBLISH_GROUPINGS:
        said.append(f"The policy 'publish' does not allow a split by {by}. Allowed: {', '.join(PUBLISH_GROUPINGS)}.")
        wrong += ("by",)
    if said:
        raise NotAllowed(" ".join(said), drop=wrong)


def named(filters: Iterable[str]) -> str:
    """Filters in words, each with its name in the address."""
    return ", ".join(f"{FILTERS[name].label} ({name})" for name in filters)


def _is_coarse(cohort: Cohort, name: str) -> bool:
    """True if the filter is as coarse as `publish` asks: sums over several values, each rounded anew, would narrow down their parts."""
    if name in ("month_from", "month_to"):
        return is_one_year(cohort)
    values = getattr(cohort, name)
    coarse = {"treatment": v.codes(v.TREATMENT_CLASSES), "age_band": PUBLISH_AGE_BANDS}
    return len(values) == 1 and set(values) <= set(coarse.get(name, values))


def is_one_year(cohort: Cohort) -> bool:
    """True if the months are those of one year."""
    first, last = cohort.month_from or "", cohort.month_to or ""
    return first.endswith("-01") and last.endswith("-12") and first[:4] == last[:4]


def filters_unknown_to_rows(cohort: Cohort, table: str) -> tuple[str, ...]:
    """The filters in use by which the rows of this export table cannot be chosen, in the order of the cohort."""
    legal = ROW_FILTERS_OF_PATIENTS if table == "patients" else ROW_FILTERS
    return tuple(name for name in cohort.in_use() if name not in legal or not _shown_by_rows(cohort, name))


def check_rows_allowed(cohort: Cohort, table: str) -> None:
    """Raise NotAllowed when the rows of this table cannot be chosen by these filters; the message says what to do instead."""
    wrong = filters_unknown_to_rows(cohort, table)
    if not wrong:
        return
    legal = "sex and age" if table == "patients" else "diagnosis, sex, age, year and site"
    hints = [hint for begin, hint in ROW_HINTS.items() if any(name.startswith(begin) for name in wrong)]
    raise NotAllowed(
        f"Rows of the table {table} cannot be chosen by: {named(wrong)}. They can be chosen only by {legal}. "
        + " ".join([*hints, "Remove these filters. After the export you can filter the rows by their columns,"])
        + " such as highest_stage, first_treatment, pathway or nrs_pain_baseline of the table wide."
    )


def five_year_bands(cohort: Cohort) -> tuple[int, ...]:
    """Positions in FIVE_YEAR_BANDS of the ages of a cohort that rows can be chosen by."""
    low, high = cohort.age_from or 0, AGES[-1] if cohort.age_to is None else cohort.age_to
    ages = set(range(low, high + 1)) & (_ages_of(cohort.age_band) if cohort.age_band else set(AGES))
    return tuple(place for place, band in enumerate(v.FIVE_YEAR_BANDS) if int(band.low or 0) in ages)


def _shown_by_rows(cohort: Cohort, name: str) -> bool:
    """True if the values of a filter end where the five-year bands, or the years, of the rows end."""
    starts = {int(band.low or 0) for band in v.FIVE_YEAR_BANDS}
    if name == "age_band":
        ages = _ages_of(cohort.age_band)
        return all((age in ages) == (age - 1 in ages) for age in AGES if age not in starts)
    if name == "age_from":
        return cohort.age_from in starts
    if name == "age_to":
        return cohort.age_to == AGES[-1] or (cohort.age_to or 0) + 1 in starts
    ends = {"month_from": (cohort.month_from or "").endswith("-01"), "month_to": (cohort.month_to or "").endswith("-12")}
    return ends.get(name, True)


def _ages_of(bands: tuple[str, ...]) -> set[int]:
    chosen = [v.find(v.AGE_BANDS, code) for code in bands]
    return {age for age in AGES if any((band.low or 0) <= age <= (band.high or math.inf) for band in chosen)}
