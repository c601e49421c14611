"""The gate cell by cell: what each kind must rest on, what goes with a withheld number, what subtraction would give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from synapse_analytics.disclosure import CLINIC, POLICIES, PUBLISH, Kind, Measure, Policy, Question, Released, TableRule, release

N = Measure("n", Kind.COUNT)
GROUP = Measure("group", Kind.LABEL)
VISIT = Measure("visit", Kind.LABEL)
SHARE = Measure("share", Kind.SHARE, "whole", part="patients", count="n")
MANY = (1000, 1100)


def asked(policy: Policy = CLINIC) -> Question:
    return Question("answer", None, "generation", policy, {"by": "sex"})


def released(rule: TableRule, rows: Sequence[Mapping[str, Any]], policy: Policy = CLINIC) -> tuple[Mapping[str, Any], ...]:
    return release(asked(policy), MANY, [(rule, rows)]).tables[rule.name]


def column(rule: TableRule, rows: Sequence[Mapping[str, Any]], name: str = "n", policy: Policy = CLINIC) -> list[Any]:
    return [row[name] for row in released(rule, rows, policy)]


def counted(*patients: int) -> list[dict[str, Any]]:
    """One row per count, each a part of their sum."""
    return [{"group": f"g{k}", "n": n, "patients": n, "whole": sum(patients), "share": n / sum(patients)} for k, n in enumerate(patients)]


@pytest.mark.parametrize(("policy", "limit"), [(CLINIC, 5), (PUBLISH, 11)])
def test_counts_of_a_few_are_withheld(policy: Policy, limit: int) -> None:
    rule = TableRule("t", (Measure("name", Kind.LABEL), N))
    shown = column(rule, [{"name": k, "n": k, "patients": k} for k in range(limit + 2)], policy=policy)
    assert shown[1:limit] == [None] * (limit - 1)
    assert shown[0] == 0
    assert None not in shown[limit:]


@pytest.mark.parametrize(
    ("kind", "clinic", "publish"),
    [
        (Kind.MEAN, 5, 11),
        (Kind.INTERVAL, 10, 11),
        (Kind.MEDIAN, 10, 22),
        (Kind.QUARTILE, 20, 44),
        (Kind.TAIL, 50, 110),
        (Kind.RATE, 10, 30),
        (Kind.CURVE, 10, 11),
    ],
)
def test_each_kind_has_its_limit(kind: Kind, clinic: int, publish: int) -> None:
    rule = TableRule("t", (Measure("value", kind),))
    for policy, limit in ((CLINIC, clinic), (PUBLISH, publish)):
        shown = [column(rule, [{"value": 1.5, "patients": n}], "value", policy) for n in (limit - 1, limit)]
        assert shown == [[None], [1.5]]


def test_withheld_cells_are_named_and_counted() -> None:
    rule = TableRule("t", (GROUP, N, SHARE))
    answer = release(asked(), MANY, [(rule, [{"group": "a", "n": 3, "patients": 3, "whole": 90, "share": 3 / 90}])])
    assert answer.tables["t"][0]["withheld"] == ("n", "share")
    assert answer.withheld == 2


def test_second_arm_counts_too() -> None:
    rule = TableRule("t", (Measure("difference", Kind.RATE, "n_a", part="n_b"),))
    assert column(rule, [{"difference": 1.0, "n_a": 40, "n_b": 9}], "difference") == [None]


def test_small_arms_are_said() -> None:
    rule = TableRule("t", (Measure("rate", Kind.RATE),))
    assert "fewer than 30" in release(asked(), MANY, [(rule, [{"rate": 0.1, "patients": 29}])]).notes[0]
    assert not release(asked(), MANY, [(rule, [{"rate": 0.1, "patients": 30}])]).notes


def test_complement_of_a_few_is_withheld() -> None:
    rule = TableRule("t", (Measure("all", Kind.COUNT, "whole"), N, SHARE))
    row = {"all": 50, "whole": 50, "n": 47, "patients": 47, "share": 0.94}
    assert dict(released(rule, [row])[0]) == {"all": 50, "n": None, "share": None, "withheld": ("n", "share")}


def test_completeness_spares_what_was_answered() -> None:
    kept = Measure("completeness", Kind.SHARE, "whole", part="patients", keep_part=True)
    rule = TableRule("t", (Measure("expected", Kind.COUNT, "whole"), N, kept))
    row = {"expected": 50, "whole": 50, "n": 47, "patients": 47, "completeness": 0.94}
    assert released(rule, [row])[0]["withheld"] == ("expected", "completeness")


def test_patient_inside_and_outside_is_not_overlooked() -> None:
    """10 patients, all responded in one episode, 2 of them did not in another: the complement is 2 patients."""
    share = Measure("share", Kind.SHARE, "whole", part="patients", count="n", of="all")
    rule = TableRule("t", (Measure("all", Kind.COUNT, "whole"), N, share))
    row = {"all": 12, "whole": 10, "n": 10, "patients": 10, "share": 10 / 12}
    assert released(rule, [row])[0]["withheld"] == ("n", "share")


def test_small_denominator_takes_all_with_it() -> None:
    rule = TableRule("t", (Measure("all", Kind.COUNT, "whole"), N, SHARE))
    assert released(rule, [{"all": 4, "whole": 4, "n": 0, "patients": 0, "share": 0.0}])[0]["withheld"] == ("all", "n", "share")


def test_mean_goes_with_its_small_count() -> None:
    rule = TableRule("t", (N, Measure("mean", Kind.MEAN), Measure("sd", Kind.MEAN)))
    assert released(rule, [{"n": 4, "patients": 4, "mean": 5.5, "sd": None}])[0]["withheld"] == ("n", "mean", "sd")


def test_single_withheld_cell_takes_the_next_smallest() -> None:
    assert column(TableRule("t", (GROUP, N), within=()), counted(40, 3, 20, 12)) == [40, None, 20, None]


def test_two_small_cells_protect_each_other() -> None:
    assert column(TableRule("t", (GROUP, N), within=()), counted(40, 3, 4, 12)) == [40, None, None, 12]


def test_small_cells_that_sum_to_a_few_take_a_third() -> None:
    assert column(TableRule("t", (GROUP, N), within=()), counted(40, 1, 2, 12)) == [40, None, None, None]


def test_zero_never_protects() -> None:
    assert column(TableRule("t", (GROUP, N), within=()), counted(40, 3, 0)) == [None, None, 0]


def test_groups_add_up_to_everybody() -> None:
    """No `within`: but the same question without a split shows the sum."""
    assert column(TableRule("t", (GROUP, N)), counted(40, 3, 20)) == [40, None, None]


def test_crossed_table_is_protected_both_ways() -> None:
    rule = TableRule("t", (GROUP, VISIT, N), within=("group",))
    cells = [[40, 3, 20], [30, 50, 60], [25, 70, 80]]
    rows = [{"group": g, "visit": v, "n": n, "patients": n} for g, line in enumerate(cells) for v, n in enumerate(line)]
    shown = released(rule, rows)
    hidden = {(row["group"], row["visit"]) for row in shown if row["n"] is None}
    assert (0, 1) in hidden
    for way in (0, 1):
        lines = [sum(cell[way] == k for cell in hidden) for k in range(3)]
        assert 1 not in lines


def test_tie_is_broken_by_row_order() -> None:
    assert column(TableRule("t", (GROUP, N), within=()), counted(3, 20, 20)) == [None, None, 20]


@pytest.mark.parametrize("policy", POLICIES.values())
def test_few_patients_get_a_sentence_only(policy: Policy) -> None:
    rule = TableRule("t", (GROUP, N))
    answer = release(asked(policy), (policy.smallest_count - 1, 30), [(rule, counted(4))])
    assert (answer.n, answer.episodes, dict(answer.tables), answer.withheld) == (None, None, {}, 0)
    assert str(policy.smallest_count) in (answer.refused or "")


def test_nobody_is_zero() -> None:
    answer = release(asked(), (0, 0), [(TableRule("t", (GROUP, N)), [])])
    assert (answer.n, answer.refused, answer.tables["t"]) == (0, None, ())


def test_publish_rounds_and_recomputes() -> None:
    rule = TableRule("t", (GROUP, N, SHARE), within=())
    answer = release(asked(PUBLISH), (73, 88), [(rule, counted(41, 32))])
    assert (answer.n, answer.episodes) == (75, 90)
    assert [(row["n"], row["share"]) for row in answer.tables["t"]] == [(40, 40 / 70), (30, 30 / 70)]


def test_publish_recomputes_limits() -> None:
    low, high = (Measure(name, Kind.SHARE, "whole", part="patients") for name in ("low", "high"))
    rule = TableRule("t", (GROUP, N, SHARE, low, high), within=())
    row = released(rule, [dict(row, low=0.1, high=0.2) for row in counted(41, 32)], PUBLISH)[0]
    assert row["low"] < row["share"] < row["high"]
    assert (row["low"], row["high"]) != (0.1, 0.2)


def test_publish_moves_curves_after_eleven() -> None:
    rule = TableRule("t", (GROUP, Measure("day", Kind.LABEL), Measure("incidence", Kind.CURVE, "at_risk")))
    points = [(0, 100, 0.0), (7, 95, 0.05), (14, 89, 0.11), (21, 85, 0.15), (28, 60, 0.4)]
    rows = [{"group": "all", "day": day, "at_risk": at_risk, "incidence": value} for day, at_risk, value in points]
    assert column(rule, rows, "incidence", PUBLISH) == [0.0, 0.0, 0.11, 0.11, 0.4]
    assert column(rule, rows, "incidence", CLINIC) == [0.0, 0.05, 0.11, 0.15, 0.4]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_numbers_that_are_none_never_leave(value: float) -> None:
    assert column(TableRule("t", (Measure("mean", Kind.MEAN),)), [{"mean": value, "patients": 50}], "mean") == [None]


def test_numpy_numbers_leave_as_plain_ones() -> None:
    shown = column(TableRule("t", (N,)), [{"n": np.int64(7), "patients": np.int64(7)}])
    assert type(shown[0]) is int


def test_support_columns_stay_behind() -> None:
    assert set(released(TableRule("t", (GROUP, N)), counted(40))[0]) == {"group", "n", "withheld"}


def test_table_in_parts_is_one() -> None:
    parts = [(TableRule("t", (GROUP, N)), counted(40)), (TableRule("t", (GROUP, N)), counted(30))]
    answer: Released = release(asked(), MANY, parts)
    assert [row["n"] for row in answer.tables["t"]] == [40, 30]


def test_a_second_table_does_not_answer_for_the_first() -> None:
    """Completeness closes `expected` in one table; another table of the same rows must not show it."""
    counts = (Measure("n", Kind.COUNT, "n_patients"), Measure("expected", Kind.COUNT, "expected_patients"))
    complete = Measure("completeness", Kind.SHARE, "expected_patients", part="n_patients", rest="missing_patients", keep_part=True)
    first = TableRule("first", (Measure("group", Kind.LABEL), *counts, complete))
    second = TableRule("second", (Measure("group", Kind.LABEL), *counts))
    row = {"group": "a", "n": 13, "n_patients": 13, "expected": 16, "expected_patients": 16, "missing_patients": 3, "completeness": 13 / 16}
    released = release(asked(), (16, 16), [(first, [row]), (second, [row])])
    assert released.tables["first"][0]["expected"] is None
    assert released.tables["second"][0]["expected"] is None
