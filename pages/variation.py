"""Variation: is it getting better or is it noise, does a unit differ by more than chance, and how does every indicator stand?"""

from synapse_analytics.figures import control_chart, funnel
from synapse_analytics.web import frame
from synapse_analytics.web.choices import switch
from synapse_analytics.web.indicators import choose_by_theme, course, definition
from synapse_analytics.web.parts import columns, say, tabs
from synapse_analytics.web.variation import case_mix_note, verdict_table

UNITS = {"clinician": "Clinicians", "site": "Sites"}


def over_time() -> None:
    """One indicator by the period by which it is judged, or by another one."""
    answer = course(choose_by_theme())
    frame.show(control_chart.control_chart, answer, table="points", key="control_chart")
    definition(answer)


def between_units() -> None:
    """One indicator by clinician or site, as it is and with the same mix of patients."""
    name = choose_by_theme(chart="funnel")
    answer = frame.slow("funnel", indicator=name, by=switch("funnel_by", "Compare", UNITS, "clinician"))
    say("A unit outside the limits is a reason to look, not a judgement: coding, referral and chance come first. Nobody is ranked.")
    for version, place in zip(("crude", "adjusted"), columns(2), strict=True):
        with place:
            frame.show(funnel.funnel, answer, table="units", key=f"funnel_{version}", version=version)
    case_mix_note(answer)
    definition(answer)


def every() -> None:
    """All indicators with what their control charts say."""
    verdict_table(frame.slow("indicators"))


tabs("variation_tab", {"Control chart": over_time, "Funnel": between_units, "All indicators": every})
