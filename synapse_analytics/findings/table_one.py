"""What stands above the baseline table ("Table 1"): it says how to read the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings.finding import Finding, finding

Row = Mapping[str, Any]
DIFFERS = "*"
READING = f"Mean (SD) or number (share). {DIFFERS} marks a notable difference from the first column (more than {f.NOTABLE} SD)."


@finding("baseline_table")
def table_one(released: Released) -> Finding:
    """How to read the table; it has no one sentence."""
    alone = released.options.get("by") is None
    return Finding(
        "Who are the patients?" if alone else "Who are the patients, and how do the groups differ?",
        "",
        READING.partition(". ")[0] + "." if alone else READING,
    )


def columns(released: Released) -> tuple[list[str], str]:
    """The groups that have a column, and a sentence about those that have none."""
    rows, by = released.tables["baseline_table"], released.options.get("by")
    kept, _ = f.without_rare_sexes(f.in_order(rows, "group"), by)
    sizes = {row["group"]: row["n"] for row in rows if row["variable"] == "episodes" and row["group"] not in kept}
    return list(kept), f.not_drawn(released, sizes)


def rare_sex(released: Released, other: Row | None, recorded: Row | None) -> int | None:
    """Episodes of another sex or of none recorded in a group; None where a count is withheld, or rounded, as such counts do not add up."""
    if other is None or recorded is None or other["n"] is None or recorded["not_recorded"] is None:
        return None
    both = int(other["n"]) + int(recorded["not_recorded"])
    return None if both and released.policy == "publish" else both
