"""The data of one comparison, ready for the models: arms, outcome by visit, who was expected, and the covariates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import THOUSAND
from synapse_analytics.analyses.comparison.design import ENOUGH, Columns, Covariate
from synapse_analytics.analyses.distinct import Distinct
from synapse_analytics.counts import Counted
from synapse_analytics.estimates.blocks import blocks, products
from synapse_analytics.queries.comparison import Asked, Entered, People, Reached, counted, people
from synapse_analytics.queries.comparison_answers import answers_before

Array = np.ndarray
CHUNK = 8192  # rows of which all columns are made at once
LEAST_RECORDED = 0.5  # of the answered of either arm: a covariate that is recorded of fewer cannot say whether the arms are alike
ARMS = ("a", "b")


@dataclass(frozen=True)
class Study:
    """Eligible episodes of both arms; `answers` (thousandths, NaN where none) and `expected` have one column per visit, the last
    is the horizon."""

    reached: tuple[Reached, Reached]  # before anybody is left out
    unlike: tuple[Counted, Counted]  # left out because the other arm hardly has such patients
    people: People
    visits: tuple[int, ...]
    answers: Array
    expected: Array
    answered_late: Array  # who answered at the horizon only after a crossover, where such answers do not count
    columns: Columns  # of the covariates
    left_out: tuple[str, ...]  # whom an arm hardly has: codes of diagnoses (by episodes), and red_flags (by answers)
    not_judged: tuple[str, ...]  # covariates that are in no model because too few of an arm have them recorded
    entered: Entered  # of all episodes of the cohort, who stands in an arm

    @cached_property
    def sides(self) -> Mapping[str, Array]:
        """Who is in each arm."""
        return {arm: self.people.arm == place for place, arm in enumerate(ARMS)}

    @cached_property
    def analysed(self) -> Array:
        """Who answered at the horizon."""
        return ~np.isnan(self.answers[:, -1])

    @cached_property
    def patients(self) -> Distinct:
        """Counts patients among the entries of one arm."""
        return Distinct(self.people.patient.astype(np.int64) * len(ARMS) + self.people.arm)

    def counted(self, chosen: Array) -> Counted:
        """Some entries of one arm, and their patients."""
        return Counted(int(np.count_nonzero(chosen)), self.patients.count(chosen))

    @property
    def covariates(self) -> tuple[Covariate, ...]:
        """What the arms may differ in."""
        return self.columns.covariates

    @cached_property
    def moments(self) -> Mapping[int, Array]:
        """Cross products of the columns and the answers (0 where none) by which visits were answered: bit k for visit k."""
        pattern = ~np.isnan(self.answers) @ (1 << np.arange(len(self.visits)))
        rows = np.argsort(pattern, kind="stable")[np.count_nonzero(pattern == 0) :]
        found: dict[int, Array] = {}
        for here in blocks(len(rows), CHUNK):
            chunk = rows[here]
            values = np.hstack([self.columns.values(chunk), np.nan_to_num(in_units(self.answers[chunk]))])
            ends = np.flatnonzero(np.diff(pattern[chunk], append=-1)) + 1
            for begin, end in zip([0, *ends[:-1]], ends, strict=True):
                code = int(pattern[chunk[begin]])
                found[code] = found.get(code, 0.0) + products(values[begin:end])
        return found

    @property
    def baseline(self) -> Array:
        """The outcome at baseline, in its own unit."""
        return in_units(self.people.numbers["outcome"])

    def scores(self, visit: int, chosen: Array | slice = slice(None)) -> Array:
        """The answers in the column of a visit, in their own unit."""
        return in_units(self.answers[chosen, visit])


def female(sex: Array) -> Array:
    """1 for women, 0 for others, NaN where not recorded or not known."""
    return np.where(np.isnan(sex) | (sex == v.position(v.SEXES, v.UNKNOWN)), np.nan, sex == v.position(v.SEXES, "female"))


def in_units(thousandths: Array) -> Array:
    """Scores in their own unit."""
    return thousandths.astype(float) / THOUSAND


def gather(asked: Asked, visits: tuple[int, ...], fewest: int) -> Study:
    """Fetch both arms and keep who may be compared: a fresh baseline, the other treatment not had before, a shared diagnosis."""
    found, reached, entered = people(asked, visits)
    number = found.numbers
    one_sided = _one_sided(found, fewest)
    left_out = [v.DIAGNOSES[place].code for place in one_sided]
    kept = ~np.isin(number["diagnosis"], one_sided)
    expected = number["closed_visits"][:, None] >= np.array(visits)
    answers = np.column_stack([number.pop(v.VISITS[visit].code) for visit in visits])
    given = ~np.isnan(answers[:, -1])
    if asked.censored:
        until = number["crossover_day"] - number["index_day"]
        expected &= ~(until[:, None] < [v.VISITS[visit].first for visit in visits])  # NaN: never crossed over
        answers = np.where(np.isnan(until)[:, None], answers, answers_before(asked, found, visits))
        answers[~expected] = np.nan
    flagged = kept & ~np.isnan(answers[:, -1]) & (number["red_flags"] == 1)
    # Red flags among those who answered that are too rare in an arm for the models: no weight makes the arms alike in them.
    others = kept & (number["red_flags"] != 1)  # NaN, not recorded, stays
    hardly = flagged.any() and min((flagged & (found.arm == side)).sum() for side in (0, 1)) < ENOUGH
    if hardly and all((others & (found.arm == side)).any() for side in (0, 1)):
        kept = others
        left_out.append("red_flags")
    unlike = [counted(found.patient, ~kept & (found.arm == side)) for side in (0, 1)]
    headline, outcome = asked.clinic.generation.headline, v.INSTRUMENTS[asked.instrument].code
    late = (given & expected[:, -1] & np.isnan(answers[:, -1]))[kept]
    found, answers, expected = found.narrowed(kept), answers[kept], expected[kept]
    listed = _covariates(found, outcome, headline)
    not_judged = _hardly_recorded(found.arm, ~np.isnan(answers[:, -1]), listed)
    columns = Columns(found.arm == 0, [covariate for covariate in listed if covariate.code not in not_judged])
    pair = (unlike[0], unlike[1])
    return Study(reached, pair, found, visits, answers, expected, late, columns, tuple(left_out), not_judged, entered)


def _one_sided(found: People, fewest: int) -> list[int]:
    """Diagnoses that an arm hardly has: nobody there could have had either treatment."""
    diagnosis = found.numbers["diagnosis"].astype(np.int64)
    counts = [np.bincount(diagnosis[found.arm == place], minlength=len(v.DIAGNOSES)) for place in (0, 1)]
    present = np.flatnonzero(counts[0] + counts[1])
    shared = [place for place in present if min(counts[0][place], counts[1][place]) >= fewest]
    return [int(place) for place in present if place not in shared] if shared else []


def _hardly_recorded(arm: Array, answered: Array, listed: Sequence[Covariate]) -> tuple[str, ...]:
    """The covariates that are recorded for too few of the episodes that answered in an arm."""
    sides = [answered & (arm == side) for side in (0, 1)]
    return tuple(
        covariate.code
        for covariate in listed
        if covariate.missing is not None and any((covariate.missing & side).sum() > (1 - LEAST_RECORDED) * side.sum() for side in sides)
    )


def _covariates(found: People, outcome: str, headline: str) -> tuple[Covariate, ...]:
    number = found.numbers
    listed = [Covariate(f"baseline_{outcome}", number["outcome"], THOUSAND)]
    listed += [
        Covariate(f"baseline_{code}", number[name], THOUSAND) for name, code in (("pain", headline), ("odi", "odi")) if name in number
    ]
    listed += [
        Covariate("age", number["age"]),
        Covariate("female", female(number["sex"]), is_flag=True),
        Covariate("symptom_weeks", np.log1p(number["symptom_weeks"], dtype=float)),  # a week more means less the longer it has lasted
        Covariate("bmi", number["bmi"], THOUSAND),
        Covariate("smoker", number["smoker"], is_flag=True),
        Covariate("comorbidities", number["comorbidities"]),
        Covariate("red_flags", number["red_flags"], is_flag=True),
    ]
    levels = np.flatnonzero(np.bincount(number["diagnosis"].astype(np.int64)))
    if len(levels) > 1:
        listed += [
            Covariate(v.DIAGNOSES[level].code, number["diagnosis"] == level, is_flag=True, of="diagnosis") for level in levels.tolist()
        ]
    return tuple(listed)
