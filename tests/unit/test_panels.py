"""Small multiples: as many panels as can be read, each with its own line in colour, and room for all of them on a page of any width."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.figures import changes, marks, non_response, outcomes, pathways
from synapse_analytics.figures.panels import BEHIND, MOST, Panel, Shared, side_by_side
from synapse_analytics.figures.theme import ARRANGED, LIGHT, Figure
from synapse_analytics.findings import words
from tests.unit.drawn_points import everything, where
from tests.unit.test_lone_points import series


def drawn(groups: int, shown: str = "") -> Figure:
    """Panels of so many groups, the later ones larger."""
    given = {f"C{k:02}": Panel(series([5.0, 4.0 - k / 100], 0.5), 100 + k) for k in range(groups)}
    named = {group: Panel(_renamed(panel, group), panel.size) for group, panel in given.items()}
    return side_by_side(LIGHT, named, Shared({"range": [0, 1]}, {"range": [0, 10]}, ["Mean with 95 % interval"]), "clinician", shown)


def _renamed(panel: Panel, name: str) -> Any:
    return type(panel.series)(name, *(getattr(panel.series, field) for field in ("colour", "x", "y", "low", "high", "hover")))


def headings(figure: Figure) -> list[str]:
    """The names of the panels, in their order."""
    texts = [note["text"] for note in figure["layout"]["annotations"] if note["text"].startswith("<b>")]
    return [text.split("<b>")[1].split("</b>")[0] for text in texts]


@pytest.mark.parametrize("groups", [2, 3, 5, 12, 25])
def test_panels_lie_beside_and_below_each_other_on_every_page(groups: int) -> None:
    layout = drawn(groups)["layout"]
    arranged = layout["meta"][ARRANGED]
    count = min(groups, MOST)
    side = [len({tuple(one["axes"][name]["domain"]) for name in one["axes"] if name.startswith("x")}) for one in arranged]
    assert side == [1, *(min(columns, count) for columns in (2, 3, 4))]
    for one in arranged:
        places = [(*one["axes"][f"xaxis{k or ''}"]["domain"], *one["axes"][f"yaxis{k or ''}"]["domain"]) for k in (0, *range(2, count + 1))]
        assert all(0 <= low < high <= 1 for left, right, bottom, top in places for low, high in ((left, right), (bottom, top)))
        for (left, right, bottom, top), (left_2, right_2, bottom_2, top_2) in combinations(places, 2):
            assert right < left_2 or right_2 < left or top < bottom_2 or top_2 < bottom, "two panels lie over each other"
    assert arranged[0]["taller"] >= arranged[-1]["taller"] == 0
    assert layout["xaxis"]["domain"] == arranged[-1]["axes"]["xaxis"]["domain"]


def test_the_largest_groups_have_a_panel() -> None:
    figure = drawn(25)
    assert headings(figure) == [f"C{k:02}" for k in range(13, 25)]
    assert any("the 12 largest of 25 groups" in text for text in everything(figure))
    assert not any("largest" in text for text in everything(drawn(12)))


def test_the_group_that_is_chosen_stands_alone_before_all_others() -> None:
    figure = drawn(25, shown="C03")
    assert headings(figure) == ["C03"]
    (behind,) = [trace for trace in figure["data"] if trace.get("meta") == BEHIND]
    assert behind["y"].count(None) == 24
    assert drawn(3, shown="gone")["layout"]["annotations"] == drawn(3)["layout"]["annotations"]


CASES = [
    (outcomes.trajectory, "score_over_time"),
    (outcomes.weekly, "score_by_week"),
    (changes.changes, "change_distribution"),
    (changes.against_baseline, "change_distribution"),
    (non_response.followed_up, "completeness"),
]


@pytest.mark.parametrize("by", ["diagnosis", "clinician", "site", "age_band", "first_treatment"])
@pytest.mark.parametrize(("draw", "name"), CASES, ids=[draw.__name__ for draw, _ in CASES])
def test_no_panel_has_more_than_one_line_in_colour(sample_clinic: Clinic, draw: Any, name: str, by: str) -> None:
    """25 lines in ten colours, and names beside seven of them, could not be told apart."""
    figure = draw(analyses.answer(sample_clinic, name, by=by), LIGHT)
    named: dict[str, list[str]] = {}
    for trace in figure["data"]:
        if trace["type"] == "scatter" and trace.get("name") and "lines" in trace["mode"]:
            named.setdefault(where(trace), []).append(trace["name"])
    assert all(len(set(lines)) == 1 for lines in named.values())
    assert len(headings(figure)) <= MOST


def test_the_smallest_important_change_is_drawn_from_the_start_of_each_group(sample_clinic: Clinic) -> None:
    """Pain 2 points below, the EQ-5D index 0.3 above; a score without one has no line."""
    for instrument, points in (("nrs_pain", -2), ("odi", -10), ("eq5d5l_index", 0.3), ("eq_vas", None)):
        answer = analyses.score_over_time(sample_clinic, instrument=instrument, by="sex")
        starts = [row["mean"] for row in answer.tables["visits"] if row["visit"] == "baseline" and row["mean"] is not None]
        figure = outcomes.trajectory(answer, LIGHT)
        dashed = [trace["y"][0] for trace in figure["data"] if trace.get("line", {}).get("dash") == "dash"]
        assert dashed == ([] if points is None else [pytest.approx(start + points) for start in starts][: len(dashed)])
        assert bool(dashed) == (points is not None)
        alone = outcomes.trajectory(analyses.score_over_time(sample_clinic, instrument=instrument), LIGHT)
        assert any("the start" in text for text in everything(alone)) == (points is not None)


@pytest.mark.parametrize(
    ("by", "together"), [("diagnosis", True), ("highest_stage", True), ("clinician", False), ("sex", False), (None, True)]
)
def test_waiting_of_groups_without_a_colour_is_told_apart_by_panels(sample_clinic: Clinic, by: str | None, *, together: bool) -> None:
    """Twelve clinicians were twelve lines in ten colours, and one of them had no name."""
    answer = analyses.time_to_escalation(sample_clinic, by=by, event="surgery")
    figure = pathways.escalation(answer, LIGHT)
    groups = {row["group"] for row in answer.tables["curve"] if row["incidence"] is not None}
    assert pathways.is_one_chart(answer) == together
    assert ("yaxis2" in figure["layout"]) != together
    if not together:
        assert set(headings(figure)) == {words.group(by, group) for group in groups}
        assert {trace["line"]["color"] for trace in figure["data"] if trace.get("name")} == {LIGHT.one}
        at_risk = {row["at_risk"] for row in answer.tables["horizons"] if row["month"] == 12 and row["at_risk"]}
        written = {text for name, axis in figure["layout"].items() if name.startswith("xaxis") for text in axis["ticktext"]}
        assert {f"12<br>{n:,}" for n in at_risk} <= written


@pytest.mark.parametrize("ends", [[0.99, 0.98, 0.97, 0.97], [0.0, 0.0, 0.0], [1.0, 0.5, 0.51, 0.0], [1.0] * 6])
def test_names_at_the_ends_of_lines_stay_apart_and_on_the_chart(ends: list[float]) -> None:
    height = 330
    given = [marks.level(f"line {place}", "#123456", y) for place, y in enumerate(ends)]
    heights = sorted(note["y"] for note in marks.end_labels(LIGHT, given, (0.0, 1.0), height))
    assert len(heights) == len(ends)
    assert all(above - below >= 17 / (height - 90) - 1e-9 for below, above in pairwise(heights))
    assert heights[0] >= 0
    assert heights[-1] <= 1 + 1e-9
