"""Answers about scores over time: the course by reference visit and week, and how completely patients were followed up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.pooling import neighbours
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.regression import REGRESSION, regression_rows
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, Spread, baseline_spreads, enough, notes, number, scored, spreads
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Key
from synapse_analytics.disclosure import Kind, Measure, Policy, Released, TableRule, release
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.outcomes import Scored
from synapse_analytics.queries.population import population

EXPECTED = Measure("expected", Kind.COUNT, "expected_patients")


def _share_of_expected(name: str, count: str) -> Measure:
    return Measure(name, Kind.SHARE, "expected_patients", part="patients", outside="missing_patients", count=count, of="expected")


VISITS = TableRule(
    "visits",
    (
        label("group"),
        label("visit"),
        Measure("n", Kind.COUNT),
        EXPECTED,
        _share_of_expected("completeness", "n"),
        Measure("mean", Kind.MEAN, reach="reach"),
        Measure("sd", Kind.MEAN, reach="reach"),
        Measure("low", Kind.INTERVAL, reach="reach"),
        Measure("high", Kind.INTERVAL, reach="reach"),
        Measure("q1", Kind.QUARTILE),
        Measure("median", Kind.MEDIAN),
        Measure("q3", Kind.QUARTILE),
        Measure("change", Kind.MEAN, reach="reach"),
        Measure("change_low", Kind.INTERVAL, reach="reach"),
        Measure("change_high", Kind.INTERVAL, reach="reach"),
    ),
)
WEEKS = TableRule(
    "weeks",
    (
        label("group"),
        label("week"),
        label("to_week"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN, reach="reach"),
        Measure("low", Kind.INTERVAL, reach="reach"),
        Measure("high", Kind.INTERVAL, reach="reach"),
    ),
)
COMPLETENESS = TableRule(
    "visits",
    (label("group"), label("visit"), EXPECTED, Measure("answered", Kind.COUNT), _share_of_expected("share", "answered")),
)


def _followed(asked: Scored) -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """(key, visit, row) of every group and visit: n who answered of those expected, and the patients of both.

    At the baseline n have one, of all episodes with the index.
    """
    indexed, counts = q.indexed(asked), q.followed(asked)
    followed = counts.view("groups", lambda: counts.fold(lambda key: key[:-1]))
    for key, group in asked.groups(indexed.keys):
        for visit in v.codes(v.VISITS):
            found, answered, expected = followed, f"answered_{visit}", [f"expected_{visit}"]
            if visit == v.VISITS[0].code:
                found, answered, expected = indexed, "baseline", []
            place = found.place.get(key)
            of, n = number(found.episodes(*expected), place), number(found.episodes(answered), place)
            yield (
                key,
                visit,
                {
                    "group": group,
                    "visit": visit,
                    "n": n,
                    "expected": of,
                    "completeness": n / of if of else None,
                    "patients": number(found.patients(answered), place),
                    "expected_patients": number(found.patients(*expected), place),
                    "missing_patients": number(found.outside(answered, *expected), place),
                },
            )


@analysis(INSTRUMENT, INDEX, split_by())
def score_over_time(clinic: Clinic, cohort: Cohort, *, instrument: str | None, index: str, by: str | None) -> Released:
    """How does the score change over time?

    visits: at the reference visits; n answered episodes of those expected (with a baseline, window surely closed, alive);
    at `baseline` n have one, of all episodes with the index. change = follow-up minus baseline, raw score. Limits by t.
    weeks: the last answer of each week since the index, of everybody who answered then; under the policy publish
    neighbouring weeks are one row (`week` to `to_week`) until one of them holds enough patients. regression_to_the_mean: only
    where the cohort is chosen by its baseline on this instrument.
    """
    asked = enough(scored(clinic, cohort, instrument, index, by), q.indexed, "baseline")
    people = population(clinic, cohort, by=by)
    reach = {"reach": asked.instrument.reach}
    tables = [(rule, [row | reach for row in rows]) for rule, rows in ((VISITS, _visit_rows(asked)), (WEEKS, _week_rows(asked)))]
    regression = regression_rows(asked)
    if regression:
        tables.append((REGRESSION, regression))
    options = {"instrument": asked.instrument.code, "index": index, "by": by}
    return release(question(clinic, "score_over_time", cohort, **options), people, tables, notes=notes(asked))


def _visit_rows(asked: Scored) -> list[dict[str, Any]]:
    nobody = Spread()
    found = spreads(q.visit_values(asked)) | {(*key, 0): spread for key, spread in baseline_spreads(q.followed(asked)).items()}
    rows = []
    for key, visit, row in _followed(asked):
        place = v.position(v.VISITS, visit)
        spread = found.get((*key, place), nobody)
        rows.append(row | spread.cells() | (spread if place else nobody).change_cells())
    return rows


def _week_rows(asked: Scored) -> list[dict[str, Any]]:
    found = q.week_sums(asked)
    weeks: dict[Key, list[int]] = {}
    for key in sorted(found, key=lambda key: key[-1]):
        weeks.setdefault(key[:-1], []).append(key[-1])
    rows = []
    for key, group in asked.groups(weeks):
        for together in _together([(week, found[*key, week]) for week in weeks.get(key, ())], asked.clinic.policy):
            sums = [counts for _, counts in together]
            spread = Spread(*(sum(counts[name] for counts in sums) for name in ("n", "total", "squares")))
            patients = max(counts["patients"] for counts in sums)  # at least so many: a patient may answer in several weeks
            ends = {"week": together[0][0], "to_week": together[-1][0]}
            rows.append({"group": group} | ends | {"n": spread.n, "patients": patients} | spread.average())
    return rows


def _together(weeks: list[tuple[int, dict[str, Any]]], policy: Policy) -> list[list[tuple[int, dict[str, Any]]]]:
    """Each week alone; where the policy rounds neighbours together until one of them holds enough patients."""
    if not policy.rounds:
        return [[week] for week in weeks]
    alone = len(weeks) + 1  # more than all weeks with too few have together
    span = neighbours(np.array([alone if sums["patients"] >= policy.counted else 1 for _, sums in weeks], dtype=np.int64), alone)
    return [[week for week, number in zip(weeks, span.tolist(), strict=True) if number == one] for one in np.unique(span)]


@analysis(INDEX, split_by())
def completeness(clinic: Clinic, cohort: Cohort, *, index: str, by: str | None) -> Released:
    """How completely were patients followed up?

    Of the headline score. expected = episodes with a baseline whose window is surely closed and who lived to its end;
    lost and discharged stay expected. At `baseline`: episodes with a baseline, of all with the index.
    """
    asked = enough(scored(clinic, cohort, None, index, by), q.indexed, "baseline")
    people = population(clinic, cohort, by=by)
    rows = [row | {"answered": row["n"], "share": row["completeness"]} for _, _, row in _followed(asked)]
    return release(question(clinic, "completeness", cohort, index=index, by=by), people, [(COMPLETENESS, rows)], notes=notes(asked))
