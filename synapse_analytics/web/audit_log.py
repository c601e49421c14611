"""The page Audit log: lines that fit a search, the check of the whole log, and the log as a file. For admins only, and asked again at each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from synapse_analytics import audit
from synapse_analytics.access import Permission
from synapse_analytics.clinic import Clinic
from synapse_analytics.errors import SynapseError
from synapse_analytics.places import PROGRAM
from synapse_analytics.vocabulary.plurals import counted
from synapse_analytics.web import audit_words as words
from synapse_analytics.web import permitted
from synapse_analytics.web.leaving import leaving
from synapse_analytics.web.parts import listed
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, person

FEW = 15  # lines below which nobody has to scroll back to turn the page
AT_ONCE = 50  # lines; as many as one reads on a page that scrolls
SKIPPED, FOR = "audit_skipped", "audit_sought"  # in the session: how many newer lines are passed over, and for which search
EVENTS = sorted(audit.Event, key=words.in_general)
FILE = "audit-log.jsonl"
TO_DO = (
    "Stop the dashboard, copy the folder of the store as it is, and tell whoever is responsible for data protection in the clinic. Compare the log "
    "with the last one that was downloaded or backed up: it shows which lines are missing or were changed. When that is understood, this command "
    "notes what you found, and the log goes on from there:"
)
SETTLE = f'{PROGRAM} audit settle --reason "what you found"'
ELSEWHERE = "The last line of the log. Keep it outside this computer: the command audit verify --head compares the log with it later."
LOOKED_FOR = "The text is looked for in what the log stores: names, codes, purposes and other details, not in the words of the table."


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; None and the empty text narrow nothing."""

    user: str | None
    event: audit.Event | None
    since: date | None
    until: date | None
    text: str


def search() -> Asked:
    """The fields of the search. They are not kept in the address: an address is written down in many places, and a person's name is none of their business."""
    _check()
    one, two, three, four, five = st.columns([5, 6, 5, 5, 5])  # a day needs its room
    user = one.text_input("Person", key="audit_person", placeholder="Everybody", help="The whole name, as it stands in the lines.").strip()
    event = two.selectbox("What happened", EVENTS, index=None, format_func=words.in_general, key="audit_event", placeholder="Anything")
    since = three.date_input("From day", None, key="audit_since", format="YYYY-MM-DD")
    until = four.date_input("To day", None, key="audit_until", format="YYYY-MM-DD")
    text = five.text_input("Text", key="audit_text", placeholder="Any", help=LOOKED_FOR).strip()
    return Asked(user or None, event, since, until, text)


def found(asked: Asked) -> None:
    """The lines that fit, the newest first, so many at a time."""
    _check()
    skipped = _skipped(asked)
    try:
        audit.flush()  # what was asked a moment ago is there, too
        lines = _lines(asked, skipped)
    except SynapseError as error:
        st.error(plain(error), icon=":material/block:")
        return
    if not lines:
        st.info(plain(_nothing(asked)), icon=":material/search_off:")
        return
    shown = lines[:AT_ONCE]
    where = f"{_places(skipped, len(shown))}{_sought(asked) or f' of {skipped + shown[0].number:,}'}, the newest first."
    _turning("turned", skipped, where, has_older=len(lines) > AT_ONCE)
    with st.container(key="audit_lines"):  # on the page as long as it is, also on paper
        listed([_row(line) for line in shown], "Lines of the audit log")
    if len(shown) > FEW:
        _turning("turned_below", skipped, where, has_older=len(lines) > AT_ONCE)


def _turning(key: str, skipped: int, where: str, *, has_older: bool) -> None:
    """Which lines are shown, and the way to newer and older ones."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"audit_{key}"):
        newer, older = skipped - AT_ONCE, skipped + AT_ONCE
        st.button("Newer", f"audit_{key}_newer", on_click=_go, args=(newer,), disabled=not skipped, icon=":material/arrow_back:")
        st.button("Older", f"audit_{key}_older", on_click=_go, args=(older,), disabled=not has_older, icon=":material/arrow_forward:")
        st.markdown(plain(where))


def _places(skipped: int, shown: int) -> str:
    """Which of the lines that fit are shown."""
    return f"Line {skipped + 1:,}" if shown == 1 else f"Lines {skipped + 1:,} to {skipped + shown:,}"


def _nothing(asked: Asked) -> str:
    """That no line fits, and what may be the reason."""
    is_turned = asked.since and asked.until and asked.since > asked.until
    reasons = ["The first day is after the last."] if is_turned else []
    return " ".join(["No line of the log fits.", *reasons, *([LOOKED_FOR] if asked.text else [])])


def _sought(asked: Asked) -> str:
    """What is looked for, in words that stay on paper where the fields do not; empty where nothing is."""
    parts = [
        f"by {asked.user}" if asked.user else "",
        f"“{words.in_general(asked.event)}”" if asked.event else "",
        f"from {asked.since}" if asked.since else "",
        f"to {asked.until}" if asked.until else "",
        f"with the text “{asked.text}”" if asked.text else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f" of those that fit ({told})" if told else ""


def _check() -> None:
    permitted.check(person(), Permission.MANAGE_DATA, "audit_log", clinic().home)


def _skipped(asked: Asked) -> int:
    """How many newer lines are passed over; none as soon as something else is looked for."""
    if st.session_state.get(FOR) != asked:
        st.session_state[FOR], st.session_state[SKIPPED] = asked, 0
    return int(st.session_state[SKIPPED])


def _go(to: int) -> None:
    st.session_state[SKIPPED] = max(to, 0)


def _lines(asked: Asked, skipped: int) -> list[audit.Line]:
    """These lines, and one more if there are older ones."""
    return audit.search(
        clinic().home,
        user=asked.user,
        event=asked.event,
        since=asked.since,
        until=asked.until,
        text=asked.text,
        newest_first=True,
        limit=skipped + AT_ONCE + 1,
    )[skipped:]


def _row(line: audit.Line) -> dict[str, Any]:
    return {
        "when": line.at[:19].replace("T", " "),
        "person": line.user,
        "roles": line.roles.replace(",", ", "),
        "what happened": words.sentence(line),
        "cohort": words.cohort(line.cohort),
        "details": words.details(line),
        "number": f"{line.number:,}",
    }


def whole() -> None:
    """The check of all lines, and the log as a file."""
    with st.container(horizontal=True, key="audit_whole"):
        is_asked = st.button("Verify", key="audit_verify", icon=":material/verified:", help="Checks that no line was changed or removed.")
        _download()
    if is_asked:
        _verify()


def _verify() -> None:
    """Follow the chain of all lines; where it does not hold, say what an operator does."""
    _check()
    audit.flush()
    with st.spinner("Checking every line ..."):
        checked = audit.verify(clinic().home)
    lines = counted(checked.lines, "line")
    if checked.problem is None:
        st.success(plain(f"The log is complete and unchanged: {lines}."), icon=":material/verified:")
    else:
        st.error(plain(f"The log is not whole: {checked.problem}. {lines} could be checked."), icon=":material/gpp_bad:")
    for said in checked.notes:
        st.caption(plain(said))
    if checked.problem is not None:
        st.markdown(plain(TO_DO))
        st.code(SETTLE, language="bash")
    elif checked.head:
        st.caption(plain(ELSEWHERE))
        st.code(checked.head, language=None, wrap_lines=True)


def _download() -> None:
    """The whole log, one JSON object in a line; the log says who took it."""
    st.download_button(
        "Download as JSON lines",
        data=leaving(clinic(), _as_file, audit.Subject(detail={"answer": "audit_log", "file": FILE}), needs=Permission.MANAGE_DATA),
        file_name=FILE,
        mime="application/x-ndjson",
        key="audit_download",
        on_click="ignore",
        icon=":material/download:",
    )


def _as_file(handle: Clinic) -> bytes:
    audit.flush()
    return "".join(f"{line}\n" for line in audit.export(handle.home)).encode()
