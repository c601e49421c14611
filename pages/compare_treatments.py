"""Compare treatments: two treatments or strategies side by side by four methods, with what the comparison cannot show."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import compare_treatments as drawn
from synapse_analytics.web import frame

MONTHS = {3: "3 months", 6: "6 months", 12: "12 months", 24: "24 months"}
CROSSOVER = {"treatment_policy": "Answers count, whatever came later", "censored": "Answers count until a crossover"}
CLASSES = {term.treatment_class for term in v.TREATMENTS} - set(v.codes(v.TREATMENTS))
LABELS = {term.code: f"Any {term.label.lower()}" for term in v.TREATMENT_CLASSES if term.code in CLASSES}
LABELS |= {term.code: term.label for term in (*v.TREATMENTS, *v.STRATEGIES)}


def opposites(a: str) -> tuple[str, ...]:
    """What a can be compared with: a strategy with its opposite, a treatment with what is no part of it."""
    strategies = {term.code: (term.stage, term.day) for term in v.STRATEGIES}
    if a in strategies:
        return tuple(code for code, landmark in strategies.items() if code != a and landmark == strategies[a])
    family = {term.code: term.treatment_class for term in v.TREATMENTS}
    return tuple(code for code in LABELS if code not in strategies and code != a and family.get(code) != a and family.get(a) != code)


def questions() -> dict[str, object]:
    """The choices, each in the URL as its code."""
    one, two = frame.columns(2)
    with one:
        a = frame.choose("a", "Patients who had", tuple(LABELS), "discectomy", write=LABELS.get)
    with two:
        offered = opposites(a)
        usual = "physical_therapy" if "physical_therapy" in offered else offered[0]
        b = frame.choose("b", "compared with patients who had", offered, usual, write=LABELS.get)
    one, two, three = frame.columns(3)
    with one:
        outcome = frame.instrument("outcome")
    with two:
        month = frame.choose("month", "After", tuple(MONTHS), 12, write=MONTHS.get)
    with three:
        crossover = frame.choose("crossover", "If care changed later", tuple(CROSSOVER), "treatment_policy", write=CROSSOVER.get)
    return {"a": a, "b": b, "outcome": outcome, "month": month, "crossover": crossover}


answer = frame.slow("compare_treatments", **questions())
frame.comparison(answer)
if any(row["difference"] is not None for row in answer.tables.get("estimates", ())):
    frame.show(drawn.estimates, answer, table="estimates")
    frame.show(drawn.by_visit, answer, table="mmrm")
    frame.show(drawn.trajectories, answer, table="trajectories")
frame.show(drawn.balance, answer, table="balance")
frame.show(drawn.overlap, answer, table="overlap")
if answer.tables.get("subgroups"):
    frame.show(drawn.subgroups, answer, table="subgroups")
    frame.show(drawn.sensitivity, answer, table="sensitivity")
