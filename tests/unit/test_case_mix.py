"""What is expected from the case mix: equal to closed forms, to a general optimiser and to the same patients row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from synapse_analytics.estimates import SAME
from synapse_analytics.estimates import case_mix as mix


@pytest.fixture(scope="module")
def clinic() -> dict[str, np.ndarray]:
    """2,000 episodes, each its own cell: a code of four levels (one of them rare), a number with gaps, an event and a score."""
    draw = np.random.default_rng(11)
    code = draw.choice(4, size=2000, p=[0.5, 0.3, 0.195, 0.005])
    number = np.where(draw.random(2000) < 0.1, np.nan, draw.normal(50, 12, 2000))
    log_odds = -1 + 0.5 * (code == 1) - 0.7 * (code == 2) + 0.04 * (np.nan_to_num(number, nan=50) - 50)
    events = (draw.random(2000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return {"codes": code[:, None], "numbers": number[:, None], "events": events, "score": 3 + log_odds + draw.normal(0, 2, 2000)}


def test_design_says_what_it_should(clinic: dict[str, np.ndarray]) -> None:
    one = np.ones(2000)
    design = mix.design_matrix(clinic["codes"], clinic["numbers"], one)
    code, missing = clinic["codes"][:, 0], np.isnan(clinic["numbers"][:, 0])
    assert design.shape == (2000, 5)  # ones, two levels (the rare one joins the reference), the number, its gaps
    np.testing.assert_array_equal(design[:, :3], np.column_stack([one, code == 1, code == 2]))
    np.testing.assert_array_equal(design[:, 4], missing)
    assert design[missing, 3].tolist() == [0.0] * missing.sum()
    assert (design[~missing, 3].mean(), design[~missing, 3].std()) == pytest.approx((0, 1))


def test_levels_with_none_or_only_events_join_the_reference() -> None:
    codes = np.repeat([[0], [1], [2], [3]], 2, axis=0)
    n, events = np.array([60, 60, 30, 30, 30, 30, 15, 4]), np.array([20, 10, 0, 0, 30, 30, 5, 2])
    assert mix.design_matrix(codes, np.empty((8, 0)), n, events).shape[1] == 1
    assert mix.design_matrix(codes, np.empty((8, 0)), n).shape[1] == 3  # without events only the level with 19 episodes joins
    n[-1] = 5
    assert mix.design_matrix(codes, np.empty((8, 0)), n, events).shape[1] == 2  # 20 episodes, 7 events


def test_columns_that_follow_from_others_are_left_out() -> None:
    codes = np.tile([[0, 0], [1, 1]], (20, 1))  # the second code repeats the first
    numbers = np.tile([[1.0, 7.0], [3.0, 7.0]], (20, 1))  # the first number follows from the code, the second never changes
    assert mix.design_matrix(codes, numbers, np.full(40, 5)).shape[1] == 2


def test_nothing_known_leaves_the_overall_share() -> None:
    n, events = np.array([40, 60]), np.array([10, 30])
    design = mix.design_matrix(np.zeros((2, 1), dtype=int), np.full((2, 1), np.nan), n, events)
    np.testing.assert_allclose(mix.expected_share(design, n, events), 0.4)


def test_saturated_model_gives_the_share_of_each_cell() -> None:
    n, events = np.array([50.0, 80, 30, 1000]), np.array([5.0, 60, 15, 3])
    design = mix.design_matrix(np.arange(4)[:, None], np.empty((4, 0)), n, events)
    np.testing.assert_allclose(mix.expected_share(design, n, events), events / n, rtol=1e-9)


def test_share_equals_a_general_optimiser(clinic: dict[str, np.ndarray]) -> None:
    events = clinic["events"]
    design = mix.design_matrix(clinic["codes"], clinic["numbers"], np.ones(2000), events)

    def loss(beta: np.ndarray) -> float:
        return float((np.logaddexp(0, design @ beta) - events * (design @ beta)).sum())

    def slope(beta: np.ndarray) -> np.ndarray:
        return design.T @ (1 / (1 + np.exp(-design @ beta)) - events)

    best = minimize(loss, np.zeros(design.shape[1]), jac=slope, method="BFGS", options={"gtol": 1e-9}).x
    share = mix.expected_share(design, np.ones(2000), events)
    assert share is not None
    np.testing.assert_allclose(share, 1 / (1 + np.exp(-design @ best)), atol=1e-8)
    assert share.sum() == pytest.approx(events.sum(), abs=1e-8)


def test_separated_cells_are_held_by_a_ridge() -> None:
    # nobody up to 6 and everybody from 7 on has the event: there is no maximum of the likelihood
    n, events, number = np.full(10, 20.0), np.repeat([0.0, 20.0], (7, 3)), np.arange(10.0)
    share = mix.expected_share(mix.design_matrix(np.zeros((10, 1), dtype=int), number[:, None], n, events), n, events)
    assert share is not None
    assert np.isfinite(share).all()
    assert share.sum() * 20 == pytest.approx(60, abs=1e-6)
    assert (np.diff(share) > 0).all()


def test_the_ridge_is_a_prior_of_ten_log_odds() -> None:
    n, events = np.full(6, 5.0), np.repeat([0.0, 5.0], 3)
    design = np.column_stack([np.ones(6), np.arange(6) - 2.5])

    def loss(beta: np.ndarray) -> float:
        return float(n @ np.logaddexp(0, design @ beta) - events @ (design @ beta) + (beta[1] / 10) ** 2 / 2)

    best = minimize(loss, np.zeros(2), options={"gtol": 1e-8}).x
    np.testing.assert_allclose(mix.expected_share(design, n, events), 1 / (1 + np.exp(-design @ best)), atol=1e-6)


@pytest.mark.parametrize(
    ("mean", "spread", "varies"), [(0.0, 1.0, False), (0.0, 1.5, True), (0.5, 1.5, True), (1024.0, 900.0, False), (1024.0, 1200.0, True)]
)
def test_what_differs_by_the_last_digit_is_equal(mean: float, spread: float, varies: bool) -> None:
    """A spread in units of the smallest difference between two numbers, which grows with their size."""
    numbers = np.array([mean - spread * SAME, mean + spread * SAME])
    assert mix.design_matrix(np.empty((2, 0), dtype=int), numbers[:, None], np.ones(2)).shape[1] == 1 + varies


def test_no_events_or_only_events_cannot_be_fitted() -> None:
    n = np.array([10.0, 20.0])
    assert mix.expected_share(np.ones((2, 1)), n, np.zeros(2)) is None
    assert mix.expected_share(np.ones((2, 1)), n, n) is None


def test_nobody_expects_nothing() -> None:
    nobody = mix.design_matrix(np.empty((0, 2), dtype=int), np.empty((0, 1)), np.empty(0), np.empty(0))
    assert mix.expected_share(nobody, np.empty(0), np.empty(0)) is None
    assert mix.expected_mean(nobody, np.empty(0), np.empty(0), np.empty(0)) is None


def test_mean_equals_least_squares_of_rows(clinic: dict[str, np.ndarray]) -> None:
    one, score = np.ones(2000), clinic["score"]
    design = mix.design_matrix(clinic["codes"], clinic["numbers"], one)
    fitted = mix.expected_mean(design, one, score, score**2)
    assert fitted is not None
    expected = design @ np.linalg.solve(design.T @ design, design.T @ score)
    np.testing.assert_allclose(fitted[0], expected, atol=1e-9)
    assert fitted[1] == pytest.approx(((score - expected) ** 2).sum() / (2000 - design.shape[1]))


def test_mean_needs_an_episode_to_spare() -> None:
    assert mix.expected_mean(np.eye(2), np.ones(2), np.array([1.0, 2.0]), np.array([1.0, 4.0])) is None


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.booleans(), st.integers(1, 30)), min_size=2, max_size=40))
def test_cells_equal_rows(drawn: list[tuple[int, int, bool, int]]) -> None:
    """Counts in cells say the same as the episodes one by one, whatever the data, and nothing is ever NaN."""
    code, number, event, count = (np.array(column) for column in zip(*drawn, strict=True))
    rows = np.repeat(np.arange(len(drawn)), count)
    for expected in (_share, _mean):
        cells = expected(code, number, count.astype(float), count * event)
        single = expected(code[rows], number[rows], np.ones(len(rows)), event[rows].astype(float))
        assert (cells is None) == (single is None)
        if cells is not None and single is not None:
            assert np.isfinite(cells).all()
            np.testing.assert_allclose(cells[rows], single, atol=1e-6)


def _share(code: np.ndarray, number: np.ndarray, n: np.ndarray, events: np.ndarray) -> np.ndarray | None:
    return mix.expected_share(mix.design_matrix(code[:, None], number[:, None], n, events), n, events)


def _mean(code: np.ndarray, number: np.ndarray, n: np.ndarray, events: np.ndarray) -> np.ndarray | None:
    fitted = mix.expected_mean(mix.design_matrix(code[:, None], number[:, None], n), n, events, events)
    return None if fitted is None else fitted[0]
