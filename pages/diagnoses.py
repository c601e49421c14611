"""Diagnoses: how they are distributed, what goes with them and who the patients are."""

from synapse_analytics.figures import companions, diagnoses
from synapse_analytics.web import frame


def mix() -> None:
    """The distribution; a click on a bar narrows the cohort."""
    frame.show(diagnoses.mix, frame.ask("diagnosis_mix"), table="diagnoses", filters="diagnosis", chosen=frame.cohort().diagnosis)
    by = frame.split("mix_by", "Compare by", "age_sex", offer=("age_sex", "age_band", "sex", "site", "year", "clinician", "highest_stage"))
    if by is None:
        return
    answer = frame.ask("diagnosis_mix", by=by)
    if by == "age_sex":
        for sex in frame.cohort().sex or ("female", "male"):
            frame.show(diagnoses.mix_by, answer, table="diagnoses", key=f"mix_{sex}", only=f"_{sex}")
        return
    frame.show(diagnoses.mix_by, answer, table="diagnoses", key="mix_by_group")


def together() -> None:
    """Secondary diagnoses and symptoms."""
    frame.show(companions.co_diagnoses, frame.ask("co_diagnoses"), table="co_diagnoses")
    frame.show(companions.symptoms, frame.ask("symptoms"), table="symptoms")


def investigated() -> None:
    """What is done to find out, and what it finds."""
    frame.show(companions.investigations, frame.ask("investigations"), table="investigations")
    frame.show(companions.yields, frame.ask("investigations", by=None), table="investigations")


def baseline() -> None:
    """Pain and disability at the first visit, and the baseline table."""
    answer = frame.ask("baseline_table", by=frame.split("baseline_by", "Compare by", "diagnosis"))
    left, right = frame.columns(2)
    with left:
        frame.show(companions.baseline_score, answer, table="baseline_table", key="baseline_pain", variable="baseline_nrs_pain")
    with right:
        frame.show(companions.baseline_score, answer, table="baseline_table", key="baseline_odi", variable="baseline_odi")
    frame.table_one(answer)


frame.tabs(
    "diagnoses_tab", {"Mix": mix, "Symptoms and other diagnoses": together, "Investigations": investigated, "At the first visit": baseline}
)
