"""The one way this product counts: episodes, exact patients and sums per key, for any number of facts at once.

A fact about an episode is a bit of a whole number, so one statement of one GROUP BY counts every fact there is. Rows are
grouped by `repeat_patient` too, which is null where the patient has no other episode: each of those rows counts as one
patient, and of the few other patients every row is kept, so that patients stay distinct whatever keys are put together
afterwards. Counts are remembered (remembered.py): answers of one page that ask for the same cohort never fetch the same
counts twice.
"""

from synapse_analytics.counts.counts import Counted, Counts
from synapse_analytics.counts.fetching import SQUARES, Distribution, count, distribution
from synapse_analytics.counts.relation import COUNTED, Column, Key, Relation, chosen, grouped
from synapse_analytics.counts.rows import add_up, new_places, whole

__all__ = [
    "COUNTED",
    "SQUARES",
    "Column",
    "Counted",
    "Counts",
    "Distribution",
    "Key",
    "Relation",
    "add_up",
    "chosen",
    "count",
    "distribution",
    "grouped",
    "new_places",
    "whole",
]
