"""Why a bundle was refused, in words: grouped by rule, with places, what is legal there and what to do."""

from __future__ import annotations

import pytest

from synapse_analytics.bundle.explained import ADVICE, explained
from synapse_analytics.bundle.problems import LISTED_PER_RULE, Check, Place, Report
from synapse_analytics.bundle.rules import RULES, WARNING


def reasons(*problems: tuple[str, Place, str, str]) -> list[tuple[str, tuple[str, ...], str]]:
    report = Report()
    for problem in problems:
        report.add(*problem)
    check = Check(accepted=False, rows={}, counts=dict(report.counts), problems=report.problems, warnings=[], manifest={})
    return [(one.heading, one.places, one.advice) for one in explained(check)]


def places(*problems: tuple[str, Place, str, str]) -> tuple[str, ...]:
    return reasons(*problems)[0][1]


@pytest.mark.parametrize(
    ("rule", "place", "value", "hint", "said"),
    [
        ("missing_file", Place("scores.csv"), "", "", "scores.csv."),
        ("unknown_code", Place("patients.csv", 3, 2, "sex"), "femal", "female",
         "patients.csv, line 3, column sex, value *****. Nearest code: female. Allowed: female, male, other, unknown."),
        ("out_of_range", Place("patients.csv", 4, 3, "bmi"), "900", "10 to 80",
         "patients.csv, line 4, column bmi, value ***. Allowed: decimal number, 10 to 80."),
        ("out_of_range", Place("scores.csv", 1004, 1003, "value"), "55", "nrs_pain 0 to 10",
         "scores.csv, line 1,004, column value, value **. Allowed: nrs_pain 0 to 10."),
        ("wrong_type", Place("patients.csv", 4, 3, "age_years"), "old", "a whole number",
         "patients.csv, line 4, column age_years, value ***. Allowed: whole number, 0 to 90."),
        ("wrong_form", Place("episodes.parquet", None, 7, "icd10"), "back", "such as M51.1",
         "episodes.parquet, row 7, column icd10, value ****. Allowed: ICD-10 code, such as M51.1."),
        ("extra_column", Place("patients.csv", 1, None, "index"), "", "write the file with index=False",
         "patients.csv, line 1, column index. Write the file with index=False."),
    ],
)  # fmt: skip
def test_a_place_says_where_what_and_what_is_legal(rule: str, place: Place, value: str, hint: str, said: str) -> None:
    assert places((rule, place, value, hint)) == (said,)


def test_places_that_differ_only_in_their_line_are_one() -> None:
    same = [("orphan", Place("scores.csv", line, line - 1, "episode_id"), "E9", "") for line in (3, 5)]
    assert places(*same)[0].startswith("scores.csv, lines 3, 5, column episode_id, value **.")
    many = [("orphan", Place("scores.csv", line, line - 1, "episode_id"), "E9", "") for line in range(2, LISTED_PER_RULE + 12)]
    assert places(*many)[0].startswith("scores.csv, lines 2, 3, 4, 5, 6 and 995 more, column episode_id")
    assert places(*many)[1] == "And 10 more places."


def test_each_rule_is_said_once_and_every_kind_of_rule_has_advice() -> None:
    said = reasons(("missing_file", Place("scores.csv"), "", ""), ("missing_file", Place("episodes.csv"), "", ""))
    assert said == [("A file of the bundle is missing. 2 problems (missing_file).", ("scores.csv.", "episodes.csv."), ADVICE["structure"])]
    assert {rule.kind for rule in RULES.values()} == {*ADVICE, WARNING}
