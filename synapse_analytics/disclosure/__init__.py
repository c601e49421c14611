"""The gate: the only place where a Released value can be made, and the rules by which cells are withheld.

Analyses hand in plain rows with the distinct patients each statistic rests on; what leaves has lost those support
columns and every cell that the policy in force does not allow. Nothing in here queries or draws.
"""

from synapse_analytics.disclosure.gate import is_too_small, release, survives
from synapse_analytics.disclosure.policy import CLINIC, POLICIES, PUBLISH, Kind, Measure, Policy, Question, Row, TableRule, check_policy
from synapse_analytics.disclosure.released import RecordsPreview, Released, ReleasedRecords, check_records, check_released
from synapse_analytics.disclosure.rounding import in_steps, may_move, rounded, shortened
from synapse_analytics.disclosure.rows import PREVIEWED, Keys, RowQuestion, preview_rows, release_rows

__all__ = [
    "CLINIC",
    "Keys",
    "Kind",
    "Measure",
    "POLICIES",
    "PREVIEWED",
    "PUBLISH",
    "Policy",
    "Question",
    "RecordsPreview",
    "Released",
    "ReleasedRecords",
    "Row",
    "RowQuestion",
    "TableRule",
    "check_policy",
    "check_records",
    "check_released",
    "in_steps",
    "is_too_small",
    "may_move",
    "preview_rows",
    "release",
    "release_rows",
    "rounded",
    "shortened",
    "survives",
]
