"""Which treatments of a cohort can be compared: counts only, so that a page can say it before somebody chooses."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row, count_cells
from synapse_analytics.analyses.comparison.pairs import Started
from synapse_analytics.analyses.measures import N, counts_of, labels
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import MONTH, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import TableRule

OUTCOME = Option("outcome", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the main score of the data")
STARTED = TableRule("started", (*labels("treatment"), N))
PAIRS = TableRule("pairs", (*labels("first", "second"), *counts_of("n_a", "n_b")))


def _in_force(clinic: Clinic, chosen: Options) -> Options:
    return chosen | {"outcome": chosen["outcome"] or clinic.generation.headline}


@analysis(OUTCOME, MONTH, settle=_in_force)
def comparable(clinic: Clinic, cohort: Cohort, *, outcome: str, month: int) -> Found:
    """Which treatments can be compared?

    n counts the episodes that started the treatment (of a class, any of its treatments) on day 0 or later and have a score in the 60
    days before; for a strategy, those under care at its landmark. n_a and n_b of a pair count those of them that answered at the month
    and have a diagnosis that is treated in both ways; episodes that had the other treatment before are still among them.
    """
    found = Started(clinic, cohort, v.position(v.INSTRUMENTS, outcome), v.VISITS[visit_of(month)].code)
    started: list[Row] = [{"treatment": code} | count_cells("n", found.of[code]) for code in found.codes]
    pairs = [{"first": pair.a, "second": pair.b} | count_cells("n_a", pair.n_a) | count_cells("n_b", pair.n_b) for pair in found.pairs()]
    return Found([(STARTED, started), (PAIRS, pairs)])
