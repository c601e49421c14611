"""The legal labels of rows: words of the vocabulary, units and periods of the data, and the axes listed here.

A column declared as a label is neither withheld nor rounded, so no number of patients may pass as one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.indicators import INDEXES, INDICATORS, THEMES

# Words of answers that are no term of the vocabulary.
_WORDS_OF_ANSWERS = """
    all other none not_recorded pooled more untreated first_visit episodes
    a b both cohort neither either twice expected started had_other_before no_injection_before no_baseline unlike window_open crossed_over
    answered not_answered answered_late open closed
    better same worse not_better not_worse
    control funnel crude adjusted higher lower XmR p p' u days patients per_100 points share month quarter half-year year
    age age_years pain female operated baseline symptom_weeks symptom_duration diagnosis
    ancova overlap mmrm refused a_improved_more b_improved_more no_clear_difference methods_disagree
    age_65_and_over age_under_65 any_comorbidity no_comorbidity baseline_above_median baseline_up_to_median
    smoker non_smoker not_female symptoms_over_1_year symptoms_up_to_1_year
    day_of_surgery operated_by_then closed_by_then not_observed_so_long injected_before compared_with compared_without
    implausible_jump treatment_outside_episode low_follow_up diagnosis_unlike_icd10 small_cell repeated_score
"""
WORDS = frozenset(_WORDS_OF_ANSWERS.split()) | {"(pooled)", "(not recorded)"}
PERIOD = re.compile(r"(19|20)[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?")
JOINED = re.compile(r"\+| \+ | to ")  # combined steps, filters of one row, bands that were merged
Domain = Callable[[Any], bool]


def _whole(low: int, high: int, step: int = 1) -> Domain:
    return lambda value: isinstance(value, int) and low <= value <= high and value % step == 0


def _number(*legal: float) -> Domain:
    return lambda value: value in legal


def _on_grid(value: Any) -> bool:
    """True for the end of a bin: a multiple of 0.05 within -100 to 100, the widest scale."""
    return abs(value) <= 100 and abs(value * 20 - round(value * 20)) < 1e-6


def _any_number(_value: Any) -> bool:
    return True


# Columns of labels that hold numbers, by name or as table.name; every other number is refused.
AXES: Mapping[str, Domain] = MappingProxyType(
    {
        "week": _whole(-520, 520),
        "to_week": _whole(-520, 520),
        "day": _whole(0, 3_640, 7),
        "month": _number(0, 3, 6, 12, 24),
        "landmark": _number(90, 180),
        "step": _whole(0, 13),
        "times": _whole(1, 99),
        "from": _on_grid,
        "to": _on_grid,
        "width": _number(0.5, 0.75, 1, 1.5, 2, 3),
        "nearness.within": _any_number,  # what a width means in years or points
        "delta": _on_grid,
        "nominal": _number(0.5, 0.8),
        "gap_collapse": _whole(0, 90),
        "combination_overlap": _whole(0, 90),
        "weeks_seen": _whole(0, 520, 4),
        "target": _any_number,  # of the clinic's settings, or of the indicator
        "summary.points": _whole(0, 2_000),  # months or quarters
        "summary.units": _whole(0, 2_000),  # sites or clinicians
        "summary.pooled": _whole(0, 2_000),
        "limits.n": _any_number,  # the axis of a funnel, which `publish` does not draw
    }
)
# Columns of labels that hold a sentence; sentences.py checks the numbers it names.
SENTENCES = frozenset({"refused", "model", "title", "target_source"})
# Columns that hold text of the clinic itself (manifest, settings) or the identity of a generation.
OWN = frozenset({"generation.clinic", "steps.reason", "generation.generation", "generation.loaded_at", "generation.sha256"})


@functools.cache
def known_words() -> frozenset[str]:
    """Every code that an answer may name a row by."""
    lists = [terms for terms in vars(v).values() if isinstance(terms, tuple) and terms and hasattr(terms[0], "code")]
    codes = {term.code for terms in (*lists, THEMES) for term in terms}
    ages = {f"{band.code}_{sex.code}" for band in v.AGE_BANDS for sex in v.SEXES}
    scores = {f"baseline_{term.code}" for term in v.INSTRUMENTS}
    comorbidities = {"0", "1", "2", "3_or_more"}
    columns = {file.name for file in FILES} | {column.name for file in FILES for column in file.columns}
    indicators = {str(name) for name in (*(index.code for index in INDEXES), *(declared.name for declared in INDICATORS))}
    return frozenset(WORDS | codes | ages | scores | comorbidities | columns | indicators)


@functools.lru_cache(maxsize=16_384)  # the same few words in every answer
def is_label(table: str, column: str, value: Any, names: frozenset[str]) -> bool:
    """True if the value may stand in this column of labels; `names` are those of units and filters."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, tuple):
        return all(is_label(table, column, item, names) for item in value)
    if isinstance(value, str):
        return column in SENTENCES or f"{table}.{column}" in OWN or _is_named(value, names)
    axis = AXES.get(column) or AXES.get(f"{table}.{column}")
    return axis is not None and axis(value)


def _is_named(value: str, names: frozenset[str]) -> bool:
    known = known_words()
    if value in known or value in names or all(part in known or part in names or PERIOD.fullmatch(part) for part in JOINED.split(value)):
        return True
    first, _, last = value.partition("-")  # age bands that were joined: 18-64
    return any(band.code.startswith(f"{first}-") for band in v.AGE_BANDS) and any(band.code.endswith(f"-{last}") for band in v.AGE_BANDS)
