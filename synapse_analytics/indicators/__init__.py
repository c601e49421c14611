"""The indicators of the clinic. To add one, declare it in the file of its theme: mart, chart, funnel, pages and docs follow.

declare.py says what a declaration holds; outcomes, stepped, safety and access hold the declarations.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from synapse_analytics.indicators.access import ACCESS, PATIENTS_SEEN
from synapse_analytics.indicators.declare import INDEXES, OF_PROCEDURE, SET_BY_CLINIC, SMALLEST_N, YEAR, Index, Indicator, Measured
from synapse_analytics.indicators.outcomes import FOLLOW_UP, OUTCOMES, SCORES
from synapse_analytics.indicators.safety import SAFETY
from synapse_analytics.indicators.stepped import STEPPED
from synapse_analytics.vocabulary import Term

THEMES: tuple[Term, ...] = (
    Term("seen", "Patients seen"),
    Term("first_visit", "After the first visit"),
    Term("conservative_only", "After conservative care only"),
    Term("discectomy", "After discectomy"),
    Term("laminectomy", "After laminectomy"),
    Term("spinal_fusion", "After fusion"),
    Term("other_spine_surgery", "After other surgery"),
    Term("stepped", "Stepped care and reasons for surgery"),
    Term("safety", "Safety of surgery"),
    Term("access", "Access and investigation"),
    Term("follow_up", "Follow-up"),
)
INDICATORS: tuple[Indicator, ...] = (PATIENTS_SEEN, *OUTCOMES, *STEPPED, *SAFETY, *ACCESS, *FOLLOW_UP)
# Those of the overview: the few that a board reads first.
OVERVIEW: tuple[str, ...] = (
    "patients_seen",
    *(f"{code}_{kind}_{months}_months" for code in SCORES for months in (3, 12) for kind in ("improvement", "responders")),
    "surgery_within_12_months",
    "conservative_care_first",
    "complications_within_90_days",
    "reoperation_within_90_days",
    "reoperation_within_12_months",
    "median_wait",
    "follow_up_completeness_3_months",
    "follow_up_completeness_12_months",
)
MOST_FACTS = 63  # bits of a whole number that is not negative
_BY_NAME = {declared.name: declared for declared in INDICATORS}
NAMES: tuple[str, ...] = tuple(_BY_NAME)


def indicator(name: str) -> Indicator:
    """The declared indicator of this name; KeyError when there is none."""
    return _BY_NAME[name]


@functools.cache
def facts_of(index: Index) -> tuple[str, ...]:
    """The clauses of an index; the place of each is its bit in `indicator_rows.flags`."""
    found = tuple(dict.fromkeys(clause for declared in _with(index) for clause in declared.clauses()))
    if len(found) > MOST_FACTS:
        raise ValueError(f"The index {index.code} has {len(found)} clauses, a number of flags holds {MOST_FACTS}. Split it in two.")
    return found


@functools.cache
def amounts_of(index: Index) -> tuple[tuple[str, str], ...]:
    """(who counts, amount) of an index; the place of each, from 1, is the number of its column."""
    return tuple(dict.fromkeys((declared.among, declared.amount) for declared in _with(index) if declared.amount))


def amount_column(declared: Indicator) -> str:
    """The column of `indicator_rows` that holds what an indicator adds up or counts per value."""
    return f"amount_{1 + amounts_of(declared.index).index((declared.among, declared.amount))}"


def most_amounts() -> int:
    """How many columns the index with the most amounts needs."""
    return max(len(amounts_of(index)) for index in INDEXES)


def schema_lines() -> Iterator[str]:
    """What the stored bits and amounts mean, line by line: a load under other declarations cannot be read."""
    for index in INDEXES:
        yield f"{index.code}: {'; '.join(facts_of(index))}; {amounts_of(index)}"


def _with(index: Index) -> Iterator[Indicator]:
    return (declared for declared in INDICATORS if declared.index == index)


__all__ = [
    "INDEXES",
    "INDICATORS",
    "NAMES",
    "OF_PROCEDURE",
    "OVERVIEW",
    "SET_BY_CLINIC",
    "SMALLEST_N",
    "THEMES",
    "YEAR",
    "Index",
    "Indicator",
    "Measured",
    "amount_column",
    "amounts_of",
    "facts_of",
    "indicator",
    "most_amounts",
    "schema_lines",
]
