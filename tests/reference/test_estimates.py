"""The estimates give what R gives on the same data (reference.json; R 4.2.2, survival 3.5-3)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from synapse_analytics.estimates import descriptive as d
from synapse_analytics.estimates import survival as s

HERE = Path(__file__).parent
R = json.loads((HERE / "reference.json").read_text())
DAYS = (91, 182, 365)


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def tte() -> dict[str, np.ndarray]:
    table = rows("tte.csv")
    return {name: np.array([row[name] if name == "arm" else int(row[name]) for row in table]) for name in ("arm", "time", "status", "fw")}


def sums(values: list[int]) -> tuple[int, int, int]:
    return len(values), sum(values), sum(value * value for value in values)


def error_at(curve: s.Curve, day: int) -> float:
    return float(curve.se[np.searchsorted(curve.times, day, side="right") - 1])


def test_mean_change_equals_t_test() -> None:
    answered = [r for r in rows("prom.csv") if r["grp"] == "surg" and r["visit"] == "12m" and r["nrs"]]
    estimate = d.mean_interval(*sums([round(float(r["nrs"])) - int(r["base"]) for r in answered]))
    expected = R["mean_change_surg_12m"]
    assert estimate.n == expected["n"]
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((expected["mean"], *expected["ci95"]), abs=1e-8)


@pytest.mark.parametrize(("successes", "n", "name"), [(20, 23, "wilson_20_of_23"), (0, 10, "wilson_0_10"), (1, 3, "wilson_1_3")])
def test_wilson_equals_prop_test(successes: int, n: int, name: str) -> None:
    estimate = d.wilson(successes, n)
    assert (estimate.low, estimate.high) == pytest.approx(R[name], abs=5e-8)


@pytest.mark.parametrize(("cause", "name"), [(1, "cif1"), (2, "cif2")])
def test_aalen_johansen_equals_survfit(tte: dict[str, np.ndarray], cause: int, name: str) -> None:
    plain = s.aalen_johansen(tte["time"], tte["status"], cause=cause)
    weighted = s.aalen_johansen(tte["time"], tte["status"], tte["fw"], cause=cause)
    assert [s.at(plain, day).value for day in DAYS] == pytest.approx(R["aj"][name], abs=1e-9)
    assert [s.at(weighted, day).value for day in DAYS] == pytest.approx(R["aj_freq_weighted"][name], abs=1e-9)


def test_aalen_johansen_errors_equal_survfit(tte: dict[str, np.ndarray]) -> None:
    curve = s.aalen_johansen(tte["time"], tte["status"])
    assert [error_at(curve, day) for day in DAYS] == pytest.approx(R["aj"]["se1_survfit"], abs=1e-9)


def test_aalen_johansen_limits_equal_survfit(tte: dict[str, np.ndarray]) -> None:
    young, expected = tte["arm"] == "young", R["aj_young_365"]
    curve = s.aalen_johansen(tte["time"][young], tte["status"][young])
    year = s.at(curve, 365)
    assert (year.value, error_at(curve, 365)) == pytest.approx((expected["cif"], expected["se"]), abs=5e-7)
    assert (year.low, year.high) == pytest.approx(expected["loglog_ci"], abs=5e-7)
