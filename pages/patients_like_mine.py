"""Patients like mine: what happened to this clinic's own patients that are most like the one described."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import patients_like_mine as drawn
from synapse_analytics.web import frame
from synapse_analytics.web.choices import choose, labels, switch
from synapse_analytics.web.parts import columns
from synapse_analytics.web.patients_like_mine import ANY, nearness, pain_now, particular, scores

WIDTHS = {"0.5": "Very near (0.5)", "0.75": "Nearer (0.75)", "1": "Near (1)", "1.5": "Wider (1.5)", "2": "Wide (2)", "3": "Very wide (3)"}
SEXES = {ANY: "Does not matter", "female": "Woman", "male": "Man"}
SMOKER = {ANY: "Does not matter", "no": "Does not smoke", "yes": "Smokes"}


def particulars() -> dict[str, object]:
    """The patient, as far as it matters; nobody is looked up by it."""
    one, two, three, four = columns(4)
    with one:
        diagnosis = choose("like_diagnosis", "Diagnosis", labels(v.DIAGNOSES), "herniated_disc")
        weeks = particular("symptom_weeks", "Weeks of symptoms", (0, 2600))
    with two:
        age = particular("age", "Age, years", (0, 90), 50)
        sex = choose("like_sex", "Sex", SEXES, ANY)
    with three:
        pain = pain_now()
        odi = particular("odi", "ODI now, 0 to 100", (0, 100))
    with four:
        bmi = particular("bmi", "Body mass index", (10, 80))
        smoker = choose("like_smoker", "Smoking", SMOKER, ANY)
    width = switch("width", "How near", WIDTHS, "1")
    chosen = {"diagnosis": diagnosis, "symptom_weeks": weeks, "age": age, "pain": pain, "odi": odi, "bmi": bmi, "width": width}
    return chosen | {"sex": None if sex == ANY else sex, "smoker": None if smoker == ANY else smoker}


answer = frame.slow("patients_like_mine", **particulars())
if nearness(answer):
    frame.show(drawn.received, answer, table="pathways")
    for instrument in scores(answer):
        frame.show(drawn.scores, answer, table="outcomes", key=f"like_{instrument}", instrument=instrument)
    frame.show(drawn.responders, answer, table="responders")
    frame.show(drawn.operated, answer, table="surgery")
