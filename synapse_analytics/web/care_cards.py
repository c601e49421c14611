"""The cards that open the two pages for care: what a comparison says or why it says nothing, and how near patients like mine are."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import arms, table
from synapse_analytics.figures import words as w
from synapse_analytics.web import address
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import look

ANY = "any"  # how the URL says that a particular does not matter
PER_ARM = {
    "indexed": "Started it",
    "had_other_before": "Had the other before, left out",
    "expected": "Expected at this time",
    "answered": "Answered",
    "start_day": "Median day of the start",
}
SHARED = {"completeness": "Followed up", "crossover": "Crossed over by then"}


def comparison(released: Released) -> None:
    """Verdict or refusal, the sentence that always holds, and the quality of the comparison."""
    quality = next(iter(released.tables.get("quality", ())), None)
    if released.refused or quality is None:
        st.info(plain(released.refused or "No patients match these filters."))
        return
    with st.container(border=True, key="card_comparison"):
        st.markdown(f"## {plain(_verdict(released, quality))}")
        if quality["refused"]:
            st.markdown(f"**Why.** {plain(arms.refused(released))}")
            st.markdown("What can still be shown: who was there, how complete they are, how alike they were and who could have had either.")
        st.markdown(plain(released.notes[0]))
        st.html(table.table(_per_arm(released, quality), look(), caption="Who is compared"))
        st.markdown(_strength(quality))
        st.caption(plain(" ".join(released.notes[1:])))


def _verdict(released: Released, quality: Any) -> str:
    a, b = arms.name(released, "a"), arms.name(released, "b").lower()
    at = f"at {released.options['month']} months"
    return {
        "refused": f"{a} and {b} cannot be compared here",
        "no_clear_difference": f"No clear difference {at} between {a.lower()} and {b}",
        "methods_disagree": f"The methods disagree {at}: no conclusion about {a.lower()} and {b}",
        "a_improved_more": f"Patients who had {a.lower()} improved more {at}, and why cannot be told from these data",
        "b_improved_more": f"Patients who had {b} improved more {at}, and why cannot be told from these data",
    }[quality["verdict"]]


def _per_arm(released: Released, quality: Any) -> list[dict[str, Any]]:
    """One row per fact, one column per arm, written as text so that a share and a count can stand in one column."""
    rows = [
        {"": words} | {arms.name(released, arm): _text(quality, f"{name}_{arm}", share=name in SHARED) for arm in ("a", "b")}
        for name, words in (PER_ARM | SHARED).items()
    ]
    if quality["ess_a"] is not None or quality["ess_b"] is not None:
        sizes = {arms.name(released, arm): w.number(quality[f"ess_{arm}"], 0) for arm in ("a", "b")}
        rows.append({"": "Effective sample size after weighting"} | sizes)
    return rows


def _text(quality: Any, column: str, *, share: bool) -> str:
    value = quality[column]
    if value is None:
        return w.WITHHELD if column in quality["withheld"] else "\u2013"
    return w.share(value) if share else w.number(value, 0)


def _strength(quality: Any) -> str:
    """The E-value in words; nothing where no difference is shown."""
    if quality["e_value"] is None:
        return ""
    limit = quality["e_value_limit"]
    weak = limit is not None and limit <= 1
    end = "the interval holds zero already" if weak else f"{w.number(limit, 1)} to move the interval to zero"
    return (
        f"**E-value {w.number(quality['e_value'], 1)}.** So strongly (as a risk ratio) would something that was not recorded have to go with both the "
        f"choice of treatment and the outcome to explain the weighted difference; {end}."
    )


def nearness(released: Released) -> bool:
    """How many patients are alike and how near; False where they are too few to go on."""
    row = next(iter(released.tables.get("matched", ())), None)
    if released.refused or row is None:
        st.info(plain(released.refused or "No patients match these filters."))
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


def _within(text: str, limits: tuple[float, float]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if limits[0] <= value <= limits[1] else None


def _picked(name: str) -> None:
    value = st.session_state[address.PICK + name]
    address.write(name, ANY if value is None else f"{value:g}")
