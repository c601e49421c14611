"""The table of pathways: selecting a row follows that pathway, in the URL, through the page."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.web import address

NAME = "pathway"  # of the URL parameter; steps joined by the bar that no code holds
BAR = "|"
TABLE = "pathway_rows"
SHOWN = 60  # rows on the screen; the download has all
LISTED = 40


def chosen(released: Released) -> tuple[str, ...]:
    """The steps of the pathway that is followed; none when the URL names one that is not shown."""
    known = list(dict.fromkeys(tuple(row["steps"]) for row in _rows(released)))
    codes = {BAR.join(steps): w.pathway(steps) for steps in known[:LISTED]}
    text = address.option(NAME, "")
    if text not in codes:
        text = ""
    st.selectbox(
        "Follow one pathway",
        ["", *codes],
        format_func=lambda code: codes.get(code, "All pathways"),
        key=address.show_as(NAME, text),
        on_change=address.picked,
        args=(NAME,),
        width=560,
    )
    return tuple(text.split(BAR)) if text else ()


def _rows(released: Released) -> list[Any]:
    return [row for row in released.tables["pathways"] if row["n"] is not None and tuple(row["steps"]) != ("other",)]


def table(released: Released) -> None:
    """The rows, one per pathway and end state; a click follows the pathway."""
    rows = _rows(released)[:SHOWN]
    columns = {
        "Pathway": [" \u2192 ".join(w.step(step, times) for step, times in zip(row["steps"], row["times"], strict=True)) for row in rows],
        "Ended": [w.treatment(row["end_state"]) for row in rows],
        "n": [row["n"] for row in rows],
        "Of all": _percent(rows, "share_of_all"),
        "Of treated": _percent(rows, "share_of_treated"),
        "Median days": [row["median_days"] for row in rows],
        "Change": [
            w.with_interval(row["change"], row["change_low"], row["change_high"]) if row["change"] is not None else "" for row in rows
        ],
        "Followed up": _percent(rows, "completeness"),
    }
    percent = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        pa.table(columns),
        key=TABLE,
        on_select=lambda: _follow(released),
        selection_mode="single-row",
        hide_index=True,
        height=380,
        placeholder="\u2013",
        alt="Pathways with their steps, end state, number, shares, days, change and follow-up; select a row to follow it",
        column_config={
            "Pathway": st.column_config.TextColumn(width=250),
            "Change (95 %)": st.column_config.TextColumn(width=150),
            "Of all": percent,
            "Of treated": percent,
            "Followed up": st.column_config.NumberColumn(format="%.0f %%"),
            "Median days": st.column_config.NumberColumn(format="%.0f"),
        },
    )


def _percent(rows: list[Any], name: str) -> list[float | None]:
    return [None if row[name] is None else 100 * row[name] for row in rows]


def _follow(released: Released) -> None:
    """Callback: the selected row becomes the pathway of the URL; what the browser sends is checked."""
    rows = _rows(released)[:SHOWN]
    picked = [row for row in st.session_state[TABLE]["selection"]["rows"] if isinstance(row, int) and 0 <= row < len(rows)]
    address.write(NAME, BAR.join(rows[picked[0]]["steps"]) if picked else "")
