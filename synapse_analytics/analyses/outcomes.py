"""Answers about scores over time: the course by reference visit and week, and how completely patients were followed up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.regression import REGRESSION, regression_rows
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, Scored, in_units, patients_outside, scored
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import mean_interval, quantile_from_counts, sd
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.population import population

EXPECTED = Measure("expected", Kind.COUNT, "expected_patients")


def _share_of_expected(name: str, count: str) -> Measure:
    return Measure(
        name, Kind.SHARE, "expected_patients", part="patients", outside="missing_patients", count=count, of="expected"
    )


VISITS = TableRule(
    "visits",
    (
        label("group"),
        label("visit"),
        Measure("n", Kind.COUNT),
        EXPECTED,
        _share_of_expected("completeness", "n"),
        Measure("mean", Kind.MEAN),
        Measure("sd", Kind.MEAN),
        Measure("low", Kind.INTERVAL),
        Measure("high", Kind.INTERVAL),
        Measure("q1", Kind.QUARTILE),
        Measure("median", Kind.MEDIAN),
        Measure("q3", Kind.QUARTILE),
        Measure("change", Kind.MEAN),
        Measure("change_low", Kind.INTERVAL),
        Measure("change_high", Kind.INTERVAL),
    ),
)
WEEKS = TableRule(
    "weeks",
    (
        label("group"),
        label("week"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN),
        Measure("low", Kind.INTERVAL),
        Measure("high", Kind.INTERVAL),
    ),
)
COMPLETENESS = TableRule(
    "visits",
    (label("group"), label("visit"), EXPECTED, Measure("answered", Kind.COUNT), _share_of_expected("share", "answered")),
)


@dataclass(slots=True)
class Histogram:
    """Counts per value of one group at one visit, and the sums of the changes."""

    values: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    change: int = 0
    change_squares: int = 0

    @property
    def n(self) -> int:
        """Episodes that answered."""
        return sum(self.counts)

    def add(self, row: dict[str, Any]) -> None:
        """Take in one fetched value."""
        self.values.append(row["value"])
        self.counts.append(row["n"])
        self.change += row.get("change", 0)
        self.change_squares += row.get("change_squares", 0)

    def sums(self) -> tuple[int, int, int]:
        """n, total and total of squares: whole numbers, so that nothing is rounded."""
        pairs = list(zip(self.values, self.counts, strict=True))
        return self.n, sum(value * count for value, count in pairs), sum(value * value * count for value, count in pairs)

    def average(self) -> dict[str, Any]:
        """n, mean and its limits, in the instrument's own unit."""
        mean = mean_interval(*self.sums())
        return {"n": self.n} | in_units({"mean": mean.value, "low": mean.low, "high": mean.high})

    def cells(self, *, with_change: bool) -> dict[str, Any]:
        """n, mean, SD, limits, quartiles and change, in the instrument's own unit."""
        change = mean_interval(self.n if with_change else 0, self.change, self.change_squares)
        quartiles = {name: quantile_from_counts(self.values, self.counts, at) for name, at in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))}
        cells = {"sd": sd(*self.sums())} | quartiles
        return self.average() | in_units(cells | {"change": change.value, "change_low": change.low, "change_high": change.high})


@dataclass(frozen=True, slots=True)
class Followed:
    """Per (group, visit): the answers, who was expected, and the distinct patients of both."""

    groups: Sequence[tuple[Any, str]]
    answers: Mapping[tuple[Any, int], Histogram]
    patients: Mapping[tuple[Any, int], int]
    expected: Mapping[tuple[Any, int], int]
    expected_patients: Mapping[tuple[Any, int], int]

    def support(self, group: Any, visit: int) -> dict[str, Any]:
        """expected and the hidden support columns of one row."""
        expected, n = self.expected.get((group, visit), 0), self.answers.get((group, visit), Histogram()).n
        expected_patients, patients = (found.get((group, visit), 0) for found in (self.expected_patients, self.patients))
        missing = patients_outside((expected, n), (expected_patients, patients))
        return {"expected": expected, "patients": patients, "expected_patients": expected_patients, "missing_patients": missing}


def _followed(asked: Scored) -> Followed:
    """Baseline (visit 0, expected = every episode with the index) and follow-up visits."""
    clinic, visits, baselines = asked.clinic, asked.rows(q.visit_scores), asked.rows(q.index_scores)
    answers: dict[tuple[Any, int], Histogram] = defaultdict(Histogram)
    patients, expected, expected_patients = Counter[Any](), Counter[Any](), Counter[Any]()
    for row in q.baseline_values(clinic, baselines):
        answers[row["group"], 0].add(row)
        for visit in range(row["closed_visits"] + 1):
            expected[row["group"], visit] += row["n"]
            expected_patients[row["group"], visit] += row["single"]
    for row in q.visit_values(clinic, visits):
        answers[row["group"], row["visit"]].add(row)
        patients[row["group"], row["visit"]] += row["single"]
    counts = [(found.n, patients[key]) for key, found in answers.items() if key[1]]
    if q.has_few(clinic, (*counts, *((n, expected_patients[key]) for key, n in expected.items()))):
        patients, expected_patients = Counter(q.visit_patients(clinic, visits)), Counter(q.expected_patients(clinic, baselines))
    indexed = q.index_episodes(clinic, asked.rows(q.index_days, any_instrument=True))
    for (group,), found in indexed.items():
        patients[group, 0] = expected_patients[group, 0]
        expected[group, 0], expected_patients[group, 0] = found["every"], found["every_patients"]
    return Followed(asked.groups(indexed), answers, patients, expected, expected_patients)


@analysis(INSTRUMENT, INDEX, split_by())
def score_over_time(clinic: Clinic, cohort: Cohort, *, instrument: str | None, index: str, by: str | None) -> Released:
    """How does the score change over time?

    visits: at the reference visits; n answered episodes of those expected (with a baseline, window surely closed, alive);
    at `baseline` n have one, of all episodes with the index. change = follow-up minus baseline, raw score. Limits by t.
    weeks: the last answer of each week since the index, of everybody who answered then. regression_to_the_mean: only
    where the cohort is chosen by its baseline on this instrument.
    """
    asked = scored(clinic, cohort, instrument, index, by)
    people = population(clinic, cohort, by=by)
    tables = [(VISITS, _visit_rows(_followed(asked))), (WEEKS, _week_rows(asked))]
    regression = regression_rows(asked)
    if regression:
        tables.append((REGRESSION, regression))
    options = {"instrument": asked.instrument.code, "index": index, "by": by}
    return release(question(clinic, "score_over_time", cohort, **options), people, tables, notes=asked.notes())


def _visit_rows(found: Followed) -> list[dict[str, Any]]:
    rows = []
    for group, code in found.groups:
        for visit, term in enumerate(v.VISITS):
            support = found.support(group, visit)
            cells = found.answers.get((group, visit), Histogram()).cells(with_change=visit > 0)
            completeness = cells["n"] / support["expected"] if support["expected"] else None
            rows.append({"group": code, "visit": term.code, "completeness": completeness} | support | cells)
    return rows


def _week_rows(asked: Scored) -> list[dict[str, Any]]:
    rows = asked.rows(q.week_scores)
    found: dict[tuple[Any, int], Histogram] = defaultdict(Histogram)
    patients = Counter[Any]()
    for row in q.week_values(asked.clinic, rows):
        found[row["group"], row["week"]].add(row)
        patients[row["group"], row["week"]] += row["single"]
    few = {key[1] for key, weekly in found.items() if q.has_few(asked.clinic, [(weekly.n, patients[key])])}
    if few:
        patients |= q.week_patients(asked.clinic, asked.rows(q.week_scores, q.week_scores.c.week.in_(sorted(few))))
    return [
        {"group": code, "week": week, "patients": patients[group, week]} | found[group, week].average()
        for group, code in asked.groups(found)
        for week in sorted(week for owner, week in found if owner == group)
    ]


@analysis(INDEX, split_by())
def completeness(clinic: Clinic, cohort: Cohort, *, index: str, by: str | None) -> Released:
    """How completely were patients followed up?

    Of the headline score. expected = episodes with a baseline whose window is surely closed and who lived to its end;
    lost and discharged stay expected. At `baseline`: episodes with a baseline, of all with the index.
    """
    asked = scored(clinic, cohort, None, index, by)
    people = population(clinic, cohort, by=by)
    found = _followed(asked)
    rows = []
    for group, code in found.groups:
        for visit, term in enumerate(v.VISITS):
            support = found.support(group, visit)
            answered = found.answers.get((group, visit), Histogram()).n
            share = answered / support["expected"] if support["expected"] else None
            rows.append({"group": code, "visit": term.code, "answered": answered, "share": share} | support)
    asked_for = question(clinic, "completeness", cohort, index=index, by=by)
    return release(asked_for, people, [(COMPLETENESS, rows)], notes=asked.notes())
