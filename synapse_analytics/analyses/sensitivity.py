"""Do the pathways depend on how they are defined? The top pathways and the headline under other parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row, ratio, share_support
from synapse_analytics.analyses.measures import N, counts_of, labels, patients_of, share_of
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.pathways import DEFAULT, cells_of
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.pathways import PathwayDefinition
from synapse_analytics.queries.built_pathways import Episodes
from synapse_analytics.queries.pathway_counts import Cells, PathwaySource, add_up
from synapse_analytics.queries.population import population

GAPS, OVERLAPS = (0, 30, 60, 90), (0, 7, 14, 30)
TOP = 5
UNTREATED = 0  # number of the pathway without treatment
SETTING = labels("gap_collapse", "combination_overlap")
PATHWAYS = TableRule("pathways", (*SETTING, *labels("steps"), N, share_of("n", "all")))
HEADLINE = TableRule(
    "headline",
    (
        *SETTING,
        *counts_of("combined"),
        share_of("combined", "treated", "share_combined"),
        Measure("mean_steps", Kind.MEAN, patients_of("treated")),
        share_of("top", "treated", "share_of_top"),
    ),
)


@analysis(Option("unit", DEFAULT.unit, ("treatment", "class", "stage"), "whether a step is named by treatment, class or stage"))
def sensitivity(clinic: Clinic, cohort: Cohort, *, unit: str) -> Found:
    """Do the most frequent pathways depend on how pathways are defined?

    For gaps of 0, 30, 60 and 90 days and overlaps of 0, 7, 14 and 30 days: how many episodes are on each of the five most frequent
    pathways with treatment of the default definition (share of all). Of the treated episodes: how many had a combined step, the mean
    number of steps, and the share on those five.
    """
    patients, number = population(clinic, cohort)
    episodes = Episodes.fetch(clinic, cohort, clinic.generation.headline)
    top = _top(episodes.build(PathwayDefinition(unit=unit)))
    rows: list[Row] = []
    headline: list[Row] = []
    for gap, overlap in ((gap, overlap) for gap in GAPS for overlap in OVERLAPS):
        setting = {"gap_collapse": gap, "combination_overlap": overlap}
        found = _found(episodes.build(PathwayDefinition(unit, gap, overlap)), top)
        rows += [setting | row for row in _pathway_rows(found, Counted(number, patients), top)]
        headline.append(setting | _headline(found))
    return Found([(PATHWAYS, rows), (HEADLINE, headline)])


@dataclass(frozen=True, slots=True)
class Ways:
    """The cells of one definition: of each its place among the top pathways (-1: none), its number of steps, and if one is combined."""

    cells: Cells
    place: np.ndarray
    width: np.ndarray
    combined: np.ndarray

    def counted(self, chosen: np.ndarray) -> Counted:
        """The episodes and patients of some cells."""
        return Counted(int(self.cells.episodes[chosen].sum()), int(self.cells.patients.counted(np.where(chosen, 0, -1), 1)[0]))


def _words(source: PathwaySource, cells: Cells) -> tuple[np.ndarray, list[str]]:
    """(of each cell its place among the words, the words of every pathway there is)."""
    numbers, place = np.unique(cells.pathway, return_inverse=True)
    return place, [steps for steps, _times in source.codes(numbers)]


def _top(source: PathwaySource) -> list[str]:
    cells = cells_of(source)
    place, words = _words(source, cells)
    known = sorted(set(words))
    rank = {word: k for k, word in enumerate(known)}
    owner = np.array([rank[word] for word in words], dtype=np.int64)[place]
    counts = add_up(np.where(cells.pathway > UNTREATED, owner, -1), cells.episodes, len(known))
    order = sorted(range(len(known)), key=lambda k: (-counts[k], known[k]))
    return [known[k] for k in order[:TOP] if counts[k]]


def _found(source: PathwaySource, top: list[str]) -> Ways:
    cells = cells_of(source)
    place, words = _words(source, cells)
    ranks = np.array([top.index(word) if word in top else -1 for word in words], dtype=np.int64)
    width = np.array([len(word.split("|")) for word in words], dtype=np.int64)
    combined = np.array(["+" in word for word in words], dtype=bool)
    return Ways(cells, ranks[place], width[place], combined[place])


def _pathway_rows(found: Ways, everybody: Counted, top: list[str]) -> list[Row]:
    rows = []
    for rank, word in enumerate(top):
        counted = found.counted(found.place == rank)
        row = {"steps": tuple(word.split("|")), "share": counted.episodes / everybody.episodes}
        rows.append(row | share_support("n", "all", counted, everybody))
    return rows


def _headline(found: Ways) -> Row:
    is_treated = found.cells.pathway > UNTREATED
    treated, combined, top = (found.counted(chosen) for chosen in (is_treated, is_treated & found.combined, found.place >= 0))
    steps = float((found.cells.episodes * found.width)[is_treated].sum())
    shares = {"share_combined": combined.episodes, "mean_steps": steps, "share_of_top": top.episodes}
    return (
        share_support("combined", "treated", combined, treated)
        | share_support("top", "treated", top, treated)
        | {name: ratio(part, treated.episodes) for name, part in shares.items()}
    )
