"""What stands alone between two gaps is drawn, and a curve begins where it is known."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.figures import marks, outcomes, pathways
from synapse_analytics.figures.theme import LIGHT
from tests.unit.drawn_points import is_course, segments
from tests.unit.holes import asked, holed


def series(y: list[float | None], half: float | None) -> marks.Series:
    limits = [[None if value is None or half is None else value + sign * half for value in y] for sign in (-1, 1)]
    return marks.Series("all", "#123456", list(range(len(y))), y, limits[0], limits[1], [""] * len(y))


def seen(traces: list[dict[str, Any]]) -> set[float]:
    """Where something can be seen: a marker, or a line that has a length."""
    places: set[float] = set()
    for trace in traces:
        if "markers" in trace["mode"] and trace["marker"].get("opacity") != 0:
            places |= {x for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None}
        if "lines" in trace["mode"] and trace["line"]["width"]:
            places |= {end for segment in segments(trace) for end in segment}
    return places


@pytest.mark.parametrize("y", [[1.0, None, 2.0, None, 3.0, 4.0], [None, 1.0, None], [1.0], [None, None, 2.0]], ids=str)
@pytest.mark.parametrize("how", [{"points": True}, {"points": False}, {"points": False, "step": True}], ids=str)
def test_a_point_between_two_gaps_is_seen(y: list[float | None], how: dict[str, bool]) -> None:
    traces = marks.lines(LIGHT, [series(y, 0.5)], **how)
    assert seen(traces) == {place for place, value in enumerate(y) if value is not None}


def test_a_point_between_two_gaps_has_its_interval() -> None:
    traces = marks.lines(LIGHT, [series([1.0, None, 2.0, None, 3.0, 4.0], 0.5)])
    (limits,) = [trace for trace in traces if "error_y" in trace]
    assert (limits["x"], limits["y"]) == ([0, 2], [1.0, 2.0])
    assert limits["error_y"]["array"] == limits["error_y"]["arrayminus"] == [0.5, 0.5]


def test_no_interval_is_drawn_as_one_of_no_length() -> None:
    bars = [marks.Bar(name, 1.0, *limits, "#123456", "", "") for name, limits in (("a", (0.5, 2.0)), ("b", (None, None)))]
    halo, limits = [trace for trace in marks.bars(LIGHT, bars) if "error_x" in trace]
    assert halo["y"] == limits["y"]
    assert limits["y"] == ["a"]
    assert (limits["error_x"]["array"], limits["error_x"]["arrayminus"]) == ([1.0], [0.5])
    assert not [trace for trace in marks.bars(LIGHT, bars[1:]) if trace.get("error_x", {}).get("array")]


def test_a_week_between_two_unknown_ones_is_a_point(sample_clinic: Clinic) -> None:
    answer = asked(sample_clinic, "score_by_week", instrument="odi", step=1)
    rows = answer.released.tables["weeks"]
    lone = next(place for place in range(1, len(rows) - 1) if all(rows[place + side]["mean"] is not None for side in (-1, 0, 1)))
    drawn = outcomes.weekly(holed(answer, "weeks", [lone - 1, lone + 1], counts=True), LIGHT)
    assert (rows[lone]["week"] + rows[lone]["to_week"]) / 2 in seen(drawn["data"])


@pytest.mark.parametrize("event", ["injection", "surgery"])
@pytest.mark.parametrize("by", [None, "diagnosis", "sex"])
def test_a_published_curve_starts_where_it_is_known(sample_store: str, event: str, by: str | None) -> None:
    answer = asked(open_clinic(sample_store, policy="publish"), "time_to_escalation", event=event, by=by).released
    silent = 0
    curves = iter([trace for trace in pathways.escalation(answer, LIGHT)["data"] if is_course(trace) and trace.get("name")])
    for group in dict.fromkeys(row["group"] for row in answer.tables["curve"]):
        rows = [row for row in answer.tables["curve"] if row["group"] == group]
        if by == "sex" and all(row["incidence"] is None for row in rows):
            continue  # has no panel
        days = {row["day"] / pathways.DAYS_A_MONTH: row["incidence"] for row in rows}
        for start, end in segments(next(curves)):
            between = [value for day, value in days.items() if start <= day <= end]
            assert None not in between, (group, start, end)
        silent += any(row["incidence"] is None for row in rows[1:10])
    assert silent, "no curve of these is silent at first"


def test_a_curve_with_a_silent_start_says_so(sample_store: str) -> None:
    answer = asked(open_clinic(sample_store, policy="publish"), "time_to_escalation", event="surgery").released
    unknown = [row["day"] / pathways.DAYS_A_MONTH for row in answer.tables["curve"] if row["incidence"] is None]
    first = next(row["day"] / pathways.DAYS_A_MONTH for row in answer.tables["curve"][1:] if row["incidence"] is not None)
    crosses = [note["x"] for note in pathways.escalation(answer, LIGHT)["layout"]["annotations"] if note["text"] == "\u00d7"]
    assert any(unknown[0] <= x < first for x in crosses)
