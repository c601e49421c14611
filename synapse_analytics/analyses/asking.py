"""What every analysis needs to ask: the options that recur, and the Question the gate is told."""

from __future__ import annotations

from typing import Any

from synapse_analytics.analyses.registry import Option
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS, GROUPINGS, Cohort
from synapse_analytics.disclosure import Question


def split_by(default: str | None = None) -> Option:
    """The option `by`: any attribute of a cohort, or nothing."""
    return Option("by", default, (None, *GROUPINGS), "attribute to split by")


def question(clinic: Clinic, name: str, cohort: Cohort, **options: Any) -> Question:
    """What was asked, of whom, of which generation and under which policy."""
    generation = clinic.generation
    names = frozenset((*generation.sites, *generation.clinicians, *FILTERS))
    return Question(name, cohort, generation.id, clinic.policy, options, names)
