"""Pathways: how far care goes, which way patients take, how long it takes and whether care is stepped."""

from synapse_analytics.figures import flow, pathways, response
from synapse_analytics.web import frame

UNITS = {"class": "Treatment class", "treatment": "Single treatment", "stage": "Stage of care"}
STEPPED = {"escalation": "Injection or surgery", "injection": "Injection", "surgery": "Surgery"}


def ways() -> None:
    """The cascade, the flow, and the table in which one pathway can be chosen."""
    by = frame.split("cascade_by", "Compare by", None, offer=("diagnosis", "sex", "age_band", "site"))
    frame.show(pathways.cascade, frame.ask("cascade", by=by), table="stages")
    answer = frame.slow("pathways", **frame.pathway_parameters(UNITS), instrument=frame.instrument("pathway_score"))
    chosen = frame.chosen_pathway(answer)
    frame.show(flow.flow, answer, table="pathways", key="flow", chosen=chosen)
    frame.save(answer, "links", "links", "The steps themselves, of everybody who took them, with days and change:")
    if chosen:
        frame.show(flow.endings, answer, key="endings", chosen=chosen)
    frame.pathway_table(answer)


def times() -> None:
    """Days between steps."""
    frame.show(pathways.step_times, frame.slow("step_times", **frame.pathway_parameters(UNITS)), table="steps")


def escalation() -> None:
    """Time to the first injection and the first surgery."""
    by = frame.split("escalation_by", "Compare by", "diagnosis")
    for event in ("injection", "surgery"):
        frame.show(pathways.escalation, frame.ask("time_to_escalation", event=event, by=by), table="curve", key=f"time_to_{event}")


def stepped() -> None:
    """Whether enough conservative care came first."""
    days = frame.choose("min_days", "Enough is, days", (28, 42, 56, 84), 42)
    event = frame.choose("event", "Before the first", tuple(STEPPED), "escalation", write=STEPPED.get)
    by = frame.split("stepped_by", "Compare by", "diagnosis")
    frame.show(pathways.stepped_care, frame.ask("stepped_care", min_days=days, event=event, by=by), table="groups")


def helped() -> None:
    """Whether care follows response, and when conservative care stops helping."""
    event = frame.switch("response_event", "Escalation is", {"surgery": "Surgery", "injection": "Injection"}, "surgery")
    answer = frame.ask("escalation_response", event=event, by=frame.split("response_by", "Compare by", "diagnosis"))
    frame.show(response.responding, answer, table="escalated")
    frame.show(response.waiting, answer, table="waiting")
    frame.show(response.plateau, frame.slow("plateau"), table="plateaus")


def firm() -> None:
    """The most frequent pathways under other definitions."""
    answer = frame.slow("sensitivity", unit=frame.choose("unit", "A step is a", tuple(UNITS), "class", write=UNITS.get))
    frame.show(response.firmness, answer, table="pathways")
    frame.save(answer, "headline", "sensitivity_headline", "Combined steps, their number and the frequent pathways, by definition:")


TABS = {"Ways": ways, "Times between steps": times, "Time to escalation": escalation, "Stepped care": stepped}
frame.tabs("pathways_tab", TABS | {"Did it help?": helped, "Sensitivity": firm})
