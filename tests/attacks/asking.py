"""Many questions: every answer, its options one at a time, over many cohorts; under `publish` the coarse ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses import answers
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import GROUPINGS

COARSE_SPLITS = (None, "diagnosis", "sex", "age_band", "age_sex", "year")
AGE_BANDS = ("18-39", "40-64", "65-90")
YEARS = ("2023", "2024", "2025")
COURSES = tuple(term.code for term in v.TREATMENTS if term.kind != "procedure")
WRITTEN: dict[str, tuple[Any, ...]] = {  # options without a closed list
    "age": (30, 50, 70),
    "symptom_weeks": (None, 12),
    "pain": (4, 7),
    "odi": (None, 40),
    "bmi": (None, 27),
}


class Ask(NamedTuple):
    """One question: the answer's name, the cohort and the options that are not the default."""

    name: str
    cohort: Cohort
    options: tuple[tuple[str, Any], ...] = ()


def variants(name: str, most: int | None = None) -> Iterator[tuple[tuple[str, Any], ...]]:
    """The default, then each option at each other legal value, at most `most` of each option."""
    yield ()
    for option in answers()[name].options:
        legal = WRITTEN.get(option.name, ()) if option.legal is None else tuple(option.legal)
        others = [value for value in legal if value != option.default]
        for value in others[:: max(1, len(others) // most)] if most else others:
            yield ((option.name, value),)


def coarse_filters() -> list[dict[str, tuple[str, ...] | str]]:
    """Single filters that `publish` allows, each value, and all values but one."""
    closed = {"diagnosis": v.codes(v.DIAGNOSES), "sex": v.codes(v.SEXES), "age_band": AGE_BANDS}
    found: list[dict[str, Any]] = [{field: (code,)} for field, codes in closed.items() for code in codes]
    found += [{field: tuple(c for c in codes if c != code)} for field, codes in closed.items() for code in codes]
    found += [{"treatment": (code,)} for code in v.codes(v.TREATMENT_CLASSES)]
    found += [{"month_from": f"{year}-01", "month_to": f"{year}-12"} for year in YEARS]
    return found + [{"month_from": f"{year}-01"} for year in YEARS[1:]] + [{"month_to": f"{year}-12"} for year in YEARS[:-1]]


def coarse_cohorts(*, pairs: bool = True) -> list[Cohort]:
    """Everybody, every coarse filter, and every two filters of different fields."""
    single = coarse_filters()
    both = [{**a, **b} for a, b in combinations(single, 2) if not set(a) & set(b)] if pairs else []
    return list(dict.fromkeys(Cohort(**fields) for fields in [{}, *single, *both]))


def fine_cohorts() -> list[Cohort]:
    """Cohorts that only `clinic` answers: one filter more, a narrow age, a month, a clinician."""
    found = [Cohort(sex=(sex,), smoker=(yes,)) for sex in ("female", "male") for yes in ("yes", "no")]
    found += [Cohort(age_from=low, age_to=low + 9) for low in range(20, 80, 6)]
    found += [Cohort(diagnosis=(code,), pain_band=(band,)) for code in v.codes(v.DIAGNOSES) for band in v.codes(v.PAIN_BANDS)]
    return found + [Cohort(site=(f"S0{k}",)) for k in (1, 2, 3)] + [Cohort(clinician=(f"C0{k}",)) for k in range(1, 8)]


def too_fine() -> list[Ask]:
    """Questions that `publish` must not answer."""
    overview = [
        Ask("overview", cohort) for cohort in [*fine_cohorts(), Cohort(month_from="2024-03"), Cohort(treatment=("posture_training",))]
    ]
    by_split = [Ask("diagnosis_mix", Cohort(), (("by", by),)) for by in GROUPINGS if by not in COARSE_SPLITS]
    index = [Ask("score_over_time", Cohort(), (("index", code),)) for code in v.codes(v.TREATMENTS) if code in COURSES]
    alone = [Ask("patients_like_mine", Cohort()), Ask("funnel", Cohort()), Ask("control_chart", Cohort(), (("period", "month"),))]
    return [*overview, *by_split, *index, *alone]


def splits(policy: str) -> tuple[str | None, ...]:
    """What answers may be split by."""
    return COARSE_SPLITS if policy == "publish" else (None, *GROUPINGS)


def is_split(name: str) -> bool:
    """Can the answer be split?"""
    return any(option.name == "by" for option in answers()[name].options)


SLOW = ("sensitivity", "indicators", "compare_treatments", "injection_before_surgery", "calibration", "funnel")  # asked of few cohorts
TELLING = (
    "diagnosis_mix",
    "symptoms",
    "baseline_table",
    "branching",
    "pathways",
    "score_over_time",
    "responders",
    "completeness",
    "time_to_escalation",
    "overview",
)


def sample() -> list[tuple[str, Iterator[Ask]]]:
    """A few seconds of questions, by policy."""
    cohorts = [cohort for cohort in coarse_cohorts(pairs=False) if not cohort.treatment and not cohort.month_from and not cohort.month_to]
    few = cohorts[:: len(cohorts) // 3]
    return [("publish", _sampled(cohorts, few, "publish")), ("clinic", _sampled(few, few[:1], "clinic"))]


def _sampled(cohorts: list[Cohort], few: list[Cohort], policy: str) -> Iterator[Ask]:
    yield from (Ask(name, Cohort(), options) for name in answers() for options in variants(name, 1))
    yield from (Ask(name, cohort) for name in answers() if name not in SLOW for cohort in few)
    for name in ("baseline_table", "score_over_time", "time_to_escalation"):
        yield from (Ask(name, cohort) for cohort in cohorts)
        yield from (Ask(name, cohort, (("by", by),)) for cohort in few for by in splits(policy)[1:4])


def programme(policy: str, *, thorough: bool) -> Iterator[Ask]:
    """Everything that is asked of one clinic: all options of few cohorts, every answer and split of some, the telling ones of all."""
    cohorts = coarse_cohorts(pairs=False)
    few = [Cohort(), Cohort(diagnosis=("spinal_stenosis",))][: 2 if thorough else 1]
    yield from (Ask(name, cohort, options) for name in answers() for options in variants(name, 8) for cohort in few)
    for cohort in cohorts[:: 8 if thorough else 16]:
        for name in answers():
            yield from _split(name, cohort, splits(policy)[1:6]) if name not in SLOW else ()
    for cohort in cohorts:
        for name in TELLING:
            yield from _split(name, cohort, splits(policy)[1:4] if thorough and policy == "publish" else ())
    pairs = coarse_cohorts()[len(cohorts) :: 34 if thorough else 85]
    yield from (Ask(name, cohort) for cohort in pairs for name in TELLING)
    if policy == "clinic":
        yield from (Ask(name, cohort) for cohort in fine_cohorts() for name in TELLING)


def _split(name: str, cohort: Cohort, by: tuple[str | None, ...]) -> Iterator[Ask]:
    yield Ask(name, cohort)
    yield from (Ask(name, cohort, (("by", one),)) for one in by if is_split(name))
