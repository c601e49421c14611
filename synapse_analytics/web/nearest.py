"""Out of a refused comparison: the nearest one that can be made, tried before it is offered, one click away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.findings import arms, care, comparable
from synapse_analytics.web import address, frame
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import cohort

TRIED = 4  # comparisons: each may take as long as the refused one
SOONER = 3  # months: more patients have answered by then


@dataclass(frozen=True, slots=True)
class Instead:
    """A comparison that may be made: of this cohort or of all diagnoses, at a time."""

    a: str
    b: str
    month: int
    of: Cohort


def propose(released: Released) -> None:
    """A button that leads to the nearest comparison that is not refused; a line where none of those tried can be made."""
    with st.spinner("Looking for the closest comparison that can be made ..."):
        found = next((instead for instead in islice(_candidates(released), TRIED) if _is_made(instead, released)), None)
    if found is None:
        more = " Fewer filters would include more patients." if cohort().in_use() else ""
        st.markdown(f"No similar comparison can be made for these patients: too few of them answered.{plain(more)}")
        return
    st.markdown("The closest comparison that can be made:")
    st.button(plain(_words(found, released)), key="compare_instead", icon=":material/arrow_forward:", on_click=_go, args=(found,))


def _candidates(released: Released) -> Iterator[Instead]:
    """The same first treatment with others, the same two in all diagnoses or sooner, then other pairs."""
    a, b, month = (released.options[name] for name in ("a", "b", "month"))
    possible = frame.ask("comparable", outcome=released.options["outcome"], month=month)
    pairs = [Instead(*pair, month, cohort()) for pair in comparable.nearest(possible, a, b)]
    yield from [instead for instead in pairs[: comparable.AGREEING] if instead.a == a]
    if cohort().diagnosis:
        yield Instead(a, b, month, replace(cohort(), diagnosis=()))
    if month > SOONER and a not in v.codes(v.STRATEGIES):
        yield Instead(a, b, SOONER, cohort())
    yield from [instead for place, instead in enumerate(pairs) if place >= comparable.AGREEING or instead.a != a]


def _is_made(instead: Instead, released: Released) -> bool:
    options = {name: released.options[name] for name in ("outcome", "crossover")}
    try:
        answer = frame.ask("compare_treatments", of=instead.of, a=instead.a, b=instead.b, month=instead.month, **options)
    except NotAllowed:
        return False
    return not answer.refused and not arms.is_refused(answer)


def _words(found: Instead, released: Released) -> str:
    """`Compare discectomy with physical therapy for all diagnoses`."""
    where = " for all diagnoses" if found.of != cohort() else f" at {SOONER} months" if found.month != released.options["month"] else ""
    return f"Compare {v.inside(care.treatment(found.a))} with {v.inside(care.treatment(found.b))}{where}"


def _go(found: Instead) -> None:
    """Callback: the pair, its time and its cohort become those of the page."""
    for name, value in (("a", found.a), ("b", found.b), ("month", found.month)):
        address.write(name, value)
    address.ask_about(found.of)
