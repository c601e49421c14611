"""Diagnoses: how they are distributed, what goes with them and who the patients are."""

from synapse_analytics.figures import companions, diagnoses
from synapse_analytics.web import frame
from synapse_analytics.web.choices import split
from synapse_analytics.web.diagnoses import table_one
from synapse_analytics.web.parts import columns, tabs
from synapse_analytics.web.session import cohort

SPLITS = ("age_sex", "age_band", "sex", "site", "year", "clinician", "highest_stage")


def mix() -> None:
    """The distribution; a click on a bar narrows the cohort."""
    frame.show(diagnoses.mix, frame.ask("diagnosis_mix"), table="diagnoses", filters="diagnosis", chosen=cohort().diagnosis)
    by = split("mix_by", "age_sex", offer=SPLITS)
    if by is None:
        return
    answer = frame.ask("diagnosis_mix", by=by)
    if by == "age_sex":
        for sex in cohort().sex or ("female", "male"):
            frame.show(diagnoses.mix_by, answer, table="diagnoses", key=f"mix_{sex}", only=f"_{sex}")
        return
    frame.show(diagnoses.mix_by, answer, table="diagnoses", key="mix_by_group")


def together() -> None:
    """Secondary diagnoses and symptoms."""
    frame.show(companions.co_diagnoses, frame.ask("co_diagnoses"), table="co_diagnoses")
    frame.show(companions.symptoms, frame.ask("symptoms"), table="symptoms")


def investigated() -> None:
    """Which investigations are done, and how often they find something."""
    frame.show(companions.investigations, frame.ask("investigations"), table="investigations")
    frame.show(companions.yields, frame.ask("investigations", by=None), table="investigations")


def baseline() -> None:
    """Pain and disability at the first visit, and the baseline table."""
    answer = frame.ask("baseline_table", by=split("baseline_by", "diagnosis"))
    for place, score in zip(columns(2), ("nrs_pain", "odi"), strict=True):
        with place:
            key, variable = f"baseline_{score.removeprefix('nrs_')}", f"baseline_{score}"
            frame.show(companions.baseline_score, answer, table="baseline_table", key=key, variable=variable)
    table_one(answer)


TABS = {"Mix": mix, "Symptoms and other diagnoses": together, "Investigations": investigated, "At the first visit": baseline}
tabs("diagnoses_tab", TABS)
