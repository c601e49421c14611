"""The baseline table ("Table 1") as HTML: one row per characteristic, one column per group, as a paper prints it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures.theme import Look
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import NOTABLE, in_order

Row = Mapping[str, Any]
VARIABLES = {
    "episodes": "Episodes",
    "age_years": "Age, years",
    "bmi": "BMI, kg/m\u00b2",
    "symptom_weeks": "Weeks of symptoms",
    "sex": "Sex",
    "smoker": "Smoker",
    "comorbidities": "Comorbidities, number",
    "occupation": "Occupation",
    "red_flags": "Red flags",
} | {f"baseline_{term.code}": term.label for term in v.INSTRUMENTS}
LEVELS = {term.code: term.label for terms in (v.SEXES, v.OCCUPATIONS, v.YES_NO) for term in terms}
YES_OR_NO = {"smoker", "red_flags"}


def table_one(released: Released, look: Look) -> str:
    """The table; the standardised difference of each group to the first stands beneath its value."""
    check_released(released)
    rows, by = released.tables["baseline_table"], released.options.get("by")
    groups = in_order(rows, "group")
    cells = {(row["group"], row["variable"], row["level"]): row for row in rows}
    lines = list(dict.fromkeys((row["variable"], row["level"]) for row in rows))
    lists = {variable for variable, level in lines if level is not None} - YES_OR_NO
    line = f"border-bottom:1px solid {look.grid};padding:5px 10px;vertical-align:top"
    head = "".join(f'<th scope="col" style="{line};text-align:right;font-weight:600">{escape(w.group(by, group))}</th>' for group in groups)
    body = "".join(
        _line(name, [cells.get((group, *name)) for group in groups], look, line, heads_list=name[1] is None and name[0] in lists)
        for name in lines
    )
    return (
        '<div role="region" aria-label="Baseline table" tabindex="0" style="overflow-x:auto">'
        f'<table style="border-collapse:collapse;font-size:14px;width:100%;color:{look.text};font-variant-numeric:tabular-nums">'
        f'<thead><tr><th scope="col" style="{line};text-align:left;font-weight:600">At the first visit</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _line(name: tuple[str, str | None], cells: Sequence[Row | None], look: Look, line: str, *, heads_list: bool) -> str:
    variable, level = name
    alone = level is not None and variable in YES_OR_NO  # the one row says it all
    if alone:
        level = None
    label = VARIABLES.get(variable, variable.replace("_", " ").capitalize())
    text = (
        f"<strong>{escape(label)}</strong>"
        if level is None
        else f'<span style="padding-left:18px">{escape(LEVELS.get(level, level.replace("_", " ")))}</span>'
    )
    kind = (
        "" if level is not None or variable == "episodes" or heads_list or alone else f' <span style="color:{look.quiet}">mean (SD)</span>'
    )
    values = "".join(f'<td style="{line};text-align:right">{_cell(variable, cell, look, heads_list=heads_list)}</td>' for cell in cells)
    return f'<tr><th scope="row" style="{line};text-align:left;font-weight:400">{text}{kind}</th>{values}</tr>'


def _cell(variable: str, cell: Row | None, look: Look, *, heads_list: bool) -> str:
    """What stands in a cell; the first row of a variable says of how many it is not recorded."""
    if cell is None:
        return "\u2013"
    text = _difference(cell, look) if heads_list else _value(variable, cell, look)
    first_row = cell["level"] is None or variable in YES_OR_NO
    return text + (_missing(cell, look) if first_row else "")


def _missing(cell: Row, look: Look) -> str:
    """`12 not recorded`; nothing where everybody has the variable recorded."""
    if cell["not_recorded"] == 0:
        return ""
    text = "some not recorded" if cell["not_recorded"] is None else f"{cell['not_recorded']:,} not recorded"
    return f'<div style="font-size:12px;color:{look.quiet};white-space:nowrap">{text}</div>'


def _value(variable: str, cell: Row, look: Look) -> str:
    hidden = f'<em style="color:{look.quiet}">withheld</em>'
    if variable == "episodes":
        return hidden if cell["n"] is None else f"<strong>{cell['n']:,}</strong>"
    if cell["level"] is None and cell["mean"] is not None:
        main = f"{w.number(cell['mean'])} ({w.number(cell['sd'])})"
    elif cell["share"] is not None:
        main = f"{w.count(cell['n'])} ({w.share(cell['share'])})"
    elif cell["n"] is not None and "share" in cell["withheld"]:  # too few for a share: the count may be shown
        main = w.count(cell["n"])
    else:
        main = hidden if {"share", "mean"} & set(cell["withheld"]) else "\u2013"
    return main + _difference(cell, look)


def _difference(cell: Row, look: Look) -> str:
    if cell["smd"] is None:
        return ""
    weight = "600" if abs(cell["smd"]) > NOTABLE else "400"
    return f'<div style="font-size:12px;font-weight:{weight};color:{look.quiet}">SMD {w.number(cell["smd"], 2)}</div>'
