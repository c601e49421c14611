"""Does an injection before surgery help or delay? Drawn clinics in, the sentence out."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure.rounding import step_over
from synapse_analytics.findings import injection_before_surgery as said
from synapse_analytics.store import load
from tests.twins.checked import checked

pytestmark = pytest.mark.slow  # a store for each case


def clinic_with(folder: Path, *, later: int = 0, relief: float = 0.0, with_injection: int = 200, sicker: bool = False) -> Clinic:
    """Half of all are operated, `later` days later after an injection, which takes `relief` points of pain away.

    `sicker`: an injection is given to those with much pain only, who are operated more often, whether or not they had one.
    """
    draw = Random(7)
    files: dict[str, list] = {"episodes": [], "treatments": [], "scores": []}
    for number in range(with_injection + 300):
        name, injected = f"E{number}", number < with_injection
        pain = draw.choice((5, 8)) if not sicker else draw.choice((5, 8, 8, 8) if injected else (5, 5, 5, 8))
        files["episodes"].append({"episode_id": name, "patient_id": f"P{number}", "first_visit_month": "2020-01"})
        if injected:
            files["treatments"].append({"episode_id": name, "treatment": "epidural_steroid_injection", "start_day": draw.randint(0, 90)})
        if draw.random() < ((0.6 if pain == 8 else 0.2) if sicker else 0.5):
            day = draw.randint(185, 500) + (later if injected else 0)
            files["treatments"].append({"episode_id": name, "treatment": "discectomy", "start_day": day})
        after = pain - 2 + number % 3 - 1 - (relief if injected else 0)
        files["scores"] += [
            {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value} for day, value in ((0, pain), (365, after))
        ]
    database = f"duckdb:///{folder / 'store'}"
    load(checked(**files), database)
    return open_clinic(database, policy="clinic")


def answer(clinic: Clinic) -> str:
    return said.strip(analyses.injection_before_surgery(clinic)).answer


def test_it_delays(tmp_path: Path) -> None:
    text = answer(clinic_with(tmp_path, later=100))
    assert text.startswith("Of patients without surgery by day 90, ")
    assert "With an injection surgery came " in text
    assert " days later (" in text
    assert "no clear difference" in text  # as many are operated
    assert "Pain at 12 months did not clearly differ" in text


def test_it_helps(tmp_path: Path) -> None:
    text = answer(clinic_with(tmp_path, relief=1.5))
    assert "Pain at 12 months was 1." in text
    assert " points lower (" in text
    assert "The day of surgery did not clearly differ" in text


def test_who_has_more_pain_is_not_taken_for_what_the_injection_does(tmp_path: Path) -> None:
    """Not adjusted many more are operated after an injection; among patients made alike no more are."""
    released = analyses.injection_before_surgery(clinic_with(tmp_path, sicker=True))
    rows = {method: said.estimate(released, 90, "operated", method) for method in said.METHODS}
    assert rows["crude"]
    assert rows["crude"]["low"] > 0
    for method in ("ancova", "overlap"):
        assert rows[method]
        assert rows[method]["low"] < 0 < rows[method]["high"]
    assert "no clear difference" in said.strip(released).answer


def test_too_few_is_said(tmp_path: Path) -> None:
    found = said.strip(analyses.injection_before_surgery(clinic_with(tmp_path, with_injection=6)))
    assert not found.drawn
    assert found.answer == (
        "This cannot be answered for these patients. Too few patients: fewer than 10 patients had an injection within 90 days."
    )


def test_surgery_first_is_in_neither_group(tmp_path: Path) -> None:
    """Who was operated before the landmark must not count as one whom an injection did not save."""
    released = analyses.injection_before_surgery(clinic_with(tmp_path))
    whom = {row["step"]: row["n"] for row in released.tables["whom"] if row["landmark"] == 180}
    assert whom["operated_by_then"] == 0
    assert whom["compared_with"] + whom["compared_without"] == 500


def test_published_shares_move_in_steps_that_hide_counts(tmp_path: Path) -> None:
    """Two digits of a difference near zero would tell the counts behind it; a step of as many patients as counts are rounded to does not."""
    released = analyses.injection_before_surgery(clinic_with(tmp_path).under("publish"))
    rows = [row for row in released.tables["estimates"] if row["difference"] is not None]
    widest = {"operated": (5, "n"), "nrs_pain": (10, "n")}
    assert {row["measure"] for row in rows} == {"operated", "nrs_pain", "day_of_surgery"}
    for row in rows:
        reach, of = widest.get(row["measure"], (365 if row["month"] == 12 else 730, "operated"))
        step = step_over(reach / min(row[f"{of}_with"], row[f"{of}_without"]))
        for name in ("with_injection", "without_injection", "difference", "low", "high"):
            if row[name] is not None:
                steps = row[name] / step
                assert abs(steps - round(steps)) < 0.051 * max(1, abs(steps)), (name, row)  # two digits, after the step
        assert row["low"] <= row["difference"] <= row["high"]


@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_nobody_is_no_fault(tmp_path: Path, policy: str) -> None:
    """A cohort of nobody is answered, by this question and by the comparison of the same strategies."""
    clinic, nobody = clinic_with(tmp_path, with_injection=40).under(policy), Cohort(month_from="2001-01", month_to="2001-12")
    assert not said.strip(analyses.injection_before_surgery(clinic, nobody)).drawn
    released = analyses.compare_treatments(clinic, nobody, a="injection_by_day_90", b="no_injection_by_day_90")
    assert released.n == 0


def test_a_share_that_is_not_nought_is_not_written_as_nought() -> None:
    assert [said.of_100(share) for share in (0.0, 0.003, 0.006, 0.256, 0.997, 1.0, None)] == [
        "0",
        "fewer than 1",
        "1",
        "26",
        "more than 99",
        "100",
        "withheld",
    ]


def test_ways_of_adjusting_that_disagree_are_no_conclusion(tmp_path: Path) -> None:
    released = analyses.injection_before_surgery(clinic_with(tmp_path, relief=1.5))
    row = said.estimate(released, 90, "nrs_pain")
    assert row
    assert said.both_agree(released, row)
    assert not said.both_agree(released, {**row, "low": -1.0, "high": 1.0})
    assert said.both_agree(released, {**row, "measure": "day_of_surgery"})  # which only weights adjust
