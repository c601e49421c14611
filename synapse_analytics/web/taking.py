"""The drawer of a card, the same under every answer: its table, file, picture and link, what gives the same numbers again, and its rows.

Nothing is computed before somebody opens the drawer; file, command and Python give the numbers that the drawer shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from synapse_analytics import access, analyses, audit, exports
from synapse_analytics.analyses.rows_behind import ROWS_BEHIND
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import table as tables
from synapse_analytics.figures.stamped import stamped
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings import words as w
from synapse_analytics.places import page_file
from synapse_analytics.web import browser, refusal
from synapse_analytics.web.leaving import leaving
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look, person

OPEN, OPEN_WITHOUT_PICTURE = "Numbers, picture and link", "Numbers and link"
INSIDE, TO_SHARE = "inside", "to_share"
OFFERS = {INSIDE: "For use inside the clinic", TO_SHARE: "To share"}
NOTHING_TO_SHARE = "Nothing here can be shared: too few patients stand behind it."
ROWS, ROWS_OF_TABLE = "The rows behind this chart", "The rows behind this table"
EXPORT_PAGE = page_file("export")
ROWS_OF = "rows_of"  # the parameter of the page Export that names the answer whose rows are asked for


@dataclass(frozen=True, slots=True)
class Card:
    """What a drawer offers: the answer of a card, its table (split `by`), and the function that draws its picture."""

    name: str
    released: Released
    to_share: Callable[[], Released]  # asks the same question under the policy publish
    table: str
    by: str | None = None
    draw: Callable[..., dict[str, Any]] | None = None


def is_permitted() -> bool:
    """True if the person who asks may take away what is shown."""
    return access.may(person(), access.Permission.EXPORT_SHOWN)


def drawer(card: Card, second: Card | None = None) -> None:
    """The drawer, closed at first; none for a person who may not take away what is shown. A `second` answer stands under the first."""
    if not is_permitted():
        return
    label = OPEN if card.draw else OPEN_WITHOUT_PICTURE
    part = st.expander(label, key=f"open_{card.name}", on_change="rerun", icon=":material/table_rows:")
    if part.open:
        with part:
            sharing = chosen(card.name) == TO_SHARE
            if _offer(card, to_share=sharing) and second:
                _offer(second, to_share=sharing, link=False)
            _rows_behind(card)


def chosen(name: str) -> str:
    """INSIDE or TO_SHARE; under the stricter policy there is nothing to choose."""
    if exports.may_leave(clinic().policy):
        return TO_SHARE
    return st.segmented_control(
        "Which numbers",
        list(OFFERS),
        format_func=OFFERS.__getitem__,
        default=INSIDE,
        required=True,
        key=f"take_{name}",
        persist_state="session",
    )


def _offer(card: Card, *, to_share: bool, link: bool = True) -> bool:
    """Table, file, picture, link, command and Python of an answer; False where there is nothing to take away."""
    answer, handle = card.released, clinic()
    if to_share:
        try:
            answer, handle = card.to_share(), handle.under("publish")
        except NotAllowed as error:
            refusal.not_to_share(error, key=card.name)
            return False
    if answer.refused or not answer.tables.get(card.table):
        st.info(plain(answer.refused or NOTHING_TO_SHARE), icon=":material/shield:")
        return False
    exports.check_same(answer, handle)  # or the stamp could name another policy or other data
    st.caption(plain(exports.stamp(handle)))
    _table(card, answer, handle)
    _picture(card, answer, handle, link=link)
    _again(card, answer)
    return True


def _table(card: Card, answer: Released, handle: Clinic) -> None:
    """The table with the names that its columns have in the file, how many of its numbers are withheld, and the file."""
    rows = answer.tables[card.table]
    st.html(tables.table(rows, look(), by=card.by, caption=_heard(card), names=True))
    hidden = sum(len(row["withheld"]) for row in rows)
    said = [f"{w.numbers_are(hidden)} withheld in this table: too few patients."] if hidden else []
    st.caption(plain(" ".join([*said, "The names in small print are those of the columns in the file."])))
    st.download_button(
        "Download CSV",
        data=leaving(handle, partial(exports.table_bytes, answer, card.table), _logged(answer, card.table)),
        file_name=exports.file_name(answer, card.table),
        mime="text/csv",
        key=f"save_{card.name}_{card.table}",
        on_click="ignore",
        icon=":material/download:",
    )


def _logged(answer: Released, table: str) -> audit.Subject:
    """What the log says of a table that leaves."""
    detail = {"answer": answer.name, "options": analyses.options_to_log(answer), "table": table, "file": exports.file_name(answer, table)}
    return audit.Subject(answer.cohort.url(), len(answer.tables[table]), detail=detail)


def _heard(card: Card) -> str:
    """What a screen reader calls the table: two cards of a page may show tables of one name."""
    return ", ".join(dict.fromkeys(name.replace("_", " ") for name in (card.table, card.name)))


def _picture(card: Card, answer: Released, handle: Clinic, *, link: bool) -> None:
    """The same figure on white with its stamp as a picture to be saved, and the link to the card."""
    figure = card.draw(answer, LIGHT) if card.draw else {}
    is_drawn = bool(figure.get("data"))
    if card.draw and not is_drawn:
        st.caption("Too few patients for a picture.")
    if is_drawn or link:
        picture = stamped(answer, figure, exports.stamp(handle)) if is_drawn else None
        stem = exports.file_stem(answer, card.name)
        policy = "" if handle.policy is clinic().policy else handle.policy.name
        browser.take(picture, f"picture_{card.name}", name=stem, card=f"card_{card.name}" if link else "", policy=policy)


def _again(card: Card, answer: Released) -> None:
    """The command line and the Python that give the numbers of the table."""
    st.caption(
        plain(
            f"The same numbers from the command line, or from Python, on the computer that runs the dashboard (data version {answer.generation}):"
        )
    )
    st.code(exports.command_line(answer, card.table), language="bash", wrap_lines=True)
    st.code(exports.python_code(answer, card.table), language="python", wrap_lines=True)


def _rows_behind(card: Card) -> None:
    """A link to the rows: the page Export with the cohort as it is, and the table and the columns of the answer chosen."""
    may = access.may(person(), access.Permission.EXPORT_RECORDS) and access.may_see(person(), EXPORT_PAGE.stem)
    if card.released.name in ROWS_BEHIND and may and not exports.may_leave(clinic().policy):
        asked = {name: value if isinstance(value, tuple) else str(value) for name, value in cohort().in_use().items()}
        with st.container(key=f"rows_{card.name}"):
            label = ROWS if card.draw else ROWS_OF_TABLE
            st.page_link(EXPORT_PAGE, label=label, icon=":material/list_alt:", query_params={**asked, ROWS_OF: card.released.name})
