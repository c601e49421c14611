"""Control charts: what a mark means, what the chart says in one sentence, steps, and charts with little or nothing in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.analyses.verdict import verdict
from synapse_analytics.estimates import control_charts as c

BASE = [1.0, -1.0] * 10


def known(points: int, half: float = 3.0, starts: tuple[int, ...] = (0,)) -> c.Limits:
    return c.Limits("XmR", np.zeros(points), np.full(points, -half), np.full(points, half), starts)


def judged(values: list[float], direction: str = "higher", starts: tuple[int, ...] = (0,)) -> c.Variation:
    limits = known(len(values), starts=starts)
    return c.variation(np.array(values), limits, direction)


def said(values: list[float], direction: str = "higher", period: str = "month", starts: tuple[int, ...] = (0,)) -> str:
    months = [f"{2022 + place // 12}-{place % 12 + 1:02}" for place in range(len(values))]
    return verdict(judged(values, direction, starts), months, period)


RUN_UP = [1.0, 0.5] * 3 + [1.0]
RISE = [-1.5, -1, -0.5, 0.1, 0.5, 1, 1.5]
FALL_ABOVE = [2.0, 1.9, 1.7, 1.5, 1.3, 1.1, 0.9]


def test_an_upset_does_not_widen_the_limits() -> None:
    """Thirteen ranges of 1 and one of 29: the large one is over 3.267 times their mean of 3 and left out."""
    limits = c.xmr(np.array([0.0, 1.0] * 7 + [30.0]))
    assert limits.high[0] - limits.centre[0] == pytest.approx(2.66)
    assert c.xmr(np.array([0.0, 1.0] * 7 + [9.0])).high[0] - 16 / 15 == pytest.approx(2.66)
    assert c.xmr(np.array([0.0, 1.0] * 7 + [4.0])).high[0] - 11 / 15 == pytest.approx(2.66 * 16 / 14)


def test_a_run_means_its_side() -> None:
    assert judged(RUN_UP).meanings == ["improvement"] * 7
    assert judged(RUN_UP, "lower").meanings == ["concern"] * 7
    assert judged(RUN_UP, "none").state == "change"


def test_a_trend_means_where_it_goes() -> None:
    """Falling above the mean is a concern where higher is better, though its months are on the good side."""
    found = judged([-1.0, *FALL_ABOVE])
    assert found.rules[-1] is c.Rule.TREND
    assert found.meanings[-1] == found.state == "concern"
    assert judged([-1.0, *FALL_ABOVE], "lower").state == "improvement"
    assert judged(RISE).state == "improvement"


@pytest.mark.parametrize(
    ("value", "direction", "state"), [(4, "higher", "improvement"), (4, "lower", "concern"), (-4, "higher", "concern")]
)
def test_outside_means_its_side(value: float, direction: str, state: str) -> None:
    assert judged([*BASE, value], direction).state == state


def test_two_of_three_come_before_a_run_and_after_a_trend() -> None:
    run_with_outer = [1, 0.5, 1, 0.5, 2.5, 2.4, 1]
    assert judged(run_with_outer).rules == [*[c.Rule.RUN] * 4, c.Rule.TWO_OF_THREE, c.Rule.TWO_OF_THREE, c.Rule.RUN]
    rising_to_the_limit = [0.1, 0.5, 1, 1.5, 1.8, 2.5, 2.8]
    assert judged(rising_to_the_limit).rules == [c.Rule.TREND] * 7


def test_the_last_point_decides() -> None:
    assert judged([*RUN_UP, -1]).state == "usual"
    assert judged([-1, *RUN_UP]).state == "improvement"


def test_sentences() -> None:
    assert said(BASE) == "Within usual variation, by month."
    assert said([*BASE, *RUN_UP[1:], 0.5]) == "Higher than usual since 2023-09 (improvement), by month."  # the last of the base is below
    assert said([*BASE, 1, *[-1, -0.5] * 4], "lower") == "Lower than usual since 2023-10 (improvement), by month."
    assert said([*BASE, *RISE], "lower") == "Rising for 7 months in a row, up to 2024-03 (concern), by month."
    assert said([*BASE, *FALL_ABOVE, -0.2]) == "Falling for 8 months in a row, up to 2024-04 (concern), by month."
    assert said([*BASE, 5], "none", "quarter") == "Outside the limits in 2023-09, by quarter."
    assert said([*BASE, 1, 2.5, 2.4]) == "2 of 3 months close to a limit, up to 2023-11 (improvement), by month."


def test_sentences_of_what_was() -> None:
    assert said([*RUN_UP, 0.5, *BASE[1:]]) == "Now within usual variation, by month; earlier higher than usual from 2022-01 to 2022-08."
    assert said([5.0, *BASE]) == "Now within usual variation, by month; earlier outside the limits in 2022-01."
    assert (
        said([*RISE, *BASE[1:]], period="quarter")
        == "Now within usual variation, by quarter; earlier rising for 7 quarters in a row, up to 2022-07."
    )
    assert said([2.5, 1, 2.4, *BASE[1:]]) == "Now within usual variation, by month; earlier 2 of 3 months close to a limit, up to 2022-03."


def test_a_verdict_recalls_what_went_the_other_way() -> None:
    """Eight quarters of concern stood on the chart, and the tile said "improvement" alone."""
    values = [0.0, 0.1, -0.1, 0.0, *([-0.5] * 4), *([-0.6] * 4), 0.1, 0.0, 4.0]
    told = "Outside the limits in 2023-03 (improvement), by quarter; before that lower than usual from 2022-05 to 2022-12 (concern)."
    assert said(values, period="quarter") == told
    assert "before" not in said([0.0, 0.1, -0.1, 4.0, 0.0, 0.1, 4.0])


def test_sentences_about_too_little() -> None:
    assert said([]) == "Too few months."
    assert said([1.0], period="quarter") == "Too few quarters."
    assert said([1.0, -1.0]) == "Within usual variation, by month. Provisional limits: only 2 months."
    assert said([*BASE, 1.0], starts=(0, 20)) == "Too few months since 2023-09."
    assert (
        said([*BASE, *RUN_UP], starts=(0, 20))
        == "Higher than usual since 2023-09 (improvement), by month. Provisional limits: only 7 months since 2023-09."
    )


def test_marks_before_a_step_are_of_another_process() -> None:
    assert said([*RUN_UP, *BASE], starts=(0, 7)) == "Within usual variation, by month."


def test_no_rule_runs_over_a_step() -> None:
    for values in (RUN_UP, RISE, [2.5, 2.4, 1]):
        assert any(judged(values).rules)
        for step in range(1, len(values)):
            if len(values) > c.THREE or step == 1:
                assert not any(judged(values, starts=(0, step)).rules)


def test_each_stretch_has_its_own_limits() -> None:
    values = np.array([1.0, 2.0, 1.5, 11.0, 13.0, 12.0])
    limits = c.segmented(lambda part: c.xmr(values[part]), 6, [3, 3, 0, 6, 99, -2])
    assert limits.starts == (0, 3)
    assert (limits.last_start, limits.in_force, limits.trial) == (3, 3, True)
    for part, alone in ((slice(0, 3), c.xmr(values[:3])), (slice(3, 6), c.xmr(values[3:]))):
        np.testing.assert_array_equal([limits.centre[part], limits.low[part], limits.high[part]], [alone.centre, alone.low, alone.high])


def test_limits_may_begin_anew_at_any_point_but_the_first() -> None:
    assert c.segmented(lambda part: c.xmr(np.arange(5.0)[part]), 5, [0, 1, 4, 5]).starts == (0, 1, 4)


def test_limits_that_begin_anew_are_trial_limits_again() -> None:
    values = np.array(BASE + BASE)
    assert not c.segmented(lambda part: c.xmr(values[part]), 40, [20]).trial
    limits = c.segmented(lambda part: c.xmr(values[part]), 40, [30])
    assert limits.trial
    assert c.assurance(limits, -50, higher_is_better=True) is None


def test_assurance_is_of_the_limits_in_force() -> None:
    values = np.array([*BASE, *(value + 20 for value in BASE)])
    limits = c.segmented(lambda part: c.xmr(values[part]), 40, [20])
    assert c.assurance(limits, 10, higher_is_better=True) == "consistently met"
    assert c.assurance(c.xmr(values[:20]), 10, higher_is_better=True) == "consistently missed"


def test_centre_may_come_from_all_months() -> None:
    events, n = np.array([9, 11, 10, 10]), np.full(4, 20)
    limits = c.p_chart(events, n, 0.4)
    assert limits.kind == "p"
    np.testing.assert_allclose(limits.centre, 0.4)
    np.testing.assert_allclose(limits.high, 0.4 + 3 * np.sqrt(0.4 * 0.6 / 20))
    np.testing.assert_allclose(c.u_chart(events, n, 0.4).high, 0.4 + 3 * np.sqrt(0.4 / 20))
    assert c.p_chart(events, n).centre[0] == 0.5


def test_a_month_of_one_has_limits() -> None:
    np.testing.assert_allclose(c.u_chart(np.array([1.0, 2.0]), np.array([1.0, 1.0])).high, 1.5 + 3 * np.sqrt(1.5))


def test_scatter_is_judged_by_the_months_shown() -> None:
    """sigma_z = mean |diff z| / 1.128: neighbours 0.1 apart whose sd is sqrt(0.25 / 100) lie 2 sd apart."""
    limits = c.p_chart(np.array([55, 45] * 8), np.full(16, 100))
    assert limits.kind == "p'"
    assert limits.high[0] == pytest.approx(0.5 + 3 * 0.05 * 2 / 1.128)


def test_equal_months_are_usual() -> None:
    """The mean of equal numbers may differ from them by the last digit; that is no variation."""
    charts = [np.full(months, value) for months in (15, 27, 60) for value in (0.1, 0.7, 3.3)]
    assert any(values.mean() != values[0] for values in charts)
    assert [c.special_causes(values, c.xmr(values)) for values in charts] == [[None] * len(values) for values in charts]


@pytest.mark.parametrize("events", [0, 20])
def test_all_or_none_is_usual(events: int) -> None:
    limits = c.p_chart(np.full(15, events), np.full(15, 20))
    assert c.special_causes(np.full(15, events / 20), limits) == [None] * 15
    assert c.assurance(limits, 0.5, higher_is_better=True) == ("consistently met" if events else "consistently missed")


def test_nothing_is_too_few() -> None:
    nothing = np.array([])
    for limits in (c.xmr(nothing), c.p_chart(nothing, nothing), c.u_chart(nothing, nothing), c.segmented(lambda _: c.xmr(nothing), 0, [])):
        assert c.variation(nothing, limits, "higher").state == "too few"
        assert c.assurance(limits, 1, higher_is_better=True) is None


def test_months_without_patients_have_no_limits_but_0_and_1() -> None:
    limits = c.p_chart(np.array([0, 5]), np.array([0, 10]))
    assert (limits.low[0], limits.high[0]) == (0, 1)


values_of_a_chart = st.lists(st.integers(-6, 6), min_size=0, max_size=40)


@given(values_of_a_chart, st.lists(st.integers(0, 40), max_size=3))
def test_a_stretch_is_marked_as_if_alone(drawn: list[int], steps: list[int]) -> None:
    values = np.array(drawn, dtype=float)
    limits = c.segmented(lambda part: c.xmr(values[part]), len(values), steps)
    rules = c.special_causes(values, limits)
    ends = (*limits.starts[1:], len(values))
    alone = [rule for a, b in zip(limits.starts, ends, strict=True) for rule in c.special_causes(values[a:b], c.xmr(values[a:b]))]
    assert rules == alone


@given(values_of_a_chart)
def test_upside_down_means_the_opposite(drawn: list[int]) -> None:
    values = np.array(drawn, dtype=float)
    up, down = (c.variation(v, c.xmr(v), "higher") for v in (values, -values))
    opposite = {"improvement": "concern", "concern": "improvement", None: None}
    assert up.rules == down.rules
    assert [opposite[meaning] for meaning in up.meanings] == down.meanings
    assert all((rule is None) == (meaning is None) for rule, meaning in zip(up.rules, up.meanings, strict=True))


@given(values_of_a_chart, st.sampled_from(["higher", "lower", "none"]), st.integers(0, 40))
def test_every_chart_has_its_sentence(drawn: list[int], direction: str, step: int) -> None:
    values = np.array(drawn, dtype=float)
    limits = c.segmented(lambda part: c.xmr(values[part]), len(values), [step])
    found = c.variation(values, limits, direction)
    sentence = verdict(found, [str(place) for place in range(len(values))])
    assert sentence.endswith(".")
    assert ("Provisional" in sentence) == (limits.trial and found.state != "too few")
    assert (f": {found.state}, by month" in sentence) == (found.state in {"improvement", "concern", "change"})


@given(st.lists(st.integers(-4, 4), min_size=0, max_size=40))
def test_rules_equal_their_wording(drawn: list[int]) -> None:
    """The four rules once more, point by point, as the words say them: limits at 3.5, so that 3 lies in the outer third and 2 does not."""
    values = np.array(drawn, dtype=float)
    limits = known(len(values), 3.5)
    assert c.special_causes(values, limits) == [_spelt_out(drawn, place) for place in range(len(drawn))]


def _spelt_out(drawn: list[int], place: int) -> c.Rule | None:
    value = drawn[place]
    if abs(value) > 3.5:
        return c.Rule.OUTSIDE
    for first in range(max(0, place - 6), place + 1):
        seven = drawn[first : first + 7]
        steps = [b - a for a, b in zip(seven, seven[1:], strict=False)]
        if len(seven) == 7 and (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
            return c.Rule.TREND
    for first in range(max(0, place - 2), place + 1):
        three = drawn[first : first + 3]
        one_side = len(three) == 3 and (min(three) > 0 or max(three) < 0)
        if one_side and abs(value) == 3 and sum(abs(other) == 3 for other in three) >= 2:
            return c.Rule.TWO_OF_THREE
    for first in range(max(0, place - 6), place + 1):
        stretch = drawn[first : first + 7]
        if len(stretch) == 7 and (min(stretch) > 0 or max(stretch) < 0):
            return c.Rule.RUN
    return None


def test_no_run_goes_over_a_missing_period() -> None:
    """Three and four points below the mean with a period missing between them are no seven."""
    values = np.array([1.0, -1.0] * 6 + [-0.5] * 7)
    limits = c.xmr(values)
    marked = [rule for rule in c.special_causes(values, limits) if rule is c.Rule.RUN]
    assert len(marked) >= 7
    broken = replace(limits, gaps=(15,))
    assert c.Rule.RUN not in c.special_causes(values, broken)


def test_a_run_about_the_median_says_so() -> None:
    values = np.array([*BASE, *[0.5, 0.6] * 4])
    about = replace(known(len(values)), middle=c.xmr(values, about_median=True).middle)
    found = c.variation(values, about, "lower")
    assert "Higher than usual since" in verdict(found, [f"2022-{place:02d}" for place in range(len(values))])


def test_no_trend_goes_over_a_missing_period() -> None:
    rising = np.arange(14, dtype=float)
    limits = known(14, 30.0)
    assert c.special_causes(rising, limits) == [c.Rule.TREND] * 14
    assert c.special_causes(rising, replace(limits, gaps=(6,))) == [*[None] * 6, *[c.Rule.TREND] * 8]


def broken(values: list[float], gap: int, start: int = 0) -> str:
    limits = replace(known(len(values), starts=(0, start) if start else (0,)), gaps=(gap,))
    found = c.variation(np.array(values), limits, "higher")
    return verdict(found, [str(place) for place in range(len(values))], "quarter", {gap: "Q2 2023"})


@pytest.mark.parametrize("ended", [RUN_UP, RISE], ids=["run", "trend"])
def test_a_gap_that_ends_a_run_or_a_trend_is_said(ended: list[float]) -> None:
    said_of_it = "Runs and trends stop at Q2 2023, for which no value is shown."
    assert broken([*BASE[:13], *ended], 16) == f"Within usual variation, by quarter. {said_of_it}"
    assert said_of_it not in broken([*BASE[:13], *ended], 6)  # it ended nothing


@pytest.mark.parametrize(
    ("values", "gaps", "start"),
    [
        ([*BASE[:13], *RUN_UP], range(13, 20), 0),  # the run begins with the last of the base
        ([*BASE[:13], *RUN_UP], range(13, 20), 5),
        ([*BASE[:13], *RISE[:6]], (), 0),
        ([*BASE[:13], *RISE], range(14, 20), 3),
        ([*BASE[:12], *RUN_UP[:6]], (), 0),
        ([1.0, 0.5] * 6, range(6, 12), 5),  # a gap at which the limits begin anew ends nothing
    ],
)
def test_only_a_gap_within_a_run_or_a_trend_ends_it(values: list[float], gaps: Iterable[int], start: int) -> None:
    said_of = [gap for gap in range(1, len(values)) if "trends stop at" in broken(values, gap, start)]
    assert said_of == list(gaps)


def test_a_trend_goes_one_way_at_all_its_points() -> None:
    """The first point of a rise is below the one before it, and counts for the rise; a peak belongs to the rise that it ends."""
    assert judged([1.0, *RISE]).meanings == [None, *["improvement"] * 7]
    up_and_down = [-1.2, -0.8, -0.4, 0.1, 0.4, 0.8, 1.2, 0.7, 0.3, 0.05, -0.3, -0.7, -1.1]
    assert judged(up_and_down).meanings == ["improvement"] * 7 + ["concern"] * 6


@pytest.mark.parametrize("higher_is_better", [True, False])
@pytest.mark.parametrize("value", [0.3, 0.0, 1.0, 80.0])
def test_always_exactly_on_target_is_met(value: float, higher_is_better: bool) -> None:
    noisy = np.array([value, value + 1e-16, value * (1 + 2e-16)] * 6)
    assert c.assurance(c.xmr(noisy), value, higher_is_better=higher_is_better) == "consistently met"
    beside = value + (0.01 if higher_is_better else -0.01)
    assert c.assurance(c.xmr(noisy), beside, higher_is_better=higher_is_better) == "consistently missed"


@pytest.mark.parametrize(("events", "target"), [(0, 0.0), (20, 1.0)])
def test_all_or_none_meets_the_target_of_all_or_none(events: int, target: float) -> None:
    assert c.assurance(c.p_chart(np.full(15, events), np.full(15, 20)), target, higher_is_better=events > 0) == "consistently met"


def test_the_last_digit_is_no_variation() -> None:
    """0.1 + 0.2 is not 0.3 to a computer: no run, no trend, nothing outside, on its mean and on its limits."""
    for noise in (
        np.array([0.3, 0.1 + 0.2] * 10),
        np.array([0.3] * 10 + [0.1 + 0.2] * 10),
        1e-17 * np.arange(20),
        0.3 + 1e-16 * np.arange(20),
    ):
        assert c.special_causes(noise, c.xmr(noise)) == [None] * 20
    limits = c.Limits("XmR", np.full(20, 0.2), np.full(20, 0.1), np.full(20, 0.3))
    assert c.Rule.OUTSIDE not in c.special_causes(np.array([0.1 + 0.2, 0.1] * 10), limits)


def test_no_limit_of_a_count_lies_below_nothing() -> None:
    values = np.array([0.0, 9.0] * 8)
    assert c.xmr(values).low[0] < 0
    assert (c.xmr(values, lowest=0).low == 0).all()
    assert (c.xmr(values, lowest=0).high == c.xmr(values).high).all()
