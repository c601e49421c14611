"""From the tables of an analysis to an answer: the question, the size of its cohort and the gate, the same for every analysis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.disclosure import Question, Released, Row, TableRule, is_too_small, release
from synapse_analytics.queries.population import population

Options = dict[str, Any]


class Found(NamedTuple):
    """What an analysis found: the rows of each table with its rule, and the sentences that must stand beside them."""

    tables: Sequence[tuple[TableRule, Sequence[Row]]]
    notes: tuple[str, ...] = ()


Find = Callable[..., Found]  # (clinic, cohort, *, option=...)
Choose = Callable[[Clinic, Cohort, Options], Options]  # the options in force, where they depend on the cohort


def answered(find: Find, clinic: Clinic, cohort: Cohort, options: Options, choose: Choose | None = None) -> Released:
    """The answer of an analysis; a cohort that the policy refuses is not looked into."""
    people = population(clinic, cohort, by=options.get("by"))
    if is_too_small(people[0], clinic.policy):
        return release(question(clinic, find.__name__, cohort, options), people, ())
    options = choose(clinic, cohort, options) if choose else options
    asked = question(clinic, find.__name__, cohort, options)
    found = find(clinic, cohort, **options)
    return release(asked, people, found.tables, notes=found.notes)


def question(clinic: Clinic, name: str, cohort: Cohort, options: Options) -> Question:
    """What was asked, of which cohort and generation, and under which policy."""
    generation = clinic.generation
    names = frozenset((*generation.sites, *generation.clinicians, *FILTERS))
    return Question(name, cohort, generation.id, clinic.policy, options, names)
