"""What is said of whether care follows response: before escalation, while waiting, the plateau, and how firm the pathways are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import care
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
FEW = "Too few patients to show this."


@finding("escalation_response")
def responding(released: Released) -> Finding:
    """The share that was already responding when care escalated, of all or from the least to the most of the groups."""
    event = "an injection" if released.options["event"] == "injection" else "surgery"
    who = "an injection" if released.options["event"] == "injection" else "surgery"
    meaning = f"of those who had {who} had improved by {v.clear_change(v.HEADLINE):g} points or more just before it"
    return _shares(f"Did patients have {event} although they were improving?", released, ("escalated", "responding"), meaning)


@finding("escalation_response")
def waiting(released: Released) -> Finding:
    """The share of those not helped after 12 weeks that had no escalation in the next 12, of all or of the groups."""
    meaning = "of those who had not improved by 12 weeks had no injection or surgery in the next 12 weeks"
    return _shares("Did care stay the same although patients were not improving?", released, ("waiting", "not_escalated"), meaning)


def _shares(question: str, released: Released, of: tuple[str, str], meaning: str) -> Finding:
    table, part = of
    rows, by, share = released.tables[table], released.options.get("by"), f"share_{part}"
    if all(row[share] is None for row in rows if row["scored"] != 0):
        return nothing(question, FEW)
    if len(rows) == 1 and by is None:
        (row,) = rows
        said = w.with_interval(row[share], row[f"{share}_low"], row[f"{share}_high"], w.share)
        return Finding(question, f"{said} {meaning}, {w.part_of(row[part], row['scored'])}.")
    known = f.compared(rows, by, share, "scored")
    if not known.may_be_said:
        return Finding(question, known.none)
    ends = known.ends(w.share)
    return Finding(question, f"{w.capital(ends)} {meaning}.{known.rest}")


@finding("plateau")
def plateau(released: Released) -> Finding:
    """How the weeks from which conservative care brings no further improvement are to be read."""
    question = "When does conservative care stop helping?"
    rows = known_plateaus(released)
    if not rows:
        return nothing(question, "No treatment has enough answers over enough weeks.")
    still = " Without a bar: pain is still falling where the answers end." if any(row["week"] is None for row in rows) else ""
    bar = "The bar ends at the week after which median pain falls by less than 1 point; the thin line shows the weeks with answers."
    still += " Week 0: pain never fell clearly." if any(row["week"] == 0 for row in rows) else ""
    beware = "Different patients answer at different times, so this describes what happened; it is not a rule for the single patient."
    return Finding(question, _stops(rows), f"{bar}{still}", beware)


def _stops(rows: Sequence[Row]) -> str:
    """Until when pain falls clearly: in the group with the most answers, and the span of the others, which a few answers make wide."""
    top = max(rows, key=lambda row: row["n"] or 0)
    until = (
        f"until week {top['week']:g}" if top["week"] is not None else f"for as long as there are answers, until week {top['weeks_seen']:g}"
    )
    said = f"In the largest group ({care_of(top)}) pain falls clearly {until}"
    weeks = [row["week"] for row in rows if row is not top and row["week"] is not None]
    if not weeks:
        return f"{said}."
    if min(weeks) == max(weeks):
        return f"{said}; in the others until week {weeks[0]:g}."
    return f"{said}; in the others until between week {min(weeks):g} and week {max(weeks):g}."


def care_of(row: Row) -> str:
    """`spinal stenosis, physical therapy`."""
    return f"{v.inside(v.find(v.DIAGNOSES, row['diagnosis']).label)}, {v.inside(v.find(v.TREATMENT_CLASSES, row['treatment_class']).label)}"


def known_plateaus(released: Released) -> list[Row]:
    """The treatments of which the week may be shown, or that pain still falls where their answers end."""
    return [row for row in released.tables["plateaus"] if not {"week", "median_at_end"} & set(row["withheld"])]


@finding("sensitivity")
def firmness(released: Released) -> Finding:
    """The frequent pathway whose share depends most on how pathways are read."""
    question = "Do the most common pathways depend on how pathways are defined?"
    shares = {steps: [row["share"] for row in rows] for steps, rows in read_pathways(released).items()}
    if not shares:
        return nothing(question, FEW)
    widest = max(shares, key=lambda steps: max(shares[steps]) - min(shares[steps]))
    low, high = w.share(min(shares[widest])), w.share(max(shares[widest]))
    reading = "Line: the range over gaps of 0 to 90 days and overlaps of 0 to 30 days; point: the usual definition (30 and 14 days)."
    most = f"\u201c{care.pathway(widest)}\u201d depends on it most"
    same = f"{most}, but is {low} of all episodes whatever the definition."
    return Finding(question, same if low == high else f"{most}: {low} to {high} of all episodes.", reading)


def read_pathways(released: Released) -> dict[Sequence[str], list[Row]]:
    """The rows of each frequent pathway, one for each definition under which its share may be shown."""
    rows = [row for row in released.tables["pathways"] if row["share"] is not None]
    return {steps: [row for row in rows if row["steps"] == steps] for steps in dict.fromkeys(row["steps"] for row in rows)}
