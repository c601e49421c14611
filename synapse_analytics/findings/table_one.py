"""What stands above the baseline table ("Table 1"): it says how to read the table, so it is said only where the table is."""

from __future__ import annotations

from synapse_analytics.findings.compared import NOTABLE
from synapse_analytics.findings.finding import Finding

TABLE_ONE = Finding(
    "Who are the patients, and how do the groups differ?",
    "",
    f"Standardised differences (SMD) are to the first column; beyond {NOTABLE}, in bold, groups differ notably.",
)
