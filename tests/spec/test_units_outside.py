"""Which unit lies outside its limits: drawn clinics in, the units that are named out."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH
from synapse_analytics.errors import NotAllowed
from synapse_analytics.indicators import OVERVIEW, Indicator, indicator
from tests.twins.open_policy import frank_clinic

units_outside = importlib.import_module("synapse_analytics.analyses.units_outside")  # the package has the answer under this name
UNITS = ("C01", "C02", "C03", "C04", "C05", "C06")
COHORTS = (Cohort(), Cohort(sex=("female",)), Cohort(sex=("male",)), Cohort(diagnosis=("herniated_disc",)), Cohort(site=("S01",)))


def drawn(folder: Path, better: dict[str, int], size: int = 40) -> Clinic:
    """`size` patients for each clinician, each with pain 8 and after three months 4, or less by as much as `better` says."""
    episodes = [
        {"patient_id": f"P-{unit}-{k}", "episode_id": f"{unit}-{k}", "clinician": unit, "site": "S01", "first_visit_month": "2022-03"}
        for unit in UNITS
        for k in range(size)
    ]
    scores = [
        {"episode_id": row["episode_id"], "day": day, "instrument": "nrs_pain", "value": value}
        for place, row in enumerate(episodes)
        for day, value in ((0, 8), (91, 4 + place % 3 - better.get(str(row["clinician"]), 0)))
    ]
    return frank_clinic(folder, {"episodes": episodes, "scores": scores}).under(CLINIC)


def named(clinic: Clinic, cohort: Cohort | None = None) -> list[dict[str, Any]]:
    return [dict(row) for row in analyses.units_outside(clinic, cohort).tables["units"]]


def test_nobody_is_named_where_nobody_differs(tmp_path: Path) -> None:
    assert named(drawn(tmp_path, {})) == []


@pytest.mark.parametrize(("better", "side"), [(3, "above"), (-3, "below")])
def test_the_one_that_differs_is_named_once(tmp_path: Path, better: int, side: str) -> None:
    (row,) = named(drawn(tmp_path, {"C04": better}))
    assert (row["by"], row["group"], row["side"]) == ("clinician", "C04", side)
    assert row["indicator"] == "pain_improvement_3_months"  # the first of the overview in which it does


def test_units_of_a_few_patients_are_not_named(tmp_path: Path) -> None:
    assert not [row for row in named(drawn(tmp_path, {"C04": 4}, size=9)) if row["group"] == "C04"]


def test_publish_compares_no_units(sample_clinic: Clinic) -> None:
    with pytest.raises(NotAllowed, match="inside the clinic only"):
        analyses.units_outside(sample_clinic.under(PUBLISH))


@pytest.mark.parametrize("cohort", COHORTS, ids=lambda cohort: cohort.url() or "all")
def test_who_is_named_lies_outside_both_funnels(sample_clinic: Clinic, cohort: Cohort) -> None:
    for row in named(sample_clinic, cohort):
        units = analyses.funnel(sample_clinic, cohort, indicator=row["indicator"], by=row["by"]).tables["units"]
        (unit,) = [unit for unit in units if unit["group"] == row["group"]]
        assert unit["verdict"] == "outside 99.8 %"
        assert unit["side"] == row["side"]
        if indicator(row["indicator"]).adjustable:
            assert (unit["adjusted_verdict"], unit["adjusted_side"]) == ("outside 99.8 %", row["side"])
        assert row["indicator"] in OVERVIEW


def test_what_case_mix_explains_hides_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that lies outside in one indicator for its patients' sake alone is still looked at in the next."""
    adjusted = units_outside.adjusted_funnel

    def explained(clinic: Clinic, cohort: Cohort, asked: Indicator, *more: Any) -> Any:
        return None if asked.name == "pain_improvement_3_months" else adjusted(clinic, cohort, asked, *more)

    monkeypatch.setattr(units_outside, "adjusted_funnel", explained)
    (row,) = named(drawn(tmp_path, {"C04": -3}))
    assert (row["group"], row["side"], row["indicator"]) == ("C04", "below", "pain_responders_3_months")
