"""The cards that open the two pages for care: what a comparison says or why it says nothing, and how near patients like mine are."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.headline import is_pain
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import table
from synapse_analytics.findings import NOBODY, arms
from synapse_analytics.findings import words as w
from synapse_analytics.web import address
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, look

ANY = "any"  # how the URL says that a particular does not matter


def comparison(released: Released) -> None:
    """Verdict or refusal, the sentence that always holds, and the quality of the comparison."""
    quality = next(iter(released.tables.get("quality", ())), None)
    if released.refused or quality is None:
        st.info(plain(released.refused or NOBODY))
        return
    with st.container(border=True, key="card_comparison"):
        st.markdown(f"## {plain(arms.verdict(released))}")
        if quality["refused"]:
            st.markdown(f"**Why.** {plain(arms.refused(released))}")
            st.markdown("What can still be shown: who was there, how complete they are, how alike they were and who could have had either.")
        st.markdown(plain(released.notes[0]))
        st.html(table.table(arms.who_is_compared(released), look(), caption="Who is compared"))
        st.markdown(_strength(quality))
        st.caption(plain(" ".join(released.notes[1:])))


def _strength(quality: Any) -> str:
    """The E-value in words; nothing where no difference is shown."""
    if quality["e_value"] is None:
        return ""
    limit = quality["e_value_limit"]
    weak = limit is not None and limit <= 1
    end = "The interval holds zero already." if weak else f"To move the interval to zero, {w.number(limit, 1)} times would do."
    return (
        f"**E-value {w.number(quality['e_value'], 1)}.** Something that was not recorded could explain the whole weighted difference only if it went with "
        f"both, the choice of treatment and a better outcome, at least {w.number(quality['e_value'], 1)} times as often. {end}"
    )


def nearness(released: Released) -> bool:
    """How many patients are alike and how near; False where they are too few to go on."""
    row = next(iter(released.tables.get("matched", ())), None)
    if released.refused or row is None:
        st.info(plain(released.refused or NOBODY))
        return False
    with st.container(border=True, key="card_matched"):
        if row["refused"] or row["n"] is None:
            st.markdown("## Too few patients are like this one")
            st.markdown(plain(row["refused"] or "The number is withheld: too few patients."))
            st.markdown(
                "Nothing is shown of fewer than 20: a handful of patients says more about themselves than about the next one. "
                "A wider distance, or particulars left empty, finds more."
            )
            return False
        st.markdown(f"## {row['n']:,} episodes of this clinic are alike")
        st.markdown(plain(_near(row)))
        st.caption(plain(" ".join(released.notes)))
    return True


def _near(row: Any) -> str:
    if row["median_distance"] is None:
        return "How near they are is withheld."
    far = "" if row["p90_distance"] is None else f", nine of ten lie within {w.number(row['p90_distance'], 2)}"
    return (
        f"Half of them lie within {w.number(row['median_distance'], 2)} calipers{far}; the limit is {row['width']:g}. One caliper is 10 years of age, "
        "1.5 points of pain, 10 points of ODI, 4 of BMI, symptoms twice or half as long, or the other sex or smoking habit."
    )


def particular(name: str, label: str, limits: tuple[float, float], default: float | None) -> float | None:
    """A number about the patient, in the URL like every option; empty means it does not matter."""
    held = address.option(name, ANY if default is None else f"{default:g}")
    value = _within(held, limits)
    whole = name not in {"bmi", "pain"}
    shown = None if value is None else int(value) if whole else value
    low, high = (int(end) if whole else float(end) for end in limits)
    st.number_input(
        label,
        low,
        high,
        value=None,
        step=1 if whole else 0.5,
        format="%d" if whole else "%.1f",
        placeholder="does not matter",
        key=address.show_as(name, shown),
        on_change=_picked,
        args=(name,),
    )
    return shown


def pain_now() -> float | None:
    """The score of the patient in the pain that this clinic asks for; no field where it asks for none."""
    asked = v.find(v.INSTRUMENTS, clinic().generation.headline)
    if not is_pain(clinic()):
        return None
    return particular("pain", "Pain now, 0 to 10" if asked.code == v.HEADLINE else f"{asked.label.split(' (')[0]} now, 0 to 10", (0, 10), 7)


def _within(text: str, limits: tuple[float, float]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if limits[0] <= value <= limits[1] else None


def _picked(name: str) -> None:
    value = st.session_state[address.PICK + name]
    address.write(name, ANY if value is None else f"{value:g}")
