"""Compare treatments: two treatments or strategies side by side by four methods, with what the comparison cannot show."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import compare_treatments as drawn
from synapse_analytics.web import frame
from synapse_analytics.web.choices import MONTHS, choose, instrument, labels
from synapse_analytics.web.compare_treatments import comparison, has_subgroups, is_shown
from synapse_analytics.web.parts import columns

CROSSOVER = {"treatment_policy": "Answers count, whatever came later", "censored": "Answers count until a crossover"}
CLASSES = {term.treatment_class for term in v.TREATMENTS} - set(v.codes(v.TREATMENTS))
ARMS = {term.code: f"Any {term.label.lower()}" for term in v.TREATMENT_CLASSES if term.code in CLASSES}
ARMS |= labels((*v.TREATMENTS, *v.STRATEGIES))


def opposites(a: str) -> dict[str, str]:
    """The arms a can be compared with: the opposite of a strategy; of a treatment every treatment that is no part of it."""
    strategies = {term.code: (term.stage, term.day) for term in v.STRATEGIES}
    if a in strategies:
        return {code: ARMS[code] for code, landmark in strategies.items() if code != a and landmark == strategies[a]}
    family = {term.code: term.treatment_class for term in v.TREATMENTS}
    others = (code for code in ARMS if code not in strategies and code != a)
    return {code: ARMS[code] for code in others if family.get(code) != a and family.get(a) != code}


def questions() -> dict[str, object]:
    """The choices, each in the URL as its code."""
    one, two = columns(2)
    with one:
        a = choose("a", "Patients who had", ARMS, "discectomy")
    with two:
        offered = opposites(a)
        usual = "physical_therapy" if "physical_therapy" in offered else next(iter(offered))
        b = choose("b", "compared with patients who had", offered, usual)
    one, two, three = columns(3)
    with one:
        outcome = instrument("outcome")
    with two:
        month = choose("month", "After", MONTHS, 12)
    with three:
        crossover = choose("crossover", "If care changed later", CROSSOVER, "treatment_policy")
    return {"a": a, "b": b, "outcome": outcome, "month": month, "crossover": crossover}


answer = frame.slow("compare_treatments", **questions())
comparison(answer)
if is_shown(answer):
    frame.show(drawn.estimates, answer, table="estimates")
    frame.show(drawn.by_visit, answer, table="mmrm")
    frame.show(drawn.trajectories, answer, table="trajectories")
frame.show(drawn.balance, answer, table="balance")
frame.show(drawn.overlap, answer, table="overlap")
if has_subgroups(answer):
    frame.show(drawn.subgroups, answer, table="subgroups")
    frame.show(drawn.sensitivity, answer, table="sensitivity")
