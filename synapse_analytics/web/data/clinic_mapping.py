"""The mapping on the page Data: open questions first, then every answer in a table that can be edited."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import streamlit as st

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.leaves import NOTHING, Leaf, changed, field_words, leaves, open_leaves, suggested
from synapse_analytics.intake.mapping.model import OPEN, Mapping
from synapse_analytics.intake.mapping.places import Place
from synapse_analytics.intake.mapping.questions import OF_CODES, words_at
from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web.plain import plain

Use = Callable[[Mapping], None]
SHOWN_AT_ONCE = 60  # questions
BESIDE = 3  # questions in a row
LAST: dict[str | int, str] = {"value": "the same for every row"}
TOP: dict[Place, str] = {
    ("clinic",): "Name of the clinic",
    ("data_until",): "Last month with complete data, such as 2026-06",
    ("deidentified_by",): "Who anonymises the data",
    ("day_zero",): "Which day is day 0 of an episode",
    ("episode", "is"): "What one episode is",
}
FAULT, EDITION = (
    "own_mapping_fault",
    "own_mapping_edition",
)  # in the session: what was wrong with an answer; a number for each edition of the table
_EPISODES = {
    "one_per_patient": "one per patient", "column": "one for each event or number of an episode", "gap": "a new one after a gap",
    "referral": "one for each row that describes one",
}  # fmt: skip
_CHOICES: dict[Place, list[str]] = {
    ("episode", "is"): [*_EPISODES],
    ("day_zero",): ["first_visit", "first_record", "first_score", "first_treatment"],
}
_FORMATS = ["day/month/year", "month/day/year", "year-month-day", "day-Mon-year", "day.month.year", "day-month-year"]


def questions(mapping: Mapping, unnamed: list[Leaf], use: Use) -> bool:
    """A form with the open questions, and codes that the mapping does not name, field by field, with the words that are allowed. True if any is open."""
    if FAULT in st.session_state:
        st.error(plain(st.session_state.pop(FAULT)), icon=":material/block:")
    asked = open_leaves(mapping) or unnamed
    if not asked:
        st.success("No question is open.", icon=":material/check:")
        return False
    st.markdown(
        plain(
            f"Answer {counted(len(asked), 'question')} before anything can be loaded. Where one word is likely, it is chosen already: check it."
        )
    )
    with st.form("own_questions"):
        numbered = list(enumerate(asked[:SHOWN_AT_ONCE]))
        for about, group in groupby(numbered, key=lambda pair: field_words(pair[1].place, mapping)):
            _group(about, list(group), mapping)
        if len(asked) > SHOWN_AT_ONCE:
            st.caption(plain(f"{counted(len(asked) - SHOWN_AT_ONCE, 'more question')} after these."))
        st.form_submit_button("Use these answers", type="primary", on_click=_answer, args=(mapping, asked[:SHOWN_AT_ONCE], use))
    return True


def _group(about: str, group: list[tuple[int, Leaf]], mapping: Mapping) -> None:
    """The questions about one field, side by side."""
    if about:
        st.markdown(f"**{plain(about)}**")
    for said in dict.fromkeys(leaf.ask for _, leaf in group if leaf.ask):
        st.caption(plain(said if "?" not in said else said.partition("?")[0] + "?"))
    columns = st.columns(BESIDE)
    for place, (number, leaf) in enumerate(group):
        with columns[place % BESIDE]:
            _ask(leaf, mapping, f"own_question_{_edition()}_{number}")


def _ask(leaf: Leaf, mapping: Mapping, key: str) -> None:
    """One question: a choice where the words are known (what a code is most like is chosen already), else a text."""
    about = TOP.get(leaf.place) or _spoken(LAST.get(leaf.place[-1], str(leaf.place[-1])))
    words = _words(leaf, mapping)
    if not words:
        st.text_input(plain(about), "" if leaf.answer == OPEN else leaf.answer, key=key, help=plain(leaf.why) or None)
        return
    likely = suggested(mapping, leaf.place) if leaf.answer == OPEN else leaf.answer
    st.selectbox(
        plain(about),
        words,
        index=words.index(likely) if likely in words else None,
        format_func=_EPISODES.__getitem__ if leaf.place == ("episode", "is") else _spoken,
        key=key,
        help=plain(leaf.why) or None,
        placeholder="Choose",
        accept_new_options=leaf.place[-1] == "format",
    )


def _spoken(word: str) -> str:
    return "not recorded" if word == NOTHING else word.replace("_", " ")


def _words(leaf: Leaf, mapping: Mapping) -> list[str]:
    if leaf.place in _CHOICES:
        return _CHOICES[leaf.place]
    if leaf.place[-1] == "format":
        return _FORMATS
    is_code = leaf.place[-2:-1] in OF_CODES
    words = words_at(mapping, leaf.place) if is_code or leaf.place[-1] in {"value", "empty", "unit"} else ()
    return [*words, *([NOTHING] if is_code and words else [])]


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
