"""What the indicators are, in plain words and numbers: which way is better, targets, windows, and the clauses that count."""

from __future__ import annotations

import numpy as np
import pytest

from synapse_analytics import indicators
from synapse_analytics.indicators import INDEXES, INDICATORS, OVERVIEW, Measured, amount_column, facts_of, indicator, most_amounts
from synapse_analytics.indicators.declare import SMALLEST_N, both

# (direction, decimals, days until the window closes, target) of each that is no score
SAID = {
    "patients_seen": ("none", 0, 0, None),
    "good_state_12_months": ("higher", 0, 545, None),
    "success_discectomy_12_months": ("higher", 0, 545, None),
    "success_laminectomy_12_months": ("higher", 0, 545, None),
    "surgery_within_12_months": ("none", 1, 365, None),
    "conservative_care_first": ("higher", 0, 0, None),
    "conservative_care_before_injection": ("higher", 0, 0, None),
    "conservative_care_before_surgery": ("higher", 0, 0, None),
    "surgery_without_clear_reason": ("lower", 1, 0, 0.03),
    "complications_within_90_days": ("lower", 1, 90, None),
    "adverse_events_per_100_operations": ("lower", 1, 90, None),
    "reoperation_within_90_days": ("lower", 1, 90, None),
    "reoperation_within_12_months": ("lower", 1, 365, None),
    "median_wait": ("lower", 0, 90, None),
    "investigation_yield": ("none", 0, 90, None),
    "follow_up_completeness_3_months": ("higher", 0, 135, 0.8),
    "follow_up_completeness_12_months": ("higher", 0, 545, 0.8),
}
NOT_ESCALATED = (
    "first_conservative_day <= 135 AND NOT injected_before_day_0 AND NOT operated_before_day_0 "
    "AND coalesce(first_escalation_day, 100000) > 135"
)
GROUPS = ("", "_conservative_only", "_discectomy", "_laminectomy", "_spinal_fusion", "_other_spine_surgery")


def test_direction_decimals_window_and_target() -> None:
    scores = {
        f"{code}_{kind}{group}_{months}_months": ("higher", decimals, days, None)
        for group in GROUPS
        for code in ("pain", "odi")
        for months, days in ((3, 135), (12, 545))
        for kind, decimals in (("improvement", 1), ("responders", 0))
    }
    assert {one.name: (one.direction, one.decimals, one.closes_after, one.target) for one in INDICATORS} == SAID | scores
    assert [one.name for one in INDICATORS if not one.adjustable] == ["surgery_without_clear_reason"]
    assert all(name in scores | SAID for name in OVERVIEW)
    assert {one.smallest_n for one in INDICATORS} == {SMALLEST_N} == {10}


@pytest.mark.parametrize(
    ("name", "among", "hit"),
    [
        (
            "pain_responders_conservative_only_3_months",
            f"({NOT_ESCALATED}) AND (pain_answered_3) AND (pain_able_clear)",
            "pain_met_clear_3",
        ),
        ("odi_responders_discectomy_12_months", "(odi_answered_12) AND (odi_able_odi_10)", "odi_met_odi_10_12"),
        ("follow_up_completeness_12_months", "pain_expected_12", "pain_answered_12"),
        ("conservative_care_before_surgery", "red_flags IS NOT TRUE", "conservative_days_before_surgery >= 42"),
        (
            "surgery_without_clear_reason",
            "diagnosis = 0 AND leg_pain IS NOT NULL",
            "leg_pain < 3500 AND (symptoms & 4) = 0 AND red_flags IS NOT TRUE",
        ),
        ("complications_within_90_days", "days_surely_observed >= first_surgery_day + 90", "complication_days <= 90"),
        ("reoperation_within_12_months", "days_surely_observed >= first_surgery_day + 365", "next_surgery_days <= 365"),
    ],
)
def test_who_counts_and_who_of_them_had_it(name: str, among: str, hit: str) -> None:
    assert (indicator(name).among, indicator(name).hit) == (among, hit)


def test_who_was_watched() -> None:
    left = "NOT (status IN (4, 3) AND closed_day < first_surgery_day + 90)"
    assert indicator("complications_within_90_days").followed == f"(complication_days <= 90) OR {left}"


def test_an_incidence_is_counted_in_two_ways() -> None:
    surgery = indicator("surgery_within_12_months")
    there, over, had = (
        "(surgery_exit_cause IS NOT NULL)",
        "(days_surely_observed >= 365)",
        "(surgery_exit_cause = 1 AND surgery_exit_day <= 365)",
    )
    assert (surgery.whole.n, surgery.whole.hit) == (there[1:-1], f"{there} AND {had}")
    assert (surgery.plain.n, surgery.plain.hit) == (f"{there} AND {over}", f"{there} AND {over} AND {had}")
    assert surgery.whole.expected == surgery.plain.expected == f"{there} AND {over}"
    assert surgery.competes == f"{there} AND (surgery_exit_cause = 2 AND surgery_exit_day <= 365)"
    assert surgery.waits == f"{there} AND (least(surgery_exit_day, 366) >= 365)"
    assert {surgery.competes, surgery.waits} < set(surgery.clauses())
    assert (surgery.told_as, surgery.drawn_as) == ("cumulative incidence", "plain share, lost patients counted as without it")
    assert {(one.told_as, one.drawn_as, one.competes) for one in INDICATORS if one is not surgery} == {("", "", "")}
    assert indicator("pain_responders_3_months").whole.expected == "pain_expected_3"
    assert not any("( >=" in clause for one in INDICATORS for clause in one.clauses())


def test_denominators_read_as_they_are_counted() -> None:
    base = "episodes with a baseline and an answer at 3 months, whose follow-up period is complete and whose patient was alive at its end"
    assert indicator("pain_improvement_3_months").denominator == base
    assert indicator("good_state_12_months").denominator == base.replace("3 months", "12 months")
    assert indicator("pain_improvement_conservative_only_3_months").denominator.startswith(
        f"{base}; only patients who had conservative care"
    )
    assert indicator("pain_improvement_discectomy_3_months").denominator.startswith(f"{base}; time is counted from the first discectomy")
    assert indicator("odi_responders_3_months").title == "Clearly less disability at 3 months"
    assert indicator("pain_responders_3_months").title == "Clearly less pain at 3 months"


def test_clauses_that_all_have_to_hold() -> None:
    assert [both("a"), both("a", ""), both("a", "b"), both("a", "b", "a"), both("")] == ["a", "a", "(a) AND (b)", "(a) AND (b)", ""]


def test_which_charts_there_are() -> None:
    assert {one.measured for one in INDICATORS if one.charts == ("control",)} == {Measured.COUNT, Measured.MEDIAN, Measured.RATE}
    assert {one.charts for one in INDICATORS} == {("control",), ("control", "funnel")}
    assert {index.code: (index.months, index.month_is_known) for index in INDEXES[:5]} == {
        "first_visit": ("month of the first visit", True),
        "conservative_only": ("month of the first visit", True),
        "escalation": ("month of the injection or surgery", False),
        "injection": ("month of the injection", False),
        "surgery": ("month of surgery", False),
    }
    assert indicator("median_wait").over_time == "month of the first visit"


def test_amounts_have_columns_of_their_own() -> None:
    first_visit = [amount_column(one) for one in INDICATORS if one.amount and one.index is INDEXES[0]]
    assert first_visit == [f"amount_{place}" for place in range(1, 7)]
    assert most_amounts() == 6


def test_the_facts_of_an_index_fit_into_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert np.iinfo(np.int64).max == 2**indicators.MOST_FACTS - 1
    facts = facts_of(INDEXES[0])
    monkeypatch.setattr(indicators, "MOST_FACTS", len(facts))
    assert facts_of.__wrapped__(INDEXES[0]) == facts
    monkeypatch.setattr(indicators, "MOST_FACTS", len(facts) - 1)
    with pytest.raises(ValueError, match="first_visit"):
        facts_of.__wrapped__(INDEXES[0])
