"""How pathways are read, and the table of pathways: choosing a row follows that pathway, in the URL, through the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import pathways
from synapse_analytics.findings import words as w
from synapse_analytics.web import address, browser, frame, injection_before_surgery
from synapse_analytics.web.choices import choose, plain_numbers, tied
from synapse_analytics.web.parts import card, columns

Row = Mapping[str, Any]
NAME = "pathway"  # the parameter of the URL
BAR = "|"  # joins the steps of a pathway in the URL; no code of a step holds it
ARROW = " \u2192 "
TABLE = "pathway_rows"
NOTHING = "\u2013"  # where there is no number
SHOWN = 60  # rows on the screen; the download has all
LISTED = 40  # pathways in the list
UNITS = {"class": "Treatment class", "treatment": "Single treatment", "stage": "Stage of care"}
EVENTS = {code: w.capital(event) for code, event in pathways.EVENTS.items()}  # before which care is stepped
CASCADE_SPLITS = ("diagnosis", "sex", "age_band", "site")
REPEATS = {"changes": "United, shown as x2", "first": "Only the first", "all": "Each one"}
DAYS = plain_numbers(0, 7, 14, 30, 60, 90)


def how_read() -> dict[str, Any]:
    """The options by which courses of treatment become the steps of a pathway; in the URL, so that a link shows the same."""
    with st.expander("How pathways are read", icon=":material/tune:"):
        one, two, three = columns(3)
        with one:
            unit = choose("unit", "A step is a", UNITS, "class")
            repeats = choose("repeats", "Repeated steps", REPEATS, "changes")
        with two:
            gap = choose("gap_collapse", "Courses are one when at most so many days apart", DAYS, 30)
            steps = choose("max_steps", "Steps told apart", plain_numbers(*range(1, 13)), 6)
        with three:
            overlap = choose("combination_overlap", "Days of overlap that make a combined step", DAYS, 14)
    return {"unit": unit, "gap_collapse": gap, "combination_overlap": overlap, "repeats": repeats, "max_steps": steps}


def choose_pathway(released: Released) -> tuple[str, ...]:
    """The steps of the pathway that is followed; none where the URL names none that is listed."""
    listed = list(dict.fromkeys(tuple(row["steps"]) for row in _rows(released)))[:LISTED]
    options = {"": "All pathways"} | {BAR.join(steps): w.pathway(steps) for steps in listed}
    chosen, shared = tied(NAME, options, "")
    st.selectbox("Follow one pathway", width=560, **shared)
    return tuple(chosen.split(BAR)) if chosen else ()


def _rows(released: Released) -> list[Row]:
    return [row for row in released.tables["pathways"] if row["n"] is not None and tuple(row["steps"]) != ("other",)]


def injection_strip(released: Released) -> None:
    """Whether an injection before surgery helps or delays, for the cohort of this answer."""
    injection_before_surgery.strip(released.episodes)


def pathway_table(released: Released, chosen: tuple[str, ...]) -> None:
    """The table of pathways, one row per pathway and end state; choosing a row follows the pathway, and the rows of the followed one are marked."""
    words = "One row for each pathway and how it ended, the most frequent first. Choose a row to follow that pathway."
    with card("pathway_table", "Which pathways are there?", words):
        _table(_rows(released)[:SHOWN], chosen)
        frame.small_print(released, "pathways")
        frame.save(released, "pathways", "pathways")


def _table(rows: Sequence[Row], chosen: tuple[str, ...]) -> None:
    followed = [place for place, row in enumerate(rows) if tuple(row["steps"]) == chosen]
    alt = "Pathways with their steps, end state, number, shares, days, change and follow-up; choose a row to follow its pathway"
    given = [[write(row) for write in COLUMNS.values()] for row in rows]
    wide_only = [place for place, name in enumerate(COLUMNS) if name in WIDE_ONLY]
    browser.rows(browser.Rows(list(COLUMNS), given, followed, alt, wide_only), TABLE, lambda: _follow(rows, chosen))


def _text(text: str) -> browser.Cell:
    return text, text


def _number(value: float | None, text: str) -> browser.Cell:
    return (NOTHING, None) if value is None else (text, value)


def _share(share: float | None) -> browser.Cell:
    return _number(share, w.share(share))


COLUMNS: Mapping[str, Callable[[Row], browser.Cell]] = {
    "Pathway": lambda row: _text(ARROW.join(w.step(step, times) for step, times in zip(row["steps"], row["times"], strict=True))),
    "Ended": lambda row: _text(w.treatment(row["end_state"])),
    "n": lambda row: _number(row["n"], w.count(row["n"])),
    "Of all": lambda row: _share(row["share_of_all"]),
    "Of treated": lambda row: _share(row["share_of_treated"]),
    "Median days": lambda row: _number(row["median_days"], f"{row['median_days'] or 0:.0f}"),
    "Change": lambda row: _number(row["change"], w.with_interval(row["change"], row["change_low"], row["change_high"])),
    "Followed up": lambda row: _share(row["completeness"]),
}


WIDE_ONLY = ("Of all", "Of treated", "Median days", "Followed up")  # a telephone has no room for these


def _follow(rows: Sequence[Row], chosen: tuple[str, ...]) -> None:
    """Callback: the pathway of the row goes into the URL; the one that is followed already leaves it."""
    place = browser.chosen_row(TABLE, len(rows))
    steps = () if place is None else tuple(rows[place]["steps"])
    address.write(NAME, BAR.join(() if steps == chosen else steps))
