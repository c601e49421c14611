"""A mapping as single answers: what is open stands first, an answer closes its question, and nothing else changes."""

from __future__ import annotations

import pytest

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.leaves import changed, leaves, open_leaves, suggested
from synapse_analytics.intake.mapping.model import Mapping
from tests.raw_tables import mapping, register, rule

SITE = ("rows", 1, "fields", "site", "value")
CODE = ("rows", 1, "fields", "diagnosis", "codes", "PIVD L4-5")


@pytest.fixture
def drafted() -> Mapping:
    codes = {"LCS": "spinal_stenosis", "PIVD L4-5": "?"}
    diagnosis = {"from": "dx", "codes": codes, "concept_set": "diagnoses", "ask": "What do these codes mean?"}
    return mapping(register(site={"ask": "No column was found for this: site."}, diagnosis=diagnosis))


def test_a_field_that_nothing_fills_is_asked_and_an_answer_closes_the_question(drafted: Mapping) -> None:
    assert [leaf.place for leaf in open_leaves(drafted)] == [SITE, CODE]
    answered = changed(drafted, {SITE: "S01", CODE: "herniated_disc"})
    assert open_leaves(answered) == []
    assert answered.rows[1].fields["site"].value == "S01"
    assert answered.rows[1].fields["diagnosis"].codes == {"LCS": "spinal_stenosis", "PIVD L4-5": "herniated_disc"}
    assert answered.rows[0] == drafted.rows[0]


def test_a_code_is_suggested_by_the_words_inside_it(drafted: Mapping) -> None:
    assert suggested(drafted, CODE) == "herniated_disc"
    assert suggested(drafted, ("clinic",)) == ""


def test_several_texts_and_no_meaning_are_written_as_they_are_shown(drafted: Mapping) -> None:
    place = ("rows", 0, "fields", "sex", "codes", "M")
    assert changed(drafted, {place: "null"}).rows[0].fields["sex"].codes["M"] is None
    answered = changed(drafted, {SITE: "S01", CODE: "herniated_disc"})
    shown = {leaf.place: leaf.answer for leaf in leaves(answered)}
    assert changed(answered, shown) == answered


def test_an_answer_that_is_not_allowed_is_refused(drafted: Mapping) -> None:
    with pytest.raises(IntakeRefused):
        changed(drafted, {("data_until",): "December"})


def test_a_date_written_in_several_ways_is_open_while_one_is_and_a_question_mark_of_the_source_is_none() -> None:
    first = {
        "from": "first",
        "format": ["year-month-day", "?"],
        "missing": ["?"],
        "ask": "Are these dates day/month/year or month/day/year?",
    }
    (leaf,) = open_leaves(mapping(register(first_visit_date=first)))
    assert (leaf.place[-1], leaf.answer, leaf.ask) == ("format", "year-month-day | ?", first["ask"])


@pytest.mark.parametrize(
    ("field", "part", "answer", "written"),
    [
        ({"from": "odi", "ask": "A sum or percent? Write `scale: [0, 50]` or `scale: [0, 100]`."}, "scale", "0 | 50", (0, 50)),
        ({"items": list("abcdefghij"), "ask": "0-5 or 1-6? Write `coded: 0-5` or `coded: 1-6`."}, "coded", "1-6", "1-6"),
        (
            {"from": "odi", "fill": "down", "ask": "Does an empty cell stand for the one above? Otherwise delete `fill`."},
            "fill",
            "null",
            None,
        ),
        ({"from": "weeks", "ask": "Which unit? Write `unit: days`, weeks, months or years."}, "unit", "months", "months"),
    ],
)
def test_a_question_is_answered_at_the_part_that_it_is_about(field: dict, part: str, answer: str, written: object) -> None:
    drafted = mapping([*register(), rule("scores", "scores", {"odi": field}, patient_id="mrn", date={"from": "when", "format": "excel"})])
    (leaf,) = open_leaves(drafted)
    assert (leaf.place, leaf.ask) == (("rows", 2, "scores", "odi", part), field["ask"])
    now = changed(drafted, {leaf.place: answer})
    assert getattr(now.rows[2].scores["odi"], part) == written
    assert open_leaves(now) == []
