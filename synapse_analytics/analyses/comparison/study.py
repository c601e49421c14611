"""The data of one comparison, ready for the models: arms, outcome by visit, covariates with what is missing handled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.estimates.balance import independent_columns
from synapse_analytics.queries.comparison import Asked, People, answered, people

Array = np.ndarray
THOUSAND = 1000
ENOUGH = 5  # a yes/no covariate enters the models where both arms have so many of either answer; else it would tell the arms apart
ARMS = ("a", "b")


@dataclass(frozen=True, slots=True)
class Covariate:
    """One baseline covariate as recorded (NaN = not recorded), in clinical units."""

    code: str
    values: Array
    is_flag: bool = False
    of: str | None = None  # the list a level belongs to, as a diagnosis


@dataclass(frozen=True, slots=True)
class Study:
    """Eligible episodes of both arms; `scores` and `expected` have one column per visit, the last is the horizon."""

    everybody: People  # with the index, before anybody is left out
    people: People
    visits: tuple[int, ...]
    scores: Array
    expected: Array
    covariates: tuple[Covariate, ...]
    one_sided: tuple[str, ...]  # who is left out because an arm hardly has them, in words

    @property
    def arm_a(self) -> Array:
        """1 for arm a, 0 for arm b."""
        return (self.people.arm == 0).astype(float)

    @property
    def baseline(self) -> Array:
        """The outcome at baseline, in its own unit."""
        return self.people.numbers["outcome"] / THOUSAND

    @property
    def analysed(self) -> Array:
        """Who answered at the horizon."""
        return ~np.isnan(self.scores[:, -1])

    def model(self, chosen: Array) -> Array:
        """The covariates of some of them as the models take them: standardised, missing values at the mean with an indicator."""
        arm = self.arm_a[chosen]
        columns: list[Array] = []
        for covariate in self.covariates:
            values = covariate.values[chosen]
            missing = np.isnan(values)
            known = values[~missing]
            filled = np.where(missing, known.mean() if len(known) else 0.0, values)
            if not covariate.is_flag or _both_answers(known, arm[~missing]):
                columns.append(filled)
            if _both_answers(missing.astype(float), arm):
                columns.append(missing.astype(float))
        design = np.column_stack(columns)
        design = design[:, independent_columns(design)]
        return (design - design.mean(axis=0)) / design.std(axis=0)


def _both_answers(flag: Array, arm: Array) -> bool:
    return all(ENOUGH <= flag[arm == side].sum() <= (arm == side).sum() - ENOUGH for side in (0, 1))


def gather(asked: Asked, visits: tuple[int, ...], fewest: int) -> Study:
    """Fetch both arms and keep who may be compared: a fresh baseline, the other treatment not had before, a shared diagnosis."""
    everybody = people(asked)
    number = everybody.numbers
    found = everybody.where(~np.isnan(number["outcome"]) & (number["prior"] == 0))
    one_sided = _one_sided(found, fewest)
    left_out = [v.DIAGNOSES[place].label.lower() for place in one_sided]
    found = found.where(~np.isin(found.numbers["diagnosis"], one_sided))
    expected = found.numbers["closed_visits"][:, None] >= np.array(visits)
    if asked.censored:
        until = found.numbers["crossover_day"] - found.numbers["index_day"]
        opens = np.array([v.VISITS[visit].first for visit in visits])
        expected &= ~(until[:, None] < opens)  # NaN: never crossed over
    scores = np.where(expected, answered(asked, found, visits) / THOUSAND, np.nan)
    if _flags_tell_the_arms_apart(found, ~np.isnan(scores[:, -1])):
        plain = found.numbers["red_flags"] != 1  # NaN, not recorded, stays
        found, scores, expected = found.where(plain), scores[plain], expected[plain]
        left_out.append("red flags")
    headline, outcome = asked.clinic.generation.headline, v.INSTRUMENTS[asked.instrument].code
    return Study(everybody, found, visits, scores, expected, _covariates(found, outcome, headline), tuple(left_out))


def _one_sided(found: People, fewest: int) -> list[int]:
    """Diagnoses that an arm hardly has: nobody there could have had either treatment."""
    diagnosis = found.numbers["diagnosis"].astype(np.int64)
    counts = [np.bincount(diagnosis[found.arm == place], minlength=len(v.DIAGNOSES)) for place in (0, 1)]
    present = np.flatnonzero(counts[0] + counts[1])
    shared = [place for place in present if min(counts[0][place], counts[1][place]) >= fewest]
    return [int(place) for place in present if place not in shared] if shared else []


def _flags_tell_the_arms_apart(found: People, analysed: Array) -> bool:
    """Whether red flags among those who answered are too rare in an arm for the models: no weight makes the arms alike in them."""
    flagged = analysed & (found.numbers["red_flags"] == 1)
    return bool(flagged.any()) and min((flagged & (found.arm == side)).sum() for side in (0, 1)) < ENOUGH


def _covariates(found: People, outcome: str, headline: str) -> tuple[Covariate, ...]:
    number = found.numbers
    listed = [Covariate(f"baseline_{outcome}", number["outcome"] / THOUSAND)]
    if headline != outcome:
        listed.append(Covariate(f"baseline_{headline}", number["pain"] / THOUSAND))
    if "odi" not in (outcome, headline):
        listed.append(Covariate("baseline_odi", number["odi"] / THOUSAND))
    sex = number["sex"]
    female = np.where(np.isnan(sex), np.nan, sex == v.position(v.SEXES, "female"))
    listed += [
        Covariate("age", number["age"]),
        Covariate("female", female, is_flag=True),
        Covariate("symptom_weeks", np.log1p(number["symptom_weeks"])),  # a week more means less the longer it has lasted
        Covariate("bmi", number["bmi"] / THOUSAND),
        Covariate("smoker", number["smoker"], is_flag=True),
        Covariate("comorbidities", number["comorbidities"]),
        Covariate("red_flags", number["red_flags"], is_flag=True),
    ]
    levels = np.unique(number["diagnosis"]).astype(int)
    if len(levels) > 1:
        listed += [
            Covariate(v.DIAGNOSES[level].code, (number["diagnosis"] == level).astype(float), is_flag=True, of="diagnosis")
            for level in levels
        ]
    return tuple(covariate for covariate in listed if not np.isnan(covariate.values).all())  # what nobody recorded balances nothing


def patients_in(found: People, chosen: Array) -> int:
    """Distinct patients among some entries."""
    return len(np.unique(found.patient[chosen]))
