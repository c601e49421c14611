"""Every figure with something withheld in its middle: no line leads through the gap, what is missing is marked, and the mark is explained."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from typing import Any, NamedTuple

import pytest

from synapse_analytics import analyses, figures
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.figures.theme import LIGHT, Figure
from tests.made_once import store_of
from tests.twins.open_policy import EVERYTHING, changed, tightened
from tests.unit.drawn_points import (
    colour_of,
    everything,
    is_course,
    is_upright,
    looks_like_zero,
    lost,
    names,
    points,
    segments,
    texts_at,
    where,
)
from tests.unit.holes import asked, holes
from tests.unit.test_figures import DRAWN, NAMES

pytestmark = pytest.mark.slow  # a store for each case

MARK = re.compile(r"\u00d7|withheld|too few|not (drawn|shown)|\bn = \d", re.IGNORECASE)
# What is missing has no place of its own here, because places are sizes or are sorted by what is missing: a sentence says that it is.
WITHOUT_PLACE = {"flow", "funnel", "received", "step_times", "firmness", "missingness", "plateau", "alike"}


class Case(NamedTuple):
    """A figure with everything shown, and once for each thing that is withheld: what that is, and the figure then."""

    name: str
    whole: Figure
    holed: list[tuple[str, Figure]]


@pytest.fixture(scope="module", params=DRAWN, ids=NAMES)
def case(request: pytest.FixtureRequest, sample_clinic: Clinic) -> Case:
    draw, name, options, given = request.param
    answer = asked(sample_clinic, name, **options)
    holed = [(said, draw(released, LIGHT, **given)) for said, released in holes(answer)]
    return Case(draw.__name__, draw(answer.released, LIGHT, **given), holed)


def test_every_figure_is_drawn_here() -> None:
    modules = [importlib.import_module(f"{figures.__name__}.{module.name}") for module in pkgutil.iter_modules(figures.__path__)]
    made = {
        function
        for module in modules
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if "drawn" in str(getattr(function, "__code__", "")) and hasattr(function, "__wrapped__") and function.__module__ == module.__name__
    }
    assert made == {draw for draw, *_ in DRAWN}


def test_no_line_leads_through_what_is_missing(case: Case) -> None:
    for said, drawn in case.holed:
        check_gaps(case.whole, drawn, said)


def test_what_is_missing_is_marked(case: Case) -> None:
    for said, drawn in case.holed:
        check_marks(case.name, case.whole, drawn, said)


def test_every_mark_is_explained(case: Case) -> None:
    for said, drawn in case.holed:
        texts = everything(drawn)
        assert not any("\u00d7" in text for text in texts) or any("\u00d7" in text and "too few" in text for text in texts), said


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The store of a clinic of 300 patients, where the gate withholds much by itself."""
    return f"duckdb:///{store_of(tmp_path_factory, patients=300, seed=11)}"


@pytest.mark.parametrize(("draw", "name", "options", "given"), DRAWN, ids=NAMES)
def test_what_a_small_clinic_may_not_show_is_a_marked_gap(
    few: str, draw: Any, name: str, options: dict[str, Any], given: dict[str, Any]
) -> None:
    clinic = open_clinic(few, policy="clinic")
    everything_shown = tightened(changed(clinic, policy=EVERYTHING), arm=5)  # a sentence names the smallest arm, and 1 is no arm
    frank, real = (draw(analyses.answer(own, name, **options), LIGHT, **given) for own in (everything_shown, clinic))
    if real["data"] and draw.__name__ not in {"received", "flow"}:  # what is rare there is one bar, one node: "other ways"
        check_gaps(frank, real, "a small clinic")
        check_marks(draw.__name__, frank, real, "a small clinic")


def check_gaps(whole: Figure, drawn: Figure, said: str) -> None:
    """No line of a series runs over a place at which its point is missing, and no place is gone from the axis."""
    assert names(drawn) >= names(whole) or not drawn["data"], f"{said}: a place is gone from the axis"
    for kind, axes, colour, x, _ in lost(whole, drawn):
        if kind != "scatter" or not is_upright(whole, axes):
            continue
        for trace in drawn["data"]:
            if is_course(trace) and where(trace) == axes and colour_of(trace) == colour:
                through = [(a, b) for a, b in segments(trace) if a < x < b]
                assert not through, f"{said}: a line from {through[0][0]} to {through[0][1]} leads through {x}"


def check_marks(name: str, whole: Figure, drawn: Figure, said: str) -> None:
    """Something stands where a point, bar or cell is missing, and it does not look like nought."""
    missing = lost(whole, drawn)
    if not drawn["data"] or not missing:
        return
    if name in WITHOUT_PLACE:
        assert any(MARK.search(text) for text in set(everything(drawn)) - set(everything(whole))), f"{said}: nobody is told"
        return
    known = list(points(drawn))
    told = [text for text in everything(drawn) if "not drawn, too few patients" in text]
    for point in missing:
        if told and not any(other[1:3] == point[1:3] for other in known):
            continue  # a series of which nothing is left is named in the line above the chart
        assert any(MARK.search(text) for text in texts_at(drawn, point, known)), f"{said}: nothing stands at {point}"
        assert not looks_like_zero(drawn, point), f"{said}: it looks like zero at {point}"
