"""Answers about pathways: which there are and how they end, the links of the Sankey, and the times between steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.headline import stands_in
from synapse_analytics.analyses.links import known, pathway_links, transition_times
from synapse_analytics.analyses.pooling import rare, rare_limit
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, label, outside_at_least
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Policy, Released, TableRule, is_too_small, release
from synapse_analytics.estimates.descriptive import mean_interval
from synapse_analytics.estimates.quantiles import group_quantiles
from synapse_analytics.pathways import PathwayDefinition
from synapse_analytics.queries.built_pathways import build_pathways
from synapse_analytics.queries.pathway_counts import STATES, Cells, PathwaySource, add_up
from synapse_analytics.queries.pathways import MartPathways
from synapse_analytics.queries.population import population

MOST_ROWS = 150  # a table nobody reads to the end: whole pathways, the most frequent first; what is rarer is pooled too
THOUSAND = 1000  # scores are stored in thousandths
OTHER = "other"
Name = tuple[tuple[str, ...], tuple[int, ...], str]
DEFAULT = PathwayDefinition()

PATHWAYS = TableRule(
    "pathways",
    (
        label("steps"),
        label("times"),
        label("end_state"),
        N,
        Measure("share_of_all", Kind.SHARE, "patients_all", part="patients", outside="other_patients", count="n", of="all"),
        Measure(
            "share_of_treated",
            Kind.SHARE,
            "patients_treated",
            part="treated_patients",
            outside="other_treated_patients",
            count="treated",
            of="all_treated",
        ),
        Measure("median_days", Kind.MEDIAN, "timed_patients"),
        Measure("change", Kind.MEAN, "pair_patients", reach="reach"),
        Measure("change_low", Kind.INTERVAL, "pair_patients", reach="reach"),
        Measure("change_high", Kind.INTERVAL, "pair_patients", reach="reach"),
        Measure("completeness", Kind.SHARE, "patients", "answered_patients", "unanswered_patients", count="pairs", of="n"),
    ),
)
LINKS = TableRule(
    "links",
    (
        label("step"),
        label("source"),
        label("target"),
        N,
        Measure("share_of_source", Kind.SHARE, "source_patients", "patients", "elsewhere_patients", count="n", of="source_n"),
        Measure("median_days", Kind.MEDIAN, "timed_patients"),
        Measure("change", Kind.MEDIAN, "pair_patients"),
    ),
)
STEP_TIMES = TableRule(
    "steps",
    (
        label("source"),
        label("target"),
        N,
        Measure("median_days", Kind.MEDIAN),
        Measure("q1_days", Kind.QUARTILE),
        Measure("q3_days", Kind.QUARTILE),
    ),
)
PARAMETERS = (
    Option("unit", DEFAULT.unit, ("treatment", "class", "stage"), "what a step is told apart by"),
    Option("gap_collapse", DEFAULT.gap_collapse, (0, 7, 14, 30, 60, 90), "courses of one unit at most so many days apart are one"),
    Option("combination_overlap", DEFAULT.combination_overlap, (0, 7, 14, 30, 60, 90), "days courses must overlap to be a combined step"),
    Option("repeats", DEFAULT.repeats, ("changes", "first", "all"), "repeated steps: united (changes), only the first, or all"),
    Option("max_steps", DEFAULT.max_steps, range(1, 13), "steps told apart; what follows is one step, more"),
)
INSTRUMENT = Option("instrument", v.HEADLINE, v.codes(v.INSTRUMENTS), "score whose change is shown")


@analysis(*PARAMETERS, INSTRUMENT)
def pathways(clinic: Clinic, cohort: Cohort, *, instrument: str, **parameters: Any) -> Released:
    """Which ways do patients take through treatment, and how do they end?

    pathways: n counts episodes per steps, times (united repeats) and end state; median_days from the start of the first
    step to the start of the last; change is the mean from baseline to the last answer up to day 730 with t limits
    (negative = fell), completeness the share of n with both. Rare rows are pooled as "other".
    links: place 0 is the first visit; n episodes went from the source in this place to the target, the last step leads
    to the end state; median_days from start to start, change the median over the target step.
    """
    people = population(clinic, cohort)
    measured = clinic.generation.headline if instrument == v.HEADLINE else instrument
    source = pathway_source(clinic, cohort, PathwayDefinition(**parameters), measured)
    asked = question(clinic, "pathways", cohort, **parameters, instrument=measured)
    if is_too_small(people[0], clinic.policy):
        return release(asked, people, [(PATHWAYS, []), (LINKS, [])])
    cells = cells_of(source)
    links = pathway_links(source, cells, rare_limit(clinic.policy, people[0]))
    reach = {"reach": v.find(v.INSTRUMENTS, measured).reach}
    ways = [row | reach for row in pathway_rows(source, cells, people, clinic.policy)]
    return release(asked, people, [(PATHWAYS, ways), (LINKS, links)], notes=stands_in(clinic, measured))


@analysis(*PARAMETERS)
def step_times(clinic: Clinic, cohort: Cohort, **parameters: Any) -> Released:
    """How many days pass from one step to the next?

    n counts steps that follow the source, in any place of the pathway; days from start to start, for the first step
    from the first visit. Median and quartiles are exact. Rare steps are pooled as "other".
    """
    people = population(clinic, cohort)
    source = pathway_source(clinic, cohort, PathwayDefinition(**parameters), clinic.generation.headline)
    asked = question(clinic, "step_times", cohort, **parameters)
    if is_too_small(people[0], clinic.policy):
        return release(asked, people, [(STEP_TIMES, [])])
    return release(asked, people, [(STEP_TIMES, transition_times(source, cells_of(source), rare_limit(clinic.policy, people[0])))])


def pathway_source(clinic: Clinic, cohort: Cohort, definition: PathwayDefinition, instrument: str) -> PathwaySource:
    """The marts for the default question, the base tables for any other."""
    if definition == DEFAULT and instrument == clinic.generation.headline:
        return MartPathways(clinic, cohort)
    return build_pathways(clinic, cohort, definition, instrument)


def cells_of(source: PathwaySource) -> Cells:
    """The episodes of a source by pathway and end state."""
    return Cells.of(source.episodes(), len(source.paths.length))


def pathway_rows(source: PathwaySource, cells: Cells, people: tuple[int, int], policy: Policy) -> list[dict[str, Any]]:
    """One row per pathway and end state, most frequent first, then what is pooled."""
    kept, row_of = _rows_of(cells, source.paths.way[cells.pathway], policy)
    labels = _labels(source, cells, kept)
    size, treated = len(labels), cells.pathway > 0
    columns = {
        "n": add_up(row_of, cells.episodes, size),
        "pairs": add_up(row_of, cells.pairs, size),
        "total": add_up(row_of, cells.total, size),
        "squares": add_up(row_of, cells.squares, size),
        "patients": cells.patients.counted(row_of, size),
        "pair_patients": cells.paired.counted(row_of, size),
        "treated": add_up(np.where(treated, row_of, -1), cells.episodes, size),
        "treated_patients": cells.patients.counted(np.where(treated, row_of, -1), size),
    }
    whole = {
        "patients_all": people[0],
        "episodes": people[1],
        "patients_treated": int(cells.patients.counted(np.where(treated, 0, -1), 1)[0]),
        "treated": int(cells.episodes[treated].sum()),
    }
    medians = _median_days(source, cells, kept)
    rows = [
        _row(labels[k], {key: int(values[k]) for key, values in columns.items()}, whole, medians[k] if k < len(kept) else None)
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


def _labels(source: PathwaySource, cells: Cells, kept: np.ndarray) -> list[Name]:
    """(steps, times, end state) of each row."""
    labels = []
    for (steps, times), state in zip(source.names(cells.pathway[kept]), cells.end_state[kept].tolist(), strict=True):
        labels.append((tuple(steps.split("|")), tuple(int(n) for n in times.split("|")), v.END_STATES[state].code))
    return labels + [((OTHER,), (1,), state) for state in (*v.codes(v.END_STATES), OTHER)]


def _median_days(source: PathwaySource, cells: Cells, kept: np.ndarray) -> list[float | None]:
    """Of each row that is a pathway of its own; None for those without steps."""
    found = source.durations()
    row = np.full(len(source.paths.length) * STATES, -1, dtype=np.int32)
    row[cells.pathway[kept] * STATES + cells.end_state[kept]] = np.arange(len(kept))
    of = row[found.key]
    here = np.flatnonzero((of >= 0) & (found.value >= 0))
    return known(group_quantiles(of[here], found.value[here], None, (0.5,), len(kept))[:, 0])


def _row(name: Name, found: dict[str, int], whole: dict[str, int], median: float | None) -> dict[str, Any]:
    steps, times, end_state = name
    change = mean_interval(found["pairs"], found["total"], found["squares"])
    treated = found["treated"]
    return {
        "steps": steps,
        "times": times,
        "end_state": end_state,
        "n": found["n"],
        "share_of_all": found["n"] / whole["episodes"],
        "share_of_treated": treated / whole["treated"] if treated else None,
        "median_days": median,
        "change": in_points(change.value),
        "change_low": in_points(change.low),
        "change_high": in_points(change.high),
        "completeness": found["pairs"] / found["n"],
        "all": whole["episodes"],
        "treated": treated,
        "all_treated": whole["treated"],
        "pairs": found["pairs"],
        "patients": found["patients"],
        "patients_all": whole["patients_all"],
        "patients_treated": whole["patients_treated"] if treated else 0,
        "treated_patients": found["treated_patients"],
        "timed_patients": 0 if median is None else found["patients"],
        "pair_patients": found["pair_patients"],
        "answered_patients": found["pair_patients"],
        "other_patients": outside_at_least(found["n"], whole["episodes"], found["patients"], whole["patients_all"]),
        "other_treated_patients": outside_at_least(treated, whole["treated"], found["treated_patients"], whole["patients_treated"]),
        "unanswered_patients": outside_at_least(found["pairs"], found["n"], found["pair_patients"], found["patients"]),
    }


def in_points(thousandths: float | None) -> float | None:
    """A score in its own unit."""
    return None if thousandths is None else thousandths / THOUSAND


def _most_frequent_first(row: dict[str, Any]) -> tuple[Any, ...]:
    pooled = row["steps"] == (OTHER,)
    place = STATES if row["end_state"] == OTHER else v.position(v.END_STATES, row["end_state"])
    return (True, place) if pooled else (False, -row["n"], row["steps"], row["times"], place)
