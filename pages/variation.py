"""Variation: how does every indicator stand, is it getting better or is it noise, and does a unit differ by more than chance?"""

from synapse_analytics.web import frame
from synapse_analytics.web.choices import switch
from synapse_analytics.web.indicators import chart_with_definition, choose_by_theme, chosen_indicator, course, definition
from synapse_analytics.web.parts import say, tabs
from synapse_analytics.web.variation import UNITS, every_indicator, funnels, may_compare_units, verdict_table


def standing() -> None:
    """All indicators by course and target, the chart of one of them, and the list with their values."""
    answer, chosen = frame.slow("indicators"), chosen_indicator()
    every_indicator(answer, chosen)
    chart_with_definition(frame.slow("control_chart", indicator=chosen))
    verdict_table(answer)


def over_time() -> None:
    """One indicator by the period by which it is judged, or by another one."""
    chart_with_definition(course(choose_by_theme()))


def between_units() -> None:
    """One indicator by clinician or site, as it is and with the same mix of patients."""
    if may_compare_units():
        name = choose_by_theme(chart="funnel")
        answer = frame.slow("funnel", indicator=name, by=switch("funnel_by", "Compare", UNITS, "clinician"))
        say(
            "A dot outside the limits is a reason to review, not a judgement: check coding, referral and chance first. Nobody is ranked. "
            "The Overview uses wider limits, because it tests all clinicians, sites and indicators together."
        )
        funnels(answer)
        definition(answer)


tabs("variation_tab", {"All indicators": standing, "Over time": over_time, "Clinicians and sites": between_units})
