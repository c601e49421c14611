"""The gate cell by cell: what each kind must rest on under either policy, and how `publish` rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from synapse_analytics.disclosure import CLINIC, POLICIES, PUBLISH, Kind, Measure, Policy, Question, Released, TableRule, release, sentences
from synapse_analytics.disclosure.cells import Need, need_of
from synapse_analytics.disclosure.gate import is_too_small
from synapse_analytics.disclosure.rounding import in_steps, may_move, rounded, shortened, step_over
from synapse_analytics.disclosure.sentences import is_plain

N = Measure("n", Kind.COUNT)
GROUP = Measure("group", Kind.LABEL)
VISIT = Measure("visit", Kind.LABEL)
SHARE = Measure("share", Kind.SHARE, "whole", part="patients", count="n", of="whole")
MANY = (1000, 1100)


def asked(policy: Policy = CLINIC) -> Question:
    return Question("answer", None, "generation", policy, {"by": "sex"}, frozenset({"a", "b", *(f"g{k}" for k in range(9))}))


def released(rule: TableRule, rows: Sequence[Mapping[str, Any]], policy: Policy = CLINIC) -> tuple[Mapping[str, Any], ...]:
    return release(asked(policy), MANY, [(rule, rows)]).tables[rule.name]


def column(rule: TableRule, rows: Sequence[Mapping[str, Any]], name: str = "n", policy: Policy = CLINIC) -> list[Any]:
    return [row[name] for row in released(rule, rows, policy)]


def counted(*patients: int) -> list[dict[str, Any]]:
    """One row per count, each a part of their sum."""
    return [{"group": f"g{k}", "n": n, "patients": n, "whole": sum(patients), "share": n / sum(patients)} for k, n in enumerate(patients)]


def test_clinic_shows_every_count_as_it_is() -> None:
    rule = TableRule("t", (Measure("week", Kind.LABEL), N))
    assert column(rule, [{"week": k, "n": k, "patients": k} for k in range(30)]) == list(range(30))


def test_publish_shows_no_count_of_1_to_10_and_rounds_the_others() -> None:
    rule = TableRule("t", (Measure("week", Kind.LABEL), N))
    shown = column(rule, [{"week": k, "n": k, "patients": k} for k in range(14)], policy=PUBLISH)
    assert shown == [0, *[None] * 12, 15]  # 11 and 12 would be rounded to 10


def test_a_few_of_many_are_told_inside_the_clinic() -> None:
    """3 of 120 reoperated is what a board must see."""
    rule = TableRule("t", (Measure("all", Kind.COUNT, "whole"), N, SHARE))
    row = {"all": 120, "whole": 120, "n": 3, "patients": 3, "share": 3 / 120}
    assert dict(released(rule, [row])[0]) == {"all": 120, "n": 3, "share": 3 / 120, "withheld": ()}
    assert released(rule, [row], PUBLISH)[0]["withheld"] == ("n", "share")


def test_a_group_of_a_few_shows_its_counts_alone() -> None:
    kinds = [kind for kind in Kind if kind not in (Kind.LABEL, Kind.COUNT)]
    rule = TableRule("t", (N, *(Measure(kind.value, kind) for kind in kinds)))
    row = {"n": 4, "patients": 4} | {kind.value: 0.5 for kind in kinds}
    assert released(rule, [row])[0]["n"] == 4
    assert released(rule, [row])[0]["withheld"] == tuple(kind.value for kind in kinds)


@pytest.mark.parametrize(
    ("kind", "clinic", "publish"),
    [
        (Kind.MEAN, 5, 13),
        (Kind.INTERVAL, 10, 13),
        (Kind.MEDIAN, 10, 22),
        (Kind.QUARTILE, 20, 44),
        (Kind.TAIL, 50, 110),
        (Kind.RATE, 10, 30),
        (Kind.CURVE, 10, 13),
        (Kind.SHARE, 5, 13),
    ],
)
def test_each_kind_has_its_limit(kind: Kind, clinic: int, publish: int) -> None:
    rule = TableRule("t", (Measure("value", kind),))
    for policy, limit in ((CLINIC, clinic), (PUBLISH, publish)):
        shown = [column(rule, [{"value": 1.5, "patients": n}], "value", policy) for n in (limit - 1, limit)]
        assert shown == [[None], [1.5]]


def test_withheld_cells_are_named_and_counted() -> None:
    rule = TableRule("t", (GROUP, N, SHARE))
    answer = release(asked(PUBLISH), MANY, [(rule, [{"group": "a", "n": 3, "patients": 3, "whole": 90, "share": 3 / 90}])])
    assert answer.tables["t"][0]["withheld"] == ("n", "share")
    assert answer.withheld == 2


def test_a_number_that_there_cannot_be_is_not_withheld() -> None:
    """Nobody reads "withheld" for a mean of sexes; where counts are rounded the word stays, for one patient has no spread and two have."""
    rule = TableRule("t", (N, Measure("mean", Kind.MEAN), Measure("sd", Kind.MEAN)))
    rows = [{"n": 3, "patients": 3, "mean": 4.0, "sd": None}, {"n": 3, "patients": 3, "mean": 4.0, "sd": float("nan")}]
    assert [row["withheld"] for row in released(rule, rows)] == [("mean",), ("mean",)]
    assert [row["withheld"] for row in released(rule, rows, PUBLISH)] == [("n", "mean", "sd")] * 2


def test_second_arm_counts_too() -> None:
    rule = TableRule("t", (Measure("difference", Kind.RATE, "n_a", part="n_b"),))
    assert column(rule, [{"difference": 1.0, "n_a": 40, "n_b": 9}], "difference") == [None]


def test_small_arms_are_said() -> None:
    rule = TableRule("t", (Measure("rate", Kind.RATE),))
    assert "fewer than 30" in release(asked(), MANY, [(rule, [{"rate": 0.1, "patients": 29}])]).notes[0]
    assert not release(asked(), MANY, [(rule, [{"rate": 0.1, "patients": 30}])]).notes


@pytest.mark.parametrize(("n", "outside"), [(47, 3), (40, 10), (10, 40)])
def test_publish_hides_a_share_of_or_without_a_few(n: int, outside: int) -> None:
    share = Measure("share", Kind.SHARE, "whole", part="patients", outside="outside", count="n", of="all")
    rule = TableRule("t", (Measure("all", Kind.COUNT, "whole"), N, share))
    row = {"all": 50, "whole": 50, "n": n, "patients": n, "outside": outside, "share": n / 50}
    assert released(rule, [row])[0]["share"] == n / 50
    assert released(rule, [row], PUBLISH)[0]["share"] is None


def test_no_cell_is_withheld_for_the_sake_of_another() -> None:
    shown = released(TableRule("t", (GROUP, N)), counted(40, 3, 20, 13), PUBLISH)
    assert [row["n"] for row in shown] == [40, None, 20, 15]


@pytest.mark.parametrize("policy", POLICIES.values())
def test_few_patients_get_a_sentence_only(policy: Policy) -> None:
    rule = TableRule("t", (GROUP, N))
    answer = release(asked(policy), (policy.group - 1, 30), [(rule, counted(4))])
    assert (answer.n, answer.episodes, dict(answer.tables), answer.withheld) == (None, None, {}, 0)
    assert str(policy.group) in (answer.refused or "")


def test_nobody_is_zero() -> None:
    answer = release(asked(), (0, 0), [(TableRule("t", (GROUP, N)), [])])
    assert (answer.n, answer.refused, answer.tables["t"]) == (0, None, ())


def test_publish_rounds_and_makes_shares_of_the_rounded_counts() -> None:
    answer = release(asked(PUBLISH), (73, 88), [(TableRule("t", (GROUP, N, SHARE)), counted(41, 32))])
    assert (answer.n, answer.episodes) == (75, 90)
    assert [(row["n"], row["share"]) for row in answer.tables["t"]] == [(40, 0.53), (30, 0.4)]  # 40 and 30 of 75


def test_publish_makes_the_limits_of_a_share_again() -> None:
    low, high = (Measure(name, Kind.SHARE, "whole", part="patients", count="n", of="whole") for name in ("low", "high"))
    row = released(TableRule("t", (GROUP, N, SHARE, low, high)), [dict(row, low=0.1, high=0.2) for row in counted(41, 32)], PUBLISH)[0]
    assert row["low"] < row["share"] < row["high"]
    assert all(row[name] == float(f"{row[name]:.2g}") for name in ("low", "share", "high"))


@pytest.mark.parametrize("kind", [Kind.MEAN, Kind.INTERVAL, Kind.MEDIAN, Kind.QUARTILE, Kind.TAIL, Kind.RATE, Kind.CURVE])
@pytest.mark.parametrize(("value", "shown"), [(3.14159, 3.1), (-0.012345, -0.012), (1234.5, 1200.0), (0.0, 0.0), (987, 990)])
def test_publish_shows_two_significant_digits(kind: Kind, value: float, shown: float) -> None:
    rule = TableRule("t", (Measure("value", kind),))
    assert column(rule, [{"value": value, "patients": 500}], "value", PUBLISH) == [shown]
    assert column(rule, [{"value": value, "patients": 500}], "value", CLINIC) == [value]


@pytest.mark.parametrize(("patients", "shown"), [(13, 6.0), (40, 5.5), (100, 5.7), (1000, 5.7)])
def test_publish_shows_a_mean_in_steps_that_hide_one_patient(patients: int, shown: float) -> None:
    """On a scale of 0 to 10 one patient moves the mean of 13 by up to 0.77: the mean is shown in steps of 1."""
    rule = TableRule("t", (Measure("mean", Kind.MEAN, reach="reach"),))
    rows = [{"mean": 5.67, "patients": patients, "reach": 10}]
    assert column(rule, rows, "mean", PUBLISH) == [pytest.approx(shown)]
    assert column(rule, rows, "mean") == [5.67]


@pytest.mark.parametrize(
    ("low", "high", "shown"), [(-0.67, -0.22, (-1.0, 0.0)), (-0.5, 0.5, (-0.5, 0.5)), (0.1 + 0.2 + 0.2, 1.01, (0.5, 1.5))]
)
def test_a_published_limit_moves_outwards_to_its_step(low: float, high: float, shown: tuple[float, float]) -> None:
    """-0.44 (-0.67 to -0.22) was shared as -0.50 (-0.50 to 0.0): the estimate stood on its own limit."""
    rule = TableRule("t", (Measure("low", Kind.INTERVAL, reach="reach"), Measure("high", Kind.INTERVAL, reach="reach")))
    (row,) = released(rule, [{"low": low, "high": high, "patients": 20, "reach": 10}], PUBLISH)
    assert (row["low"], row["high"]) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("least", "step"),
    [(0.77, 1.0), (0.1, 0.1), (0.11, 0.2), (3.0, 5.0), (5.01, 10.0), (1.0, 1.0), (0.2 * (1 + 1e-12), 0.2), (0.2 * (1 + 1e-8), 0.5)],
)
def test_steps_are_one_two_or_five(least: float, step: float) -> None:
    assert step_over(least) == pytest.approx(step)


def test_counts_are_rounded_half_up() -> None:
    assert [rounded(count, PUBLISH) for count in (None, 0, 12, 13, 17, 18, 20)] == [None, 0, 10, 15, 15, 20, 20]
    assert [rounded(count, CLINIC) for count in (None, 12, 13)] == [None, 12, 13]


def test_only_numbers_are_shortened() -> None:
    assert [shortened(value, PUBLISH) for value in (True, None, "1234", 0, 1234, 0.0567)] == [True, None, "1234", 0, 1200, 0.057]
    assert type(shortened(True, PUBLISH)) is bool  # noqa: FBT003
    assert shortened(1234, CLINIC) == 1234


def test_the_mean_of_nobody_is_shown_in_the_widest_steps() -> None:
    assert [in_steps(value, 10, patients, PUBLISH) for value, patients in ((5.67, 0), (4.9, 0), (5.67, 10), (5.67, 20))] == [10, 0, 6, 5.5]


@pytest.mark.parametrize(
    ("before", "after", "ever", "moves"),
    [
        ((100, 0), (89, 0), 0, True),
        ((100, 0), (90, 0), 0, False),
        ((100, 0), (80, 13), 13, True),
        ((100, 0), (80, 12), 13, False),
        ((100, 20), (80, 31), 40, True),
        ((100, 20), (80, 30), 40, False),
        ((100, 20), (90, 31), 40, False),
    ],
)
def test_a_curve_moves_by_eleven_who_left_and_eleven_events(before: Any, after: Any, ever: int, moves: bool) -> None:
    assert may_move(before, after, ever, PUBLISH) is moves


def test_publish_holds_all_columns_of_a_curve_until_eleven_have_left() -> None:
    curve = (Measure("incidence", Kind.CURVE, "patients"), Measure("at_risk", Kind.AT_RISK, "patients"))
    rule = TableRule("t", (GROUP, Measure("day", Kind.LABEL), *curve))
    points = [(0, 100, 0.0), (7, 95, 0.05), (14, 89, 0.11), (21, 85, 0.15), (28, 60, 0.4)]
    rows = [{"group": "all", "day": day, "at_risk": left, "patients": left, "incidence": value} for day, left, value in points]
    held = released(rule, rows, PUBLISH)
    assert [row["incidence"] for row in held] == [0.0, 0.0, 0.11, 0.11, 0.4]
    assert [row["at_risk"] for row in held] == [100, 100, 90, 90, 60]
    assert [row["incidence"] for row in released(rule, rows)] == [0.0, 0.05, 0.11, 0.15, 0.4]


def curve_of(points: Sequence[tuple[int, int, int, float]]) -> list[Any]:
    """The published incidence of rows (day, patients at risk, patients who had the event by then, incidence)."""
    curve = (Measure("incidence", Kind.CURVE, part="events"), Measure("at_risk", Kind.AT_RISK, part="events"))
    rule = TableRule("t", (GROUP, Measure("day", Kind.LABEL), *curve))
    rows = [{"group": "all", "day": day, "patients": left, "at_risk": left, "events": had, "incidence": x} for day, left, had, x in points]
    held = released(rule, rows, PUBLISH)
    assert all((row["incidence"] is None) == (row["at_risk"] is None) for row in held)
    return [row["incidence"] for row in held]


def test_publish_shows_no_point_between_which_1_to_10_had_the_event() -> None:
    """Between 14 and 21 days five had it, so that the curve waits; before 13 had it, it says nothing."""
    points = [(0, 200, 0, 0.0), (7, 150, 4, 0.02), (14, 120, 14, 0.1), (21, 90, 19, 0.15), (28, 80, 26, 0.2)]
    assert curve_of(points) == [0.0, None, 0.1, 0.1, 0.2]


def test_publish_shows_no_curve_of_a_few_events() -> None:
    assert curve_of([(0, 200, 0, 0.0), (7, 150, 4, 0.02), (14, 100, 12, 0.1)]) == [0.0, None, None]


def test_publish_shows_that_nobody_had_the_event() -> None:
    assert curve_of([(0, 200, 0, 0.0), (7, 150, 0, 0.0), (14, 100, 0, 0.0)]) == [0.0, 0.0, 0.0]


def test_curves_of_two_groups_are_held_apart() -> None:
    rule = TableRule("t", (GROUP, Measure("day", Kind.LABEL), Measure("incidence", Kind.CURVE)))
    rows = [{"group": g, "day": d, "patients": left, "incidence": x} for d, left, x in ((0, 50, 0.0), (7, 45, 0.1)) for g in "ab"]
    assert column(rule, rows, "incidence", PUBLISH) == [0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_numbers_that_are_none_never_leave(value: float) -> None:
    assert column(TableRule("t", (Measure("mean", Kind.MEAN),)), [{"mean": value, "patients": 50}], "mean") == [None]


def test_an_entry_of_a_list_leaves_as_plain_text() -> None:
    groups = column(TableRule("t", (GROUP, N)), [{"group": StrEnum("Letter", ["A"]).A, "n": 20, "patients": 20}], "group")
    assert groups == ["a"]
    assert type(groups[0]) is str


def test_numpy_numbers_leave_as_plain_ones() -> None:
    shown = column(TableRule("t", (N,)), [{"n": np.int64(7), "patients": np.int64(7)}])
    assert type(shown[0]) is int


def test_only_counts_leave_as_whole_numbers() -> None:
    rule = TableRule("t", (N, Measure("mean", Kind.MEAN)))
    (row,) = released(rule, [{"n": 30.0, "patients": 30, "mean": 3.0}])
    assert [(row[name], type(row[name])) for name in ("n", "mean")] == [(30, int), (3.0, float)]


def test_support_columns_stay_behind() -> None:
    assert set(released(TableRule("t", (GROUP, N)), counted(40))[0]) == {"group", "n", "withheld"}


def test_table_in_parts_is_one() -> None:
    parts = [(TableRule("t", (GROUP, N)), counted(40)), (TableRule("t", (GROUP, N)), counted(30))]
    answer: Released = release(asked(), MANY, parts)
    assert [row["n"] for row in answer.tables["t"]] == [40, 30]


@pytest.mark.parametrize(("patients", "refused"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_cohort_of_one_to_four_is_too_small(patients: int, refused: bool) -> None:
    assert is_too_small(patients, CLINIC) is refused


def test_a_rate_rests_on_both_arms_and_a_share_on_all_its_counts() -> None:
    def supports(kind: Kind) -> list[str]:
        return [name for name, _ in need_of(Measure("x", kind, "all", part="some", outside="others"), PUBLISH).supports]

    assert supports(Kind.RATE) == ["all", "some"]
    assert supports(Kind.SHARE) == ["all", "some", "others"]


def test_many_rows_are_judged_as_each_row_is() -> None:
    """A share of counts 0 to 7 in groups of 0 to 7, and patients on both sides of both limits."""
    need = Need("share", (("patients", 5), ("part", 3)), shares=(("n", "of"),), fewest=3)
    rows = [
        {"patients": patients, "part": part, "n": n, "of": of}
        for patients in (0, 1, 4, 5, 6)
        for part in (0, 2, 3)
        for of in range(8)
        for n in range(of + 1)
    ]
    met = need.is_met({name: np.array([row[name] for row in rows]) for name in rows[0]})
    assert met.tolist() == [not need.is_withheld(row) for row in rows]
    shown = {"patients": 5, "part": 3, "n": 3, "of": 6}
    assert not need.is_withheld(shown)
    assert all(need.is_withheld(shown | one) for one in ({"patients": 4}, {"part": 2}, {"n": 2}, {"n": 4}))


def test_clinic_neither_rounds_nor_asks_more_of_a_count_than_one() -> None:
    assert (CLINIC.counted, CLINIC.count_step, CLINIC.digits, CLINIC.rounds) == (1, 1, None, False)
    assert (PUBLISH.rounds, PUBLISH.count_step) == (True, 5)


def test_a_label_with_a_number_may_stand_within_a_sentence() -> None:
    assert is_plain("The share with low disability at 12 months (ODI 22 or less) rose.")
    assert not is_plain("The share with low disability at 12 months (ODI 23 or less) rose.")


def test_the_longest_label_and_the_longest_name_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label, or a name, may begin with another one."""
    titles = [SimpleNamespace(title=title, target_source="") for title in ("Score 5", "Score 5 of 9")]
    monkeypatch.setattr(sentences, "INDICATORS", titles)
    names = frozenset({"Unit 3", "Unit 3 b4"})  # not those of another test: what is legal beside them is remembered
    assert is_plain("score 5 of 9 rose in Unit 3 b4", names)
    assert not is_plain("score 5 of 8 rose", names)
    assert not is_plain("in Unit 3 b5", names)


def test_a_published_share_is_withheld_by_its_counts_and_by_its_patients() -> None:
    def pairs(policy: Policy, kind: Kind, **named: str) -> tuple[tuple[str, str], ...]:
        return need_of(Measure("x", kind, "all", part="some", **named), policy).shares

    assert pairs(PUBLISH, Kind.SHARE) == (("some", "all"),)
    assert pairs(PUBLISH, Kind.SHARE, count="n", of="whole") == (("n", "whole"), ("some", "all"))
    assert pairs(PUBLISH, Kind.MEAN) == pairs(CLINIC, Kind.SHARE, count="n", of="whole") == ()
