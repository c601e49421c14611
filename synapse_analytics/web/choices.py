"""Choices that live in the URL as codes. Options are given as code -> label; a code that is not on offer falls back to the default."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import GROUPINGS, legal_groupings
from synapse_analytics.cohort.groups import grouping
from synapse_analytics.web import address, link
from synapse_analytics.web.session import clinic

WIDE = 360  # px; a wider list looks lost beside its label
NOTHING = ""  # the code of "do not split"
NONE: Mapping[str, str] = MappingProxyType({})
TOO_FINE = "numbers to share are not split by {}, because groups could be so small that a patient is recognised."
MONTHS = {3: "3 months", 6: "6 months", 12: "12 months", 24: "24 months"}  # after the first visit or the start of a treatment


def choose(name: str, label: str, options: Mapping[Any, str], default: Any, *, barred: Mapping[str, str] = NONE) -> Any:
    """A list in which one option is chosen; of the `barred` values of the URL it is said why they are not on offer."""
    value, shared = tied(name, options, default, barred=barred)
    st.selectbox(label, width=WIDE, **shared)
    return value


def switch(name: str, label: str, options: Mapping[str, str], default: str) -> str:
    """A choice between a few options, all in sight."""
    value, shared = tied(name, options, default)
    st.segmented_control(label, required=True, **shared)
    return value


def abreast(*choices: Callable[[], Any]) -> list[Any]:
    """The values of choices that stand side by side, so that they push the answer down by one line only."""
    values = []
    for place, choice in zip(st.columns(max(len(choices), 3)), choices, strict=False):
        with place:
            values.append(choice())
    return values


def tied(name: str, options: Mapping[Any, str], default: Any, *, barred: Mapping[str, str] = NONE) -> tuple[Any, dict[str, Any]]:
    """The option that the URL holds, and what a visible widget needs to show it and to write back to the URL."""
    held = address.option(name, str(default))
    value = next((option for option in options if str(option) == held), default)
    if str(value) != held:
        link.refuse(name, held, "" if held in barred else options[value], barred.get(held, ""))
    elif link.is_repeated(name, held):
        link.refuse(name, held, options[value], link.REPEATED)
    shared = {"options": list(options), "format_func": options.__getitem__, "key": address.show_as(name, value)}
    return value, shared | {"on_change": address.picked, "args": (name,)}


def labels(terms: Iterable[v.Coded]) -> dict[str, str]:
    """The options of a closed list."""
    return {term.code: term.label for term in terms}


def plain_numbers(*numbers: int) -> dict[int, str]:
    """Options that are their own labels."""
    return {number: str(number) for number in numbers}


def instrument(name: str = "instrument") -> str:
    """The choice of a score."""
    return choose(name, "Score", labels(v.INSTRUMENTS), clinic().generation.headline)


def allowed_splits() -> tuple[str, ...]:
    """The attributes that the policy in force allows to split by."""
    return legal_groupings(clinic().policy.name)


def split(name: str, default: str = NOTHING, *, offer: Sequence[str] | None = None) -> str | None:
    """What to split by, of those the policy allows (and of `offer`); None does not split."""
    offered = [by for by in GROUPINGS if offer is None or by in offer]
    legal = [by for by in offered if by in allowed_splits()]
    options = {NOTHING: "None"} | {by: grouping(by).label for by in legal}
    used = f"{options[default]} is used instead." if default else "The answer is not split."
    barred = {by: f"{TOO_FINE.format(grouping(by).label.lower())} {used}" for by in offered if by not in legal}
    return choose(name, "Split by", options, default, barred=barred) or None
