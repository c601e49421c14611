"""What the overview says: drawn answers in; sentences, what needs attention, and the cells of the table out."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import overview
from synapse_analytics.figures.theme import DARK, LIGHT
from synapse_analytics.findings import overview as said
from synapse_analytics.indicators import OVERVIEW, indicator
from tests.unit.leadership_answers import answer, summary

SHARE = {"unit": "share", "value": 0.6, "low": 0.55, "high": 0.65, "n": 400, "events": 240, "completeness": 0.8}
BETTER = {"course": "improvement", "since": "2024-04", "before": 0.52, "after": 0.64}
WORSE = {"course": "concern", "since": "2024-07", "before": 0.81, "after": 0.70}


def row(name: str, **more: Any) -> dict[str, Any]:
    """An indicator of the overview as it is over all years."""
    declared = {"direction": indicator(name).direction, "patients": 400}
    return summary(name, **({"title": "Title"} | SHARE | declared | more))


def latest(name: str, **more: Any) -> dict[str, Any]:
    """The same in the latest year."""
    cells = {"name": name, "first": "2024-07", "last": "2025-06", "patients": 100}
    return cells | {key: SHARE[key] for key in ("value", "low", "high", "n", "events", "completeness")} | more


def points(name: str, values: list[float | None]) -> list[dict[str, Any]]:
    months = (f"{2024 + place // 12}-{place % 12 + 1:02d}" for place in range(len(values)))
    limits = {"centre": 0.6, "low": 0.4, "high": 0.8}
    return [
        {"name": name, "period": month, "n": 30, "events": 10, "value": value, **limits}
        for month, value in zip(months, values, strict=True)
    ]


def seen(*rows: dict[str, Any], year: tuple[dict[str, Any], ...] = ()) -> Released:
    course = [point for one in rows for point in points(one["name"], [0.6, 0.7, 0.5, None, 0.6, 0.7])]
    return answer("overview", indicators=rows, latest_year=year, periods=course)


def spoken(released: Released) -> list[str]:
    points_ = said.sentences(said.standings(released))
    return [" ".join(f"{one.strong} {one.text}".strip() for one in point) for point in points_]


def test_nothing_changed_is_said_at_once() -> None:
    rows = [row("pain_responders_3_months"), row("pain_responders_12_months"), row("surgery_within_12_months", course="too few")]
    (told,) = spoken(seen(*rows))
    assert told.startswith("No indicator has changed by more than chance in its latest two years: ")
    assert told.endswith("2 of 3 indicators are as usual; 1 has too few patients or periods to judge.")


def test_where_all_are_steady_none_is_counted_out() -> None:
    told = spoken(seen(row("pain_responders_3_months"), row("pain_responders_12_months")))
    assert told == ["No indicator has changed by more than chance in its latest two years: all 2 indicators are as usual."]


def test_a_change_is_dated_with_its_levels() -> None:
    rows = [row("pain_responders_3_months"), row("pain_responders_12_months", **BETTER)]
    steady, changed = spoken(seen(*rows))
    assert steady == "1 of 2 indicators is as usual."
    assert (
        changed
        == "Clearly less pain at 12 months: higher since Apr 2024 (64 % since then, 52 % before; data to Jun 2024). This is an improvement."
    )


def test_a_concern_stands_before_an_improvement() -> None:
    rows = [row("pain_responders_12_months", **BETTER), row("follow_up_completeness_12_months", target=0.8, **WORSE)]
    _, changed = spoken(seen(*rows))[:2]
    assert changed.startswith(
        "Followed up at 12 months: lower since Jul 2024 (70 % since then, 81 % before; data to Jun 2024; target 80 %). This is a concern."
    )
    assert changed.endswith("This is an improvement.")
    assert [standing.declared.name for standing in said.attention(said.standings(seen(*rows)))] == [
        "follow_up_completeness_12_months",
        "pain_responders_12_months",
    ]


def test_a_count_has_no_better_side_and_is_told_by_its_period() -> None:
    change = {"unit": "patients", "course": "change", "since": "2024-04", "before": 4.6, "after": 6.5, "direction": "none"}
    assert spoken(seen(row("patients_seen", **change)))[1] == (
        "Patients seen: higher since Apr 2024 (6.5 a month since then, 4.6 a month before; data to Jun 2024)."
    )


@pytest.mark.parametrize(("low", "high", "short"), [(0.65, 0.75, True), (0.65, 0.85, False), (0.82, 0.9, False)])
def test_only_a_target_missed_by_more_than_chance_is_named(low: float, high: float, *, short: bool) -> None:
    value = (low + high) / 2
    told = spoken(seen(row("follow_up_completeness_12_months", target=0.8, value=value, low=low, high=high)))[-1]
    assert told.startswith("Target not met:") == short
    assert short or told == "Over all years the target was not missed by more than chance."


def test_where_lower_is_better_a_higher_value_falls_short() -> None:
    cells = {"target": 0.05, "value": 0.1, "low": 0.07, "high": 0.14}
    assert "complications" in spoken(seen(row("complications_within_90_days", **cells)))[-1]
    assert (
        "not missed by more than chance"
        in spoken(seen(row("complications_within_90_days", **cells | {"low": 0.01, "high": 0.04, "value": 0.02})))[-1]
    )


def test_the_latest_year_decides_on_the_target() -> None:
    name = "follow_up_completeness_12_months"
    rows, year = row(name, target=0.8, value=0.9, low=0.85, high=0.95), latest(name, value=0.7, low=0.6, high=0.75)
    assert "Target not met" in spoken(seen(rows, year=(year,)))[-1]


def test_where_little_can_be_told_that_comes_first() -> None:
    rows = [row("pain_responders_3_months", course="too few"), row("odi_responders_3_months", course="too few"), row("patients_seen")]
    assert spoken(seen(*rows)) == ["2 of 3 indicators have too few patients or periods to show a change; their values are shown."]


@pytest.mark.parametrize("cells", [{"direction": "none"}, {"low": None, "high": None}], ids=["no direction", "no interval"])
def test_what_has_no_better_side_or_no_interval_is_held_against_no_target(cells: dict[str, Any]) -> None:
    (told,) = spoken(seen(row("surgery_within_12_months", target=0.1, **cells)))
    assert "target" not in told.lower()


def test_nothing_can_be_told_of_too_few() -> None:
    rows = [row("pain_responders_3_months", course="too few"), row("pain_responders_12_months", course="too few")]
    assert spoken(seen(*rows)) == ["All 2 indicators have too few patients or periods to show a change; their values are shown."]


def test_at_most_three_are_pointed_out() -> None:
    names = ("pain_responders_3_months", "pain_responders_12_months", "odi_responders_3_months", "odi_responders_12_months")
    released = seen(
        *(row(name, **BETTER) for name in names), row("follow_up_completeness_3_months", target=0.8, assurance="consistently missed")
    )
    calling = said.attention(said.standings(released))
    assert [standing.calls for standing in calling] == ["consistently missed", "improvement", "improvement"]
    assert "1 more has changed: see the table." in spoken(released)[1]


def test_a_missed_target_calls_and_an_unreliable_one_does_not() -> None:
    for assurance, calls in (("consistently missed", 1), ("hit and miss", 0), ("consistently met", 0), (None, 0)):
        released = seen(row("follow_up_completeness_12_months", target=0.8, assurance=assurance))
        assert len(said.attention(said.standings(released))) == calls


def test_few_episodes_of_the_latest_year_give_way_to_all_years() -> None:
    name = "complications_within_90_days"
    for n, shown in ((said.FEWEST_LATEST - 1, "60 %"), (said.FEWEST_LATEST, "2 of 20")):
        (standing,) = said.standings(seen(row(name), year=(latest(name, n=n, events=2),)))
        assert standing.value() == shown
        assert (standing.latest is None) == (n < said.FEWEST_LATEST)


def test_units_outside_are_named_and_not_judged() -> None:
    rows = [{"indicator": "odi_improvement_3_months", "by": "clinician", "group": "C09", "side": "below"}]
    told = said.units_sentence(answer("units_outside", units=rows))
    assert f"{told.strong} {told.text}" == (
        "Outside the limits: clinician C09 is below them for disability (ODI) improvement at 3 months. This is a reason to review, not a judgement."
    )
    assert (told.by, told.about) == ("clinician", "odi_improvement_3_months")
    quiet = said.units_sentence(answer("units_outside", units=[]))
    assert quiet.text == "No clinician or site differs from the others by more than chance."


# --- as it is drawn ------------------------------------------------------------------------------------------------


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)).split())


def drawn(released: Released, **part: Any) -> str:
    every = said.standings(released)
    return overview.table(every, LIGHT, overview.Part(every, **part))


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("policy", ["clinic", "publish"])
def test_every_indicator_has_its_row(sample_clinic: Clinic, policy: str, look: Any) -> None:
    released = analyses.overview(sample_clinic.under(policy), Cohort())
    every = said.standings(released)
    rows = overview.table(every, look, overview.Part(every)).split("<tr")[2:]
    assert len(rows) == len(OVERVIEW)
    for name, html in zip(OVERVIEW, rows, strict=True):
        assert f'data-code="{name}"' in html
        assert indicator(name).title in unescape(html)


def test_a_row_says_value_interval_n_and_follow_up() -> None:
    name = "pain_responders_12_months"
    html = drawn(seen(row(name), year=(latest(name, value=0.7, low=0.61, high=0.78, n=120, events=84, completeness=0.75),)))
    assert "Clearly less pain at 12 months 70 % 61 to 78 % 120 75 %" in text(html)
    assert "usual" in text(html)


def test_a_value_of_all_years_says_so_beside_others_of_the_latest() -> None:
    rows = [row("pain_responders_3_months"), row("pain_responders_12_months")]
    third = row("odi_responders_3_months")
    mixed = drawn(seen(*rows, third, year=(latest("pain_responders_3_months"), latest("odi_responders_3_months"))))
    assert mixed.count("all years") == 1
    assert "Latest year" in mixed
    for few in ((), (latest("pain_responders_3_months"),)):  # the latest year of a minority is not told
        assert "all years" not in drawn(seen(*rows, year=few))
    alone = drawn(seen(*rows))
    assert "all years" not in alone
    assert "All years" in alone


def test_a_change_has_an_arrow_in_the_colour_of_its_meaning() -> None:
    html = drawn(seen(row("pain_responders_12_months", **BETTER), row("follow_up_completeness_12_months", **WORSE)))
    assert re.search(LIGHT.better + r"[^>]*>\u2191</span> higher since Apr 2024", html)
    assert re.search(LIGHT.worse + r"[^>]*>\u2193</span> lower since Jul 2024", html)


def test_the_small_course_marks_the_points_since_the_change() -> None:
    html = drawn(seen(row("pain_responders_12_months", **BETTER | {"since": "2024-05"})))
    dots = re.findall(r'<circle [^>]*fill="(#\w+)"', html)
    assert dots == [LIGHT.same] * 3 + [LIGHT.better] * 2  # of six points one is missing, which breaks the line
    assert html.count("<polyline") == 2


def test_an_open_row_is_marked_and_the_rest_goes_on_without_a_head() -> None:
    released = seen(row("pain_responders_3_months"), row("pain_responders_12_months"))
    every = said.standings(released)
    upper = overview.table(every, LIGHT, overview.Part(every[:1], opened="pain_responders_3_months"))
    lower = overview.table(every, LIGHT, overview.Part(every[1:], goes_on=True))
    assert 'aria-expanded="true"' in upper
    assert 'class="unseen"' in lower
    assert 'aria-expanded="true"' not in lower


def test_on_paper_nothing_can_be_clicked() -> None:
    released = seen(row("pain_responders_12_months", target=0.8, **BETTER))
    assert "button" not in drawn(released, links=False)
    assert "button" not in overview.sentences(said.sentences(said.standings(released)))
    assert "See the chart" in overview.sentences(said.sentences(said.standings(released)), "variation?")


def test_a_tile_shows_the_level_after_the_change() -> None:
    html = text(overview.attention(said.attention(said.standings(seen(row("pain_responders_12_months", **BETTER)))), LIGHT))
    assert html == "64 % Clearly less pain at 12 months higher since Apr 2024 (52 % before)"
    assert overview.attention((), LIGHT) == ""


def test_names_are_no_markup() -> None:
    rows = [{"indicator": "odi_improvement_3_months", "by": "clinician", "group": "<b>x</b>", "side": "below"}]
    html = overview.sentences([[said.units_sentence(answer("units_outside", units=rows))]], "variation?a=b")
    assert "<b>x" not in html
    assert "&lt;b&gt;x" in html


def test_small_limits_do_not_flatten_the_course() -> None:
    wide = [
        dict(point) | ({"low": -9.0, "high": 9.0} if place == 0 else {})
        for place, point in enumerate(points("patients_seen", [0.6] * 5 + [0.7]))
    ]
    html = overview.sparkline(wide, LIGHT, "by month")
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', html)]
    assert max(heights) - min(heights) > 3
    assert all(0 <= y <= 20 for y in heights)


def test_one_point_is_no_course() -> None:
    assert overview.sparkline(points("patients_seen", [0.6]), LIGHT, "by month") == ""
    assert overview.sparkline([], LIGHT, "by month") == ""
