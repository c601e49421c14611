"""The drawer of a card: its table and its picture to take away, for use inside the clinic or to share.

Nothing is computed before somebody opens the drawer; the file holds the numbers that the drawer shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from synapse_analytics import access, exports
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import table as tables
from synapse_analytics.figures.stamped import stamped
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.web import refusal
from synapse_analytics.web.parts import chart
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, look, person, still_allowed

OPEN_TABLE, OPEN_PICTURE = "Table and download", "Picture to take away"
INSIDE, TO_SHARE = "inside", "to_share"
OFFERS = {INSIDE: "For use inside the clinic", TO_SHARE: "To share"}
NOTHING_TO_SHARE = "Nothing of this may be shared: too few patients stand behind it."


@dataclass(frozen=True, slots=True)
class Card:
    """What a drawer offers: the answer of a card, its table (split `by`), and the function that draws its picture."""

    name: str
    released: Released
    to_share: Callable[[], Released]  # asks the same question under the policy publish
    table: str | None = None
    by: str | None = None
    draw: Callable[..., dict[str, Any]] | None = None


def is_permitted() -> bool:
    """True if the person who asks may take away what is shown."""
    return access.may(person(), access.Permission.EXPORT_SHOWN)


def drawer(card: Card, second: Card | None = None) -> None:
    """The drawer, closed at first; none for a person who may not take away what is shown. A `second` answer stands under the first."""
    if not is_permitted():
        return
    label, icon = (OPEN_TABLE, "table_rows") if card.table else (OPEN_PICTURE, "image")
    part = st.expander(label, key=f"open_{card.name}", on_change="rerun", icon=f":material/{icon}:")
    if part.open:
        with part:
            sharing = chosen(card.name) == TO_SHARE
            if _offer(card, to_share=sharing) and second:
                _offer(second, to_share=sharing)


def chosen(name: str) -> str:
    """INSIDE or TO_SHARE; under the stricter policy there is nothing to choose."""
    if exports.may_leave(clinic().policy):
        return TO_SHARE
    return st.segmented_control(
        "What for", list(OFFERS), format_func=OFFERS.__getitem__, default=INSIDE, required=True, key=f"take_{name}", persist_state="session"
    )


def _offer(card: Card, *, to_share: bool) -> bool:
    """The table and the picture of an answer; False where there is nothing to take away."""
    answer, handle = card.released, clinic()
    if to_share:
        try:
            answer, handle = card.to_share(), handle.under("publish")
        except NotAllowed as error:
            refusal.not_to_share(error, key=card.name)
            return False
    if answer.refused or (card.table and not answer.tables.get(card.table)):
        st.info(plain(answer.refused or NOTHING_TO_SHARE), icon=":material/shield:")
        return False
    exports.check_same(answer, handle)  # or the stamp could name another policy or other data
    st.caption(plain(exports.stamp(handle)))
    if card.table:
        _table(card, answer, handle)
    if card.draw:
        _picture(card, answer, handle)
    return True


def _table(card: Card, answer: Released, handle: Clinic) -> None:
    table = str(card.table)
    st.html(tables.table(answer.tables[table], look(), by=card.by, caption=table.replace("_", " ")))
    st.download_button(
        "Download CSV",
        data=lambda: exports.table_bytes(answer, table, still_allowed(handle)),
        file_name=exports.file_name(answer, table),
        mime="text/csv",
        key=f"save_{card.name}_{table}",
        on_click="ignore",
        icon=":material/download:",
    )


def _picture(card: Card, answer: Released, handle: Clinic) -> None:
    """The same figure on white with its stamp, and a camera that saves it."""
    figure = card.draw(answer, LIGHT) if card.draw else {}
    if not figure.get("data"):
        st.caption("There is no picture of so few patients.")
        return
    picture = stamped(answer, figure, exports.stamp(handle))
    kind = st.session_state.get("picture_format") or "png"
    name = exports.file_stem(answer, card.name)
    camera = {"format": kind, "filename": name, "scale": 2}
    st.caption(f"The camera above the picture saves it as {kind.upper()}.")
    bar = {"displaylogo": False, "displayModeBar": True, "modeBarButtons": [["toImage"]], "toImageButtonOptions": camera}
    chart(picture, f"picture_{card.name}", bar)
