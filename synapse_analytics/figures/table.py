"""Released rows as an HTML table: labels instead of codes, numbers on the right, withheld cells say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.groups import ALL, grouping
from synapse_analytics.figures.headings import title
from synapse_analytics.figures.theme import Look
from synapse_analytics.findings import care
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
LIMITS = {"low": "Lower control limit", "high": "Upper control limit"}
FEW = 20  # rows that need no scrolling of their own
MOST = 200  # rows on a screen; the download has them all
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
WHOLE = {"adjusted_n", "median_day", "median_days", "median_days_waited", "q1_days", "q3_days", "day"}
PLAIN = {"week", "to_week", "month", "day", "step", "year"}
FURTHER = (v.Term("none", "Nothing further"), v.Term("pooled", "Other pathways"))
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
    "first_stage": (*v.STAGES, v.Term("pooled", "Other pathways")),
    "second_stage": (*FURTHER, *v.STAGES),
    "third_stage": (*FURTHER, *v.STAGES),
    "group": v.STAGES,  # where a question splits by itself
}


def table(rows: Sequence[Row], look: Look, *, by: str | None = None, caption: str = "", names: bool = False) -> str:
    """The rows as an HTML table that a screen reader can read; a long one says that the download has all.

    A table wider than its place is scrolled in a box of its own, beside its first column. `names` writes below each heading what its
    column is called in a file.
    """
    if not rows:
        return f'<p style="color:{look.quiet}">No rows.</p>'
    columns, right = _columns(rows, by, in_order=names)
    head = "".join(_th(name, look, _style(columns, right, name, look), _heading(name, by, columns), named=names) for name in columns)
    cells = {name: _style(columns, right, name, look) + (";min-width:84px" if names and name not in right else "") for name in columns}
    body = "".join(f"<tr>{''.join(_td(row, name, look, by, cells[name]) for name in columns)}</tr>" for row in rows[:MOST])
    more = "" if len(rows) <= MOST else f'<p style="color:{look.quiet}">The first {MOST} of {len(rows):,} rows; the download has all.</p>'
    high = "max-height:420px;" if len(rows) > FEW else ""
    box = f"overflow:auto;{high}scrollbar-color:{look.quiet} {look.grid};background:{_more_to_the_right(look)}"
    return (
        f'<div role="region" aria-label="{escape(caption or "Table")}" tabindex="0" style="{box}">'
        f'<table style="border-collapse:separate;border-spacing:0;font-size:14px;color:{look.text};width:100%">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def _more_to_the_right(look: Look) -> str:
    """A shadow at the right edge of a box while some of its table lies beyond it; the end of the table covers it."""
    over = f"linear-gradient(to left,{look.paper} 60%,transparent) right/36px 100% no-repeat local"
    return f"{over},linear-gradient(to left,{look.quiet}66,transparent) right/10px 100% no-repeat scroll"


def _columns(rows: Sequence[Row], by: str | None, *, in_order: bool) -> tuple[list[str], set[str]]:
    """The columns, and those that hold numbers; `in_order` what is counted stands before the counts. A group that is always the same says nothing."""
    alone = by is None and len({row.get("group") for row in rows}) == 1
    columns = [name for name in rows[0] if name != "withheld" and not (name == "group" and alone)]
    known = {name: [row[name] for row in rows if row[name] is not None] for name in columns}
    right = {name for name in columns if not known[name] or any(_is_number(value) for value in known[name])}
    return (sorted(columns, key=lambda name: name in right and name not in PLAIN) if in_order else columns), right


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _style(columns: Sequence[str], right: set[str], name: str, look: Look) -> str:
    """How the entries of a column look; the first column stays in its place unless it holds numbers."""
    stays = f";position:sticky;left:0;min-width:96px;max-width:240px;border-right:1px solid {look.grid};background:{look.paper}"
    return _cell(look, name in right) + (stays if name == columns[0] and name not in right else "")


def _heading(name: str, by: str | None, columns: Sequence[str]) -> str:
    """The name of a column in words; groups are called what they are groups of, and what lies about a mean line are the limits of a control chart."""
    if name in LIMITS and "centre" in columns:
        return LIMITS[name]
    return grouping(by).label if name == "group" and by is not None else title(name)


def _th(name: str, look: Look, style: str, heading: str, *, named: bool) -> str:
    """A heading in words that may be broken into lines, and below it the name in the file."""
    below = f'<br><small style="font-weight:400;color:{look.quiet}">{_breaking(name)}</small>' if named else ""
    above = f"white-space:normal;min-width:64px;font-weight:600;position:sticky;top:0;z-index:{2 if 'left:0' in style else 1};background:{look.paper}"
    return f'<th scope="col" style="{style};{above}">{escape(heading)}{below}</th>'


def _breaking(name: str) -> str:
    """A name that may be broken after each of its words."""
    return escape(name).replace("_", "_<wbr>")


def _td(row: Row, name: str, look: Look, by: str | None, style: str) -> str:
    hidden = name in (row.get("withheld") or ())
    text = w.WITHHELD if hidden else cell(row, name, by)
    colour = f";color:{look.quiet};font-style:italic" if hidden else ""
    return f'<td style="{style}{colour}">{escape(text)}</td>'


def _cell(look: Look, right: bool) -> str:  # noqa: FBT001  (alignment of one cell)
    side = "right;font-variant-numeric:tabular-nums;white-space:nowrap" if right else "left"
    return f"padding:5px 10px 5px 4px;text-align:{side};border-bottom:1px solid {look.grid};vertical-align:top"


def cell(row: Row, name: str, by: str | None = None) -> str:
    """One released cell as people read it."""
    value = row[name]
    if value is None:
        return "\u2013"
    if isinstance(value, tuple | list):
        return care.pathway(str(part) for part in value)
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
    return care.step(code) if name in STEPS else code


def _number(row: Row, name: str, value: float) -> str:
    of_a_share = name in ("low", "high") and row.keys() & {"share", "incidence"} and row.get("mean") is None
    if name in SHARES or of_a_share or (name == "answered" and "worst" in row):
        return w.share(value)
    if name in PLAIN:
        return f"{value:g}"
    if name in WHOLE or isinstance(value, int):
        return w.number(value, 0)
    return w.number(value, 2 if abs(value) < 10 else 1)
