"""Patients like mine: what happened to this clinic's own patients that are most like the one described."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import patients_like_mine as drawn
from synapse_analytics.web import frame

WIDTHS = {"0.5": "Very near (0.5)", "0.75": "Nearer (0.75)", "1": "Near (1)", "1.5": "Wider (1.5)", "2": "Wide (2)", "3": "Very wide (3)"}
SEXES = {"any": "Does not matter", "female": "Woman", "male": "Man"}
SMOKER = {"any": "Does not matter", "no": "Does not smoke", "yes": "Smokes"}


def particulars() -> dict[str, object]:
    """The patient, as far as it matters; nobody is looked up by it."""
    one, two, three, four = frame.columns(4)
    with one:
        diagnosis = frame.choose(
            "like_diagnosis", "Diagnosis", v.codes(v.DIAGNOSES), "herniated_disc", write=lambda code: v.find(v.DIAGNOSES, code).label
        )
        weeks = frame.particular("symptom_weeks", "Weeks of symptoms", (0, 5200), None)
    with two:
        age = frame.particular("age", "Age, years", (0, 90), 50)
        sex = frame.choose("like_sex", "Sex", tuple(SEXES), "any", write=SEXES.get)
    with three:
        pain = frame.pain_now()
        odi = frame.particular("odi", "ODI now, 0 to 100", (0, 100), None)
    with four:
        bmi = frame.particular("bmi", "Body mass index", (10, 80), None)
        smoker = frame.choose("like_smoker", "Smoking", tuple(SMOKER), "any", write=SMOKER.get)
    width = frame.switch("width", "How near", WIDTHS, "1")
    chosen = {"diagnosis": diagnosis, "symptom_weeks": weeks, "age": age, "pain": pain, "odi": odi, "bmi": bmi, "width": width}
    return chosen | {"sex": None if sex == "any" else sex, "smoker": None if smoker == "any" else smoker}


answer = frame.slow("patients_like_mine", **particulars())
if frame.nearness(answer):
    frame.show(drawn.received, answer, table="pathways")
    for instrument in dict.fromkeys(row["instrument"] for row in answer.tables["outcomes"]):
        frame.show(drawn.scores, answer, table="outcomes", key=f"like_{instrument}", instrument=instrument)
    frame.show(drawn.responders, answer, table="responders")
    frame.show(drawn.operated, answer, table="surgery")
