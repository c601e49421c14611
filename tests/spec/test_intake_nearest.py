"""Of several values of a patient in dated rows the one nearest to day 0 counts; every other row is left out with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.mapping.reading import faults_of
from synapse_analytics.intake.nearest import NO_DATE, NOT_USED, TOO_FAR
from synapse_analytics.intake.taking import taken
from tests.raw_tables import DAY_FIRST, mapping, raw_table, register, rule
from tests.spec.test_intake import REGISTER, dropped, records, why_refused

ON = {"from": "on", **DAY_FIRST}
VISITS = raw_table(
    "visits",
    """
    mrn  on          kg_m2  smokes
    001  04/02/2024  31     yes
    001  01/03/2024  30     -
    001  09/03/2024  29     -
    001  20/03/2024  28     no
    002  20/03/2024  25     -
    002  10/03/2024  24     no
    002  01/03/2020  20     -
    003  01/03/2024  22     no
    001  -           33     -
    -    05/03/2024  27     -
    001  05/03/2024  -      -
    """,
)


def how(nearest: int | None = 30, **more: Any) -> Mapping:
    measured = rule(
        "visits",
        "patients",
        patient_id="mrn",
        date=ON,
        bmi={"from": "kg_m2", "nearest": nearest},
        smoker={"from": "smokes", "nearest": 400},
    )
    return mapping([*register(), measured], **more)


def test_the_nearest_value_counts_and_of_two_as_near_the_earlier() -> None:
    assert records([REGISTER, VISITS], how(), "patients", "patient_id", "bmi", "smoker") == [("001", 30.0, "no"), ("002", 24.0, "no")]
    assert records([REGISTER, VISITS], how(3), "patients", "patient_id", "bmi") == [("001", None), ("002", None)]


def test_every_row_is_kept_or_left_out_with_a_reason() -> None:
    assert dropped([REGISTER, VISITS], how(), "visits") == {
        "kept": 3, "merged": 0, "nothing is recorded in the columns that are used": 1, "no patient id": 1,
        "the patient has no episode in the bundle": 1, NO_DATE: 1, NOT_USED: 3, TOO_FAR: 1,
    }  # fmt: skip
    assert dropped([REGISTER, VISITS], how(), "register") == {"kept": 2, "merged": 0}
    values = taken([REGISTER, VISITS], how())[1].ledger.values
    assert {key[1:]: n for key, n in values.items()} == {
        ("bmi", NO_DATE): 1, ("bmi", TOO_FAR): 1, ("bmi", NOT_USED): 4, ("smoker", NOT_USED): 1,
    }  # fmt: skip


def test_values_of_a_patient_whom_no_row_describes_are_left_out_not_merged() -> None:
    more = raw_table("visits", "mrn on kg_m2 smokes\n001 05/03/2024 30 -\n009 01/03/2024 22 no\n009 02/03/2024 23 no\n- 02/03/2024 23 no")
    assert dropped([REGISTER, more], how(), "visits") == {
        "kept": 1, "merged": 0, "no patient id": 1, "the patient has no episode in the bundle": 2,
    }  # fmt: skip


def test_rows_that_describe_the_patient_at_every_visit_are_one_patient() -> None:
    """What does not change is the same in every row; the measure of the nearest row counts."""
    whole = raw_table(
        "register",
        """
        mrn  sex  dob         first       dx    on          kg_m2
        001  M    01/02/1960  05/03/2024  PIVD  01/03/2023  31
        001  M    01/02/1960  05/03/2024  PIVD  06/03/2024  30
        001  M    01/02/1960  05/03/2024  PIVD  09/03/2024  29
        """,
    )
    rows = register()
    rows[0]["fields"] |= {"date": ON, "bmi": {"from": "kg_m2", "nearest": 90}}
    assert records([whole], mapping(rows), "patients", "patient_id", "sex", "bmi") == [("001", "male", 30.0)]
    assert dropped([whole], mapping(rows), "register") == {"kept": 2, "merged": 1}


def test_day_0_is_that_of_the_first_episode() -> None:
    twice = raw_table("register", "mrn sex dob first dx\n001 M 01/02/1960 05/03/2024 PIVD\n001 M 01/02/1960 05/06/2025 LCS")
    weights = raw_table("visits", "mrn on kg_m2 smokes\n001 04/06/2025 31 -\n001 01/04/2024 30 -")
    assert records([twice, weights], how(400, episode={"is": "referral"}), "patients", "bmi") == [(30.0,)]


def test_two_values_of_the_day_that_counts_are_a_conflict() -> None:
    two = raw_table("visits", "mrn on kg_m2 smokes\n001 05/03/2024 30 -\n001 05/03/2024 31 -\n002 15/03/2024 25 -")
    why = why_refused([REGISTER, two], how())
    assert "Rows of one patient and day differ in bmi. (2 times)\n  visits, row 2, column bmi\n  visits, row 3, column bmi" in why
    assert records([REGISTER, two], how(conflicts="last"), "patients", "bmi") == [(25.0,), (31.0,)]
    assert dropped([REGISTER, two], how(conflicts="first"), "visits") == {"kept": 2, "merged": 0, NOT_USED: 1}


def test_without_it_values_that_differ_are_refused_and_the_key_is_named() -> None:
    why = why_refused([REGISTER, VISITS], how(None))
    assert "Rows of one patient differ in bmi" in why
    assert "`nearest`" in why


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"bmi": {"from": "kg_m2", "nearest": 9}}, "nothing says when this was recorded"),
        ({"sex": {"from": "smokes", "nearest": 9}, "date": ON}, "this does not belong to sex of patients"),
        ({"bmi": {"from": "kg_m2", "nearest": 9}, "date": ON}, "differ in `nearest` of bmi"),
    ],
)
def test_what_does_not_fit_is_said(fields: dict[str, Any], said: str) -> None:
    rows = register()
    rows[0]["fields"]["bmi"] = "dx"
    faults = faults_of(mapping([*rows, rule("visits", "patients", patient_id="mrn", **fields)]), [REGISTER, VISITS])
    assert said in "".join(fault.words() for fault in faults)
