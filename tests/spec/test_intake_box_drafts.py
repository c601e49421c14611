"""What a draft proposes for boxes of yes and no, and what it asks: diagnoses, treatments, investigations, conditions, red flags."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from synapse_analytics.intake.draft import draft_mapping
from synapse_analytics.intake.mapping.model import Mapping, RowRule
from synapse_analytics.intake.mapping.reading import faults_of, mapping_from
from synapse_analytics.intake.mapping.writing import to_yaml
from synapse_analytics.intake.raw import RawTable

N = 12
BASE = {
    "record_id": [f"P{row}" for row in range(N)],
    "sex": ["F", "M"] * 6,
    "age": ["61"] * N,
    "visit_date": ["2024-01-20"] * N,
    "diagnosis": ["PIVD", "LCS"] * 6,
}
HALF = ["1", "0"] * 6


def drafted(cells: dict[str, list[str | None]], source: Any = "files", **about: Any) -> Mapping:
    """The draft for these columns, which can be read again and fits them."""
    table = RawTable("clinic", "clinic", pa.table({**BASE, **cells}), np.arange(2, N + 2), **about)
    mapping = draft_mapping([table], source=source)
    assert mapping_from(to_yaml(mapping), "mapping.yaml") == mapping
    assert not list(faults_of(mapping, [table]))
    return mapping


def rules(mapping: Mapping, into: str) -> list[RowRule]:
    return [rule for rule in mapping.rows if rule.into == into]


def of_question(stem: str, label: str, *choices: str) -> tuple[dict[str, list[str | None]], dict[str, str]]:
    """The boxes of one question of a REDCap project, and their labels as the reader makes them."""
    names = [f"{stem}___{number}" for number in range(1, len(choices) + 1)]
    return {name: list(HALF) for name in names}, {name: f"{label} ({choice})" for name, choice in zip(names, choices, strict=True)}


def test_questions_of_a_redcap_project_become_what_their_labels_say() -> None:
    questions = [
        of_question("sx", "Symptoms at first visit", "Leg weakness", "Tingling", "Cramps", "None of these"),
        of_question("dx2", "Other diagnoses", "Degenerative disc", "SI joint dysfunction"),
        of_question("rx", "Treatment given", "Paracetamol", "Physiotherapy (10 sessions)", "Leeches"),
        of_question("ix", "Which tests were done?", "MRI", "X-ray"),
        of_question("cm", "Comorbidities", "Hypertension", "Gout", "None"),
        of_question("rf", "Red flags", "Fever", "Saddle anaesthesia"),
        of_question("pet", "Pets", "Cat", "Dog"),
        of_question("al", "Drug allergies", "Penicillin", "Latex"),
    ]
    cells = {name: values for more, _ in questions for name, values in more.items()}
    mapping = drafted(cells, "redcap", labels={name: label for _, more in questions for name, label in more.items()})
    (symptom,), (other,), (course,), (done,) = (
        rules(mapping, into) for into in ("symptoms", "other_diagnoses", "treatments", "investigations")
    )
    assert symptom.fields["symptom"].boxes == {
        "sx___1": "leg_weakness", "sx___2": "numbness_or_tingling", "sx___3": "?", "sx___4": None,
    }  # fmt: skip
    assert "sx___3 is 'cramps'" in symptom.fields["symptom"].why
    assert "What does a yes in these boxes mean?" in symptom.fields["symptom"].ask
    assert other.fields["diagnosis"].boxes == {"dx2___1": "degenerative_disc_disease", "dx2___2": "sacroiliac_joint_dysfunction"}
    assert (other.ask, other.fields["diagnosis"].ask, other.fields["date"].from_) == ("", "", ("visit_date",))
    assert other.fields["diagnosis"].why == "the data dictionary calls these boxes 'Other diagnoses'"
    assert course.fields["treatment"].boxes == {"rx___1": "otc_analgesic", "rx___2": "?", "rx___3": "?"}
    assert "rx___2 is 'physiotherapy 10 sessions', nearest to physical_therapy" in course.fields["treatment"].why
    assert "The boxes do not say when" in course.fields["start_date"].ask
    assert done.fields["investigation"].boxes == {"ix___1": "mri", "ix___2": "xray"}
    assert "The boxes do not say when" in done.fields["date"].ask
    conditions = rules(mapping, "patients")[0].fields["comorbidities"]
    assert conditions.boxes == {"cm___1": "1", "cm___2": "1", "cm___3": None}
    assert "Are these all other chronic conditions" in conditions.ask
    assert rules(mapping, "episodes")[0].fields["red_flags"].boxes == {"rf___1": "yes", "rf___2": "yes"}
    assert set(mapping.left_out["clinic"]) == {"pet___1", "pet___2", "al___1", "al___2"}


def test_columns_of_yes_and_no_are_read_by_their_names_and_the_date_beside_them() -> None:
    mapping = drafted(
        {
            "Hypertension": ["Yes", "No"] * 6,
            "Diabetes": ["Yes", None] * 6,
            "MRI done": ["Y", "N"] * 6,
            "MRI date": ["2024-01-25", None] * 6,
            "Discectomy": ["x", None] * 6,
            "Date of discectomy": ["2024-03-25", None] * 6,
            "Physiotherapy": ["Y", "sometimes"] * 6,
            "Stenosis": HALF,
        }
    )
    (done,), (other,) = rules(mapping, "investigations"), rules(mapping, "other_diagnoses")
    surgery, course = rules(mapping, "treatments")
    assert (done.fields["investigation"].boxes, done.fields["date"].from_) == ({"MRI done": "mri"}, ("MRI date",))
    assert "The boxes do not say when" not in done.fields["date"].ask
    assert (surgery.fields["treatment"].boxes, surgery.fields["treatment"].codes) == ({"Discectomy": "discectomy"}, {"x": "yes"})
    assert surgery.fields["start_date"].from_ == ("Date of discectomy",)
    assert (course.fields["treatment"].boxes, course.fields["start_date"].from_) == ({"Physiotherapy": "physical_therapy"}, ("visit_date",))
    assert course.fields["treatment"].codes == {"Y": "yes", "sometimes": "?"}
    assert (other.fields["diagnosis"].boxes, "further diagnoses" in other.ask) == ({"Stenosis": "spinal_stenosis"}, True)
    conditions = rules(mapping, "patients")[0].fields["comorbidities"]
    assert (conditions.boxes, conditions.empty) == ({"Hypertension": "1", "Diabetes": "1"}, None)
    assert rules(mapping, "episodes")[0].fields["first_visit_date"].from_ == ("visit_date",)


def test_a_date_of_surgery_is_proposed_for_all_boxes_of_treatments_and_asked() -> None:
    (rule,) = rules(drafted({"Fusion": HALF, "Laminectomy": HALF, "Surgery date": ["2024-03-25", None] * 6}), "treatments")
    assert rule.fields["treatment"].boxes == {"Fusion": "spinal_fusion", "Laminectomy": "laminectomy"}
    assert (rule.fields["start_date"].from_, "The boxes do not say when" in rule.fields["start_date"].ask) == (("Surgery date",), True)


def test_what_may_be_of_two_lists_is_asked() -> None:
    (rule,) = rules(drafted({"Sciatica": HALF}), "symptoms")
    assert rule.fields["symptom"].boxes == {"Sciatica": "radiating_leg_pain"}
    assert "May these boxes stand for symptoms, or are they other diagnoses?" in rule.ask


def test_columns_that_are_no_boxes_are_none() -> None:
    cells = {"Other": HALF, "Hypertension": HALF, "Numbness": [f"{row}" for row in range(N)], "Foot drop": ["0", "1", "5"] * 4}
    mapping = drafted(cells)
    assert not rules(mapping, "symptoms")
    assert "comorbidities" not in rules(mapping, "patients")[0].fields
    assert {"Other", "Hypertension", "Numbness", "Foot drop"} == set(mapping.left_out["clinic"])


def test_answers_with_labels_are_what_the_labels_say() -> None:
    mapping = drafted(
        {"fd": ["1", "2", "9"] * 4}, "redcap", labels={"fd": "Foot drop"}, choices={"fd": {"1": "Yes", "2": "No", "9": "Unknown"}}
    )
    symptom = rules(mapping, "symptoms")[0].fields["symptom"]
    assert (symptom.boxes, symptom.codes, symptom.missing) == ({"fd": "leg_weakness"}, {"1": "yes", "2": "no"}, ("9",))
