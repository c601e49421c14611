"""Findings: Released -> the question and the sentence that answers it. Pure: no query, no mean, no colour.

finding.py    what a finding is, and the findings of an answer
words.py      numbers and codes as people read them; care.py treatments, steps and pathways
verdicts.py   the words of what a control chart says
compared.py   how a sentence compares groups
arms.py       the two treatments of a comparison; early_and_late.py its sentences, comparison_checks.py whether and of whom it holds
outcomes ...  the findings of each page; the figure of the same name in figures/ draws what they say
"""

# Importing the modules completes the list of findings.
from synapse_analytics.findings import (
    better_or_worse,
    branching,
    changes,
    companions,
    comparable,
    compare_treatments,
    control_chart,
    data,
    diagnoses,
    ends,
    flow,
    funnel,
    improvement,
    indicators,
    injection_before_surgery,
    non_response,
    outcomes,
    pathways,
    patients_like_mine,
    response,
    table_one,
)
from synapse_analytics.findings.finding import NOBODY, Finding, findings_of

__all__ = [
    "NOBODY",
    "Finding",
    "better_or_worse",
    "branching",
    "changes",
    "companions",
    "comparable",
    "compare_treatments",
    "control_chart",
    "data",
    "diagnoses",
    "ends",
    "findings_of",
    "flow",
    "funnel",
    "improvement",
    "indicators",
    "injection_before_surgery",
    "non_response",
    "outcomes",
    "pathways",
    "patients_like_mine",
    "response",
    "table_one",
]
