"""What becomes of the rows of a clinic: tables drawn in, records and the account of every row out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake import dates
from synapse_analytics.intake.accounted import accounted
from synapse_analytics.intake.episodes import WHICH_EPISODE
from synapse_analytics.intake.finish import SECOND_SCORE
from synapse_analytics.intake.ledger import NOTHING, UNUSABLE
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import FieldRule, Mapping
from synapse_analytics.intake.questionnaires import STATED_ALONE, TOO_FEW
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.taking import taken
from synapse_analytics.intake.values import judge_of
from tests.raw_tables import DAY_FIRST, mapping, raw_table, register, rule

REGISTER = raw_table(
    "register",
    """
    mrn  sex  dob         first       dx    status  closed
    001  M    01/02/1960  05/03/2024  PIVD  open    -
    002  F    16/03/1930  15/03/2024  LCS   done    15/06/2024
    """,
)
TREATMENTS = raw_table("treatments", "mrn what start end\n001 discectomy 01/05/2024 -")
WITH_TREATMENTS = rule("treatments", "treatments", patient_id="mrn", treatment="what", start_date={"from": "start", **DAY_FIRST})
ANSWERS = rule(
    "answers",
    "scores",
    {"nrs_leg": {"from": "vas", "scale": [0, 100], "missing": ["999"]}},
    patient_id="mrn",
    date={"from": "on", **DAY_FIRST},
)


def records(tables: list[RawTable], how: Mapping, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """The records of one file, only these columns, in order."""
    frame = taken(tables, how)[0][name]
    return sorted(
        tuple(None if pd.isna(value) else value for value in row) for row in frame[list(columns)].astype(object).itertuples(index=False)
    )


def dropped(tables: list[RawTable], how: Mapping, name: str) -> dict[str, int]:
    """The rows of a table by what became of them."""
    account = next(table for table in accounted(*taken(tables, how)).tables if table.table == name)
    assert account.read == account.kept + account.merged + sum(account.dropped.values())
    return {"kept": account.kept, "merged": account.merged} | account.dropped


def why_refused(tables: list[RawTable], how: Mapping) -> str:
    with pytest.raises(IntakeRefused) as refusal:
        taken(tables, how)
    assert refusal.value.exit_code == 2
    return str(refusal.value)


def test_ages_are_whole_years_at_the_first_visit_and_90_at_most() -> None:
    births = raw_table(
        "register",
        """
        mrn  sex  dob         first       dx
        001  M    06/03/1960  05/03/2024  PIVD
        002  M    05/03/1960  05/03/2024  PIVD
        003  M    29/02/1960  28/02/2024  PIVD
        004  M    01/01/1920  05/03/2024  PIVD
        """,
    )
    how = mapping([*register(), WITH_TREATMENTS, ANSWERS])
    answers = raw_table("answers", "mrn vas on\n001 5 05/03/2024")
    assert records([births, TREATMENTS, answers], how, "patients", "patient_id", "age_years") == [
        ("001", 63), ("002", 64), ("003", 63), ("004", 90),
    ]  # fmt: skip


def test_dates_are_days_from_the_first_visit() -> None:
    answers = raw_table("answers", "mrn vas on\n001 73 05/03/2024\n001 15 04/03/2025\n002 5 01/03/2024")
    how = mapping([*register(), WITH_TREATMENTS, ANSWERS])
    assert records([REGISTER, TREATMENTS, answers], how, "scores", "patient_id", "day", "instrument", "value") == [
        ("001", 0, "nrs_leg", 7.3), ("001", 364, "nrs_leg", 1.5), ("002", -14, "nrs_leg", 0.5),
    ]  # fmt: skip
    assert records([REGISTER, TREATMENTS, answers], how, "treatments", "treatment", "start_day") == [("discectomy", 57)]


def test_every_row_is_kept_merged_or_left_out_with_a_reason() -> None:
    answers = raw_table(
        "answers",
        """
        mrn  vas  on
        001  73   05/03/2024
        001  73   05/03/2024
        001  999  06/03/2024
        -    50   06/03/2024
        009  50   06/03/2024
        002  50   -
        002  50   01/01/2026
        002  50   01/01/2000
        """,
    )
    how = mapping([*register(), WITH_TREATMENTS, ANSWERS])
    assert dropped([REGISTER, TREATMENTS, answers], how, "answers") == {
        "kept": 2,
        "merged": 1,
        "nothing is recorded in the columns that are used": 1,
        "no patient id": 1,
        "no row describes its patient": 1,
        "no date": 1,
        "after the last month with complete data": 1,
    } | {"kept": 1, "its day is outside -3650 to 7300": 1}


def test_a_row_of_an_episode_without_a_first_visit_is_left_out_with_its_episode() -> None:
    no_start = raw_table("register", "mrn sex dob first dx\n001 M 01/02/1960 - PIVD\n002 F 01/02/1960 05/03/2024 LCS")
    answers = raw_table("answers", "mrn vas on\n001 5 05/03/2024\n002 5 05/03/2024")
    how = mapping([*register(), WITH_TREATMENTS, ANSWERS])
    assert dropped([no_start, TREATMENTS, answers], how, "register") == {
        "kept": 1, "merged": 0, "nothing says which day is day 0 of its episode": 1,
    }  # fmt: skip
    assert dropped([no_start, TREATMENTS, answers], how, "answers") == {"kept": 1, "merged": 0, "its episode was left out": 1}


def test_two_answers_of_one_day_are_refused_unless_the_mapping_says_which() -> None:
    answers = raw_table("answers", "mrn vas on\n001 70 05/03/2024\n001 40 05/03/2024")
    tables, rows = [REGISTER, TREATMENTS, answers], [*register(), WITH_TREATMENTS, ANSWERS]
    why = why_refused(tables, mapping(rows))
    assert "The score nrs_leg was answered twice on one day" in why.replace("\n", " ")
    assert "answers, row 2" in why
    assert "`same_day: first`" in why
    assert records(tables, mapping(rows, same_day="first"), "scores", "value") == [(7.0,)]
    assert records(tables, mapping(rows, same_day="last"), "scores", "value") == [(4.0,)]
    assert dropped(tables, mapping(rows, same_day="last"), "answers")["another value of the same score on the same day was used"] == 1


def test_answers_in_words_are_the_numbers_that_the_mapping_says() -> None:
    items = [f"q{number}" for number in range(1, 11)]
    answers = raw_table("answers", f"mrn on {' '.join(items)}\n001 05/03/2024 {'Much ' * 4}{'much ' * 4}none refused")
    how = {"items": items, "coded": "0-5", "codes": {"none": "0", "Much": "4", "refused": None}}
    odi = rule("answers", "scores", {"odi": how}, patient_id="mrn", date={"from": "on", **DAY_FIRST})
    assert records([REGISTER, answers], mapping([*register(), odi]), "scores", "value") == [(71.11,)]  # 32 of 45
    del how["codes"]["none"]
    assert "The item is no number." in why_refused([REGISTER, answers], mapping([*register(), odi]))


def test_a_conflict_is_shown_where_its_values_stand() -> None:
    weights = raw_table("weights", "mrn kg_m2\n001 20\n001 25")
    both = [*register(), rule("weights", "patients", patient_id="mrn", bmi="kg_m2")]
    why = why_refused([REGISTER, weights], mapping(both))
    assert "Rows of one patient differ in bmi. (2 times)\n  weights, row 2, column bmi\n  weights, row 3, column bmi" in why
    (found,) = accounted(*taken([REGISTER, weights], mapping(both, conflicts="last"))).conflicts
    assert (found.table, found.n) == ("weights", 1)


def test_one_id_for_two_people_is_refused_and_a_composed_id_mends_it() -> None:
    twice = raw_table("register", "site mrn sex dob first dx\nN 1 M 01/02/1960 05/03/2024 PIVD\nS 1 F 11/12/1990 05/04/2024 LCS")
    answers = raw_table("answers", "site mrn vas on\nN 1 50 05/03/2024\nS 1 60 05/04/2024")
    treatments = raw_table("treatments", "site mrn what start\nN 1 discectomy 01/05/2024")

    def rows(patient: Any) -> list[dict[str, Any]]:
        found = [*register(), WITH_TREATMENTS, ANSWERS]
        return [one | {"fields": one["fields"] | {"patient_id": patient}} for one in found]

    why = why_refused([twice, treatments, answers], mapping(rows("mrn")))
    assert "Rows of one patient differ in sex." in why
    assert "such as the site" in why
    found = records([twice, treatments, answers], mapping(rows(["site", "mrn"])), "scores", "patient", "day", "value")
    assert found == [(0, 0, 5.0), (1, 0, 6.0)]


@pytest.mark.parametrize(
    ("episode", "day_zero", "expected"),
    [
        ({"is": "one_per_patient"}, "first_visit", [(0, 0), (0, 30), (0, 700), (0, 730)]),
        ({"is": "gap", "days": 365}, "first_visit", [(0, 0), (0, 30), (1, 0), (1, 30)]),
        ({"is": "one_per_patient"}, "first_score", [(0, 0), (0, 30), (0, 700), (0, 730)]),
        ({"is": "one_per_patient"}, "first_treatment", [(0, -10), (0, 20), (0, 690), (0, 720)]),
    ],
)
def test_what_an_episode_is_and_which_day_is_day_zero(episode: dict[str, Any], day_zero: str, expected: list[tuple[int, int]]) -> None:
    one = raw_table("register", "mrn sex dob first dx\n001 M 01/02/1960 01/01/2023 PIVD")
    if episode["is"] == "gap":  # a row that describes each of the two
        one = raw_table("register", "mrn sex dob first dx\n001 M 01/02/1960 01/01/2023 PIVD\n001 M 01/02/1960 05/12/2024 LCS")
    answers = raw_table("answers", "mrn vas on\n001 50 01/01/2023\n001 40 31/01/2023\n001 60 01/12/2024\n001 30 31/12/2024")
    treatments = raw_table("treatments", "mrn what start\n001 discectomy 11/01/2023")
    how = mapping([*register(), WITH_TREATMENTS, ANSWERS], episode=episode, day_zero=day_zero)
    assert records([one, treatments, answers], how, "scores", "episode", "day") == expected


def test_a_referral_starts_an_episode_and_takes_what_was_recorded_shortly_before() -> None:
    two = raw_table("register", "mrn sex dob first dx\n001 M 01/02/1960 01/01/2023 PIVD\n001 M 01/02/1960 01/06/2024 LCS")
    answers = raw_table("answers", "mrn vas on\n001 50 20/12/2022\n001 40 01/03/2024\n001 60 01/05/2024\n001 30 01/07/2024")
    how = mapping([*register(), WITH_TREATMENTS, ANSWERS], episode={"is": "referral", "lead": 60})
    assert records([two, TREATMENTS, answers], how, "scores", "episode", "day") == [(0, -12), (0, 425), (1, -31), (1, 30)]


def test_the_field_episode_id_says_which_episode() -> None:
    two = raw_table("register", "mrn no sex dob first dx\n001 a M 01/02/1960 01/01/2023 PIVD\n001 b M 01/02/1960 01/06/2024 LCS")
    answers = raw_table("answers", "mrn no vas on\n001 a 40 01/07/2024\n001 b 60 01/07/2024\n001 - 30 02/07/2024\n001 c 30 02/07/2024")
    rows = [*register(episode_id="no"), WITH_TREATMENTS, ANSWERS | {"fields": ANSWERS["fields"] | {"episode_id": "no"}}]
    how = mapping(rows, episode={"is": "column"})
    assert records([two, TREATMENTS, answers], how, "scores", "episode", "day") == [(0, 547), (1, 30), (1, 31)]
    assert dropped([two, TREATMENTS, answers], how, "answers")["no row describes its episode"] == 1


def test_a_code_without_a_meaning_is_refused_with_the_nearest_or_left_out_and_counted() -> None:
    typo = raw_table("treatments", "mrn what start\n001 discectomi 01/05/2024\n001 laminectomy 02/05/2024")
    answers = raw_table("answers", "mrn vas on\n001 5 05/03/2024")
    why = why_refused([REGISTER, typo, answers], mapping([*register(), WITH_TREATMENTS, ANSWERS]))
    assert "It is like discectomy." in why
    assert "discectomi" not in why.replace("discectomy", "")  # one row is no list of codes: it is masked
    rare = raw_table("treatments", "mrn what start\n001 Wojdyla 01/05/2024\n001 Cornelius 02/05/2024\n001 discectomi 02/05/2024")
    why = why_refused([REGISTER, rare, answers], mapping([*register(), WITH_TREATMENTS, ANSWERS]))
    assert why.count("The mapping does not say what") == 2
    assert "these rare codes mean. (2 times)" in why
    side = WITH_TREATMENTS | {"fields": WITH_TREATMENTS["fields"] | {"reoperation": "what"}}
    why = why_refused([REGISTER, rare, answers], mapping([*register(), side, ANSWERS]))
    assert "Add it to `codes` of `reoperation`" in why, "one column may fill two fields: each is told"
    assert "Add it to `codes` of `treatment`" in why
    what = {"from": "what", "otherwise": "leave_out"}
    left = WITH_TREATMENTS | {"fields": WITH_TREATMENTS["fields"] | {"treatment": what}}
    account = accounted(*taken([REGISTER, typo, answers], mapping([*register(), left, ANSWERS])))
    assert [(one.column, one.n, one.nearest) for one in account.unmapped] == [("what", 1, "discectomy")]
    assert account.records["treatments.csv"] == 1


def test_an_event_name_gives_the_day_where_there_is_no_date() -> None:
    answers = raw_table("answers", "mrn vas on\n001 70 baseline\n001 40 month_3")
    by_name = rule("answers", "scores", ANSWERS["scores"], patient_id="mrn", day={"from": "on", "days": {"baseline": 0, "month_3": 91}})
    assert records([REGISTER, TREATMENTS, answers], mapping([*register(), WITH_TREATMENTS, by_name]), "scores", "day", "value") == [
        (0, 7),
        (91, 4),
    ]


def test_one_column_for_each_visit_becomes_one_answer_for_each() -> None:
    wide = raw_table("answers", "mrn vas0 vas12\n001 70 40\n002 80 999")
    rows = [
        rule("answers", "scores", {"nrs_leg": {"from": column, "scale": [0, 100], "missing": "999"}}, patient_id="mrn", day={"value": day})
        for column, day in (("vas0", 0), ("vas12", 84))
    ]
    found = records([REGISTER, TREATMENTS, wide], mapping([*register(), WITH_TREATMENTS, *rows]), "scores", "patient_id", "day", "value")
    assert found == [("001", 0, 7), ("001", 84, 4), ("002", 0, 8)]


def test_several_answers_in_one_cell_and_empty_cells_with_a_meaning() -> None:
    ticks = raw_table("ticks", "mrn complaints red\n001 numb;weak -\n002 numb yes")
    codes = {"numb": "numbness_or_tingling", "weak": "leg_weakness"}
    symptoms = rule("ticks", "symptoms", patient_id="mrn", symptom={"from": "complaints", "split": ";", "codes": codes})
    flagged = register(red_flags={"from": "status", "codes": {"done": "yes", "open": "no"}})
    answers = raw_table("answers", "mrn vas on\n001 5 05/03/2024")
    how = mapping([*flagged, WITH_TREATMENTS, ANSWERS, symptoms])
    assert records([REGISTER, TREATMENTS, answers, ticks], how, "symptoms", "patient_id", "symptom") == [
        ("001", "leg_weakness"), ("001", "numbness_or_tingling"), ("002", "numbness_or_tingling"),
    ]  # fmt: skip
    empty = register(red_flags={"from": "closed", "codes": {"15/06/2024": "yes", "": "no"}})
    assert records([REGISTER, TREATMENTS, answers], mapping([*empty, WITH_TREATMENTS, ANSWERS]), "episodes", "red_flags") == [
        ("no",),
        ("yes",),
    ]


def test_an_empty_cell_means_what_the_mapping_says() -> None:
    no_sex = raw_table("register", "mrn sex dob first dx\n001 - 01/02/1960 05/03/2024 PIVD\n002 F 01/02/1960 05/03/2024 LCS")
    answers = raw_table("answers", "mrn vas on\n001 5 05/03/2024")
    rows = [*register(red_flags={"from": "sex", "codes": {"F": "yes"}, "empty": "no"}), WITH_TREATMENTS, ANSWERS]
    rows[0]["fields"]["sex"] = {"from": "sex", "codes": {"F": "female"}, "empty": "other"}
    tables = [no_sex, TREATMENTS, answers]
    assert records(tables, mapping(rows), "patients", "patient_id", "sex") == [("001", "other"), ("002", "female")]
    assert records(tables, mapping(rows), "episodes", "patient_id", "red_flags") == [("001", "no"), ("002", "yes")]


def test_a_closed_episode_needs_a_date_or_a_word_in_the_mapping() -> None:
    status = {"from": "status", "codes": {"open": "open", "done": "discharged"}}
    answers = raw_table("answers", "mrn vas on\n002 5 15/03/2024\n002 5 14/05/2024")
    rows = [*register(status=status), WITH_TREATMENTS, ANSWERS]
    assert "no date of closing" in why_refused([REGISTER, TREATMENTS, answers], mapping(rows))
    closed = mapping(rows, no_closing_date="last_record")
    assert records([REGISTER, TREATMENTS, answers], closed, "episodes", "status", "closed_day") == [("discharged", 60), ("open", None)]
    as_open = mapping(rows, no_closing_date="open")
    assert records([REGISTER, TREATMENTS, answers], as_open, "episodes", "status") == [("open",), ("open",)]
    with_date = [*register(status=status, closed_date={"from": "closed", **DAY_FIRST}), WITH_TREATMENTS, ANSWERS]
    assert records([REGISTER, TREATMENTS, answers], mapping(with_date), "episodes", "status", "closed_day") == [
        ("discharged", 92),
        ("open", None),
    ]
    early = mapping(with_date, data_until="2024-05")  # at the end of May the second episode was still open
    assert records([REGISTER, TREATMENTS, answers], early, "episodes", "status") == [("open",), ("open",)]


@pytest.mark.parametrize(
    ("treatments", "sentence"),
    [
        ("mrn what start end\n001 discectomy 01/05/1950 -", "The date lies before the patient's birth."),
        ("mrn what start end\n001 physical_therapy 01/05/2024 01/04/2024", "A treatment ends before it starts."),
        ("mrn what start end\n001 discectomy 31/02/2024 -", "The text is no date in the form day/month/year."),
        ("mrn what start end\n001 discectomy 2024-05-01 -", "The text is no date in the form day/month/year."),
    ],
)
def test_dates_that_cannot_be_are_refused_with_their_place_and_no_value(treatments: str, sentence: str) -> None:
    answers = raw_table("answers", "mrn vas on\n001 5 05/03/2024")
    ends = WITH_TREATMENTS | {"fields": WITH_TREATMENTS["fields"] | {"end_date": {"from": "end", **DAY_FIRST}}}
    why = why_refused([REGISTER, raw_table("treatments", treatments), answers], mapping([*register(), ends, ANSWERS]))
    assert sentence in why
    assert "treatments, row 2, column" in why
    assert treatments.split()[6] not in why


def test_codes_and_empty_are_obeyed_where_a_number_is_read() -> None:
    register_table = raw_table("register", "mrn sex dob first dx bmi\n1 M 01/01/1970 01/02/2024 PIVD 99\n2 F 01/01/1970 01/02/2024 LCS 24")
    visits = raw_table("visits", "mrn on vas\n1 01/02/2024 9\n2 01/02/2024 -\n2 02/02/2024 none\n2 03/02/2024 4")
    rules = register()
    rules[0]["fields"]["bmi"] = {"from": "bmi", "codes": {"99": None}, "otherwise": "leave_out"}
    vas = {"from": "vas", "codes": {"9": None, "None": "0"}, "empty": "1"}
    rules.append(rule("visits", "scores", {"nrs_leg": vas}, patient_id="mrn", date={"from": "on", **DAY_FIRST}))
    assert records([register_table, visits], mapping(rules), "patients", "patient_id", "bmi") == [("1", None), ("2", 24.0)]
    assert records([register_table, visits], mapping(rules), "scores", "patient_id", "day", "value") == [
        ("2", 0, 1),
        ("2", 1, 0),
        ("2", 2, 4),
    ]


def test_of_three_answers_of_one_day_the_last_counts_even_if_it_repeats_the_first() -> None:
    register_table = raw_table("register", "mrn sex dob first dx\n1 M 01/01/1970 01/02/2024 PIVD")
    visits = raw_table("answers", "mrn on vas\n1 01/02/2024 50\n1 01/02/2024 70\n1 01/02/2024 50")
    for rule_of_day in ("first", "last"):
        how = mapping([*register(), ANSWERS], same_day=rule_of_day)
        assert records([register_table, visits], how, "scores", "value") == [(5,)]
        assert dropped([register_table, visits], how, "answers") == {"kept": 1, "merged": 1, SECOND_SCORE: 1}


def test_an_answer_is_the_same_whether_its_date_or_its_visit_says_the_day() -> None:
    register_table = raw_table("register", "mrn sex dob first dx\n1 M 01/01/1970 01/02/2024 PIVD")
    visits = raw_table("answers", "mrn on visit vas\n1 01/02/2024 first 50")
    by_name = rule("answers", "scores", ANSWERS["scores"], patient_id="mrn", day={"from": "visit", "days": {"first": 0}})
    assert records([register_table, visits], mapping([*register(), ANSWERS, by_name]), "scores", "day", "value") == [(0, 5)]


def test_a_part_of_a_composed_id_that_is_not_recorded_makes_no_id() -> None:
    register_table = raw_table("register", "site mrn sex dob first dx\nA 1 M 01/01/1970 01/02/2024 PIVD\nA NA F 01/01/1970 01/02/2024 LCS")
    rules = register()
    for one in rules:
        one["fields"]["patient_id"] = {"from": ["site", "mrn"], "missing": ["NA"]}
    assert dropped([register_table], mapping(rules), "register") == {"kept": 1, "merged": 0, "no patient id": 1}


def test_a_profile_that_means_not_recorded_is_no_score() -> None:
    register_table = raw_table("register", "mrn sex dob first dx\n1 M 01/01/1970 01/02/2024 PIVD")
    answers = raw_table("answers", "mrn on profile\n1 01/02/2024 11111\n1 02/02/2024 99999\n1 03/02/2024 best")
    index = {"from": "profile", "coded": "1-5", "missing": ["99999"], "codes": {"Best": "11111"}}
    scores = rule("answers", "scores", {"eq5d5l_index": index}, patient_id="mrn", date={"from": "on", **DAY_FIRST})
    assert records([register_table, answers], mapping([*register(), scores]), "scores", "day", "value") == [(0, 1), (2, 1)]


@pytest.mark.parametrize(("episode", "day_zero"), [({"is": "one_per_patient"}, "first_score"), ({"is": "gap", "days": 30}, "first_record")])
def test_a_row_without_an_answer_is_no_first_score_and_begins_no_episode(episode: dict[str, Any], day_zero: str) -> None:
    register_table = raw_table("register", "mrn sex dob first dx\n1 M 01/01/1970 10/02/2024 PIVD")
    answers = raw_table("answers", "mrn on what value\n1 02/02/2024 leg -\n1 10/02/2024 leg 5\n1 12/02/2024 leg 4")
    instrument = {"from": "what", "codes": {"leg": "nrs_leg"}}
    scores = rule("answers", "scores", patient_id="mrn", date={"from": "on", **DAY_FIRST}, instrument=instrument, value="value")
    how = mapping([*register(), scores], episode=episode, day_zero=day_zero)
    assert records([register_table, answers], how, "scores", "day", "value") == [(0, 5), (2, 4)]
    assert dropped([register_table, answers], how, "answers") == {"kept": 2, "merged": 0, "no value": 1}


def test_two_fields_of_one_row_are_not_both_split() -> None:
    table = raw_table("register", "mrn sex dob first dx test report\n1 M 01/01/1970 01/02/2024 PIVD mri,ct confirmed,inconclusive")
    tests = rule("register", "investigations", patient_id="mrn", date={"from": "first", **DAY_FIRST},
                 investigation={"from": "test", "split": ","}, finding={"from": "report", "split": ","})  # fmt: skip
    assert "nothing says which answers belong together" in why_refused([table], mapping([*register(), tests]))


def test_dates_do_not_tell_episodes_apart_of_which_one_has_no_start() -> None:
    register_table = raw_table(
        "register",
        """
        mrn ref sex dob        first      dx
        1   a   M   01/01/1970 -          PIVD
        1   b   M   01/01/1970 01/03/2024 LCS
        2   c   F   01/01/1970 -          LCS
        """,
    )
    answers = raw_table("answers", "mrn ref on vas\n1 a 10/01/2024 50\n1 b 02/03/2024 40\n1 - 05/03/2024 30\n2 - 01/03/2024 20")
    scores = ANSWERS | {"fields": ANSWERS["fields"] | {"episode_id": "ref"}}
    how = mapping([*register(episode_id="ref"), scores], episode={"is": "column"}, day_zero="first_score")
    assert records([register_table, answers], how, "scores", "patient_id", "day", "value") == [("1", 0, 4), ("1", 0, 5), ("2", 0, 2)]
    assert dropped([register_table, answers], how, "answers") == {"kept": 3, "merged": 0, WHICH_EPISODE: 1}


def test_the_age_is_that_of_the_first_episode_in_the_bundle() -> None:
    register_table = raw_table(
        "register",
        """
        mrn ref sex dob        first      dx   status closed
        1   a   M   29/02/1960 01/03/2020 -    done   -
        1   b   M   29/02/1960 28/02/2025 LCS  done   01/06/2025
        2   c   F   01/01/1970 01/06/2026 LCS  done   01/07/2026
        """,
    )
    status = {"from": "status", "codes": {"done": "resolved"}}
    closing = {"episode_id": "ref", "status": status, "closed_date": {"from": "closed", **DAY_FIRST}}
    how = mapping(register(**closing), episode={"is": "column"})
    assert records([register_table], how, "patients", "patient_id", "age_years") == [("1", 64)]
    assert accounted(*taken([register_table], how)).values == (), "nothing is said of the closing of an episode that is not there"


def test_the_end_of_a_procedure_is_left_out_and_counted_as_that() -> None:
    courses = raw_table("treatments", "mrn what start end\n001 discectomy 01/05/2024 02/05/2027\n001 heat_therapy 01/05/2024 02/05/2027")
    treated = rule("treatments", "treatments", patient_id="mrn", treatment="what", start_date={"from": "start", **DAY_FIRST},
                   end_date={"from": "end", **DAY_FIRST})  # fmt: skip
    whys = {one.why: one.n for one in accounted(*taken([REGISTER, courses], mapping([*register(), treated]))).values}
    assert whys == {
        "a procedure has one day and no end": 1,
        "ends after the last month with complete data: the course counts as running": 1,
    }


def test_a_row_whose_values_cannot_be_used_is_not_called_empty_and_a_stated_score_alone_is_counted() -> None:
    items = " ".join(f"i{n}" for n in range(10))
    answers = raw_table(
        "answers",
        f"""
        mrn on {items} stated vas
        001 06/03/2024 {"1 " * 10} 20 -
        001 07/03/2024 {"1 " * 3 + "- " * 7} - -
        001 08/03/2024 {"- " * 10} 40 -
        001 09/03/2024 {"- " * 10} - 3O
        001 10/03/2024 {"- " * 10} - -
        """,
    )
    odi = {"items": items.split(), "coded": "0-5", "stated": "stated"}
    scores = {"odi": odi, "nrs_leg": {"from": "vas", "otherwise": "leave_out"}}
    how = mapping([*register(), rule("answers", "scores", scores, patient_id="mrn", date={"from": "on", **DAY_FIRST})])
    assert dropped([REGISTER, answers], how, "answers") == {"kept": 1, "merged": 0, UNUSABLE: 3, NOTHING: 1}
    whys = {one.why: one.n for one in accounted(*taken([REGISTER, answers], how)).values}
    assert whys == {TOO_FEW: 1, STATED_ALONE: 1, "The text is no number.": 1}


def test_later_visits_of_one_episode_by_gaps_do_not_contradict_the_first() -> None:
    visits = raw_table("register", "mrn sex dob first dx\n1 M 01/01/1970 10/02/2024 PIVD\n1 M 01/01/1970 12/03/2024 PIVD")
    how = mapping(register(), episode={"is": "gap", "days": 365})
    assert len(records([visits], how, "episodes", "patient_id")) == 1


def test_years_of_two_digits_are_said_and_nobody_is_born_in_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    """On 29 November 2026 somebody born on 30/11/26 was born in 1926, and somebody born on 29/11/26 today."""
    monkeypatch.setattr(dates, "_today", lambda: date(2026, 11, 29))
    birth = FieldRule.model_validate({"from": "dob", "format": "day/month/yy"})
    judge = {name: judge_of(record_kind(kind).field(name), birth) for kind, name in (("patients", "date_of_birth"), ("scores", "date"))}
    born = {text: judge["date_of_birth"](text).value for text in ("29/11/26", "30/11/26", "30/11/27")}
    assert born == {
        text: (date(year, 11, day) - date(1970, 1, 1)).days
        for text, year, day in (("29/11/26", 2026, 29), ("30/11/26", 1926, 30), ("30/11/27", 1927, 30))
    }
    assert judge["date"]("30/11/26").value == (date(2026, 11, 30) - date(1970, 1, 1)).days, "a visit may be planned"
    text = "mrn sex dob first dx status closed\n001 M 01/02/60 05/03/2024 PIVD open -"
    rows = register()
    rows[0]["fields"]["date_of_birth"] = {"from": "dob", "format": "day/month/yy"}
    frames, work = taken([raw_table("register", text)], mapping(rows))
    assert accounted(frames, work).tables[0].how == "years 00-26 are read as 2000-2026 and 27-99 as 1927-1999"


@pytest.mark.parametrize(("patients", "is_shown"), [([f"00{number}" for number in range(1, 6)], True), (["001"] * 5, False)])
@pytest.mark.parametrize("otherwise", ["refuse", "leave_out"])
def test_a_code_that_nobody_mapped_is_shown_whole_if_several_patients_have_it(patients: list[str], is_shown: bool, otherwise: str) -> None:
    people = raw_table("register", "mrn sex dob first dx\n" + "\n".join(f"00{n} M 01/02/1960 05/03/2024 LCS" for n in range(1, 6)))
    given = raw_table("treatments", "mrn what start end\n" + "\n".join(f"{one} Zeta 0{n}/04/2024 -" for n, one in enumerate(patients, 1)))
    one = rule(
        "treatments",
        "treatments",
        patient_id="mrn",
        treatment={"from": "what", "otherwise": otherwise},
        start_date={"from": "start", **DAY_FIRST},
    )
    how = mapping([*register(), one])
    said = why_refused([people, given], how) if otherwise == "refuse" else accounted(*taken([people, given], how)).unmapped[0].code
    assert ("Zeta" in said) == is_shown
