"""The page Compare treatments: its four choices with their numbers, the two sentences, whether and of whom they hold, and the way out of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import COMPARABLE, partners
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.findings import NOBODY, arms, care, comparable, comparison_checks, early_and_late
from synapse_analytics.findings import words as w
from synapse_analytics.web import address, frame, link
from synapse_analytics.web.choices import MONTHS, labels
from synapse_analytics.web.nearest import propose
from synapse_analytics.web.parts import card, listed, say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort

CROSSOVER = {"treatment_policy": "Keep patients who later switched", "censored": "Use their answers only until they switched"}
NUMBERS = "In brackets: how many episodes started this treatment and have a score from the 60 days before it. Treatments marked \u201ctoo few\u201d cannot be compared."
MARKED = "\u201cToo few\u201d: one of the two groups has fewer than 30 answers. Only diagnoses that were treated with both count."
EVERY, SEVERAL = "", "several"
DIAGNOSIS = "compared_diagnosis"  # the key of a list that writes the filter


def asked() -> dict[str, Any]:
    """What the URL asks for; None where it leaves a treatment open, and the first that can be compared is taken."""
    a, b = (_treatment(name) for name in "ab")
    if a and b and b not in partners(a):
        b = None
    return {
        "a": a,
        "b": b,
        "outcome": _held("outcome", labels(v.INSTRUMENTS), clinic().generation.headline),
        "month": _held("month", _months(a), 12),
        "crossover": _held("crossover", CROSSOVER, "treatment_policy"),
    }


def _treatment(name: str) -> str | None:
    held = address.option(name, "")
    if held and held not in COMPARABLE:
        link.refuse(name, held, "A treatment that can be compared")
    return held if held in COMPARABLE else None


def _held(name: str, options: Mapping[Any, str], default: Any) -> Any:
    held = address.option(name, str(default))
    value = next((option for option in options if str(option) == held), default)
    if str(value) != held:
        link.refuse(name, held, options[value])
    return value


def _months(a: str | None) -> dict[int, str]:
    """The times that can be asked for: of a strategy those whose window opens after its landmark."""
    day = next((term.day for term in v.STRATEGIES if term.code == a), 0)
    return {month: label for month, label in MONTHS.items() if v.find(v.VISITS, f"month_{month}").first > day}


def choices(place: Any, released: Released, chosen: Mapping[str, Any]) -> None:
    """Diagnosis, treatment, compared with, outcome: each with its number, and what cannot be compared marked before it is chosen."""
    possible = frame.ask("comparable", outcome=chosen["outcome"], month=chosen["month"])
    a, b = (released.options[arm] for arm in "ab")
    with place, st.container(key="compare_choices"):
        one, two, three, four = st.columns(4)
        with one:
            _diagnosis()
        if not possible.refused and a and b:
            with two:
                _list("a", "Treatment", comparable.first_offers(possible), a, NUMBERS)
            with three:
                _list("b", "Compared with", comparable.second_offers(possible, a), b, MARKED)
        with four:
            _list("outcome", "Outcome", labels(v.INSTRUMENTS), chosen["outcome"])


def _list(name: str, label: str, options: Mapping[Any, str], value: Any, meaning: str | None = None) -> None:
    known = options if value in options else {value: care.treatment(value), **options}
    key = address.show_as(name, value)
    st.selectbox(label, list(known), format_func=known.__getitem__, key=key, on_change=address.picked, args=(name,), help=meaning)


def _diagnosis() -> None:
    """The diagnosis filter of the cohort as one choice: one diagnosis or all; several are shown as such."""
    chosen = cohort().diagnosis
    options = _diagnoses()
    value = EVERY if not chosen else chosen[0] if len(chosen) == 1 else SEVERAL
    if value == SEVERAL:
        options |= {SEVERAL: f"{len(chosen)} diagnoses"}
    st.session_state[DIAGNOSIS] = value
    st.selectbox("Diagnosis", list(options), format_func=options.__getitem__, key=DIAGNOSIS, on_change=_narrow)


def _diagnoses() -> dict[str, str]:
    """code -> label with its number, all of them first."""
    every = {EVERY: "All diagnoses"} | labels(v.DIAGNOSES)
    try:
        mix = frame.ask("diagnosis_mix", of=replace(cohort(), diagnosis=()))
    except NotAllowed:  # the other diagnoses are too few to be told
        return every
    sizes = {row["diagnosis"]: row["n"] for row in mix.tables.get("diagnoses", ())}
    if mix.episodes is not None:
        sizes[EVERY] = mix.episodes
    return {code: label if (n := sizes.get(code)) is None else f"{label} ({n:,})" for code, label in every.items()}


def _narrow() -> None:
    """Callback: the filter holds the chosen diagnosis, or none.

    A click that comes before the browser has drawn the numbers of the click before says the old label, which is no code: nothing was chosen.
    """
    value = st.session_state[DIAGNOSIS]
    if value in (EVERY, *labels(v.DIAGNOSES)):
        address.ask_about(replace(cohort(), diagnosis=(value,) if value else ()))


def other_choices(released: Released, chosen: Mapping[str, Any]) -> None:
    """The time and the answers that count: the quieter choices."""
    with st.container(key="compare_more"):
        one, two = st.columns(2)
        with one:
            _list("month", "Compared at", _months(released.options["a"]), chosen["month"])
        with two:
            _list("crossover", "Patients who switched treatment", CROSSOVER, chosen["crossover"])


def answered(released: Released) -> bool:
    """The sentences, or why there are none and what can be compared instead; False where nothing at all can be shown."""
    if released.refused or not released.tables.get("quality"):
        st.info(plain(released.refused or NOBODY))
        return False
    with st.container(key="compare_answer"):
        st.markdown(f"## {plain(early_and_late.sentence(released))}")
        if arms.is_refused(released):
            st.markdown(plain(arms.refused(released)))
            propose(released)
        else:
            said = (early_and_late.importance(released), early_and_late.frequencies(released))
            st.markdown(plain(" ".join(part for part in said if part)))
        say(released.notes[0])
    return True


def can_be_compared(released: Released) -> None:
    """Alike, overlap, followed up: whether the two can be compared."""
    with card("checks", "Can the two groups be compared?"):
        listed(comparison_checks.checks(released), "Can the two groups be compared?")


def of_whom(released: Released) -> None:
    """The way from all patients to those compared."""
    with card("flow", "Which patients are compared?"):
        listed(comparison_checks.who_is_compared(released), "How this group was formed")


def halves() -> Any:
    """Two places side by side, of which the second goes below where the screen is narrow."""
    return st.container(key="compare_halves").columns(2)


def is_shown(released: Released) -> bool:
    """True if a difference between the two groups may be shown."""
    return any(row["difference"] is not None for row in released.tables.get("estimates", ()))


def has_subgroups(released: Released) -> bool:
    """True if the comparison was repeated in subgroups."""
    return bool(released.tables.get("subgroups"))


def unmeasured(released: Released) -> None:
    """What something that was not recorded would need to explain the difference (the E-value), and the particulars of both groups."""
    if strength := _strength(released.tables["quality"][0]):
        with card("unmeasured", "Could something that was not recorded explain this?", strength):
            pass
    with card("particulars", "Follow-up and switches of treatment"):
        listed(comparison_checks.particulars(released), "Follow-up and switches of treatment")
        say(" ".join(released.notes[1:]))


def _strength(quality: Any) -> str:
    """The E-value in words; nothing where no difference is shown."""
    if quality["e_value"] is None:
        return ""
    limit = quality["e_value_limit"]
    weak = limit is not None and limit <= 1
    end = (
        "The interval already includes no difference."
        if weak
        else f"For the interval to include no difference, {w.number(limit, 1)} times would be enough."
    )
    return (
        "To explain the whole difference among similar patients, something that was not recorded would have to make both the choice of treatment and a "
        f"better outcome at least {w.number(quality['e_value'], 1)} times as likely (E-value). {end}"
    )
