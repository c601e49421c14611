"""What is said of the pathways: how soon care escalates, whether it is stepped, and the days between steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import care
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
EVENTS = {"escalation": "injection or surgery", "injection": "injection", "surgery": "surgery"}
HAD = {"injection": "an injection", "surgery": "surgery"}
MOST_STEPS = 14  # of the times between steps; the table has all


@finding("step_times")
def step_times(released: Released) -> Finding:
    """The days between the two steps that most often follow each other, of those that have a name."""
    question, rows = "How long does it take from one step to the next?", most_frequent_steps(released)
    if not rows:
        return nothing(question, "No step is followed by another often enough to show.")
    row = next((row for row in rows if "other" not in (row["source"], row["target"])), rows[0])
    named = "" if row is rows[0] else " of the steps shown by name"
    half = quartiles(row)
    days = f"median {w.days(row['median_days'])} days{f' ({half})' if half else ''}, {w.n_of(row['n'])}"
    return Finding(question, f"Most common{named}: {_inside(row['source'])} to {_inside(row['target'])}, {days}.")


def _inside(step: str) -> str:
    """A step inside a sentence: `medication + physical therapy`."""
    return " + ".join(w.inside(care.treatment(unit)) for unit in care.units_of(step))


def most_frequent_steps(released: Released) -> list[Row]:
    """The pairs of steps whose median may be shown, the most frequent first, as many as can be read."""
    rows = [row for row in released.tables["steps"] if row["median_days"] is not None]
    return sorted(rows, key=lambda row: -(row["n"] or 0))[:MOST_STEPS]


def quartiles(row: Row) -> str:
    """`middle half 12 to 40`; empty where there are none."""
    return "" if row["q1_days"] is None or row["q3_days"] is None else f"middle half {row['q1_days']:.0f} to {row['q3_days']:.0f}"


@finding("time_to_escalation")
def escalation(released: Released) -> Finding:
    """The share that had the first injection or surgery within 12 months; of groups from the least to the most."""
    event = released.options["event"]
    question = f"How soon do patients have {HAD[event]}?"
    if all(row["incidence"] is None for row in released.tables["curve"]):
        return nothing(question, "Too few patients to draw a curve.")
    return Finding(question, _within_a_year(released, HAD[event]))


def _within_a_year(released: Released, had: str) -> str:
    rows = [row for row in released.tables["horizons"] if row["month"] == 12]
    if all(row["incidence"] is None for row in rows):
        return f"Too few patients were still waiting at 12 months to say how many had {had}."
    if len(rows) == 1:
        return f"{w.with_interval(rows[0]['incidence'], rows[0]['low'], rows[0]['high'], w.share)} had {had} within 12 months."
    why = {
        "needs": f"{f.ENOUGH} or more that were followed for 12 months or had {had}, some of them still waiting",
        "lacks": f"fewer than {f.ENOUGH} episodes followed for 12 months or until {had}, or too few still waiting",
    }
    known = f.compared(rows, released.options.get("by"), "incidence", _followed(released), **why)
    return f"Had {had} within 12 months: {known.ends(w.share)}.{known.rest}" if known.may_be_said else known.none


def _followed(released: Released) -> Callable[[Row], int | None]:
    """Of a group the episodes that the curve at 12 months rests on: those still waiting, and those that had the event by then."""
    first = {row["group"]: row["at_risk"] for row in released.tables["horizons"] if row["month"] == 0}

    def followed(row: Row) -> int | None:
        waiting, began = row["at_risk"], first.get(row["group"])
        return None if waiting is None or began is None or row["incidence"] is None else waiting + round(began * row["incidence"])

    return followed


@finding("stepped_care")
def stepped_care(released: Released) -> Finding:
    """The share that had enough conservative care before the event; of groups from the least to the most."""
    event, days = EVENTS[released.options["event"]], released.options["min_days"]
    question = f"Do patients have at least {days} days of conservative care before the first {event}?"
    return Finding(question, _preceded(released.tables["groups"], released.options.get("by"), event))


def _preceded(rows: Sequence[Row], by: str | None, event: str) -> str:
    if all(row["share"] is None for row in rows):
        return f"Too few patients with a first {event} to show this."
    flags = [row["red_flags"] for row in rows]
    apart = "" if None in flags or not sum(flags) else f" {sum(flags):,} with red flags {'is' if sum(flags) == 1 else 'are'} left out."
    if len(rows) == 1:
        return f"{w.with_interval(rows[0]['share'], rows[0]['low'], rows[0]['high'], w.share)} of {w.those(rows[0]['n'])} did.{apart}"
    groups = f.compared(rows, by, "share", "n")
    said = f"{w.capital(groups.ends(w.share))} did.{groups.rest}" if groups.may_be_said else groups.none
    return f"{said}{apart}"
