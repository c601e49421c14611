"""Names of tables, files and columns as they may be shown: masked where one may be a patient's value in the wrong place."""

from __future__ import annotations

from collections.abc import Iterable

from synapse_analytics.bundle.problems import shown_name


def shown_table(name: str) -> str:
    """The name of a table, such as `visits.xlsx#Scores`: file and sheet are masked each on its own."""
    return "#".join(shown_name(part) for part in name.split("#")) if name else ""


def told_apart(labels: Iterable[str]) -> list[str]:
    """The same labels; those that look alike once masked are numbered."""
    found: dict[str, None] = {}
    for label in labels:
        one, number = label, 2
        while one in found:
            one, number = f"{label} ({number})", number + 1
        found[one] = None
    return list(found)
