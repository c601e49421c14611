"""What is said of the data: which column is empty most often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.bundle.labels import column_label, file_label
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]


@finding("data_quality")
def missingness(released: Released) -> Finding:
    """The column that is empty in the largest share of its rows."""
    question, rows = "What is not recorded?", known(released)
    if not rows:
        return nothing(question, "Every column that may be empty is filled, or what is missing is too little to be shown.")
    return Finding(question, f"{column(rows[-1])} is empty most often: {w.share(rows[-1]['share'])} of the rows.")


def known(released: Released) -> list[Row]:
    """The columns whose share of empty rows may be shown, the most often empty last."""
    return sorted((row for row in released.tables["missingness"] if row["share"] is not None), key=lambda row: row["share"])


def column(row: Row) -> str:
    """What people read for a column of a file: `ICD-10 code (other diagnoses)`; its name in the file stands in the table."""
    return f"{column_label(row['column'])} ({file_label(row['file']).lower()})"
