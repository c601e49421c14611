"""Pathways: how far care goes, which way patients take, how long it takes and whether care is stepped."""

from synapse_analytics.figures import flow, pathways, response
from synapse_analytics.web import frame
from synapse_analytics.web.choices import choose, instrument, plain_numbers, split, switch
from synapse_analytics.web.parts import tabs
from synapse_analytics.web.pathways import CASCADE_SPLITS, EVENTS, UNITS, choose_pathway, how_read, injection_strip, pathway_table


def ways() -> None:
    """The cascade, the flow, and the table in which one pathway can be chosen."""
    frame.show(pathways.cascade, frame.ask("cascade", by=split("cascade_by", offer=CASCADE_SPLITS)), table="stages")
    answer = frame.slow("pathways", **how_read(), instrument=instrument("pathway_score"))
    chosen = choose_pathway(answer)
    frame.show(flow.flow, answer, table="pathways", key="flow", chosen=chosen)
    frame.save(answer, "links", "links", "The steps themselves, of everybody who took them, with days and change:")
    if chosen:
        frame.show(flow.endings, answer, key="endings", chosen=chosen)
    pathway_table(answer, chosen)
    injection_strip(answer)


def times() -> None:
    """Days between steps."""
    frame.show(pathways.step_times, frame.slow("step_times", **how_read()), table="steps")


def escalation() -> None:
    """Time to the first injection and the first surgery."""
    by = split("escalation_by", "diagnosis")
    for event in ("injection", "surgery"):
        frame.show(pathways.escalation, frame.ask("time_to_escalation", event=event, by=by), table="curve", key=f"time_to_{event}")


def stepped() -> None:
    """Whether enough conservative care came first."""
    days = choose("min_days", "Enough is, days", plain_numbers(28, 42, 56, 84), 42)
    event = choose("event", "Before the first", EVENTS, "escalation")
    by = split("stepped_by", "diagnosis")
    frame.show(pathways.stepped_care, frame.ask("stepped_care", min_days=days, event=event, by=by), table="groups")


def helped() -> None:
    """Whether care follows response, and when conservative care stops helping."""
    event = switch("response_event", "Escalation is", {"surgery": "Surgery", "injection": "Injection"}, "surgery")
    answer = frame.ask("escalation_response", event=event, by=split("response_by", "diagnosis"))
    frame.show(response.responding, answer, table="escalated")
    frame.show(response.waiting, answer, table="waiting")
    frame.show(response.plateau, frame.slow("plateau"), table="plateaus")


def firm() -> None:
    """The most frequent pathways under other definitions."""
    answer = frame.slow("sensitivity", unit=choose("unit", "A step is a", UNITS, "class"))
    frame.show(response.firmness, answer, table="pathways")
    frame.save(answer, "headline", "sensitivity_headline", "Combined steps, number of steps and the share on the frequent pathways:")


TABS = {"Ways": ways, "Times between steps": times, "Time to escalation": escalation, "Stepped care": stepped}
tabs("pathways_tab", TABS | {"Did it help?": helped, "Sensitivity": firm})
