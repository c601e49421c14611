"""Answers about pathways: which there are and how they end, the links of the Sankey, and the times between steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row, in_points, limit_cells, share_support
from synapse_analytics.analyses.headline import stands_in
from synapse_analytics.analyses.links import known, pathway_links, transition_times
from synapse_analytics.analyses.measures import N, labels, mean_with_limits, medians_of, patients_of, quartiles_of, share_of
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.pooling import rare, rare_limit
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.ways import CHANGE, END, ENDS, OTHER, WAYS, end_rows, ended_rows, way_rows
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.estimates.descriptive import mean_interval
from synapse_analytics.estimates.quantiles import group_quantiles
from synapse_analytics.pathways import PathwayDefinition
from synapse_analytics.queries.built_pathways import build_pathways
from synapse_analytics.queries.pathway_counts import STATES, Cells, PathwaySource, add_up
from synapse_analytics.queries.pathways import MartPathways
from synapse_analytics.queries.population import population

MOST_ROWS = 150  # a table nobody reads to the end: whole pathways, the most frequent first; rarer ones are pooled too
Name = tuple[tuple[str, ...], tuple[int, ...], str]
DEFAULT = PathwayDefinition()

PATHWAYS = TableRule(
    "pathways",
    (
        *labels("steps", "times", "end_state"),
        N,
        share_of("n", "all", "share_of_all"),
        share_of("treated", "all_treated", "share_of_treated"),
        *medians_of("median_days", patients="timed_patients"),
        *mean_with_limits(*CHANGE, patients="pairs_patients"),
        share_of("pairs", "n", "completeness"),
    ),
)
LINKS = TableRule(
    "links",
    (
        *labels("step", "source", "target"),
        N,
        share_of("n", "of", "share_of_source"),
        *medians_of("median_days", patients="timed_patients"),
        *medians_of("change", patients="pairs_patients"),
    ),
)
STEP_TIMES = TableRule("steps", (*labels("source", "target"), N, *medians_of("median_days"), *quartiles_of("q1_days", "q3_days")))
PARAMETERS = (
    Option("unit", DEFAULT.unit, ("treatment", "class", "stage"), "whether a step is named by treatment, class or stage"),
    Option(
        "gap_collapse",
        DEFAULT.gap_collapse,
        (0, 7, 14, 30, 60, 90),
        "two courses of one treatment count as one if the gap between them is at most so many days",
    ),
    Option(
        "combination_overlap",
        DEFAULT.combination_overlap,
        (0, 7, 14, 30, 60, 90),
        "days that courses must overlap to count as one combined step",
    ),
    Option(
        "repeats",
        DEFAULT.repeats,
        ("changes", "first", "all"),
        "repeated steps: merged into one (changes), only the first kept (first), or all kept (all)",
    ),
    Option("max_steps", DEFAULT.max_steps, range(1, 13), "steps shown one by one; all later steps become one step, more"),
)
INSTRUMENT = Option("instrument", v.HEADLINE, v.codes(v.INSTRUMENTS), "score whose change is shown")


def _headline_in_force(clinic: Clinic, chosen: Options) -> Options:
    return chosen | {"instrument": clinic.generation.headline} if chosen["instrument"] == v.HEADLINE else chosen


@analysis(*PARAMETERS, INSTRUMENT, settle=_headline_in_force)
def pathways(clinic: Clinic, cohort: Cohort, *, instrument: str, **parameters: Any) -> Found:
    """Which treatment pathways do patients take, and how do they end?

    pathways: n counts the episodes with these steps, times (repeats that were united) and end state; median_days runs from the start of
    the first step to the start of the last, where there are two; change is the mean from baseline to the last answer up to day 730,
    with t limits (negative = fell); completeness is the share of n that have both. Rare rows are pooled as "other".
    ways: the same for the steps alone, with the n in each end state.
    ends: of the episodes with this first step, n are in this end state; first steps of fewer than 10 patients, or of fewer than 3 %,
    are pooled as "other".
    end: the same for all episodes: resolved or improved, worse, and lost.
    links: n episodes went from the source in this place to the target; place 0 is the first visit, and the last step leads to the end
    state. median_days runs from start to start; change is the median over the target step.
    """
    patients, episodes = population(clinic, cohort)
    everybody = Counted(episodes, patients)
    source = pathway_source(clinic, cohort, PathwayDefinition(**parameters), instrument)
    cells = cells_of(source)
    reach = {"reach": v.find(v.INSTRUMENTS, instrument).reach}
    tables = [
        (PATHWAYS, [row | reach for row in pathway_rows(source, cells, everybody, clinic.policy)]),
        (WAYS, [row | reach for row in way_rows(source, cells, everybody, clinic.policy)]),
        (ENDS, list(end_rows(source, cells, everybody, clinic.policy))),
        (END, list(ended_rows(cells, everybody))),
        (LINKS, pathway_links(source, cells, rare_limit(clinic.policy, patients))),
    ]
    return Found(tables, stands_in(clinic, instrument))


@analysis(*PARAMETERS)
def step_times(clinic: Clinic, cohort: Cohort, **parameters: Any) -> Found:
    """How many days pass from one step to the next?

    n counts the steps that follow the source, anywhere in the pathway. Days run from start to start, for the first step from the first
    visit. Median and quartiles are exact. Rare steps are pooled as "other".
    """
    source = pathway_source(clinic, cohort, PathwayDefinition(**parameters), clinic.generation.headline)
    patients, _ = population(clinic, cohort)
    return Found([(STEP_TIMES, transition_times(source, cells_of(source), rare_limit(clinic.policy, patients)))])


def pathway_source(clinic: Clinic, cohort: Cohort, definition: PathwayDefinition, instrument: str) -> PathwaySource:
    """The marts for the default question, the base tables for any other."""
    if definition == DEFAULT and instrument == clinic.generation.headline:
        return MartPathways(clinic, cohort)
    return build_pathways(clinic, cohort, definition, instrument)


def cells_of(source: PathwaySource) -> Cells:
    """The episodes of a source by pathway and end state."""
    return Cells.of(source.episodes(), len(source.paths.length))


def pathway_rows(source: PathwaySource, cells: Cells, everybody: Counted, policy: Policy) -> list[Row]:
    """One row per pathway and end state, most frequent first, then what is pooled."""
    kept, row_of = _rows_of(cells, source.paths.way[cells.pathway], policy)
    names = _names(source, cells, kept)
    size, treated = len(names), cells.pathway > 0
    treated_row = np.where(treated, row_of, -1)
    columns = {
        "n": add_up(row_of, cells.episodes, size),
        "pairs": add_up(row_of, cells.pairs, size),
        "total": add_up(row_of, cells.total, size),
        "squares": add_up(row_of, cells.squares, size),
        "patients": cells.patients.counted(row_of, size),
        "pairs_patients": cells.paired.counted(row_of, size),
        "treated": add_up(treated_row, cells.episodes, size),
        "treated_patients": cells.patients.counted(treated_row, size),
    }
    all_treated = Counted(int(cells.episodes[treated].sum()), int(cells.patients.counted(np.where(treated, 0, -1), 1)[0]))
    medians = [*_median_days(source, cells, kept), *[None] * (size - len(kept))]
    rows = [
        _name_cells(names[k]) | _row({name: int(values[k]) for name, values in columns.items()}, everybody, all_treated, medians[k])
        for k in np.flatnonzero(columns["n"]).tolist()
    ]
    return sorted(rows, key=_most_frequent_first)


def _rows_of(cells: Cells, way: np.ndarray, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """(cells that are rows of their own, the row of each cell); `way` numbers the steps of each cell.

    What is rare or beyond the most frequent is pooled by end state (the rows after the kept ones), and where that is
    still few patients, over the end states (the last row).
    """
    kept = np.lexsort((cells.end_state, cells.pathway, -cells.episodes))
    if policy.counted > 1:
        kept = kept[cells.patients.counted()[kept] >= policy.counted]
    kept = kept[_most_frequent(way[kept], add_up(way, cells.episodes, int(way.max(initial=-1)) + 1))]
    row_of = len(kept) + cells.end_state
    row_of[kept] = np.arange(len(kept))
    if policy.counted > 1:
        pooled = cells.patients.counted(row_of, len(kept) + STATES)[len(kept) :]
        few = np.flatnonzero(rare(pooled, np.zeros(STATES), policy.counted)) + len(kept)
        row_of[np.isin(row_of, few)] = len(kept) + STATES
    return kept, row_of


def _most_frequent(way: np.ndarray, episodes: np.ndarray) -> np.ndarray:
    """Which rows are of the most frequent ways; a way is shown with all its ends or not at all, and the first always."""
    rows = np.bincount(way, minlength=len(episodes))
    order = np.lexsort((np.arange(len(episodes)), -episodes))
    shown = np.zeros(len(episodes), dtype=bool)
    shown[order[np.cumsum(rows[order]) <= MOST_ROWS]] = True
    shown[order[:1]] = True
    return np.flatnonzero(shown[way])


def _names(source: PathwaySource, cells: Cells, kept: np.ndarray) -> list[Name]:
    """(steps, times, end state) of each row."""
    names = []
    for (steps, times), state in zip(source.codes(cells.pathway[kept]), cells.end_state[kept].tolist(), strict=True):
        names.append((tuple(steps.split("|")), tuple(int(n) for n in times.split("|")), v.END_STATES[state].code))
    return names + [((OTHER,), (1,), state) for state in (*v.codes(v.END_STATES), OTHER)]


def _median_days(source: PathwaySource, cells: Cells, kept: np.ndarray) -> list[float | None]:
    """Of each row that is a pathway of its own; None for those of fewer than two steps."""
    found = source.durations()
    row = np.full(len(source.paths.length) * STATES, -1, dtype=np.int32)
    row[cells.pathway[kept] * STATES + cells.end_state[kept]] = np.arange(len(kept))
    of = row[found.key]
    several = source.paths.length[found.key // STATES] > 1  # from one step to itself no time passes
    here = np.flatnonzero((of >= 0) & (found.value >= 0) & several)
    return known(group_quantiles(of[here], found.value[here], None, (0.5,), len(kept))[:, 0])


def _name_cells(name: Name) -> Row:
    return dict(zip(("steps", "times", "end_state"), name, strict=True))


def _row(found: dict[str, int], everybody: Counted, all_treated: Counted, median: float | None) -> Row:
    n, treated, pairs = (Counted(found[name], found[patients_of(name)]) for name in ("n", "treated", "pairs"))
    change = mean_interval(pairs.episodes, found["total"], found["squares"])
    return (
        share_support("n", "all", n, everybody)
        | share_support("treated", "all_treated", treated, all_treated)
        | share_support("pairs", "n", pairs, n)
        | {"share_of_all": n.episodes / everybody.episodes, "completeness": pairs.episodes / n.episodes}
        | {"share_of_treated": treated.episodes / all_treated.episodes if treated.episodes else None}
        | {"median_days": median, "timed_patients": 0 if median is None else n.patients}
        | in_points(limit_cells(change, CHANGE))
    )


def _most_frequent_first(row: Row) -> tuple[Any, ...]:
    pooled = row["steps"] == (OTHER,)
    place = STATES if row["end_state"] == OTHER else v.position(v.END_STATES, row["end_state"])
    return (True, place) if pooled else (False, -row["n"], row["steps"], row["times"], place)
