"""Released rows as an HTML table: labels instead of codes, numbers on the right, withheld cells say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.groups import ALL
from synapse_analytics.figures.theme import Look
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
FEW = 20  # rows that need no scrolling of their own
MOST = 200  # rows on a screen; the download has them all
TITLES = {
    "n": "n",
    "low": "95 % from",
    "high": "95 % to",
    "change_low": "Change, 95 % from",
    "change_high": "Change, 95 % to",
    "sd": "SD",
    "smd": "Standardised difference",
    "q1": "Lower quartile",
    "q3": "Upper quartile",
    "q1_days": "Lower quartile, days",
    "q3_days": "Upper quartile, days",
    "median_days": "Median days",
    "share_of_all": "Share of all",
    "share_of_treated": "Share of treated",
    "share_of_source": "Share of those before",
    "share_of_former": "Share of those before",
    "share_of_previous": "Share of the step before",
    "share_of_expected": "Share of all expected",
    "of_answered": "Share of those who answered",
    "of_answered_low": "95 % from",
    "of_answered_high": "95 % to",
    "both": "Answered then and at 12 months",
    "further": "Change from then to 12 months",
    "further_low": "From then, 95 % from",
    "further_high": "From then, 95 % to",
    "completeness": "Followed up",
    "incidence": "Had the event",
    "at_risk": "At risk",
    "end_state": "End state",
    "red_flags": "Red flags, left out",
    "adherent": "Enough care first",
    "smd_before": "Standardised difference before weighting",
    "smd_after": "after weighting",
    "interaction_p": "Interaction p",
    "weeks_seen": "Weeks with answers",
    "gap_collapse": "Gap, days",
    "combination_overlap": "Overlap, days",
    "share_combined": "Share with a combined step",
    "share_of_top": "Share on the five most frequent",
    "p10": "10th percentile",
    "p90": "90th percentile",
    "arm": "Treatment",
    "ess": "Worth of the weighted group",
    "from": "From",
    "to": "To",
}
SIDES = {"_a": "first", "_b": "second"}
SHARES = {
    "share_a",
    "share_b",
    "completeness_a",
    "completeness_b",
    "crossover_a",
    "crossover_b",
    "share",
    "completeness",
    "incidence",
    "share_of_all",
    "share_of_treated",
    "share_of_source",
    "share_of_expected",
    "share_of_previous",
    "of_answered",
    "of_answered_low",
    "of_answered_high",
    "share_responding",
    "share_not_escalated",
    "share_combined",
    "share_of_top",
    "share_of_former",
    "share_responding_low",
    "share_responding_high",
    "share_not_escalated_low",
    "share_not_escalated_high",
    "yield",
    "yield_low",
    "yield_high",
    "worst",
    "best",
    "nominal",
}
STEPS = {"source", "target", "first_step", "ended", "end_state", "treatment", "stage", "first", "second"}
WHOLE_DAYS = {"median_day", "median_days", "median_days_waited", "q1_days", "q3_days", "day"}
PLAIN = {"week", "to_week", "month", "day", "step", "year"}
FURTHER = (v.Term("none", "Nothing further"), v.Term("pooled", "Other ways"))
TERMS: dict[str, tuple[v.Coded, ...]] = {
    "diagnosis": (*v.DIAGNOSES, w.POOLED),
    "other_diagnosis": v.DIAGNOSES,
    "symptom": v.SYMPTOMS,
    "investigation": v.INVESTIGATIONS,
    "visit": v.VISITS,
    "instrument": v.INSTRUMENTS,
    "preset": v.PRESETS,
    "outcome": (*v.STAGES, *v.PRESETS),
    "treatment_class": v.TREATMENT_CLASSES,
    "arm": (v.Term("a", "First treatment"), v.Term("b", "Second treatment"), v.Term("both", "Both treatments")),
    "first_stage": (*v.STAGES, v.Term("pooled", "Other ways")),
    "second_stage": (*FURTHER, *v.STAGES),
    "third_stage": (*FURTHER, *v.STAGES),
    "group": v.STAGES,  # where a question splits by itself
}


def table(rows: Sequence[Row], look: Look, *, by: str | None = None, caption: str = "") -> str:
    """The rows as an HTML table that a screen reader can read; a long one says that the download has all."""
    if not rows:
        return f'<p style="color:{look.quiet}">No rows.</p>'
    alone = by is None and len({row.get("group") for row in rows}) == 1  # everybody: a column of it says nothing
    columns = [name for name in rows[0] if name != "withheld" and not (name == "group" and alone)]
    right = {name for name in columns if any(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)}
    head = "".join(
        f'<th scope="col" style="{_cell(look, name in right)};white-space:normal;font-weight:600;position:sticky;top:0;background:{look.paper}">{escape(title(name))}</th>'
        for name in columns
    )
    body = "".join(f"<tr>{''.join(_td(row, name, look, by=by, right=name in right) for name in columns)}</tr>" for row in rows[:MOST])
    more = "" if len(rows) <= MOST else f'<p style="color:{look.quiet}">The first {MOST} of {len(rows):,} rows; the download has all.</p>'
    scroll = "overflow:auto;max-height:420px" if len(rows) > FEW else "overflow-x:auto"
    return (
        f'<div role="region" aria-label="{escape(caption or "Table")}" tabindex="0" style="{scroll}">'
        f'<table style="border-collapse:collapse;font-size:14px;color:{look.text};width:100%">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def title(column: str) -> str:
    """A column's name in words; of a comparison with which of the two treatments it is about."""
    for ending, which in SIDES.items():
        if column.endswith(ending):
            return f"{title(column.removesuffix(ending))}, {which} treatment"
    return TITLES.get(column) or column.replace("_", " ").capitalize()


def _td(row: Row, name: str, look: Look, *, by: str | None, right: bool) -> str:
    hidden = name in (row.get("withheld") or ())
    text = w.WITHHELD if hidden else cell(row, name, by)
    colour = f";color:{look.quiet};font-style:italic" if hidden else ""
    return f'<td style="{_cell(look, right)}{colour}">{escape(text)}</td>'


def _cell(look: Look, right: bool) -> str:  # noqa: FBT001  (alignment of one cell)
    side = "right;font-variant-numeric:tabular-nums;white-space:nowrap" if right else "left"
    return f"padding:5px 12px 5px 4px;text-align:{side};border-bottom:1px solid {look.grid};vertical-align:top"


def cell(row: Row, name: str, by: str | None = None) -> str:
    """One released cell as people read it."""
    value = row[name]
    if value is None:
        return "\u2013"
    if isinstance(value, tuple | list):
        return w.pathway(str(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(row, name, value)
    return _words(name, str(value), by)


def _words(name: str, code: str, by: str | None) -> str:
    if name == "group" and (by is not None or code == ALL):
        return w.group(by, code)
    for term in TERMS.get(name, ()):
        if term.code == code:
            return term.label
    if name == "group":
        return title(code)
    return w.step(code) if name in STEPS else code


def _number(row: Row, name: str, value: float) -> str:
    of_a_share = name in ("low", "high") and row.keys() & {"share", "incidence"} and row.get("mean") is None
    if name in SHARES or of_a_share or (name == "answered" and "worst" in row):
        return w.share(value)
    if name in PLAIN:
        return f"{value:g}"
    if name in WHOLE_DAYS or isinstance(value, int):
        return w.number(value, 0)
    return w.number(value, 2 if abs(value) < 10 else 1)
