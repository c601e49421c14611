"""What a column takes, in words: shown with every refused value, and in the data dictionary."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.schema import ID_PATTERN, Column, Kind

_WORDS = {
    Kind.ID: f"id of 1 to 64 letters, digits, - and _, with at least one letter (`{ID_PATTERN}`)",
    Kind.UNIT: f"short code of 1 to 64 letters, digits, - and _, with at least one letter (`{ID_PATTERN}`)",
    Kind.ICD10: "ICD-10 code, such as M51.1",
    Kind.MONTH: "month as YYYY-MM",
    Kind.YES_NO: "yes or no",
    Kind.DAY: "whole number",
    Kind.COUNT: "whole number",
    Kind.NUMBER: "decimal number",
    Kind.SCORE: "decimal number within the range of its instrument",
}


def legal_values(column: Column) -> str:
    """The legal values of this column, in words."""
    if column.terms:
        return ", ".join(v.codes(column.terms))
    text = _WORDS[column.kind]
    if column.low is not None and column.high is not None:
        text = f"{text}, {column.low:g} to {column.high:g}"
    if column.refers_to is not None:
        text = f"{text}; must exist in {column.refers_to}"
    return text
