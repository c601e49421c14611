"""What a funnel says: which units differ by more than chance. Units stand by their size, never in an order of merit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import UNITS
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
ALL_POOLED = "All {units} have fewer than 10 patients and are counted as one, so there is nothing to compare."
ONE_ONLY = "There is only one {unit}, so there is nothing to compare."
# The names of value and size of a unit in each version, and what its other columns begin with.
VERSIONS = {"crude": ("value", "n", ""), "adjusted": ("adjusted", "adjusted_n", "adjusted_")}
QUESTIONS = {"crude": "Do {units} differ by more than chance?", "adjusted": "Do {units} differ after adjustment for case mix?"}


def shown_units(released: Released, version: str) -> list[Row]:
    """The units that may be shown, in the order of the answer, which is by name."""
    value, size, _ = VERSIONS[version]
    return [row for row in released.tables["units"] if row[value] is not None and row[size] is not None]


@finding("funnel", {"version": "crude"}, {"version": "adjusted"})
def funnel(released: Released, *, version: str = "crude") -> Finding:
    """Who lies outside, in words; then how the limits are made and which units are pooled."""
    question = QUESTIONS[version].format(units=UNITS[_unit(released)])
    if not shown_units(released, version) or not any(row["version"] == version for row in released.tables["limits"]):
        return nothing(question, _none(released, version))
    alone = _alone(released, version)
    if alone:
        return nothing(question, alone)
    return Finding(question, _outside(released, version))


def _unit(released: Released) -> str:
    """What is compared: site or clinician."""
    return str(released.options.get("by", "clinician"))


def _none(released: Released, version: str) -> str:
    if version == "adjusted" and shown_units(released, "crude"):
        return str(released.tables["summary"][0]["model"])
    if released.tables["units"]:
        return f"Every {_unit(released)} has too few patients to show a value."
    return "There is nothing to count in this cohort."


def _alone(released: Released, version: str) -> str:
    """What is said of one unit that nothing can be compared with; empty where there are more, or where it lies outside."""
    shown, summary = shown_units(released, version), released.tables["summary"][0]
    value, _, prefix = VERSIONS[version]
    if len(shown) > 1 or shown[0][f"{prefix}sentence"] is not None:
        return ""
    why, whose = (ALL_POOLED, "Together:") if summary["pooled"] else (ONE_ONLY, "Its value is")
    unit = _unit(released)
    return f"{why.format(unit=unit, units=UNITS[unit])} {whose} {w.amount(shown[0][value], str(summary['unit']))}, {w.n_of(shown[0]['n'])}."


def _outside(released: Released, version: str) -> str:
    summary, units = released.tables["summary"][0], released.tables["units"]
    value, _, prefix = VERSIONS[version]
    outside = [row[f"{prefix}sentence"] for row in units if row[f"{prefix}sentence"] is not None]
    hidden, unit = sum(row[value] is None for row in units), _unit(released)
    said = outside or [f"All {UNITS[unit]} {'that may be shown ' if hidden else ''}are within the limits."]
    if any("95 %" in sentence for sentence in outside):
        said.append(f"By chance alone one {unit} in 20 is outside the 95 % limits (hollow mark).")
    if summary[f"{prefix}tau2"]:
        said.append(f"The limits are widened, because {UNITS[unit]} on the whole differ by more than chance.")
    if hidden:
        said.append(f"{hidden} {f'{unit} is' if hidden == 1 else f'{UNITS[unit]} are'} not shown: too few patients.")
    if summary["pooled"]:
        pooled = summary["pooled"]
        said.append(
            f"1 {unit} has fewer than 10 patients."
            if pooled == 1
            else f"{pooled} {UNITS[unit]} with fewer than 10 patients are shown as one."
        )
    return " ".join(said)
