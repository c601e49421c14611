"""Findings: Released -> the question and the sentence that answers it. Pure: no query, no mean, no colour.

finding.py    what a finding is, and the findings of an answer
words.py      numbers and codes as people read them
compared.py   how a sentence compares groups
outcomes ...  the findings of each page; the figure of the same name in figures/ draws what they say
"""

# Importing the modules completes the list of findings.
from synapse_analytics.findings import changes, companions, data, diagnoses, flow, improvement, non_response, outcomes, pathways
from synapse_analytics.findings.finding import NOBODY, Finding, findings_of

__all__ = [
    "NOBODY", "Finding", "changes", "companions", "data", "diagnoses", "findings_of", "flow", "improvement", "non_response", "outcomes", "pathways",
]  # fmt: skip
