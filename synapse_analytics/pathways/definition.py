"""The definition of a pathway: the parameters with their defaults, the units, and how a step is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.errors import UsageError

NO_END = 2**31 - 1
"""End of a course that is still running."""
MORE = "more"
"""The step that stands for all after the last single one; its bit mask is 0."""
UNTREATED = "untreated"
REPEATS = ("changes", "first", "all")
LONGEST_WINDOW = 1000  # a start must fit the ten bits it has in the sort keys

_UNITS: dict[str, tuple[v.Term, ...]] = {"treatment": v.TREATMENTS, "class": v.TREATMENT_CLASSES, "stage": v.STAGES}


@dataclass(frozen=True, slots=True)
class PathwayDefinition:
    """The parameters of a pathway; days, and how steps are told apart. The defaults are those of the marts."""

    unit: str = "class"  # treatment | class | stage
    gap_collapse: int = 30
    combination_overlap: int = 14
    repeats: str = "changes"  # changes | first | all
    max_steps: int = 6
    window: int = 730

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            raise UsageError(f"Pathways have no unit '{self.unit}'. Allowed: {', '.join(_UNITS)}.")
        if self.repeats not in REPEATS:
            raise UsageError(f"Pathways cannot treat repeats as '{self.repeats}'. Allowed: {', '.join(REPEATS)}.")
        if min(self.gap_collapse, self.combination_overlap, self.window) < 0 or self.max_steps < 1:
            raise UsageError("Pathways need days of 0 or more and at least one step.")
        if max(self.window, self.gap_collapse) > LONGEST_WINDOW:
            raise UsageError(f"Pathways look at no more than {LONGEST_WINDOW} days.")


def unit_terms(unit: str) -> tuple[v.Term, ...]:
    """The closed list that bit k of a step's mask points into."""
    return _UNITS[unit]


def units_of_treatments(unit: str) -> np.ndarray:
    """For each treatment (by position) the position of its unit."""
    terms = _UNITS[unit]
    if unit == "treatment":
        return np.arange(len(terms), dtype=np.int64)
    name = "treatment_class" if unit == "class" else "stage"
    return np.array([v.position(terms, getattr(treatment, name)) for treatment in v.TREATMENTS], dtype=np.int64)


def is_procedure() -> np.ndarray:
    """For each treatment (by position) whether it happens on one day."""
    return np.array([treatment.kind == "procedure" for treatment in v.TREATMENTS])


def step_code(units: int, unit: str) -> str:
    """A step as codes: `medication+physical_therapy` in the order of the vocabulary; `more` for 0."""
    if units == 0:
        return MORE
    return "+".join(term.code for bit, term in enumerate(_UNITS[unit]) if int(units) >> bit & 1)
