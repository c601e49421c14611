"""Every question the product answers: (Clinic, Cohort, options) -> Released. One file per theme.

registry.py, asking.py   the list of answers, `@analysis`, and the way from tables to an answer that has passed the gate
options.py, groups.py, measures.py   options that analyses share; the groups of a split; columns with what they rest on
scoring.py, values.py, points.py, charts.py   what answers about scores, and what answers about indicators, share;
                         verdict.py a control chart in words
pooling.py   rows of a few put together before the gate
records.py   the export of rows: the only way in which rows leave; rows_behind.py which of them an answer is made of; comparison/ the parts of compare_treatments

Importing this package completes the registry; `answers` lists it in the order of the pages.
"""

from __future__ import annotations

from collections.abc import Mapping

from synapse_analytics.analyses import registry
from synapse_analytics.analyses.baseline import baseline_table
from synapse_analytics.analyses.better_or_worse import better_or_worse
from synapse_analytics.analyses.branching import branching
from synapse_analytics.analyses.calibration import calibration
from synapse_analytics.analyses.change import change_distribution
from synapse_analytics.analyses.comparable import comparable
from synapse_analytics.analyses.compare_treatments import compare_treatments
from synapse_analytics.analyses.control_chart import control_chart, indicators
from synapse_analytics.analyses.data import attrition, data_quality, generation_summary
from synapse_analytics.analyses.diagnoses import co_diagnoses, diagnosis_mix, investigations, symptoms
from synapse_analytics.analyses.escalation import stepped_care, time_to_escalation
from synapse_analytics.analyses.funnel import funnel
from synapse_analytics.analyses.injection_before_surgery import injection_before_surgery
from synapse_analytics.analyses.non_response import baseline_by_response
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.outcomes import completeness, score_over_time
from synapse_analytics.analyses.overview import overview
from synapse_analytics.analyses.pathways import pathways, step_times
from synapse_analytics.analyses.patients_like_mine import patients_like_mine
from synapse_analytics.analyses.records import record_columns, release_records
from synapse_analytics.analyses.registry import Answer, answer, options_to_log
from synapse_analytics.analyses.responders import responders
from synapse_analytics.analyses.response_to_care import escalation_response, plateau
from synapse_analytics.analyses.sensitivity import sensitivity
from synapse_analytics.analyses.units_outside import units_outside
from synapse_analytics.analyses.weeks import score_by_week

# The analyses in the order of the pages, then what serves them.
__all__ = [
    "overview",
    "units_outside",
    "diagnosis_mix",
    "symptoms",
    "investigations",
    "co_diagnoses",
    "baseline_table",
    "branching",
    "pathways",
    "step_times",
    "time_to_escalation",
    "stepped_care",
    "escalation_response",
    "plateau",
    "injection_before_surgery",
    "sensitivity",
    "score_over_time",
    "score_by_week",
    "better_or_worse",
    "responders",
    "change_distribution",
    "completeness",
    "baseline_by_response",
    "comparable",
    "compare_treatments",
    "patients_like_mine",
    "calibration",
    "indicators",
    "control_chart",
    "funnel",
    "attrition",
    "data_quality",
    "generation_summary",
    "Answer",
    "Option",
    "answer",
    "answers",
    "options_to_log",
    "record_columns",
    "release_records",
]


def answers() -> Mapping[str, Answer]:
    """Every analysis by name, in the order of the pages; one that is not listed here comes last."""
    known = registry.answers()
    return {name: known[name] for name in (*__all__, *known) if name in known}
