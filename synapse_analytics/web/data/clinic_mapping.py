"""The mapping on the page Data: open questions first, then every answer in a table that can be edited."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import streamlit as st

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.fields import Reads
from synapse_analytics.intake.mapping.leaves import (
    NOTHING,
    Answer,
    Leaf,
    field_words,
    is_filling,
    leaves,
    open_leaves,
    scales_in,
    suggested,
    texts_in,
)
from synapse_analytics.intake.mapping.model import OPEN, Mapping
from synapse_analytics.intake.mapping.places import Place
from synapse_analytics.intake.mapping.questions import OF_CODES, field_at, words_at, words_of
from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web.plain import plain

Answers = dict[Place, Answer]
Use = Callable[[Answers], None]
Columns = Callable[[Place], list[str]]  # the columns that may fill the field at a place
SHOWN_AT_ONCE = 60  # questions
BESIDE = 3  # questions in a row
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
_OF_FIELD: dict[Place, list[str]] = {
    ("coded",): ["0-5", "1-6", "1-5"],
    ("fill",): ["down", NOTHING],
}
_SPOKEN = {NOTHING: "not recorded", "down": "the value above it", "scale": "Lowest and highest value"}
_SCALES = {"0 | 10": "0 to 10", "0 | 100": "0 to 100", "0 | 50": "0 to 50", "0 | 1": "0 to 1"}
_TYPED = {Reads.UNIT, Reads.DAY}  # may be the same for every row without a list of words: a site, a clinician, a day
_FORMATS = ["day/month/year", "month/day/year", "year-month-day", "day-Mon-year", "day.month.year", "day-month-year"]


def questions(mapping: Mapping, unnamed: list[Leaf], columns: Columns, use: Use) -> bool:
    """A form with the open questions, and codes that the mapping does not name, field by field, with the words that are allowed. True if any is open."""
    if FAULT in st.session_state:
        st.error(plain(_refused(st.session_state.pop(FAULT))), icon=":material/block:")
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
            _group(about, list(group), mapping, columns)
        if len(asked) > SHOWN_AT_ONCE:
            st.caption(plain(f"{counted(len(asked) - SHOWN_AT_ONCE, 'more question')} after these."))
        st.form_submit_button("Use these answers", type="primary", on_click=_answer, args=(asked[:SHOWN_AT_ONCE], columns, use))
    return True


def _refused(refusal: IntakeRefused) -> str:
    """What was wrong with the answers; rows of a file that nobody wrote are not named."""
    labels = {", ".join(map(str, place)): label for place, label in TOP.items()}
    told = [(*fault.sentence.partition(": "), fault.advice) for fault in refusal.faults]
    wrong = [f"{labels.get(place, place)}{colon}{rest} {advice}" for place, colon, rest, advice in told] or [str(refusal)]
    return " ".join(["These answers cannot be used.", *wrong])


def _group(about: str, group: list[tuple[int, Leaf]], mapping: Mapping, columns: Columns) -> None:
    """The questions about one field, side by side."""
    if about:
        st.markdown(f"**{plain(about)}**")
    for said in dict.fromkeys(leaf.ask for _, leaf in group if leaf.ask):
        st.caption(plain(f"{said.partition('?')[0]}?" if "?" in said else said.partition(" Write `")[0]))  # no YAML is written here
    beside = st.columns(BESIDE)
    for at, (number, leaf) in enumerate(group):
        key = f"own_question_{_edition()}_{number}"
        with beside[at % BESIDE]:
            if is_filling(leaf.place):
                _ask_what_fills(leaf, mapping, columns(leaf.place), key)
            else:
                _ask(leaf, mapping, key)


def _ask_what_fills(leaf: Leaf, mapping: Mapping, columns: list[str], key: str) -> None:
    """The words that may be the same for every row, and the columns of the table, as names in a tuple. Several columns may make one id."""
    field = field_at(mapping, leaf.place)
    before = texts_in(leaf.answer)
    if field and field.reads is Reads.ID:
        chosen = [column for column in before if column in columns]
        st.multiselect("Which column", columns, chosen, key=key, placeholder="Choose", help=plain(leaf.why) or None)
        return
    given: list[Answer] = [] if leaf.answer == OPEN else [tuple(before)] if leaf.place[-1] == "from" else [leaf.answer]
    words = words_of(field) if field else ()
    may_type = field is not None and field.reads in _TYPED
    offered = list(dict.fromkeys([*words, *given, *((column,) for column in columns)]))
    st.selectbox(
        "Which column, or the same for every row",
        offered,
        index=offered.index(given[0]) if given else None,
        format_func=_filler,
        key=key,
        help=plain(leaf.why) or None,
        placeholder="Choose a column, or type a text" if may_type else "Choose",
        accept_new_options=may_type,
    )


def _filler(one: Answer) -> str:
    return f'column "{" + ".join(one)}"' if isinstance(one, tuple) else f"the same for every row: {_spoken(one)}"


def _ask(leaf: Leaf, mapping: Mapping, key: str) -> None:
    """One question: a choice where the words are known (what a code is most like is chosen already), else a text."""
    about = TOP.get(leaf.place) or _spoken(str(leaf.place[-1]))
    words = _words(leaf, mapping)
    if not words:
        st.text_input(plain(about), "" if leaf.answer == OPEN else leaf.answer, key=key, help=plain(leaf.why) or None)
        return
    likely = suggested(mapping, leaf.place) if leaf.answer == OPEN else leaf.answer
    said = _EPISODES if leaf.place == ("episode", "is") else _SCALES | scales_in(leaf.ask)
    st.selectbox(
        plain(about),
        words,
        index=words.index(likely) if likely in words else None,
        format_func=lambda word: said.get(word) or _spoken(word),
        key=key,
        help=plain(leaf.why) or None,
        placeholder="Choose",
        accept_new_options=leaf.place[-1] == "format",
    )


def _spoken(word: str) -> str:
    return _SPOKEN.get(word, word.replace("_", " "))


def _words(leaf: Leaf, mapping: Mapping) -> list[str]:
    if leaf.place in _CHOICES:
        return _CHOICES[leaf.place]
    if leaf.place[-1] == "format":
        return [leaf.answer.replace(OPEN, form) for form in _FORMATS] if OPEN in leaf.answer else _FORMATS
    if leaf.place[4:5] == ("scales",):
        return list(dict.fromkeys([leaf.answer, *_SCALES]))
    if leaf.place[4:] == ("scale",):
        return [*scales_in(leaf.ask)]
    if leaf.place[4:] in _OF_FIELD:
        return _OF_FIELD[leaf.place[4:]]
    is_code = leaf.place[-2:-1] in OF_CODES
    words = words_at(mapping, leaf.place) if is_code or leaf.place[-1] in {"empty", "unit"} else ()
    return [*words, *([NOTHING] if is_code and words else [])]


def _edition() -> int:
    return int(st.session_state.get(EDITION, 0))


def _answer(asked: list[Leaf], columns: Columns, use: Use) -> None:
    """Take the answers of the form; a question without an answer stays open. Who types the name of a column means the column."""
    answers: Answers = {}
    for number, leaf in enumerate(asked):
        given = st.session_state.get(f"own_question_{_edition()}_{number}") or ""
        if isinstance(given, str) and is_filling(leaf.place):
            given = next(((one,) for one in columns(leaf.place) if one.casefold() == given.strip().casefold()), given)
        if isinstance(given, str):
            place = (*leaf.place[:-1], "value") if is_filling(leaf.place) else leaf.place
            answers |= {place: given.strip()} if given.strip() else {}
        else:  # of an id that has a column, another one stands in front, as in the ids that the draft composes
            answers[*leaf.place[:-1], "from"] = tuple(sorted(given, key=texts_in(leaf.answer).__contains__))
    _change(answers, use)


def edit(mapping: Mapping, use: Use) -> None:
    """Every answer of the mapping in a table; a changed one counts at once."""
    rows = leaves(mapping)
    with st.expander("All that the mapping says", icon=":material/table_rows:"):
        shown = [{"what": leaf.about, "answer": leaf.answer, "why": leaf.ask or leaf.why} for leaf in rows]
        config = {"what": st.column_config.TextColumn(disabled=True, width="large"), "why": st.column_config.TextColumn(disabled=True)}
        st.data_editor(shown, column_config=config, hide_index=True, num_rows="fixed", key=_table(), on_change=_edited, args=(rows, use))
        st.caption(
            "Several texts of one answer are separated by | . To add or remove lines, download the mapping, edit it, and use the file."
        )


def _table() -> str:
    return f"own_table_{_edition()}"


def _edited(rows: list[Leaf], use: Use) -> None:
    edits: dict[int, dict[str, Any]] = st.session_state[_table()]["edited_rows"]
    _change({rows[int(row)].place: str(cells["answer"] or "") for row, cells in edits.items() if "answer" in cells}, use)
    if FAULT in st.session_state:  # the table shows what the mapping says, not what was refused
        _renew()


def _change(answers: Answers, use: Use) -> None:
    """A refused answer leaves all that was typed in the form, so that the one that is wrong can be corrected."""
    try:
        use(answers)
    except IntakeRefused as refusal:
        st.session_state[FAULT] = refusal
    else:
        _renew()


def _renew() -> None:
    st.session_state[EDITION] = _edition() + 1
