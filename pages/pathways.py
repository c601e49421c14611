"""Pathways: how far care goes, which way patients take, how long it takes and whether care is stepped."""

from synapse_analytics.figures import flow, pathways
from synapse_analytics.web import frame

UNITS = {"class": "Treatment class", "treatment": "Single treatment", "stage": "Stage of care"}
REPEATS = {"changes": "United, shown as x2", "first": "Only the first", "all": "Each one"}
STEPPED = {"escalation": "Injection or surgery", "injection": "Injection", "surgery": "Surgery"}


def parameters() -> dict[str, object]:
    """How a pathway is read; in the URL, so that a link shows the same."""
    with frame.drawer("How pathways are read"):
        one, two, three = frame.columns(3)
        with one:
            unit = frame.choose("unit", "A step is a", tuple(UNITS), "class", write=UNITS.get)
            repeats = frame.choose("repeats", "Repeated steps", tuple(REPEATS), "changes", write=REPEATS.get)
        with two:
            gap = frame.choose("gap_collapse", "Courses are one when at most so many days apart", (0, 7, 14, 30, 60, 90), 30)
            steps = frame.choose("max_steps", "Steps told apart", tuple(range(1, 13)), 6)
        with three:
            overlap = frame.choose("combination_overlap", "Days of overlap that make a combined step", (0, 7, 14, 30, 60, 90), 14)
    return {"unit": unit, "gap_collapse": gap, "combination_overlap": overlap, "repeats": repeats, "max_steps": steps}


def ways() -> None:
    """The cascade, the flow, and the table in which one pathway can be chosen."""
    by = frame.split("cascade_by", "Compare by", None, offer=("diagnosis", "sex", "age_band", "site"))
    frame.show(pathways.cascade, frame.ask("cascade", by=by), table="stages")
    given = parameters()
    answer = frame.slow("pathways", instrument=frame.instrument("pathway_score"), **given)
    chosen = frame.chosen_pathway(answer)
    frame.show(flow.flow, answer, table="links", key="flow", chosen=chosen)
    if chosen:
        frame.show(flow.endings, answer, key="endings", chosen=chosen)
    frame.pathway_table(answer)


def times() -> None:
    """Days between steps."""
    frame.show(pathways.step_times, frame.slow("step_times", **parameters()), table="steps")


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


frame.tabs("pathways_tab", {"Ways": ways, "Times between steps": times, "Time to escalation": escalation, "Stepped care": stepped})
