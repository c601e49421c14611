"""Answers about scores over time: the course by reference visit, and how completely patients were followed up."""

from __future__ import annotations

from collections.abc import Iterator

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row, count_cells, ratio
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.measures import counts_of, labels, mean_with_limits, share_of, spread
from synapse_analytics.analyses.options import split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.regression_to_the_mean import REGRESSION, regression_rows
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, Spread, baseline_spreads, in_force, joined_by, notes, scored, spreads
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import TableRule
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.outcomes import Scored

VISITS = TableRule(
    "visits",
    (
        *labels("group", "visit"),
        *counts_of("n", "expected"),
        share_of("n", "expected", "completeness"),
        *spread(),
        *mean_with_limits("change", "change_low", "change_high"),
        *counts_of("both"),
        *mean_with_limits("further", "further_low", "further_high", "both_patients"),
    ),
)
COMPLETENESS = TableRule("visits", (*labels("group", "visit"), *counts_of("expected", "answered"), share_of("answered", "expected")))


@analysis(INSTRUMENT, INDEX, split_by(), settle=in_force)
def score_over_time(clinic: Clinic, cohort: Cohort, *, instrument: str, index: str, by: str | None) -> Found:
    """How does the score change over time?

    visits: n episodes answered, of those expected (with a baseline, alive, and the follow-up period complete); at `baseline`, n have
    one, of all episodes with the index. change is follow-up minus baseline in the raw score, with t limits.
    further: the change from this visit to 12 months in the episodes (`both`) that answered at both, which shows whether they still
    improve.
    regression_to_the_mean: only where the filters choose patients by their baseline on this instrument.
    """
    asked = joined_by(scored(clinic, cohort, instrument, index, by), q.indexed, "baseline")
    tables = [(VISITS, _visit_rows(asked))]
    regression = regression_rows(asked)
    return Found(tables + [(REGRESSION, regression)] if regression else tables, notes(asked))


@analysis(INDEX, split_by(), settle=in_force)
def completeness(clinic: Clinic, cohort: Cohort, *, index: str, by: str | None) -> Found:
    """How completely were patients followed up?

    For the main score. expected counts the episodes with a baseline whose follow-up period is complete and whose patient was alive at
    its end; patients lost or discharged stay expected. At baseline: the episodes with a baseline, of all with the index.
    """
    asked = joined_by(scored(clinic, cohort, clinic.generation.headline, index, by), q.indexed, "baseline")
    rows = []
    for group, visit, answered, expected in _followed(asked):
        row: Row = {"group": group.code, "visit": visit} | group.support("answered", "expected", answered, *expected)
        rows.append(row | {"share": ratio(row["answered"], row["expected"])})
    return Found([(COMPLETENESS, rows)], notes(asked))


def _followed(asked: Scored) -> Iterator[tuple[Group, str, str, list[str]]]:
    """Every group and visit, with the facts that somebody answered and was expected; at the baseline all with the index are expected."""
    indexed, counts = q.indexed(asked), q.followed(asked)
    followed = counts.view("groups", lambda: counts.fold(lambda key: key[:-1]))
    baseline, *later = v.codes(v.VISITS)
    for key, code in asked.groups(indexed.keys):
        yield Group.at(indexed, key, code), baseline, "baseline", []
        for visit in later:
            yield Group.at(followed, key, code), visit, f"answered_{visit}", [f"expected_{visit}"]


def _visit_rows(asked: Scored) -> list[Row]:
    further = q.further_sums(asked)
    found = spreads(q.visit_values(asked)) | {(*key, 0): one for key, one in baseline_spreads(q.followed(asked)).items()}
    rows = []
    for group, visit, answered, expected in _followed(asked):
        place = v.position(v.VISITS, visit)
        values = found.get((*group.key, place), Spread())
        row: Row = {"group": group.code, "visit": visit} | group.support("n", "expected", answered, *expected)
        row |= {"completeness": ratio(row["n"], row["expected"]), "reach": asked.instrument.reach}
        row |= values.cells() | (values if place else Spread()).change_cells()
        rest = Spread(*further.get((*group.key, place), (0, 0, 0)))
        row |= dict(zip(("further", "further_low", "further_high"), rest.average().values(), strict=True))
        rows.append(row | count_cells("both", Counted(rest.n, group.patients(answered, "answered_month_12") if rest.n else 0)))
    return rows
