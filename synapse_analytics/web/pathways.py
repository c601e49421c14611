"""How pathways are read, and the table of pathways: selecting a row follows that pathway, in the URL, through the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import pathways
from synapse_analytics.findings import words as w
from synapse_analytics.web import address, frame
from synapse_analytics.web.choices import choose, plain_numbers, tied
from synapse_analytics.web.parts import card, columns

Row = Mapping[str, Any]
NAME = "pathway"  # the parameter of the URL
BAR = "|"  # joins the steps of a pathway in the URL; no code of a step holds it
ARROW = " \u2192 "
TABLE = "pathway_rows"
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


def pathway_table(released: Released, chosen: tuple[str, ...]) -> None:
    """The table of pathways, one row per pathway and end state; selecting a row follows the pathway, and the followed one is ticked."""
    words = "One row for each pathway and how it ended, the most frequent first. Select a row to follow that pathway."
    with card("pathway_table", "Which pathways are there?", words):
        _table(_rows(released)[:SHOWN], chosen)
        frame.small_print(released, "pathways")
        frame.save(released, "pathways", "pathways")


def _table(rows: Sequence[Row], chosen: tuple[str, ...]) -> None:
    _tick(rows, chosen)
    percent = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        pa.table({name: [write(row) for row in rows] for name, write in COLUMNS.items()}),
        key=TABLE,
        on_select=lambda: _follow(rows),
        selection_mode="single-row",
        hide_index=True,
        height=380,
        placeholder="\u2013",
        alt="Pathways with their steps, end state, number, shares, days, change and follow-up; select a row to follow it",
        column_config={
            "Pathway": st.column_config.TextColumn(width=250),
            "Of all": percent,
            "Of treated": percent,
            "Followed up": st.column_config.NumberColumn(format="%.0f %%"),
            "Median days": st.column_config.NumberColumn(format="%.0f"),
        },
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


COLUMNS = {
    "Pathway": lambda row: ARROW.join(w.step(step, times) for step, times in zip(row["steps"], row["times"], strict=True)),
    "Ended": lambda row: w.treatment(row["end_state"]),
    "n": lambda row: row["n"],
    "Of all": lambda row: _percent(row["share_of_all"]),
    "Of treated": lambda row: _percent(row["share_of_treated"]),
    "Median days": lambda row: row["median_days"],
    "Change": lambda row: "" if row["change"] is None else w.with_interval(row["change"], row["change_low"], row["change_high"]),
    "Followed up": lambda row: _percent(row["completeness"]),
}


def _tick(rows: Sequence[Row], chosen: tuple[str, ...]) -> None:
    """Tick a row of the followed pathway, whatever chose it: the row itself, the list above, a link, or the way back of the browser."""
    of_chosen = [place for place, row in enumerate(rows) if tuple(row["steps"]) == chosen]
    kept = [place for place in _ticked(rows) if place in of_chosen]
    st.session_state[TABLE] = {"selection": {"rows": (kept or of_chosen)[:1]}}


def _ticked(rows: Sequence[Row]) -> list[int]:
    """The places of the ticked rows; a row that is not on the screen is ignored."""
    ticked = st.session_state[TABLE]["selection"]["rows"] if TABLE in st.session_state else []
    return [place for place in ticked if isinstance(place, int) and 0 <= place < len(rows)]


def _follow(rows: Sequence[Row]) -> None:
    """Callback: the pathway of the ticked row goes into the URL."""
    ticked = _ticked(rows)
    address.write(NAME, BAR.join(rows[ticked[0]]["steps"]) if ticked else "")
