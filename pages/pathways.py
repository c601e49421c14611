"""Pathways: which ways patients take and where they end, whether it helped, how long it takes and whether care is stepped."""

from synapse_analytics.figures import branching, ends, flow, pathways, response
from synapse_analytics.web import frame
from synapse_analytics.web.parts import behind, tabs
from synapse_analytics.web.pathways import asked_event, asked_stepped, curves, firm, followed, how_read, injection_strip, pathway_table

READING = "How pathways are defined"


def ways() -> None:
    """The order of the stages of care, what an injection changes, and the ends by first treatment; behind a click the flow and the pathways."""
    frame.show(branching.branching, frame.ask("branching"), table="branches")
    options, choices = how_read(score=True)
    answer = frame.slow("pathways", **options)
    injection_strip(answer)
    frame.show(ends.by_first, answer, table="ends")
    chosen = followed(answer)
    behind(
        "sankey",
        "Flow diagram of all steps",
        lambda: frame.show(flow.flow, answer, table="pathways", key="flow", chosen=chosen.steps),
    )
    behind("ways", "Table of all pathways", lambda: pathway_table(answer, chosen))
    if chosen.steps:
        frame.show(ends.endings, answer, table="ways", key="endings", chosen=chosen.steps)
    behind("other_definitions", "Would other definitions change this?", lambda: firm(options["unit"]))
    behind("reading", READING, choices)


def helped() -> None:
    """When conservative care stops helping, and whether care follows response."""
    frame.show(response.plateau, frame.slow("plateau"), table="plateaus")
    event, by = asked_event("response", "Next step")
    answer = frame.ask("escalation_response", event=event, by=by)
    frame.show(response.responding, answer, table="escalated")
    frame.show(response.waiting, answer, table="waiting")


def times() -> None:
    """Time to the first injection or surgery, and the days between steps."""
    event, by = asked_event("escalation", "Time to first")
    curves(frame.ask("time_to_escalation", event=event, by=by))
    options, choices = how_read()
    frame.show(pathways.step_times, frame.slow("step_times", **options), table="steps")
    behind("reading", READING, choices)


def stepped() -> None:
    """Whether enough conservative care came first."""
    days, event, by = asked_stepped()
    frame.show(pathways.stepped_care, frame.ask("stepped_care", min_days=days, event=event, by=by), table="groups")


tabs("pathways_tab", {"Treatment pathways": ways, "Response to treatment": helped, "Waiting times": times, "Stepped care": stepped})
