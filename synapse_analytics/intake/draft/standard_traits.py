"""What standards record of a patient or an episode as an observation of its own, and how it is recognised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.draft.standard_codes import distinct, words_of
from synapse_analytics.intake.raw import RawTable


@dataclass(frozen=True, slots=True)
class Trait:
    """A field of patients or episodes, the names that its observation goes by, and its LOINC codes."""

    field: str
    into: str
    names: tuple[str, ...]
    loinc: tuple[str, ...] = ()
    terms: tuple[v.Term, ...] = ()


TRAITS = (
    Trait("bmi", "patients", ("body mass index", "bmi", "body mass index (bmi) [ratio]"), ("39156-5",)),
    Trait("smoker", "patients", ("smoker", "smokes now", "current smoker", "smoking"), terms=v.YES_NO),
    Trait("comorbidities", "patients", ("comorbidities", "number of other conditions")),
    Trait("occupation", "patients", ("occupation", "kind of work")),
    Trait("red_flags", "episodes", ("red flags", "red flag"), terms=v.YES_NO),
    Trait("symptom_weeks", "episodes", ("symptom weeks", "weeks with symptoms", "symptom duration in weeks")),
    Trait("side", "episodes", ("side", "side of the pain", "laterality")),
    Trait("status", "episodes", ("status", "state of the episode")),
)


def traits_of(table: RawTable, column: str) -> Iterator[tuple[Trait, tuple[str, ...]]]:
    """The traits that a table records, each with its codes."""
    words = words_of(table, column)
    codes = [(code, words.get(code, code).lower().replace("-", " ").strip()) for code in distinct(table, column)]
    for trait in TRAITS:
        found = tuple(code for code, name in codes if name in trait.names or code in trait.loinc)
        if found:
            yield trait, found
