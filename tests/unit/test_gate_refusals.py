"""What the gate refuses whatever an analysis declared: numbers in labels, in notes and in sentences, and numbers too fine.

Each rule is shown to hold on a case that breaks it, and each half of the gate to be missed by these rules when it is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.analyses import diagnoses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH, Kind, Measure, Policy, Question, TableRule, gate, rounding
from synapse_analytics.disclosure.cells import Need
from synapse_analytics.disclosure.labels import is_label
from synapse_analytics.disclosure.sentences import is_plain
from synapse_analytics.errors import UnsafeAnswer

NAMES = frozenset({"C07", "North"})
N = Measure("n", Kind.COUNT)


def release(row: Mapping[str, Any], *measures: Measure, policy: Policy = CLINIC, table: str = "t", notes: tuple[str, ...] = ()) -> Any:
    question = Question("answer", None, "generation", policy, {}, NAMES)
    return gate.release(question, (500, 500), [(TableRule(table, measures), [{"patients": 500} | row])], notes=notes)


@pytest.mark.parametrize(
    "value",
    [
        "herniated_disc",
        "C07",
        "2024",
        "2024-07",
        "2024-Q3",
        "not_recorded",
        "medication+discectomy",
        "2021 to 2022",
        "18-64",
        None,
        True,
        ("medication",),
    ],
)
def test_words_units_and_periods_are_labels(value: Any) -> None:
    assert is_label("t", "group", value, NAMES)


@pytest.mark.parametrize(
    "value",
    [
        "12",
        "12 patients",
        "Jane Doe",
        "2024-13",
        "C08",
        12,
        3.5,
        ("medication", 7),
        "herniated_disc+7",
        "",
        "7 to 9",
        "18-63",
        "17-64",
        "18",
    ],
)
def test_anything_else_is_none(value: Any) -> None:
    assert not is_label("t", "group", value, NAMES)


@pytest.mark.parametrize(
    ("column", "legal", "illegal"), [("week", 12, 12.5), ("day", 14, 15), ("month", 6, 7), ("from", -7.5, 12.37), ("step", 3, 40)]
)
def test_axes_hold_their_own_numbers_only(column: str, legal: float, illegal: float) -> None:
    assert is_label("t", column, legal, NAMES)
    assert not is_label("t", column, illegal, NAMES)


@pytest.mark.parametrize(
    ("column", "legal", "illegal"),
    [
        ("week", (-520, -1, 0, 520), (-521, 521)),
        ("to_week", (-520, 520), (-521, 521)),
        ("day", (0, 7, 3_640), (-7, 3_641, 3_647)),
        ("month", (0, 3, 6, 12, 24), (1, 4, 13, 25)),
        ("step", (0, 13), (-1, 14)),
        ("times", (1, 99), (0, 100)),
        ("from", (-100, 100, 0.05, 0), (-100.05, 100.05, 101, 0.04)),
        ("to", (-100, 100, 0.05, 0), (-100.05, 100.05, 101, 0.04)),
        ("width", (0.5, 0.75, 1, 1.5, 2, 3), (1.75, 2.5, 4)),
        ("delta", (-100, 100, 0.05, 0), (-100.05, 100.05, 101, 0.04)),
        ("nominal", (0.5, 0.8), (1.5, 1.8)),
        ("gap_collapse", (0, 90), (-1, 91)),
        ("combination_overlap", (0, 90), (-1, 91)),
        ("weeks_seen", (0, 4, 520), (-4, 2, 5, 524)),
        ("target", (0.123,), ()),
        ("points", (0, 2_000), (-1, 2_001)),
        ("units", (0, 2_000), (-1, 2_001)),
        ("pooled", (0, 2_000), (-1, 2_001)),
    ],
)
def test_axes_end_where_they_say(column: str, legal: tuple[float, ...], illegal: tuple[float, ...]) -> None:
    assert [is_label("summary", column, value, NAMES) for value in (*legal, *illegal)] == [True] * len(legal) + [False] * len(illegal)


def test_the_axis_of_a_funnel_is_legal_in_its_table_alone() -> None:
    assert is_label("limits", "n", 7.3, NAMES)
    assert not is_label("summary", "n", 7, NAMES)


def test_a_count_declared_as_a_label_is_refused() -> None:
    for policy in (CLINIC, PUBLISH):
        with pytest.raises(UnsafeAnswer, match="column n of the table t breaks the policy .*must be declared as a count"):
            release({"n": 7}, Measure("n", Kind.LABEL), policy=policy)
        with pytest.raises(UnsafeAnswer, match="declared as a label and holds what is no word, unit or period"):
            release({"operated": 7}, Measure("operated", Kind.LABEL), policy=policy)


def test_an_analysis_that_declares_a_count_as_a_label_shows_nothing(sample_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    sabotaged = TableRule("diagnoses", tuple(Measure("n", Kind.LABEL) if one.name == "n" else one for one in diagnoses.MIX.measures))
    monkeypatch.setattr(diagnoses, "MIX", sabotaged)
    with pytest.raises(UnsafeAnswer, match="The answer diagnosis_mix is not shown"):
        analyses.diagnosis_mix(sample_clinic)


@pytest.mark.parametrize("kind", [Kind.MEAN, Kind.SHARE, Kind.MEDIAN])
def test_a_count_declared_as_something_else_is_refused(kind: Kind) -> None:
    with pytest.raises(UnsafeAnswer, match="must be declared as a count"):
        release({"patients": 7}, Measure("patients", kind))


@pytest.mark.parametrize(
    "note",
    [
        "12 patients had surgery.",
        "Seven patients had surgery.",
        "Of them 3 died.",
        "This is 12 % of the women.",
        "Fewer than 7 patients answered.",
        "n = 4",
        "Mean 3.4 points in 9 episodes.",
    ],
)
def test_a_number_in_a_note_is_refused(note: str) -> None:
    with pytest.raises(UnsafeAnswer, match="because a note breaks the policy 'clinic': it names a number of the data"):
        release({"n": 40}, N, notes=(note,))
    with pytest.raises(UnsafeAnswer, match="column sentence"):
        release({"n": 40, "sentence": note}, N, Measure("sentence", Kind.MEAN))
    with pytest.raises(UnsafeAnswer, match="column model"):
        release({"n": 40, "model": note}, N, Measure("model", Kind.LABEL))


@pytest.mark.parametrize(
    "text",
    [
        "8 quarters above its mean since Q3 2023: improvement.",
        "Within its usual variation now; 2 of 3 months close to a limit, last Apr 2021.",
        "C07 is above the 99.8 % limits, crude: worth a review.",
        "Fewer than 20 patients are this much alike.",
        "Improved means at least 20 points on ODI. Source: Solberg 2013 (n = 692): success after disc surgery; NORspine indicator.",
        "Not recorded in these data: Adverse events per 100 operations.",
        "patients who had injection within 90 days",
    ],
)
def test_periods_limits_and_constants_may_be_named(text: str) -> None:
    assert is_plain(text, NAMES)


def test_publish_lets_no_fine_number_out() -> None:
    """Rounding happens before this; the gate reads the finished answer once more, so each rule is tried with rounding switched off."""
    mean = Measure("mean", Kind.MEAN)
    assert release({"n": 40, "mean": 3.14159}, N, mean, policy=PUBLISH).tables["t"][0]["mean"] == 3.1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"n": 41, "mean": 3.1}, "no multiple of 5"),
        ({"n": 10, "mean": 3.1}, "a count under 13"),
        ({"n": 40, "mean": 3.14}, "more than 2 significant digits"),
        ({"n": 40, "mean": 1234}, "more than 2 significant digits"),
    ],
)
def test_with_rounding_off_publish_shows_nothing(monkeypatch: pytest.MonkeyPatch, row: Mapping[str, Any], why: str) -> None:
    monkeypatch.setattr(gate, "round_rows", lambda *_: None)
    with pytest.raises(UnsafeAnswer, match=why):
        release(row, N, Measure("mean", Kind.MEAN), policy=PUBLISH)


SABOTAGE = {
    "rounding off": (rounding, "rounded", lambda count, _policy: count),
    "two digits off": (rounding, "shortened", lambda value, _policy: value),
    "group rule off": (gate, "_needs_of", lambda rule, _policy: [Need(measure.name, ()) for measure in rule.measures]),
}


@pytest.mark.parametrize("part", SABOTAGE)
def test_a_sabotaged_half_of_the_gate_shows_nothing(sample_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    module, name, instead = SABOTAGE[part]
    monkeypatch.setattr(module, name, instead)
    with pytest.raises(UnsafeAnswer, match="breaks the policy 'publish'"):
        analyses.baseline_table(sample_clinic.under(PUBLISH), by="sex")


@pytest.mark.parametrize("name", ["mean", "sd", "median", "q1", "q3", "p10", "p90"])
def test_no_statistic_stands_beside_a_group_of_a_few(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An analysis that says its mean rests on 500 patients while the row shows 3."""
    row = {"n": 3, name: 2.0, "few": 3}
    with pytest.raises(UnsafeAnswer, match="a group too small has a mean or median"):
        release(row, Measure("n", Kind.COUNT, "few"), Measure(name, Kind.MEAN))
    release(row | {"n": 5, "few": 5}, Measure("n", Kind.COUNT, "few"), Measure(name, Kind.MEAN))


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, object()])
def test_what_is_no_number_and_no_word_is_refused(value: Any) -> None:
    with pytest.raises(UnsafeAnswer, match="neither a number nor a word"):
        release({"mean": value}, Measure("mean", Kind.MEAN))


@pytest.mark.parametrize(
    ("value", "reason"), [(2.5, "a count is a whole number"), (-3, "a count is not negative"), ("3", "names a number of the data")]
)
def test_a_count_is_a_whole_number(value: Any, reason: str) -> None:
    with pytest.raises(UnsafeAnswer, match=reason):
        release({"n": value}, N)


def test_a_refusal_names_no_value() -> None:
    with pytest.raises(UnsafeAnswer) as refused:
        release({"operated": 4711}, Measure("operated", Kind.LABEL))
    assert "4711" not in str(refused.value)


def test_filters_that_are_told_together_are_labels(sample_clinic: Clinic) -> None:
    """Under `publish` the steps to nobody are merged, and a cohort of nobody is answered, not refused."""
    nobody = Cohort(diagnosis=("spinal_stenosis",), age_band=("18-39",), treatment=("discectomy",))
    answer = analyses.answer(sample_clinic.under("publish"), "attrition", nobody)
    assert answer.n == 0
    assert [row["filter"] for row in answer.tables["steps"]] == ["all", "diagnosis", "age_band + treatment"]
