"""The body mass index from weight and height: what is calculated, what is refused, and what a draft proposes and asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synapse_analytics.intake.accounted import accounted
from synapse_analytics.intake.bmi import LACKS_ONE
from synapse_analytics.intake.draft import draft_mapping
from synapse_analytics.intake.ledger import NOTHING, UNUSABLE
from synapse_analytics.intake.mapping.leaves import changed, open_leaves
from synapse_analytics.intake.mapping.model import FieldRule, Mapping
from synapse_analytics.intake.mapping.questions import open_questions, words_at
from synapse_analytics.intake.mapping.reading import faults_of
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.taking import taken
from tests.raw_tables import mapping, raw_table, register, rule
from tests.spec.test_intake import dropped, records, why_refused


def clinic(*measures: str, decimal: str = ".") -> RawTable:
    """A register with a weight and a height in each row."""
    lines = "\n".join(f"{number:03} M 01/02/1960 05/03/2024 PIVD {one}" for number, one in enumerate(measures, 1))
    return raw_table("register", f"mrn sex dob first dx kg tall\n{lines}", decimal=decimal)


def how(**bmi: Any) -> Mapping:
    rows = register()
    rows[0]["fields"]["bmi"] = {"from": ["kg", "tall"], **bmi}
    return mapping(rows)


def test_the_index_is_weight_by_height_squared_rounded_half_up() -> None:
    people = clinic("80 160", "70.5 175", "96 -", "- 170", "- -", "999 170")
    given = how(unit="cm", missing="999")
    assert records([people], given, "patients", "patient_id", "bmi") == [
        ("001", 31.3), ("002", 23.0), ("003", None), ("004", None), ("005", None), ("006", None),
    ]  # fmt: skip
    assert dropped([people], given, "register") == {"kept": 6, "merged": 0}
    frames, work = taken([people], given)
    assert work.ledger.values[0, "kg + tall", LACKS_ONE] == 3
    assert {"kg", "tall"} <= set(accounted(frames, work).tables[0].used)


def test_a_measure_that_cannot_be_used_is_recorded_and_counted_once() -> None:
    """Neither is a row with a weight alone empty, nor is an impossible weight not recorded."""
    people = clinic("80 160", "80 160", "80 160", "80 160")
    measured = raw_table("measures", "mrn kg tall\n001 5 160\n002 80 -\n003 - 999\n004 - -")
    bmi = {"from": ["kg", "tall"], "unit": "cm", "otherwise": "leave_out"}
    given = mapping([*register(), rule("measures", "patients", patient_id="mrn", bmi=bmi)])
    assert dropped([people, measured], given, "measures") == {"kept": 0, "merged": 0, NOTHING: 1, UNUSABLE: 3}
    assert {key[1:]: n for key, n in taken([people, measured], given)[1].ledger.values.items() if n} == {
        ("kg", "The weight is outside 20 to 400."): 1, ("tall", "The height in cm is outside 80 to 250."): 1, ("kg + tall", LACKS_ONE): 2,
    }  # fmt: skip


def test_metres_and_a_decimal_comma() -> None:
    assert records([clinic("80 1,60", decimal=",")], how(unit="m"), "patients", "bmi") == [(31.3,)]


@pytest.mark.parametrize(
    ("measures", "unit", "said", "column"),
    [
        ("80 1.75", "cm", "The height in cm is outside 80 to 250.", "tall"),
        ("80 175", "m", "The height in m is outside 0.8 to 2.5.", "tall"),
        ("800 175", "cm", "The weight is outside 20 to 400.", "kg"),
        ("80kg 175", "cm", "The text is no number.", "kg"),
        ("390 150", "cm", "Weight and height give a body mass index outside 10 to 80.", "kg + tall"),
    ],
)
def test_impossible_measures_are_refused_with_their_place(measures: str, unit: str, said: str, column: str) -> None:
    why = why_refused([clinic("80 1.6" if unit == "m" else "80 160", measures)], how(unit=unit))
    assert said in why
    assert f"register, row 3, column {column}" in why
    assert records([clinic(measures)], how(unit=unit, otherwise="leave_out"), "patients", "bmi") == [(None,)]


@pytest.mark.parametrize(
    ("bmi", "said"),
    [
        ({}, "nothing says in which unit the height is"),
        ({"unit": "weeks"}, "weeks does not belong to bmi"),
        ({"from": "kg", "unit": "cm"}, "have a unit"),
        ({"from": ["kg", "tall", "dx"], "unit": "cm"}, "For the bmi write weight, then height."),
    ],
)
def test_what_does_not_fit_is_said(bmi: dict[str, Any], said: str) -> None:
    assert said in "".join(fault.words() for fault in faults_of(how(**bmi), [clinic("80 160")]))


def proposed(weights: list[str], heights: list[str], weight: str = "Weight", height: str = "Height", **more: list[str]) -> FieldRule | None:
    """The rule of the body mass index that a draft proposes for these columns."""
    cells = {"MRN": [f"P{row}" for row in range(len(weights))], "Sex": ["M"] * len(weights), weight: weights, height: heights, **more}
    table = RawTable("register", "register", pa.table(cells), np.arange(2, len(weights) + 2))
    return next(rule for rule in draft_mapping([table], source="files").rows if rule.into == "patients").fields.get("bmi")


def test_a_draft_proposes_it_and_asks_for_the_unit_that_nothing_proves() -> None:
    rule = proposed(["70", "80", "999"], ["170", "165", "999"])
    assert rule is not None
    assert (rule.from_, rule.unit, rule.missing, rule.ask) == (("Weight", "Height"), "cm", ("999",), "")
    assert rule.why.endswith("it is calculated from 'Weight' in kg and 'Height' in cm, as its middle value is 170")
    assert proposed(["70"] * 3, ["1.7", "1.65", "1.8"]).unit == "m"  # type: ignore[union-attr]
    assert proposed(["70"] * 3, ["170", "165", "180"], "Wt (kg)", "Height (cm)").unit == "cm"  # type: ignore[union-attr]
    for heights, name in ((["66", "70", "61"], "Height"), (["5.4", "6.1", "5.9"], "Height"), (["170", "165", "180"], "Height m")):
        rule = proposed(["70"] * 3, heights, height=name)
        assert rule is not None
        assert (rule.unit, "In which unit is the height?" in rule.ask) == ("?", True)
    assert "Is the weight in kg?" in proposed(["170", "180", "150"], ["170", "165", "180"]).ask  # type: ignore[union-attr]
    assert proposed(["70"], ["170"], BMI=["24"]).from_ == ("BMI",)  # type: ignore[union-attr]
    assert proposed(["70"], ["170"], height="Length") is None


def test_an_open_unit_is_chosen_from_a_list() -> None:
    asked = how(unit="?", ask="In which unit is the height?")
    (leaf,) = open_leaves(asked)
    assert (leaf.place[-1], leaf.ask, words_at(asked, leaf.place)) == ("unit", "In which unit is the height?", ("cm", "m"))
    assert any("Write one of cm, m instead of '?'" in fault.words() for fault in open_questions(asked))
    assert open_leaves(changed(asked, {leaf.place: "m"})) == []
