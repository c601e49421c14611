"""Boxes of yes and no: diagnoses, investigations, treatments and symptoms of one row, the number of conditions, and any red flag."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_analytics.intake.ledger import NOTHING, UNUSABLE
from synapse_analytics.intake.mapping.leaves import changed, leaves, open_leaves
from synapse_analytics.intake.mapping.questions import open_questions
from synapse_analytics.intake.mapping.reading import faults_of
from synapse_analytics.intake.unnamed import unnamed_codes
from tests.raw_tables import DAY_FIRST, mapping, raw_table, register, rule
from tests.spec.test_intake import dropped, records, why_refused

REGISTER = raw_table(
    "register",
    """
    mrn  sex  dob         first       dx    ddd  stenosis  mri  mri_on      fusion  htn  dm
    001  M    01/02/1960  05/03/2024  PIVD  1    1         Yes  07/03/2024  0       1    0
    002  F    16/03/1930  15/03/2024  LCS   0    0         No   -           1       1    1
    003  F    16/03/1940  15/03/2024  LCS   -    1         Yes  -           -       1    -
    """,
)
VISITS = raw_table(
    "visits",
    """
    mrn  on          xray  physio
    001  05/03/2024  1     0
    001  12/03/2024  1     1
    001  13/03/2024  0     0
    002  15/03/2024  -     -
    """,
)
WHO = {"patient_id": "mrn"}
OTHERS = rule(
    "register", "other_diagnoses", **WHO, diagnosis={"boxes": {"ddd": "degenerative_disc_disease", "stenosis": "spinal_stenosis"}}
)


def how(*rules: dict[str, Any]) -> Any:
    return mapping([*register(), *rules])


def test_each_yes_is_a_record_and_a_row_without_one_is_counted() -> None:
    assert records([REGISTER], how(OTHERS), "other_diagnoses", "patient_id", "diagnosis") == [
        ("001", "degenerative_disc_disease"), ("001", "spinal_stenosis"), ("003", "spinal_stenosis"),
    ]  # fmt: skip
    symptoms = rule("boxes", "symptoms", **WHO, symptom={"boxes": {"a": "leg_weakness", "b": "leg_weakness", "c": None}})
    boxes = raw_table("boxes", "mrn a b c\n001 1 1 0\n001 0 1 0\n002 0 0 1\n002 - - -\n009 1 0 0")
    assert records([REGISTER, boxes], how(symptoms), "symptoms", "patient_id", "symptom") == [("001", "leg_weakness")]
    assert dropped([REGISTER, boxes], how(symptoms), "boxes") == {
        "kept": 1, "merged": 1, "no box has a yes": 2, "no row describes its patient": 1,
    }  # fmt: skip


def test_the_day_is_a_column_beside_the_box_or_the_day_of_the_visit() -> None:
    done = rule("register", "investigations", **WHO, date={"from": "mri_on", **DAY_FIRST}, investigation={"boxes": {"mri": "mri"}})
    visit = rule("visits", "investigations", **WHO, date={"from": "on", **DAY_FIRST}, investigation={"boxes": {"xray": "xray"}})
    course = rule(
        "visits", "treatments", **WHO, start_date={"from": "on", **DAY_FIRST}, treatment={"boxes": {"physio": "physical_therapy"}}
    )
    surgery = rule("register", "treatments", **WHO, start_day={"value": "0"}, treatment={"boxes": {"fusion": "spinal_fusion"}})
    tables, rules = [REGISTER, VISITS], how(done, visit, course, surgery)
    assert records(tables, rules, "investigations", "patient_id", "day", "investigation") == [
        ("001", 0, "xray"), ("001", 2, "mri"), ("001", 7, "xray"),
    ]  # fmt: skip
    assert records(tables, rules, "treatments", "patient_id", "start_day", "treatment") == [
        ("001", 7, "physical_therapy"), ("002", 0, "spinal_fusion"),
    ]  # fmt: skip
    assert dropped(tables, rules, "visits") == {"kept": 2, "merged": 0, "no box has a yes": 2}


@pytest.mark.parametrize("ticked", [{"empty": "no"}, {"codes": {"1": "yes", "": "no"}}])
def test_a_tick_counts_also_where_an_empty_cell_means_no_and_nothing_else_is_recorded(ticked: dict[str, Any]) -> None:
    boxes = raw_table("boxes", "mrn on a b\n001 - 1 -\n002 16/03/2024 - -")
    dated = {"patient_id": "mrn", "date": {"from": "on", **DAY_FIRST}}
    symptoms = rule("boxes", "symptoms", **dated, symptom={"boxes": {"a": "leg_weakness", "b": "radiating_leg_pain"}, **ticked})
    assert records([REGISTER, boxes], how(symptoms), "symptoms", "patient_id", "symptom") == [("001", "leg_weakness")]
    assert dropped([REGISTER, boxes], how(symptoms), "boxes") == {"kept": 1, "merged": 0, "no box has a yes": 1}
    done = rule("boxes", "investigations", **dated, investigation={"boxes": {"a": "mri", "b": "xray"}, **ticked})
    assert dropped([REGISTER, boxes], how(done), "boxes") == {"kept": 0, "merged": 0, "no box has a yes": 1, "no date": 1}


def test_what_is_written_counts_also_where_an_empty_cell_has_a_meaning() -> None:
    habits = raw_table("habits", "mrn smokes kg_m2\n001 Y -\n002 - -")
    read = rule("habits", "patients", patient_id="mrn", smoker={"from": "smokes", "empty": "no"}, bmi="kg_m2")
    assert records([REGISTER, habits], how(read), "patients", "patient_id", "smoker") == [("001", "yes"), ("002", None), ("003", None)]


def test_boxes_of_investigations_and_treatments_need_a_day() -> None:
    done = rule("register", "investigations", **WHO, investigation={"boxes": {"mri": "mri"}})
    assert "investigations need day or date" in "".join(fault.words() for fault in faults_of(how(done), [REGISTER]))


def test_what_is_neither_yes_nor_no_is_refused_with_its_place() -> None:
    odd = raw_table("boxes", "mrn a b\n001 1 maybe\n002 x 0")
    rules = rule("boxes", "symptoms", **WHO, symptom={"boxes": {"a": "leg_weakness", "b": "radiating_leg_pain"}})
    why = why_refused([REGISTER, odd], how(rules))
    assert "boxes, row 2, column b" in why
    assert "boxes, row 3, column a" in why
    assert "maybe" not in why
    assert "Allowed: yes, no, or null for not recorded" in why
    assert {leaf.place[-1] for leaf in unnamed_codes([REGISTER, odd], how(rules))} == {"maybe", "x"}
    rules["fields"]["symptom"]["codes"] = {"x": "yes", "1": "yes", "0": "no", "maybe": None}
    assert records([REGISTER, odd], how(rules), "symptoms", "patient_id", "symptom") == [
        ("001", "leg_weakness"), ("002", "leg_weakness"),
    ]  # fmt: skip


def test_conditions_are_counted_where_every_box_is_answered() -> None:
    conditions: dict[str, Any] = {"boxes": {"htn": 1, "dm": 1}}
    rows = register()
    rows[0]["fields"]["comorbidities"] = conditions
    assert records([REGISTER], mapping(rows), "patients", "patient_id", "comorbidities") == [("001", 1), ("002", 2), ("003", None)]
    rows[0]["fields"]["comorbidities"] = {"boxes": {"htn": None, "dm": None}}
    assert records([REGISTER], mapping(rows), "patients", "comorbidities") == [(None,)] * 3
    rows[0]["fields"]["comorbidities"] = conditions | {"empty": "no"}  # a box that is ticked only for yes
    assert records([REGISTER], mapping(rows), "patients", "patient_id", "comorbidities") == [("001", 1), ("002", 2), ("003", 1)]


def test_a_row_with_some_boxes_answered_is_not_empty() -> None:
    conditions = raw_table("conditions", "mrn htn dm\n001 1 -\n002 - -\n003 1 0")
    counted = rule("conditions", "patients", patient_id="mrn", comorbidities={"boxes": {"htn": 1, "dm": 1}})
    assert dropped([REGISTER, conditions], how(counted), "conditions") == {"kept": 0, "merged": 1, NOTHING: 1, UNUSABLE: 1}


def test_one_red_flag_is_enough_and_none_needs_every_answer() -> None:
    flags = raw_table(
        "register",
        """
        mrn  sex  dob         first       dx    cancer  fever  side_l
        001  M    01/02/1960  05/03/2024  PIVD  1       -      1
        002  F    16/03/1930  15/03/2024  LCS   0       0      0
        003  F    16/03/1930  15/03/2024  LCS   0       -      0
        """,
    )
    rules = mapping(register(red_flags={"boxes": {"cancer": "yes", "fever": "yes"}}, side={"boxes": {"side_l": "left"}}))
    assert records([flags], rules, "episodes", "patient_id", "red_flags", "side") == [("001", "yes", "left"), ("002", "no", None)]
    assert dropped([flags], rules, "register") == {"kept": 2, "merged": 0, "no red_flags": 1}


@pytest.mark.parametrize(
    "side", [{"boxes": {"l": "left", "r": "right"}}, {"from": "where", "split": "+", "codes": {"L": "left", "R": "right"}}]
)
def test_left_and_right_are_both_sides(side: dict[str, Any]) -> None:
    sides = raw_table(
        "register",
        """
        mrn  sex  dob         first       dx    l  r  where
        001  M    01/02/1960  05/03/2024  PIVD  1  1  L+R
        002  F    16/03/1930  15/03/2024  LCS   0  1  R
        003  F    16/03/1930  15/03/2024  LCS   0  0  -
        """,
    )
    given = mapping(register(side=side))
    assert records([sides], given, "episodes", "patient_id", "side") == [("001", "both"), ("002", "right"), ("003", None)]
    assert dropped([sides], given, "register") == {"kept": 3, "merged": 0}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"symptom": {"boxes": {"ddd": "hypertension"}}}, "'hypertension' is not allowed. Did you mean 'numbness_or_tingling'?"),
        ({"symptom": {"boxes": {"ddd": "leg_weakness"}, "codes": {"1": "leg_weakness"}}}, "'leg_weakness' is not allowed"),
        ({"symptom": {"boxes": {"ddd": "leg_weakness"}, "from": "dx"}}, "from and boxes exclude each other"),
        ({"symptom": {"boxes": {"ddd": "leg_weakness"}, "split": ";"}}, "this does not belong to boxes"),
        ({"symptom": {"boxes": {"dddd": "leg_weakness"}}}, "there is no column 'dddd'"),
        ({"symptom": "dx", "date": {"boxes": {"ddd": "1"}}}, "this does not belong to a date"),
    ],
)
def test_what_does_not_fit_boxes_is_said(fields: dict[str, Any], said: str) -> None:
    assert said.partition(" Did")[0] in "".join(
        fault.words() for fault in faults_of(how(rule("register", "symptoms", **WHO, **fields)), [REGISTER])
    )


def test_an_open_box_is_asked_and_an_answer_closes_the_question() -> None:
    symptom = {"boxes": {"ddd": "?", "stenosis": "leg_weakness"}, "ask": "What do these boxes mean?"}
    asked = how(rule("register", "symptoms", **WHO, symptom=symptom))
    assert any("'ddd' has no meaning yet" in fault.words() for fault in open_questions(asked))
    (leaf,) = open_leaves(asked)
    assert leaf.about == "register, symptoms: symptom, box ddd"
    answered = changed(asked, {leaf.place: "null"})
    assert open_leaves(answered) == []
    assert answered.rows[2].fields["symptom"].boxes == {"ddd": None, "stenosis": "leg_weakness"}
    assert changed(answered, {leaf.place: leaf.answer for leaf in leaves(answered)}) == answered
