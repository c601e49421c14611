"""No axis cuts a value off, with its interval and without, and no key or name stands for what is not drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from synapse_analytics.clinic import Clinic
from synapse_analytics.figures import companions, compare_treatments, outcomes, patients_like_mine
from synapse_analytics.figures.theme import LIGHT, Figure
from tests.unit.drawn_points import ends_of, everything, points, where
from tests.unit.holes import Asked, asked, holed, without_intervals
from tests.unit.leadership_answers import answer as made
from tests.unit.test_figures import DRAWN, NAMES

EQ5D = [
    (outcomes.trajectory, "score_over_time", {"instrument": "eq5d5l_index"}, {}),
    (outcomes.weekly, "score_by_week", {"instrument": "eq5d5l_index"}, {}),
    (companions.baseline_score, "baseline_table", {"by": "diagnosis"}, {"variable": "baseline_eq5d5l_index"}),
    (patients_like_mine.scores, "patients_like_mine", {}, {"instrument": "eq5d5l_index"}),
    (patients_like_mine.scores, "patients_like_mine", {"pain": 10, "odi": 70, "width": 3}, {"instrument": "eq5d5l_index"}),
]
EVERY = [*DRAWN, *EQ5D]
# Where the intervals stay: a line may lie above the intervals of the others.
KEEPS: dict[str, Callable[[float], bool]] = {
    "with intervals": lambda _part: True,
    "without": lambda _part: False,
    "first half": lambda part: part < 0.5,
    "second half": lambda part: part >= 0.5,
}


@pytest.fixture(scope="module", params=EVERY, ids=[*NAMES, *(f"{draw.__name__}-eq5d-{place}" for place, (draw, *_) in enumerate(EQ5D))])
def case(request: pytest.FixtureRequest, sample_clinic: Clinic) -> tuple[Any, Asked, dict[str, Any]]:
    draw, name, options, given = request.param
    return draw, asked(sample_clinic, name, **options), given


def ranges(drawn: Figure) -> dict[str, tuple[float, float]]:
    """The declared range of each axis, low end first; names have none."""
    layout = drawn["layout"]
    named = {name.replace("axis", ""): layout[name] for name in layout if name.startswith(("xaxis", "yaxis"))}
    return {name: tuple(sorted(own["range"])) for name, own in named.items() if "range" in own}  # type: ignore[misc]


def drawn_values(drawn: Figure) -> Iterator[tuple[str, float]]:
    """(axis, value) of everything that is drawn: points, bars, lines, bands, and the ends of intervals."""
    for trace in drawn["data"]:
        if trace["type"] not in {"scatter", "bar"}:
            continue
        for letter, axis in zip("xy", ends_of(where(trace)), strict=True):
            known = [value for value in seen(trace, letter) if isinstance(value, int | float)]
            yield from ((axis, value) for value in known)
            limits = trace.get(f"error_{letter}", {})
            for value, up, down in zip(known, limits.get("array", ()), limits.get("arrayminus", ()), strict=False):
                yield from ((axis, value + up), (axis, value - down))


def seen(trace: dict[str, Any], letter: str) -> list[Any]:
    """The values of a trace along one axis that are there to be seen: no bar of nobody, and of a funnel not the limits of the smallest sizes."""
    if trace["type"] == "bar":
        return [value for value, height in zip(trace[letter], trace["y"], strict=True) if height]
    return [] if trace.get("mode") == "lines" and trace["line"].get("dash") in {"dash", "dot"} else list(trace[letter])


@pytest.mark.parametrize("keeps", KEEPS.values(), ids=KEEPS)
def test_no_axis_cuts_a_value_off(case: tuple[Any, Asked, dict[str, Any]], keeps: Callable[[float], bool]) -> None:
    draw, answer, given = case
    drawn = draw(without_intervals(answer, keeps), LIGHT, **given)
    shown = ranges(drawn)
    room = {axis: 1e-9 + 0.001 * (high - low) for axis, (low, high) in shown.items()}
    beyond = [(axis, value) for axis, value in drawn_values(drawn) if axis in shown and not _within(value, shown[axis], room[axis])]
    assert not beyond, f"{beyond[:3]} beyond {shown}"


def _within(value: float, ends: tuple[float, float], room: float) -> bool:
    return ends[0] - room <= value <= ends[1] + room


def test_only_what_is_drawn_is_named_at_the_end_of_a_line(case: tuple[Any, Asked, dict[str, Any]]) -> None:
    """A coloured dot with a name stands for a line or mark of that colour."""
    draw, answer, given = case
    for released in (answer.released, without_intervals(answer)):
        drawn = draw(released, LIGHT, **given)
        named = {re.split('[;"]', part)[0] for text in everything(drawn) for part in text.split('<span style="color:')[1:]}
        assert named <= {str(value) for value in _colours(drawn)}


def _colours(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name in {"color", "fillcolor"}:
                yield from value if isinstance(value, list) else [value]
            yield from _colours(value)
    elif isinstance(part, list):
        for value in part:
            yield from _colours(value)


def test_no_words_name_an_interval_that_is_nowhere(case: tuple[Any, Asked, dict[str, Any]]) -> None:
    draw, answer, given = case
    drawn = draw(without_intervals(answer), LIGHT, **given)
    if not list(points(drawn)) or any(trace.get("fill") or "error_x" in trace or "error_y" in trace for trace in drawn["data"]):
        return
    layout = drawn["layout"]
    titles = [layout[name]["title"]["text"] for name in layout if name.startswith(("xaxis", "yaxis"))]
    named = ("with 95 % interval", "quartiles", "middle half", "thick line", "thin line")
    told = [text for text in (*titles, *everything(drawn)) if any(words in text.replace("<br>", " ").lower() for words in named)]
    assert not told, f"no interval is drawn, but: {told[0]}"


def test_bars_of_which_some_are_withheld_are_no_hundred_percent(sample_clinic: Clinic) -> None:
    """Of an arm whose size is withheld, those bars that are left are not all of it."""
    whole = asked(sample_clinic, "compare_treatments", a="medication")
    rows = whole.released.tables["overlap"]
    some = next(place for place, row in enumerate(rows) if row["arm"] == "a" and row["n"])
    unsized = Asked(holed(whole, "quality", [0], counts=True), whole.kinds)
    drawn = compare_treatments.overlap(holed(unsized, "overlap", [some], counts=True), LIGHT)
    assert not any(height for height in drawn["data"][0]["y"])
    assert sum(height for height in drawn["data"][1]["y"] if height) == pytest.approx(-1)


def test_a_chart_of_medians_says_so(sample_clinic: Clinic) -> None:
    released = asked(sample_clinic, "score_over_time", instrument="nrs_pain").released
    for measure, other in (("mean", "median"), ("median", "mean")):
        drawn = outcomes.trajectory(released, LIGHT, measure=measure)
        assert drawn["layout"]["yaxis"]["title"]["text"].lower().startswith(measure)
        said = [text for trace in drawn["data"] for text in trace.get("hovertext", ())]
        assert not any(other in text.lower() for text in said)


MEASURED = {"n": 50, "share": None, "mean": -0.2, "sd": 0.2, "low": -0.31, "high": -0.1}


def test_a_negative_score_at_the_first_visit_is_on_the_axis() -> None:
    rows = [MEASURED | {"group": group, "variable": "baseline_eq5d5l_index", "level": "all"} for group in ("all", "other")]
    drawn = companions.baseline_score(made("baseline_table", baseline_table=rows), LIGHT, variable="baseline_eq5d5l_index")
    assert drawn["layout"]["xaxis"]["range"][0] <= -0.31


def test_a_negative_score_later_is_on_the_axis() -> None:
    row = {"group": "all", "instrument": "eq5d5l_index", "month": 12, "n": 80, "completeness": None}
    rows = [row | {"p10": -0.6, "q1": -0.3, "median": -0.1, "q3": 0.2, "p90": 0.5}]
    drawn = patients_like_mine.scores(made("patients_like_mine", outcomes=rows), LIGHT, instrument="eq5d5l_index")
    assert drawn["layout"]["xaxis"]["range"][0] <= -0.6
