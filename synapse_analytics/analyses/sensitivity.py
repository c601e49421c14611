"""Do the pathways depend on how they are defined? The top pathways and the headline under other parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.pathways import DEFAULT, cells_of
from synapse_analytics.analyses.registry import Option, analysis
from synapse_analytics.analyses.shares import N, label, outside_at_least
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, is_too_small, release
from synapse_analytics.pathways import PathwayDefinition
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.queries.built_pathways import Episodes
from synapse_analytics.queries.pathway_counts import Cells, PathwaySource, add_up
from synapse_analytics.queries.population import population

Row = dict[str, Any]
GAPS, OVERLAPS = (0, 30, 60, 90), (0, 7, 14, 30)
TOP = 5
UNTREATED = 0  # number of the pathway without treatment
SETTING = (label("gap_collapse"), label("combination_overlap"))
PATHWAYS = TableRule(
    "pathways",
    (*SETTING, label("steps"), N, Measure("share", Kind.SHARE, "patients_all", "patients", "other_patients", count="n", of="all")),
)
HEADLINE = TableRule(
    "headline",
    (
        *SETTING,
        Measure("combined", Kind.COUNT, "combined_patients"),
        Measure(
            "share_combined", Kind.SHARE, "patients_treated", "combined_patients", "uncombined_patients", count="combined", of="treated"
        ),
        Measure("mean_steps", Kind.MEAN, "patients_treated"),
        Measure("share_of_top", Kind.SHARE, "patients_treated", "top_patients", "other_patients", count="top", of="treated"),
    ),
)


@analysis(Option("unit", DEFAULT.unit, ("treatment", "class", "stage"), "what a step is told apart by"))
def sensitivity(clinic: Clinic, cohort: Cohort, *, unit: str) -> Released:
    """Do the most frequent pathways depend on how pathways are defined?

    Under gaps of 0, 30, 60 and 90 days and overlaps of 0, 7, 14 and 30: the episodes on each of the five most frequent
    treated pathways of the default definition (share of all); and of the treated ones how many had a combined step, the mean
    number of steps, and the share on those five.
    """
    return sensitivity_with_progress(clinic, cohort, unit)


def sensitivity_with_progress(clinic: Clinic, cohort: Cohort, unit: str, progress: Progress = quiet) -> Released:
    """The same, telling how far it is."""
    people = population(clinic, cohort)
    asked = question(clinic, "sensitivity", cohort, unit=unit)
    if is_too_small(people[0], clinic.policy):
        return release(asked, people, [(PATHWAYS, []), (HEADLINE, [])])
    episodes = Episodes.fetch(clinic, cohort, clinic.generation.headline)
    top = _top(episodes.build(PathwayDefinition(unit=unit)))
    rows: list[Row] = []
    headline: list[Row] = []
    for number, (gap, overlap) in enumerate((gap, overlap) for gap in GAPS for overlap in OVERLAPS):
        progress("definitions", number, len(GAPS) * len(OVERLAPS))
        setting = {"gap_collapse": gap, "combination_overlap": overlap}
        found = _counted(episodes.build(PathwayDefinition(unit=unit, gap_collapse=gap, combination_overlap=overlap)), top)
        rows += [setting | row for row in _pathway_rows(found, people, top)]
        headline.append(setting | _headline(found))
    progress("definitions", len(GAPS) * len(OVERLAPS), len(GAPS) * len(OVERLAPS))
    return release(asked, people, [(PATHWAYS, rows), (HEADLINE, headline)])


class _Counted:
    """Cells of one definition with the place of each among the top pathways (-1: none), its steps, and who is counted."""

    def __init__(self, cells: Cells, place: np.ndarray, width: np.ndarray, combined: np.ndarray) -> None:
        self.cells, self.place, self.width, self.combined = cells, place, width, combined

    def patients(self, chosen: np.ndarray) -> int:
        """Distinct patients of some cells."""
        return int(self.cells.patients.counted(np.where(chosen, 0, -1), 1)[0])


def _words(source: PathwaySource, cells: Cells) -> tuple[np.ndarray, list[str]]:
    """(of each cell its place among the words, the words of every pathway there is)."""
    numbers, place = np.unique(cells.pathway, return_inverse=True)
    return place, [steps for steps, _times in source.names(numbers)]


def _top(source: PathwaySource) -> list[str]:
    cells = cells_of(source)
    place, words = _words(source, cells)
    known = sorted(set(words))
    rank = {word: k for k, word in enumerate(known)}
    owner = np.array([rank[word] for word in words], dtype=np.int64)[place]
    counts = add_up(np.where(cells.pathway > UNTREATED, owner, -1), cells.episodes, len(known))
    order = sorted(range(len(known)), key=lambda k: (-counts[k], known[k]))
    return [known[k] for k in order[:TOP] if counts[k]]


def _counted(source: PathwaySource, top: list[str]) -> _Counted:
    cells = cells_of(source)
    place, words = _words(source, cells)
    ranks = np.array([top.index(word) if word in top else -1 for word in words], dtype=np.int64)
    width = np.array([len(word.split("|")) for word in words], dtype=np.int64)
    combined = np.array(["+" in word for word in words], dtype=bool)
    return _Counted(cells, ranks[place], width[place], combined[place])


def _pathway_rows(found: _Counted, people: tuple[int, int], top: list[str]) -> list[Row]:
    rows = []
    for rank, word in enumerate(top):
        here = found.place == rank
        n, patients = int(found.cells.episodes[here].sum()), found.patients(here)
        row: Row = {"steps": tuple(word.split("|")), "n": n, "share": n / people[1], "patients": patients}
        other = outside_at_least(n, people[1], patients, people[0])
        rows.append(row | {"patients_all": people[0], "all": people[1], "other_patients": other})
    return rows


def _headline(found: _Counted) -> Row:
    treated = found.cells.pathway > UNTREATED
    episodes = found.cells.episodes
    whole = int(episodes[treated].sum())
    combined, top = treated & found.combined, found.place >= 0
    n_combined, n_top = (int(episodes[chosen].sum()) for chosen in (combined, top))
    patients = {name: found.patients(chosen) for name, chosen in (("combined", combined), ("treated", treated), ("top", top))}
    return {
        "combined": n_combined,
        "top": n_top,
        "treated": whole,
        "share_combined": n_combined / whole if whole else None,
        "mean_steps": float((episodes * found.width)[treated].sum() / whole) if whole else None,
        "share_of_top": n_top / whole if whole else None,
        "combined_patients": patients["combined"],
        "patients_treated": patients["treated"],
        "top_patients": patients["top"],
        "uncombined_patients": outside_at_least(n_combined, whole, patients["combined"], patients["treated"]),
        "other_patients": outside_at_least(n_top, whole, patients["top"], patients["treated"]),
    }
