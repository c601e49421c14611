"""Rows that each name their score: every code of the source has its own scale, and a draft states it or asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synapse_analytics.intake.draft import draft_mapping
from synapse_analytics.intake.mapping.leaves import changed, open_leaves
from synapse_analytics.intake.mapping.model import FieldRule, Mapping
from synapse_analytics.intake.mapping.questions import open_questions
from synapse_analytics.intake.mapping.reading import faults_of, mapping_from
from synapse_analytics.intake.mapping.writing import to_yaml
from synapse_analytics.intake.raw import RawTable
from tests.raw_tables import DAY_FIRST, mapping, raw_table, register, rule
from tests.spec.test_intake import REGISTER, dropped, records, why_refused

ANSWERS = raw_table(
    "answers",
    """
    mrn  on          what     result
    001  05/03/2024  VAS_leg  8
    001  06/03/2024  vas_LEG  73
    001  07/03/2024  NRS_leg  8
    001  05/03/2024  ODI      42
    002  15/03/2024  VAS_leg  -
    002  16/03/2024  -        5
    """,
)
CODES = {"VAS_leg": "nrs_leg", "NRS_leg": "nrs_leg", "ODI": "odi"}


def how(instrument: Any = None, **value: Any) -> Mapping:
    named = instrument or {"from": "what", "codes": CODES}
    long = rule(
        "answers", "scores", patient_id="mrn", date={"from": "on", **DAY_FIRST}, instrument=named, value={"from": "result", **value}
    )
    return mapping([*register(), long])


def test_each_code_of_the_source_has_its_own_scale() -> None:
    given = how(scales={"VAS leg".replace(" ", "_"): [0, 100]})
    assert records([REGISTER, ANSWERS], given, "scores", "day", "instrument", "value") == [
        (0, "nrs_leg", 0.8), (0, "odi", 42.0), (1, "nrs_leg", 7.3), (2, "nrs_leg", 8.0),
    ]  # fmt: skip
    assert dropped([REGISTER, ANSWERS], given, "answers") == {"kept": 4, "merged": 0, "no value": 1, "no instrument": 1}


def test_a_value_outside_its_scale_is_refused_with_its_place() -> None:
    why = why_refused([REGISTER, ANSWERS], how())
    assert ("The score is outside 0 to 10." in why, "answers, row 3, column result" in why) == (True, True)
    why = why_refused([REGISTER, ANSWERS], how(scales={"VAS_leg": [0, 50]}))
    assert ("The score is outside 0 to 50." in why, "answers, row 3, column result" in why) == (True, True)
    assert "(below `scales`, for the code of these rows)" in why


def test_one_score_for_all_rows_has_a_scale_of_its_code_too() -> None:
    only = raw_table("answers", "mrn on result\n001 05/03/2024 8")
    assert records([REGISTER, only], how({"value": "nrs_leg"}, scales={"nrs_leg": [0, 100]}), "scores", "value") == [(0.8,)]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"scales": {"VSA_leg": [0, 100]}}, "`instrument` does not say which score this is"),
        ({"scales": {"VAS_leg": [100, 0]}}, "scales, VAS_leg: the lowest value must come first"),
    ],
)
def test_a_scale_that_would_never_be_used_is_a_fault(value: dict[str, Any], said: str) -> None:
    assert said in "".join(fault.words() for fault in faults_of(how(**value), [REGISTER, ANSWERS]))


def test_a_score_of_a_wide_row_has_one_scale() -> None:
    wide = rule("answers", "scores", {"odi": {"from": "result", "scales": {"ODI": [0, 50]}}}, patient_id="mrn", day={"value": "0"})
    assert "this score has one scale" in "".join(fault.words() for fault in faults_of(mapping([*register(), wide]), [REGISTER, ANSWERS]))


def proposed(answers: dict[str, list[str]], labels: dict[str, str] | None = None) -> tuple[Mapping, FieldRule]:
    """The draft for a long table with these values by code, and what it says of them. It can be read again and fits the table."""
    rows = [(code, value) for code, values in answers.items() for value in values]
    cells = {
        "MRN": [f"P{number % 4}" for number in range(len(rows))],
        "Sex": ["M"] * len(rows),
        "Date": ["2024-01-20"] * len(rows),
        "Instrument": [code for code, _ in rows],
        "Score": [value for _, value in rows],
    }
    table = RawTable("long", "long", pa.table(cells), np.arange(2, len(rows) + 2), choices={"Instrument": labels} if labels else {})
    drafted = draft_mapping([table], source="files")
    assert mapping_from(to_yaml(drafted), "mapping.yaml") == drafted
    assert not list(faults_of(drafted, [table]))
    return drafted, next(rule for rule in drafted.rows if rule.into == "scores").fields["value"]


def test_a_draft_states_every_scale_that_may_be_one_of_two() -> None:
    _, value = proposed(
        {"VAS leg": ["73", "8", "999"], "NRS back": ["7", "10", "99"], "ODI": ["62", "99"], "EQ VAS": ["80"] * 2, "Mood": ["5"] * 2}
    )
    assert value.scales == {"VAS leg": (0, 100), "NRS back": (0, 10), "ODI": (0, 100)}
    assert value.missing == ("999",)  # 99 is an answer of the ODI
    assert (value.ask, value.why) == ("", "the header is 'Score'; the highest value of each code says its scale")
    assert proposed({"VAS leg": ["7"] * 30})[1].ask == ""
    assert proposed({"1": ["73", "8"], "2": ["4", "1"]}, {"1": "VAS leg", "2": "NRS back"})[1].scales == {"1": (0, 100), "2": (0, 10)}


def test_a_draft_asks_where_few_small_values_fit_two_scales() -> None:
    drafted, value = proposed({"VAS leg": ["7", "8"], "NRS back": ["7", "10"], "ODI": ["22", "41"]})
    assert value.scales == {"VAS leg": (0, 10), "NRS back": (0, 10), "ODI": (0, 100)}
    assert "'VAS leg' has no value above 8, 'ODI' has no value above 41" in value.ask
    assert any("fit two scales" in fault.words() for fault in open_questions(drafted))
    asked = {leaf.place[-1]: leaf for leaf in open_leaves(drafted) if "scales" in leaf.place}
    assert {code: leaf.answer for code, leaf in asked.items()} == {"VAS leg": "0 | 10", "NRS back": "0 | 10", "ODI": "0 | 100"}
    answered = changed(drafted, {asked["VAS leg"].place: "0 | 100"})
    rule = next(rule for rule in answered.rows if rule.into == "scores").fields["value"]
    assert (rule.scales["VAS leg"], rule.ask) == ((0, 100), "")
    assert not [leaf for leaf in open_leaves(answered) if "scales" in leaf.place]


def test_an_index_of_an_unknown_value_set_is_asked() -> None:
    assert "With which value set was the index 'EQ-5D index' calculated?" in proposed({"EQ-5D index": ["0.7", "0.8"]})[1].ask
