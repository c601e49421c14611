"""The baseline table ("Table 1"): one row per characteristic, one column per group, as a paper prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import bar_table as t
from synapse_analytics.figures.theme import Look, html_figure
from synapse_analytics.findings import table_one as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import NOTABLE

Row = Mapping[str, Any]
Name = tuple[str, str | None]  # a variable and its level
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
YES_OR_NO = ("smoker", "red_flags")
LISTS = ("sex", "occupation")
SEX, OTHER_SEX = ("sex", None), ("sex", "other")


@html_figure(said.table_one)
def table_one(released: Released, look: Look) -> str:
    """The table; a mark says where a group differs notably from the first, the rare sexes stand in one line."""
    rows, by = released.tables["baseline_table"], released.options.get("by")
    groups, not_drawn = said.columns(released)
    cells = {(row["group"], (row["variable"], row["level"])): row for row in rows}
    names = list(dict.fromkeys((row["variable"], row["level"]) for row in rows if row["variable"] != by))
    rare = [said.rare_sex(released, cells.get((group, OTHER_SEX)), cells.get((group, SEX))) for group in groups]
    lines = []
    for name in names:
        if name != OTHER_SEX:
            lines.append(t.Line(_label(name), [_cell(name, cells.get((group, name))) for group in groups], inset=_is_level(name)))
        elif any(rare):
            lines.append(t.Line("Other or not recorded", [_count(n) for n in rare], inset=True))
    missing = "Not shown here: other or unknown sex; the download has what may be shown." if None in rare and not any(rare) else ""
    columns = [t.Column(w.group(by, group)) for group in groups]
    table = t.bar_table(look, columns, lines, caption="Groups at the first visit", corner="At the first visit")
    return table + t.notes(look, not_drawn, missing)


def _is_level(name: Name) -> bool:
    return name[1] is not None and name[0] not in YES_OR_NO  # the one row of a yes or no says it all


def _label(name: Name) -> str:
    variable, level = name
    if level is not None and _is_level(name):
        return LEVELS.get(level, level.replace("_", " "))
    label = VARIABLES.get(variable, variable.replace("_", " ").capitalize())
    return label if variable in ("episodes", *YES_OR_NO, *LISTS) else f"{label}: mean (SD)"


def _count(n: int | None) -> t.Cell:
    return t.Cell(w.WITHHELD) if n is None else t.Cell(w.count(n), quiet=False)


def _cell(name: Name, row: Row | None) -> t.Cell:
    """What stands in a cell; the first row of a variable says of how many it is not recorded."""
    if row is None:
        return t.Cell()
    if name[0] == "episodes":
        return _count(row["n"])
    differs = row["smd"] is not None and abs(row["smd"]) > NOTABLE
    hover = "" if row["smd"] is None else f"Difference from the first column: {w.number(row['smd'], 1 if abs(row['smd']) >= 1 else 2)} SD"
    text = "" if name[0] in LISTS and name[1] is None else _value(row)
    shown = " ".join(part for part in (text, said.DIFFERS if differs else "") if part)
    missing = "" if _is_level(name) or name == SEX else _missing(row)
    return t.Cell(shown, hover, missing, quiet=text in (w.WITHHELD, t.NOTHING))


def _missing(row: Row) -> str:
    """`12 not recorded`; nothing where everybody has the variable recorded."""
    if row["not_recorded"] == 0:
        return ""
    return "some not recorded" if row["not_recorded"] is None else f"{row['not_recorded']:,} not recorded"


def _value(row: Row) -> str:
    if row["level"] is None and row["mean"] is not None:
        return f"{w.number(row['mean'])} ({w.number(row['sd'])})"
    if row["share"] is not None:
        return f"{w.count(row['n'])} ({w.share(row['share'])})"
    if row["n"] is not None and "share" in row["withheld"]:  # too few for a share: the count may be shown
        return w.count(row["n"])
    return w.WITHHELD if {"share", "mean"} & set(row["withheld"]) else t.NOTHING
