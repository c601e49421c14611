"""The data dictionary of a bundle as rows, from the declarations that check it; docs/data_dictionary.md is made of them, too."""

from __future__ import annotations

from synapse_analytics.bundle.legal import legal_values
from synapse_analytics.bundle.schema import FILES


def data_dictionary_rows() -> list[dict[str, str | bool]]:
    """One row per column of every file, for machines: file, column, required, kind, legal, meaning."""
    return [
        {
            "file": file.name,
            "column": column.name,
            "required": column.required,
            "kind": column.kind.value,
            "legal": legal_values(column),
            "meaning": column.meaning,
        }
        for file in FILES
        for column in file.columns
    ]
