"""The cohort: one frozen object with equivalent forms (URL query, Python expression, English sentence, YAML).

filters.py     every filter once: legal values, clause, words
definition.py  Cohort
url.py         from a URL query, with notices
link.py        from the whole address of a page
saved.py       named cohorts as YAML
since.py       what changed since one was saved
saved_file.py  the file of saved cohorts beside the store
words.py       the sentence
groups.py      what answers can be split by
limits.py      what a policy allows, and by what rows can be chosen
"""

from synapse_analytics.cohort.definition import Cohort
from synapse_analytics.cohort.filters import FILTERS, Filter
from synapse_analytics.cohort.groups import GROUPINGS, Joined, Split, group_column, group_keys, group_label, group_order, group_words
from synapse_analytics.cohort.limits import (
    check_allowed,
    check_rows_allowed,
    filters_unknown_to_rows,
    five_year_bands,
    legal_groupings,
    too_fine,
    without,
)
from synapse_analytics.cohort.link import is_link, policy_of
from synapse_analytics.cohort.url import faults

__all__ = [
    "FILTERS",
    "GROUPINGS",
    "Cohort",
    "Filter",
    "Joined",
    "Split",
    "check_allowed",
    "check_rows_allowed",
    "faults",
    "filters_unknown_to_rows",
    "five_year_bands",
    "group_column",
    "group_keys",
    "group_label",
    "group_order",
    "group_words",
    "is_link",
    "legal_groupings",
    "policy_of",
    "too_fine",
    "without",
]
