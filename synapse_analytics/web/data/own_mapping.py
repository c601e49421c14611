"""The mapping on the page Data: open questions first, then every answer in a table that can be edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.leaves import Leaf, changed, leaves, suggested
from synapse_analytics.intake.mapping.model import OPEN, Mapping
from synapse_analytics.intake.mapping.places import Place
from synapse_analytics.intake.mapping.questions import field_at, words_of
from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web.plain import plain

Use = Callable[[Mapping], None]
SHOWN_AT_ONCE = 20  # questions
FAULT, EDITION = (
    "own_mapping_fault",
    "own_mapping_edition",
)  # in the session: what was wrong with an answer; a number for each edition of the table
_CHOICES: dict[Place, list[str]] = {
    ("episode", "is"): ["one_per_patient", "column", "gap", "referral"],
    ("day_zero",): ["first_visit", "first_record", "first_score", "first_treatment"],
}
_FORMATS = ["day/month/year", "month/day/year", "year-month-day", "day-Mon-year", "day.month.year", "day-month-year"]


def questions(mapping: Mapping, use: Use) -> None:
    """A form with the open questions, each with the words that are allowed; nothing when none is open."""
    if FAULT in st.session_state:
        st.error(plain(st.session_state.pop(FAULT)), icon=":material/block:")
    still_open = [leaf for leaf in leaves(mapping) if leaf.is_open]
    if not still_open:
        st.success("No question is open.", icon=":material/check:")
        return
    st.markdown(plain(f"Answer {counted(len(still_open), 'question')} before anything can be loaded."))
    with st.form("own_questions"):
        asked = still_open[:SHOWN_AT_ONCE]
        for number, leaf in enumerate(asked):
            _ask(leaf, mapping, f"own_question_{_edition()}_{number}")
        if len(still_open) > len(asked):
            st.caption(plain(f"{counted(len(still_open) - len(asked), 'more question')} after these."))
        st.form_submit_button("Use these answers", type="primary", on_click=_answer, args=(mapping, asked, use))


def _ask(leaf: Leaf, mapping: Mapping, key: str) -> None:
    """One question: a choice where the words are known (what a code is most like is chosen already), else a text."""
    about = f"{leaf.about}: {leaf.ask}" if leaf.ask else leaf.about
    words = _words(leaf, mapping)
    if not words:
        st.text_input(plain(about), "" if leaf.answer == OPEN else leaf.answer, key=key, help=plain(leaf.why) or None)
        return
    likely = suggested(mapping, leaf.place) if leaf.answer == OPEN else leaf.answer
    st.selectbox(
        plain(about),
        words,
        index=words.index(likely) if likely in words else None,
        key=key,
        help=plain(leaf.why) or None,
        placeholder="Choose",
        accept_new_options=leaf.place[-1] == "format",
    )


def _words(leaf: Leaf, mapping: Mapping) -> list[str]:
    if leaf.place in _CHOICES:
        return _CHOICES[leaf.place]
    if leaf.place[-1] == "format":
        return _FORMATS
    field = field_at(mapping, leaf.place)
    is_word = leaf.place[-2:-1] == ("codes",) or leaf.place[-1] in {"value", "empty"}
    return [*words_of(field), *(["null"] if leaf.place[-2:-1] == ("codes",) else [])] if field and is_word and words_of(field) else []


def _edition() -> int:
    return int(st.session_state.get(EDITION, 0))


def _answer(mapping: Mapping, asked: list[Leaf], use: Use) -> None:
    """Take the answers of the form; a question without an answer stays open."""
    given = {leaf: st.session_state.get(f"own_question_{_edition()}_{number}") for number, leaf in enumerate(asked)}
    _change(mapping, {leaf.place: str(answer).strip() for leaf, answer in given.items() if answer and str(answer).strip()}, use)


def edit(mapping: Mapping, use: Use) -> None:
    """Every answer of the mapping in a table; a changed one counts at once."""
    rows = leaves(mapping)
    with st.expander("All that the mapping says", icon=":material/table_rows:"):
        shown = [{"what": leaf.about, "answer": leaf.answer, "why": leaf.ask or leaf.why} for leaf in rows]
        config = {"what": st.column_config.TextColumn(disabled=True, width="large"), "why": st.column_config.TextColumn(disabled=True)}
        st.data_editor(
            shown, column_config=config, hide_index=True, num_rows="fixed", key=_table(), on_change=_edited, args=(mapping, rows, use)
        )
        st.caption(
            "Several texts of one answer are separated by | . To add or remove lines, download the mapping, edit it, and use the file."
        )


def _table() -> str:
    return f"own_table_{_edition()}"


def _edited(mapping: Mapping, rows: list[Leaf], use: Use) -> None:
    edits: dict[int, dict[str, Any]] = st.session_state[_table()]["edited_rows"]
    _change(mapping, {rows[int(row)].place: str(cells["answer"] or "") for row, cells in edits.items() if "answer" in cells}, use)


def _change(mapping: Mapping, answers: dict[tuple[str | int, ...], str], use: Use) -> None:
    st.session_state[EDITION] = _edition() + 1
    try:
        use(changed(mapping, answers))
    except IntakeRefused as refusal:
        st.session_state[FAULT] = str(refusal)
