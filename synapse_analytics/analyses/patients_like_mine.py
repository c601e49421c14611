"""What happened to patients like this one?

The nearest of the clinic's own episodes with the same diagnosis, at most 500, within width. distance is the root mean square of the
differences in calipers over the particulars given (age 10 years, pain 1.5, ODI 10, BMI 4, symptoms half or twice as long, sex and
smoking 1; not recorded counts 1).
outcomes: quantiles of the score at the visit, for all and by highest stage of care. responders: of those who answered and could
improve so much. surgery: cumulative incidence (Aalen-Johansen) from the first visit. year: both at 12 months, for all. people
counts different patients, n their episodes.
nearness: what within means in years and points if all particulars differ as much (one may differ more where others differ less),
and the median difference.
If fewer than 20 patients are found, nothing is shown but ways: what would find enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import THOUSAND, Row, count_cells, limit_cells, ratio, share_support, wilson_cells
from synapse_analytics.analyses.distinct import Distinct
from synapse_analytics.analyses.headline import is_pain, stands_in
from synapse_analytics.analyses.likeness import FEWEST, OPTIONS, SCALES, WIDTH, asked_for, in_calipers, nearest_to
from synapse_analytics.analyses.measures import (
    QUARTILES,
    SHARE,
    N,
    counts_of,
    curve_of,
    labels,
    outside_of,
    patients_of,
    share_of,
    shares_of,
)
from synapse_analytics.analyses.nearness import NEARNESS, WAYS, how_near, ways_to_enough
from synapse_analytics.analyses.pooling import rare
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.errors import NotAllowed
from synapse_analytics.estimates.similarity import on_scales
from synapse_analytics.estimates.survival import aalen_johansen, at
from synapse_analytics.queries.similar import Alike, candidates, what_became

Array = np.ndarray
MONTHS = (3, 12, 24)
OPERATED_DAYS = {3: 91, 6: 182, 12: 365}
MOST_PATHWAYS = 10
YEAR = 12  # months
ALL, OTHER = "all", "other"
QUANTILES = {"p10": 0.1, "q1": 0.25, "median": 0.5, "q3": 0.75, "p90": 0.9}
P10, P90 = (Measure(name, Kind.TAIL) for name in ("p10", "p90"))

MATCHED = TableRule("matched", (N, *counts_of("people"), *labels("width", "refused")))
GROUPS = TableRule("groups", (*labels("group"), N, *counts_of("people")))
PATHWAYS = TableRule("pathways", (*labels("steps"), N, share_of("n", "all")))
OUTCOMES = TableRule(
    "outcomes",
    (
        *labels("group", "instrument", "month"),
        *counts_of("n", "expected"),
        share_of("n", "expected", "completeness"),
        P10,
        *QUARTILES,
        P90,
    ),
)
RESPONDERS = TableRule("responders", (*labels("group", "preset", "month"), *counts_of("n", "responders"), *shares_of("responders")))
SURGERY = TableRule("surgery", (*labels("month"), *curve_of()))
# What stands first: who was operated within a year, and who had clearly improved at 12 months in the headline score.
OPERATED = TableRule("year", (*labels("outcome"), N, *(Measure(name, Kind.CURVE, "watched_patients") for name in SHARE)))
RESTS_ON = ("patients", patients_of("responders"), outside_of("responders", "n"))
IMPROVED = TableRule("year", (*labels("outcome"), N, *(Measure(name, Kind.SHARE, *RESTS_ON) for name in SHARE)))
SENTENCE = (
    "These are the patients of this clinic who are most similar to the one described. What happened to them need not happen to the next one. "
    "Results by treatment show what happened, not what caused it: do not read them as a comparison of treatments."
)


def _in_force(clinic: Clinic, chosen: Options) -> Options:
    if clinic.policy.name == "publish":
        raise NotAllowed(
            "Patients like mine is for use inside the clinic only: the details of one patient are too specific for numbers that "
            "may be shared."
        )
    chosen = chosen if is_pain(clinic) else chosen | {"pain": None}  # a number of pain says nothing about another score
    asked_for(chosen)  # raises where a number is not legal
    return chosen


@analysis(*OPTIONS, WIDTH, settle=_in_force)
def patients_like_mine(clinic: Clinic, cohort: Cohort, *, diagnosis: str, width: float, **chosen: Any) -> Found:
    """What happened to patients like this one?

    The nearest own episodes of the same diagnosis: distance is the root mean square of the differences in calipers over what is
    given (age 10 years, pain 1.5, ODI 10, BMI 4, symptoms half or twice as long, sex and smoking 1; not recorded counts 1),
    within `width` and at most the 500 nearest. outcomes: quantiles of the score at the visit, of all and by highest stage of
    care; responders: of those who answered and could; surgery: cumulative incidence (Aalen-Johansen) from the first visit.
    year: both at 12 months, of all. people are distinct patients, n their episodes. nearness: what `within` means in years and points if all particulars differ
    as much (one may differ more where others differ less), and the median difference. Of fewer than 20 patients nothing is
    shown but ways: what would find enough.
    """
    asked, place = asked_for(chosen), v.position(v.DIAGNOSES, diagnosis)
    everybody = candidates(clinic, cohort, place, list(asked))
    near = nearest_to(in_calipers(everybody.attributes), on_scales(asked, SCALES), len(everybody.episode), width)
    visits = [v.position(v.VISITS, f"month_{month}") for month in MONTHS]
    found = _Alike(what_became(clinic, cohort, place, everybody.where(near.places), visits))
    tables = [(MATCHED, [_matched(found, width)])]
    if found.counted().patients < FEWEST:
        return Found([*tables, (WAYS, ways_to_enough(everybody, asked, width))])
    responders = [row for instrument in found.alike.scores for row in _responders(found, instrument)]
    operated = list(_operated(found))
    tables += [
        (OPERATED, [_within_a_year(found, operated)]),
        (IMPROVED, _after_a_year(responders)),
        (NEARNESS, how_near(everybody, near, asked, width)),
        (GROUPS, [{"group": group} | _counts(found.counted(members)) for group, members in found.groups.items()]),
        (PATHWAYS, _pathways(found.alike, clinic.policy.group)),
        (OUTCOMES, [row for instrument in found.alike.scores for row in _outcomes(found, instrument)]),
        (RESPONDERS, responders),
        (SURGERY, operated),
    ]
    return Found(tables, (SENTENCE, *stands_in(clinic)))


class _Alike:
    """The episodes that are alike, all of them and by the stage of care they reached."""

    def __init__(self, alike: Alike) -> None:
        self.alike = alike
        self._patients = Distinct(alike.patient)
        everybody = np.ones(len(alike.patient), dtype=bool)
        stages = {stage.code: alike.stage == place for place, stage in enumerate(v.STAGES)}
        self.groups = {ALL: everybody} | {code: members for code, members in stages.items() if members.any()}

    def counted(self, chosen: Array | None = None) -> Counted:
        """Some of the episodes, or all, and their patients."""
        members = self.groups[ALL] if chosen is None else chosen
        return Counted(int(members.sum()), self._patients.count(members))

    def visits(self, instrument: int) -> Iterator[tuple[str, int, Array, Array, Array]]:
        """Group, month, whose answer was expected, who gave one, and the scores (units) then; for every group and month."""
        scores, closed = self.alike.scores[instrument] / THOUSAND, self.alike.closed_visits[instrument]
        for group, members in self.groups.items():
            for column, month in enumerate(MONTHS, start=1):
                expected = members & (closed >= v.position(v.VISITS, f"month_{month}"))
                yield group, month, expected, expected & ~np.isnan(scores[:, column]), scores[:, column]


def _matched(found: _Alike, width: float) -> Row:
    counted = found.counted()
    refused = f"Fewer than {FEWEST} patients are this similar. Allow larger differences or leave out some details."
    return _counts(counted) | {"width": width, "refused": refused if counted.patients < FEWEST else None}


def _counts(counted: Counted) -> Row:
    return count_cells("n", counted) | count_cells("people", Counted(counted.patients, counted.patients))


def _outcomes(found: _Alike, instrument: int) -> Iterator[Row]:
    for group, month, expected, here, scores in found.visits(instrument):
        row: Row = {"group": group, "instrument": v.INSTRUMENTS[instrument].code, "month": month}
        row |= share_support("n", "expected", found.counted(here), found.counted(expected))
        yield row | {"completeness": ratio(row["n"], row["expected"])} | _quantiles(scores[here])


def _quantiles(values: Array) -> Row:
    """Type 7 of Hyndman & Fan 1996, as everywhere."""
    if not len(values):
        return dict.fromkeys(QUANTILES)
    ordered, place = np.sort(values), (len(values) - 1) * np.array(list(QUANTILES.values()))
    below = np.floor(place).astype(np.int64)
    lower, upper = ordered[below], ordered[np.minimum(below + 1, len(values) - 1)]
    return dict(zip(QUANTILES, (lower + (upper - lower) * (place - below)).tolist(), strict=True))


def _responders(found: _Alike, instrument: int) -> Iterator[Row]:
    """By the first preset of the instrument, which says how many points."""
    preset = next((preset for preset in v.presets_of(v.INSTRUMENTS[instrument].code) if preset.kind == "points"), None)
    if preset is None:
        return
    baseline = found.alike.scores[instrument][:, 0] / THOUSAND
    for group, month, _, answered, scores in found.visits(instrument):
        here = answered & (baseline >= preset.threshold)
        # Scores have three decimals at most: halves of a thousandth cannot decide, rounding of the difference must not either.
        better = here & (np.round(baseline - scores, 6) >= preset.threshold)
        yes, n = found.counted(better), found.counted(here)
        row = {"group": group, "preset": preset.code, "month": month}
        row |= share_support("responders", "n", yes, n, found.counted(here & ~better).patients)
        yield row | wilson_cells(yes.episodes, n.episodes)


def _operated(found: _Alike) -> Iterator[Row]:
    day, cause = found.alike.surgery_day, found.alike.surgery_cause
    waiting = cause >= 0
    curve = aalen_johansen(day[waiting], cause[waiting])
    for month, until in OPERATED_DAYS.items():
        estimate, names = at(curve, until), ("incidence", "low", "high")
        shown = limit_cells(estimate, names) if estimate.n else dict.fromkeys(names)
        yield shown | {"month": month, "at_risk": estimate.n, "patients": found.counted(waiting & (day >= until)).patients}


def _within_a_year(found: _Alike, operated: Sequence[Row]) -> Row:
    """Who was operated by day 365, of the n who had not been before the first visit."""
    row = next(row for row in operated if row["month"] == YEAR)
    cells = {"outcome": "surgery", "share": row["incidence"], "low": row["low"], "high": row["high"], "watched_patients": row["patients"]}
    return cells | count_cells("n", found.counted(found.alike.surgery_cause >= 0))


def _after_a_year(responders: Sequence[Row]) -> list[Row]:
    """Who of all of them had improved by the preset of the headline score."""
    return [row | {"outcome": row["preset"]} for row in responders if (row["group"], row["month"]) == (ALL, YEAR)][:1]


def _pathways(alike: Alike, group: int) -> list[Row]:
    """The most frequent orders of treatment; what is rare is pooled."""
    names, coded = alike.steps.dictionary.to_pylist(), alike.steps.indices.to_numpy()
    ordered = sorted(range(len(names)), key=names.__getitem__)
    names = [names[place] for place in ordered]
    row_of = np.argsort(ordered)[coded]
    counts = np.bincount(row_of, minlength=len(names))
    patients = _patients_of(alike, row_of, len(names))
    pooled = rare(patients, np.zeros(len(names)), group)
    frequent = [place for place in np.argsort(-counts, kind="stable")[:MOST_PATHWAYS] if not pooled[place]]
    everybody = Counted(len(row_of), len(np.unique(alike.patient)))
    shown = [(tuple(names[place].split("|")), Counted(int(counts[place]), int(patients[place]))) for place in frequent]
    others = ~np.isin(row_of, frequent)
    if others.any():
        shown.append(((OTHER,), Counted(int(others.sum()), len(np.unique(alike.patient[others])))))
    return [
        {"steps": steps, "share": counted.episodes / len(row_of)} | share_support("n", "all", counted, everybody)
        for steps, counted in shown
    ]


def _patients_of(alike: Alike, row_of: Array, rows: int) -> Array:
    """Distinct patients of each row."""
    room = int(alike.patient.max()) + 1
    return np.bincount(np.unique(row_of * room + alike.patient) // room, minlength=rows)
