"""Findings: Released -> the question and the sentence that answers it. Pure: no query, no mean, no colour.

finding.py    what a finding is, and the findings of an answer
words.py      numbers and codes as people read them
verdicts.py   the words of what a control chart says
compared.py   how a sentence compares groups
arms.py       the two arms of a comparison: their names, which fared better, who is compared with whom
outcomes ...  the findings of each page; the figure of the same name in figures/ draws what they say
"""

# Importing the findings completes their list.
from synapse_analytics.findings import compare_treatments, control_chart, funnel, improvement, outcomes, patients_like_mine, response
from synapse_analytics.findings.finding import NOBODY, Finding, findings_of

__all__ = [
    "NOBODY",
    "Finding",
    "compare_treatments",
    "control_chart",
    "findings_of",
    "funnel",
    "improvement",
    "outcomes",
    "patients_like_mine",
    "response",
]
