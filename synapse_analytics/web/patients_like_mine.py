"""The particulars of a patient, and the card that says how many patients are like this one and how near they are."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.headline import is_pain
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import NOBODY
from synapse_analytics.findings import words as w
from synapse_analytics.web import address
from synapse_analytics.web.parts import card, say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic

ANY = "any"  # in the URL: this particular does not matter
IN_HALVES = ("bmi", "pain")  # the other particulars are whole numbers


def nearness(released: Released) -> bool:
    """How many patients are alike and how near; False where they are too few to go on."""
    row = next(iter(released.tables.get("matched", ())), None)
    if released.refused or row is None:
        st.info(plain(released.refused or NOBODY))
        return False
    if row["refused"] or row["n"] is None:
        with card("matched", "Too few patients are like this one", row["refused"] or "The number is withheld: too few patients."):
            st.markdown(
                "Nothing is shown of fewer than 20: a handful of patients says more about themselves than about the next one. "
                "A wider distance, or particulars left empty, finds more."
            )
        return False
    with card("matched", f"{row['n']:,} episodes of this clinic are alike", _near(row)):
        say(" ".join(released.notes))
    return True


def _near(row: Any) -> str:
    if row["median_distance"] is None:
        return "How near they are is withheld."
    far = "" if row["p90_distance"] is None else f", nine of ten lie within {w.number(row['p90_distance'], 2)}"
    return (
        f"Half of them lie within {w.number(row['median_distance'], 2)} calipers{far}; the limit is {row['width']:g}. One caliper is 10 years of age, "
        "1.5 points of pain, 10 points of ODI, 4 of BMI, symptoms twice or half as long, or the other sex or smoking habit."
    )


def scores(released: Released) -> list[str]:
    """The scores of which outcomes are known, the headline score first."""
    return list(dict.fromkeys(row["instrument"] for row in released.tables["outcomes"]))


def particular(name: str, label: str, limits: tuple[int, int], default: float | None = None) -> float | None:
    """A number about the patient, in the URL like every option; None means that it does not matter."""
    held = address.option(name, ANY if default is None else f"{default:g}")
    number, step, form = (float, 0.5, "%.1f") if name in IN_HALVES else (int, 1, "%d")
    low, high = limits
    try:
        value = number(float(held)) if low <= float(held) <= high else None
    except ValueError:  # ANY, or what somebody wrote into the URL
        value = None
    st.number_input(
        label,
        number(low),
        number(high),
        value=None,
        step=step,
        format=form,
        placeholder="does not matter",
        key=address.show_as(name, value),
        on_change=_picked,
        args=(name,),
    )
    return value


def pain_now() -> float | None:
    """The score of the patient in the pain that this clinic asks for; no field where it asks for none."""
    asked = v.find(v.INSTRUMENTS, clinic().generation.headline)
    if not is_pain(clinic()):
        return None
    return particular("pain", "Pain now, 0 to 10" if asked.code == v.HEADLINE else f"{asked.label.split(' (')[0]} now, 0 to 10", (0, 10), 7)


def _picked(name: str) -> None:
    value = st.session_state[address.PICK + name]
    address.write(name, ANY if value is None else f"{value:g}")
