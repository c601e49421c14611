"""Every indicator in one matrix: its course over time (better, usual, worse) by its target (met, not reliably met, missed).

HTML whose buttons carry the names of indicators, so that a page can open the chart of each. Only what holds something is
shown beyond the rows and columns that always stand. Courses are those of indicators over time, never of sites or clinicians.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from os.path import commonprefix
from typing import Any

from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures.theme import Look, faded
from synapse_analytics.figures.verdicts import MARKS, assurance_icon, colour_of
from synapse_analytics.findings import words as w
from synapse_analytics.findings.indicators import course_of, target_of
from synapse_analytics.findings.verdicts import ASSURANCE, COURSES, NO_TARGET, TARGETS, TOO_FEW, UNJUDGED
from synapse_analytics.indicators import THEMES, indicator

Row = Mapping[str, Any]
ALWAYS = ("improvement", "usual", "concern")  # rows that stand even where they hold nothing
LONG = 4  # indicators of a cell; more are named in small print by theme
TINTED = ("improvement", "concern")
TINT = 0.14
ABOUT = {"with", "after"}  # begin what a group's titles share: `with conservative care only`


def matrix(released: Released, look: Look, *, chosen: str, opens: str = "") -> str:
    """The matrix; the indicator that is chosen is marked, `opens` names the card that a click changes."""
    rows = check_released(released).tables.get("indicators", ())
    columns = [code for code in TARGETS if code != UNJUDGED or any(_is_in(row, code) for row in rows)]
    lines = [
        _line(look, course, columns, [row for row in rows if course_of(row) == course], chosen)
        for course in COURSES
        if course != TOO_FEW and (course in ALWAYS or any(course_of(row) == course for row in rows))
    ]
    few = [row for row in rows if course_of(row) == TOO_FEW]
    body = "".join(lines) + (_too_few(look, len(columns), few, chosen) if few else "")
    head = "".join(f'<th scope="col" role="columnheader" class="{_kind(code)}">{_named(look, code)}</th>' for code in columns)
    colours = f"--line:{look.grid};--quiet:{look.quiet};--link:{look.link};--chosen:{faded(look.link, 0.16)}"
    return (
        f'<div class="verdicts" data-shows="{escape(opens)}" style="{colours}"><table role="table" aria-label="Indicators by course and target">'
        f'<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader" class="course">Over time</th>{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _is_in(row: Row, target: str) -> bool:
    return course_of(row) != TOO_FEW and target_of(row) == target


def _kind(target: str) -> str:
    return "rest" if target == NO_TARGET else "target"


def _named(look: Look, target: str) -> str:
    """A column's name, with the icon of its verdict where it is one."""
    icon = f"{assurance_icon(look, target)} " if target in ASSURANCE else ""
    return icon + escape(TARGETS[target])


def _line(look: Look, course: str, columns: Sequence[str], rows: Sequence[Row], chosen: str) -> str:
    cells = [(code, [row for row in rows if target_of(row) == code]) for code in columns]
    tds = "".join(_cell(look, course, code, own, chosen) for code, own in cells)
    bare = "" if rows else ' class="bare"'
    return f'<tr role="row"{bare}>{_head(look, course)}{tds}</tr>'


def _head(look: Look, course: str) -> str:
    mark = MARKS.get(course)
    sign = f'<span aria-hidden="true" style="color:{colour_of(look, course)}">{mark.glyph}</span> ' if mark else ""
    return f'<th scope="row" role="rowheader" class="course">{sign}{escape(COURSES[course])}</th>'


def _cell(look: Look, course: str, target: str, rows: Sequence[Row], chosen: str) -> str:
    if not rows:
        return '<td role="cell" class="empty">none</td>'
    tint = f' style="background:{faded(colour_of(look, course), TINT)}"' if course in TINTED else ""
    inside = _by_theme(rows, chosen) if len(rows) > LONG else "".join(_item(look, row, chosen) for row in rows)
    return f'<td role="cell" data-target="{escape(TARGETS[target])}"{tint}>{inside}</td>'


def _item(look: Look, row: Row, chosen: str) -> str:
    """An indicator with its value and target, on lines of its own."""
    unit = str(row["unit"])
    target = "" if row["target"] is None else f", target {w.amount(row['target'], unit)}"
    return f'<p>{_link(row, chosen)}<small style="color:{look.quiet}">{escape(w.standing(row, unit) + target).replace(" %", "&#160;%")}</small></p>'


def _by_theme(rows: Sequence[Row], chosen: str) -> str:
    """How many there are, and their names in small print, a paragraph for each theme."""
    return f"<p><strong>{_count(rows)}</strong></p>{_names(rows, chosen)}"


def _names(rows: Sequence[Row], chosen: str) -> str:
    """Their names in small print, a paragraph for each theme."""
    groups = [(theme.label, [row for row in rows if row["theme"] == theme.code]) for theme in THEMES]
    return "".join(f'<p class="names"><b>{escape(label)}</b>{_links(own, chosen)}</p>' for label, own in groups if own)


def _links(rows: Sequence[Row], chosen: str) -> str:
    shared = _shared_end([indicator(str(row["name"])).title for row in rows])
    return "".join(_link(row, chosen, shared) for row in rows)


def _shared_end(titles: Sequence[str]) -> str:
    """What all titles of a group end with, and the heading of the group says: ` after discectomy`; empty where there is no such end."""
    same = commonprefix([title.split()[::-1] for title in titles]) if len(titles) > 1 else []
    words: list[str] = list(same)[::-1]
    start = next((place for place, word in enumerate(words) if word in ABOUT), None)
    return "" if start is None else " " + " ".join(words[start:])


def _count(rows: Sequence[Row]) -> str:
    return f"{len(rows)} indicators" if len(rows) > 1 else "1 indicator"


def _too_few(look: Look, columns: int, rows: Sequence[Row], chosen: str) -> str:
    """One row over all targets, as neither course nor target can be judged; folded."""
    why = f'<small style="color:{look.quiet}">Too few patients or periods; the list below shows their values for the whole period.</small>'
    names = f"<details><summary>{_count(rows)}</summary>{_names(rows, chosen)}</details>"
    return f'<tr role="row">{_head(look, TOO_FEW)}<td role="cell" colspan="{columns}">{names}{why}</td></tr>'


def _link(row: Row, chosen: str, shared: str = "") -> str:
    """A button with the title of an indicator; what the group shares is read out, not shown."""
    name, title = str(row["name"]), indicator(str(row["name"])).title
    state = f'aria-pressed="{"true" if name == chosen else "false"}" aria-label="{escape(title)}"'
    return f'<button type="button" data-code="{escape(name)}" {state}>{escape(title.removesuffix(shared))}</button>'
