"""The bits of `episode_facts.characteristics`: which attributes are recorded at the first visit, and which levels they have."""

from __future__ import annotations

from collections.abc import Mapping

from synapse_analytics import vocabulary as v

# Variables with a mean: code -> how many stored units make one.
NUMBERS: Mapping[str, int] = {
    "age_years": 1,
    "bmi": 1000,
    "comorbidities": 1,
    "symptom_weeks": 1,
    **{f"baseline_{term.code}": 1000 for term in v.INSTRUMENTS},
}
# Variables with a closed list; a sex that is "unknown" is not recorded.
LEVELS: Mapping[str, tuple[v.Term, ...]] = {"sex": tuple(term for term in v.SEXES if term.code != v.UNKNOWN), "occupation": v.OCCUPATIONS}
FLAGS = ("smoker", "red_flags")  # yes or no
# `variable`: it is recorded; `variable:level`: it has this level. The place of each is its bit.
CHARACTERISTICS: tuple[str, ...] = (
    *NUMBERS,
    *(name for variable, terms in LEVELS.items() for name in (variable, *(f"{variable}:{term.code}" for term in terms))),
    *(name for variable in FLAGS for name in (variable, f"{variable}:yes")),
)
BITS = {name: place for place, name in enumerate(CHARACTERISTICS)}
