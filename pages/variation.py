"""Variation: is it getting better or is it noise, does a unit differ by more than chance, and how does every indicator stand?"""

from synapse_analytics.figures import control_chart, funnel
from synapse_analytics.web import frame

UNITS = {"clinician": "Clinicians", "site": "Sites"}


def over_time() -> None:
    """One indicator by the period by which it is judged, or by another one."""
    answer = frame.course(frame.choose_indicator())
    frame.show(control_chart.control_chart, answer, table="points", key="control_chart")
    frame.definition(answer)


def between_units() -> None:
    """One indicator by clinician or site, as it is and with the same mix of patients."""
    name = frame.choose_indicator(chart="funnel")
    answer = frame.slow("funnel", indicator=name, by=frame.switch("funnel_by", "Compare", UNITS, "clinician"))
    frame.say("A unit outside the limits is a reason to look, not a judgement: coding, referral and chance come first. Nobody is ranked.")
    for version, place in zip(("crude", "adjusted"), frame.columns(2), strict=True):
        with place:
            frame.show(funnel.funnel, answer, table="units", key=f"funnel_{version}", version=version)
    frame.case_mix_note(answer)
    frame.definition(answer)


def every() -> None:
    """All indicators with what their control charts say."""
    frame.verdict_table(frame.slow("indicators"))


frame.tabs("variation_tab", {"Control chart": over_time, "Funnel": between_units, "All indicators": every})
