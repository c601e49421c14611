"""The card that opens the page Compare treatments: the verdict of the comparison, or why there is none."""

from __future__ import annotations

from typing import Any

import streamlit as st

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import NOBODY, arms
from synapse_analytics.findings import words as w
from synapse_analytics.web.parts import card, listed, say
from synapse_analytics.web.plain import plain


def comparison(released: Released) -> None:
    """Verdict or refusal, the sentence that always holds, and the quality of the comparison."""
    quality = next(iter(released.tables.get("quality", ())), None)
    if released.refused or quality is None:
        st.info(plain(released.refused or NOBODY))
        return
    always, *notes = released.notes
    with card("comparison", arms.verdict(released)):
        if quality["refused"]:
            st.markdown(f"**Why.** {plain(arms.refused(released))}")
            st.markdown("What can still be shown: who was there, how complete they are, how alike they were and who could have had either.")
        st.markdown(plain(always))
        listed(arms.who_is_compared(released), "Who is compared")
        st.markdown(_strength(quality))
        say(" ".join(notes))


def is_shown(released: Released) -> bool:
    """True if a difference between the two groups may be shown."""
    return any(row["difference"] is not None for row in released.tables.get("estimates", ()))


def has_subgroups(released: Released) -> bool:
    """True if the comparison was repeated in subgroups."""
    return bool(released.tables.get("subgroups"))


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
