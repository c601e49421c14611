"""What is said of who improved: the share that reached a preset, and between which bounds it lies."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing


@finding("responders")
def responders(released: Released) -> Finding:
    """The share of those who answered, with its interval, and of all who were expected; of groups from the least to the most."""
    preset = v.find(v.PRESETS, released.options["preset"])
    improved = "reached" if preset.kind == "state" else "improved by"
    return Finding(f"How many {improved} {preset.label} at {released.options['month']} months?", _reached(released))


def _reached(released: Released) -> str:
    rows = released.tables["groups"]
    if all(row["share"] is None for row in rows):
        return "Too few answers to show this."
    if len(rows) > 1:
        groups = f.compared(rows, released.options.get("by"), "share", "n")
        return f"Among those who answered: {groups.ends(w.share)}.{groups.rest}" if groups.may_be_said else groups.none
    (row,) = rows
    said = f"{w.with_interval(row['share'], row['low'], row['high'], w.share)} of {w.those(row['n'])} who answered."
    if row["share_of_expected"] is None:
        return said
    expected = "If those who did not answer are counted as not improved"
    return f"{said} {expected}, it is {w.share(row['share_of_expected'])} of {w.those(row['expected'])} expected."


@finding("responders")
def bounds(released: Released) -> Finding:
    """Between which shares the truth lies, if those who did not answer differ from those who did."""
    rows = released.tables["bounds"]
    question = "How much could missing answers change this?"
    known = [row for row in rows if row["expected"] != 0 and None not in (row["worst"], row["best"])]
    if not known:
        return nothing(question, "Too few patients were expected to answer to show this.")
    if len(rows) == 1:
        worst, best = w.share(known[0]["worst"]), w.share(known[0]["best"])
        return Finding(question, f"Between {worst} (if none of those who did not answer improved) and {best} (if all of them did).")
    lines = "Each line runs from \u201cnone of those who did not answer improved\u201d to \u201call of them did\u201d; the point is the share of those who answered."
    return Finding(question, "", lines)
