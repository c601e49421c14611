"""What is said of how differently patients change: how many got better and worse, and where they ended up from their baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
COLOURS = "Blue: better; orange: worse; grey: little or no change."


@finding("change_distribution")
def changes(released: Released) -> Finding:
    """The shares that got better, worse and neither, of everybody who answered, never of the bars alone."""
    rows, instrument = released.tables["bins"], released.options["instrument"]
    if not rows:
        return nothing(f"How much did {w.thing(instrument)} change?", "No patient of this cohort has a score at both times.")
    question = f"How much do the changes in {w.thing(instrument)} at {released.options['month']} months vary between patients?"
    return _sides(question, rows, w.instrument(instrument).better, released.options.get("by"))


def _sides(question: str, rows: Sequence[Row], better: str, by: str | None) -> Finding:
    if any(row["n"] is None for row in rows):
        return Finding(question, "Some bars are withheld (too few patients), so no overall share is given.", COLOURS)
    groups = [_sides_of([row for row in rows if row["group"] == group], better) for group in f.in_order(rows, "group")]
    if len(groups) > 1:
        compared = f.compared(groups, by, "share", "n")
        amount = "; ".join(dict.fromkeys(group["better"] for group in groups))  # where neighbours are one bar, groups may differ
        if not compared.may_be_said:
            return Finding(question, compared.none)
        return Finding(question, f"{amount.capitalize()}: {compared.ends(w.share)}.", COLOURS, compared.rest.lstrip())
    (found,) = groups
    if found["share"] is None or any(row["share"] is None for row in rows):
        return Finding(question, "Too few answers to show shares.")
    said = [f"{w.share(n / found['n'])} {words}" for n, words in found["parts"]]
    return Finding(question, f"Of {found['n']:,} patients who answered, {', '.join(said)}.", COLOURS)


def _sides_of(rows: Sequence[Row], better: str) -> Row:
    """How many changes of one group lie below, in and above the bar that holds no change; neighbours may be one bar."""
    (middle,) = [row for row in rows if row["from"] <= 0 < row["to"]]
    below = sum(row["n"] for row in rows if row["to"] <= middle["from"])
    above = sum(row["n"] for row in rows if row["from"] >= middle["to"])
    down, up = ("improved", "got worse") if better == "lower" else ("got worse", "improved")
    low, high = (f"{abs(middle[end]):g}" for end in ("from", "to"))
    starts_at_zero = middle["from"] == 0
    parts = [
        (below, f"{down} by any amount" if starts_at_zero else f"{down} by more than {low} {_points(low)}"),
        (
            middle["n"],
            f"stayed the same or {up} by less than {high} {_points(high)}"
            if starts_at_zero
            else f"fell by less than {low} or rose by less than {high} {_points(high)}",
        ),
        (above, f"{up} by {high} {_points(high)} or more"),
    ]
    n = below + middle["n"] + above
    good, words = parts[0] if better == "lower" else parts[-1]
    return {"group": rows[0]["group"], "n": n, "share": good / n if n else None, "better": words, "parts": parts}


def _points(number: str) -> str:
    """Of how many points: `1 point`, `5 points`."""
    return "point" if number == "1" else "points"


@finding("change_distribution")
def against_baseline(released: Released) -> Finding:
    """How the later score is to be read against the score at the first visit."""
    question = "How does the later score depend on the score at the first visit?"
    if all(row["mean"] is None for row in released.tables["by_baseline"]):
        return nothing(question, "Too few patients at each first score to show this.")
    side = "below" if w.instrument(released.options["instrument"]).better == "lower" else "above"
    mean = f"Mean score at {released.options['month']} months for each score at the first visit, with 95 % interval."
    return Finding(question, "", f"{mean} On the dashed line the score did not change; {side} it patients improved.")
