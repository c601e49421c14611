"""Diagnoses: how they are distributed, what goes with them and who the patients are."""

from synapse_analytics.figures import companions, diagnoses, table_one
from synapse_analytics.web import frame
from synapse_analytics.web.choices import split
from synapse_analytics.web.parts import behind, columns, tabs

SPLITS = ("age_sex", "age_band", "sex", "site", "year", "clinician", "highest_stage")


def mix() -> None:
    """The distribution, where a click on a bar narrows the cohort; and how it differs between groups."""
    frame.show(diagnoses.mix, frame.ask("diagnosis_mix"), table="diagnoses", filters="diagnosis")
    by = split("mix_by", "age_sex", offer=SPLITS)
    if by is not None:
        frame.show(diagnoses.mix_by, frame.ask("diagnosis_mix", by=by), table="diagnoses")


def symptoms() -> None:
    """What the patients complain of, and behind a click the other diagnoses they have."""
    frame.show(companions.symptoms, frame.ask("symptoms"), table="symptoms", also=frame.ask("symptoms", by=None))
    behind("co_diagnoses", "Other diagnoses in the same patients", others)


def others() -> None:
    """Which diagnoses occur together."""
    frame.show(companions.co_diagnoses, frame.ask("co_diagnoses"), table="co_diagnoses")


def investigations() -> None:
    """Which investigations are done, how often they confirm the diagnosis, and in whom they are done."""
    alone, split_ = frame.ask("investigations", by=None), frame.ask("investigations")
    frame.show(companions.investigations, alone, table="investigations", also=split_)


def baseline() -> None:
    """Pain and disability at the first visit, and the baseline table."""
    answer = frame.ask("baseline_table", by=split("baseline_by", "diagnosis"))
    for place, score in zip(columns(2), ("nrs_pain", "odi"), strict=True):
        with place:
            key, variable = f"baseline_{score.removeprefix('nrs_')}", f"baseline_{score}"
            frame.show(companions.baseline_score, answer, table="baseline_table", key=key, variable=variable)
    frame.show(table_one.table_one, answer, table="baseline_table", key="table_one")


tabs("diagnoses_tab", {"How common": mix, "Symptoms": symptoms, "Investigations": investigations, "At the first visit": baseline})
