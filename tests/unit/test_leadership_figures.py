"""Control charts and funnels in every state: colour never alone, open months apart, nobody ranked, and words where nothing is drawn."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.graph_objects import Figure

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.errors import NotAllowed
from synapse_analytics.exports.paper import chart_on_paper
from synapse_analytics.exports.svg import round_values, svg
from synapse_analytics.figures import indicators, verdicts
from synapse_analytics.figures.control_chart import MOST_TICKS, control_chart, ticks
from synapse_analytics.figures.funnel import funnel
from synapse_analytics.figures.theme import DARK, LIGHT
from synapse_analytics.findings import control_chart as says
from synapse_analytics.findings.verdicts import ASSURANCE
from synapse_analytics.indicators import THEMES, indicator
from tests.unit.leadership_answers import answer, chart, funnel_of, points, summary, units

STEADY = [3.0, 3.2, 2.8, 3.1, 2.9, 3.3, 2.7, 3.0, 3.1, 2.9, 3.2, 2.8, 3.0, 3.1]
SVG = "{http://www.w3.org/2000/svg}"
FRAME = 'stroke="#1c2733" stroke-width="0.8"'


def marked(**meanings: int) -> Any:
    """A chart in which the named meanings stand at the given places."""
    rows = points(STEADY, still_open=2)
    for meaning, place in meanings.items():
        rows[place] |= {"rule": "outside the limits", "meaning": meaning}
    return chart(rows, target=3.5, assurance="hit and miss", steps=[{"period": "2022-05", "reason": "New intake clinic."}])


def texts(figure: dict[str, Any]) -> str:
    return " ".join(note["text"] for note in figure["layout"]["annotations"])


def trace(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(trace for trace in figure["data"] if trace.get("name") == name)


# --- control charts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_meaning_has_colour_symbol_and_words(look: Any) -> None:
    figure = control_chart(marked(improvement=3, concern=5, change=7), look)
    drawn = [trace["marker"] for trace in figure["data"] if trace.get("mode") == "markers"]
    assert len({mark["symbol"] for mark in drawn}) == 5  # the four meanings and open
    assert {mark["color"] for mark in drawn} == {look.same, look.better, look.worse, look.text}
    for mark in ("usual variation", "improvement", "concern", "change, neither better nor worse"):
        assert mark in texts(figure)


def test_open_months_stand_apart() -> None:
    figure = control_chart(marked(), LIGHT)
    hollow = trace(figure, "follow-up still open")
    assert hollow["marker"]["symbol"] == "circle-open"
    shaded = next(shape for shape in figure["layout"]["shapes"] if shape["type"] == "rect")
    assert all(shaded["x0"] < x < shaded["x1"] for x in hollow["x"])
    assert "follow-up still open" in texts(figure)
    course = next(trace for trace in figure["data"] if trace["line"].get("width") == 1.4 and trace["line"].get("shape") is None)
    assert not set(course["x"]) & set(hollow["x"])


def test_lines_are_named_where_they_end() -> None:
    figure = control_chart(marked(), LIGHT)
    for words in ("target 3.5 points", "mean 3.0 points", "upper limit 4.0 points", "lower limit 2.0 points"):
        assert words in texts(figure)


def test_answer_says_verdict_value_and_target() -> None:
    said = control_chart(marked(), LIGHT)["layout"]["title"]
    assert said["text"] == indicator("pain_improvement_12_months").question
    assert said["subtitle"]["text"] == (
        "No change beyond chance in the latest two years. Within usual variation, by month. "
        "Mean 3.0 points, limits 2.0 to 4.0. Target 3.5 points: not reliably met. Limits recalculated from May 2022: New intake clinic."
    )


def test_a_mark_that_may_be_chance_is_not_called_no_change() -> None:
    """The rules of one chart mark more than a change that is too strong for chance among all indicators; no sentence says both yes and no."""
    higher = "Higher than usual since May 2025, by month."
    said = says.control_chart(chart(points(STEADY), variation="change", sentence=higher)).answer
    assert said.startswith(f"{higher} Among so many indicators this may be chance.")
    assert "No change" not in said
    changed = {"course": "improvement", "since": "2022-06", "before": 2.1, "after": 2.8, "variation": "usual"}
    told = says.control_chart(chart(points(STEADY), sentence="Within usual variation, by month.", **changed)).answer
    assert told.startswith(
        "Higher since Jun 2022: 2.8 points; 2.1 points before. This is an improvement. Against the limits: within usual variation, by month."
    )


def test_limits_are_written_with_the_digits_of_their_centre() -> None:
    """The lines say what the sentence says: of whole days whole limits."""
    ends = points([5.0, 6.0, 4.0, 5.0], half=4.4)
    drawn = texts(control_chart(chart(ends, "median_wait", unit="days", direction="lower"), LIGHT))
    assert "lower limit 1 day" in drawn
    assert "upper limit 9 days" in drawn


def test_the_centre_of_medians_is_no_mean() -> None:
    """The limits of a chart of medians lie about their median."""
    rows = points(STEADY)
    rows[5] |= {"rule": "seven points on one side of the mean", "meaning": "concern"}
    released = chart(rows, "median_wait", unit="days", direction="lower")
    figure = control_chart(released, LIGHT)
    hovers = [text for trace in figure["data"] for text in trace.get("hovertext", ())]
    drawn = chart_on_paper(released)
    for said in (texts(figure), figure["layout"]["title"]["subtitle"]["text"], *hovers, drawn.partition("<desc>")[2]):
        assert "mean" not in said.lower()
    assert "median 3.0 days" in texts(figure)
    assert "median 3.0" in drawn


def test_recalculation_holds_its_reason() -> None:
    figure = control_chart(marked(), LIGHT)
    Figure(figure)  # Plotly knows its attributes and values; no other test draws limits recalculated
    note = next(note for note in figure["layout"]["annotations"] if note["text"] == "limits recalculated")
    assert note["hovertext"] == "May 2022: New intake clinic."


def test_axis_says_which_way_is_better() -> None:
    layout = control_chart(marked(), LIGHT)["layout"]
    assert "higher is better" in layout["yaxis"]["title"]["text"].replace("<br>", " ")
    assert "n = 20" in layout["xaxis"]["ticktext"][0]


def test_hover_says_why_a_point_is_marked() -> None:
    hover = trace(control_chart(marked(concern=5), LIGHT), "concern")["hovertext"][0]
    assert hover.split("<br>")[0] == "<b>Jun 2022</b>"
    assert "Outside the limits: concern" in hover


def test_withheld_months_are_gaps() -> None:
    values: list[float | None] = [*STEADY]
    values[4] = None
    figure = control_chart(chart(points(values)), LIGHT)
    course = next(trace for trace in figure["data"] if trace.get("connectgaps") is False and None in trace["y"])
    assert course["y"][4] is None


def test_chart_without_limits_repeats_why() -> None:
    figure = control_chart(chart(points(STEADY), chart=None, sentence="Too few months."), LIGHT)
    assert figure["layout"]["title"]["subtitle"]["text"] == "Too few months."


def rows_of(*periods: str) -> list[dict[str, Any]]:
    return [row | {"period": period} for row, period in zip(points([3.0, 3.1, 3.2][: len(periods)]), periods, strict=True)]


def test_a_chart_of_another_period_says_so() -> None:
    said = says.control_chart(chart(points(STEADY), judged_by="quarter")).answer
    assert "Judged by month here; the Overview judges by quarter." in said
    assert "the Overview judges" not in says.control_chart(chart(points(STEADY))).answer


@pytest.mark.parametrize(("first", "second", "axis"), [("2022-H1", "2022-H2", "Half-year"), ("2021", "2022", "Year")])
def test_half_years_and_years_are_drawn(first: str, second: str, axis: str) -> None:
    layout = control_chart(chart(rows_of(first, second)), LIGHT)["layout"]
    assert axis.lower() in layout["xaxis"]["title"]["text"].lower()
    assert first[5:] in layout["xaxis"]["ticktext"][0]
    assert chart_on_paper(chart(rows_of(first, second)), marked="2022-Q2").count(FRAME) == 1


def test_gap_in_time_stays_a_gap() -> None:
    assert [point.x for point in says.read(chart(rows_of("2022-12", "2023-01", "2023-03"))).points] == [24275, 24276, 24278]
    for neighbours in (("2022-Q4", "2023-Q1"), ("2022-H2", "2023-H1"), ("2022", "2023")):
        first, second = says.read(chart(rows_of(*neighbours))).points
        assert second.x - first.x == 1


@pytest.mark.parametrize("count", [3, 14, 15, 30, 60, 130, 240])
def test_ticks_are_few_and_name_each_year_once(count: int) -> None:
    chosen = ticks(says.read(chart(points([3.0, 3.1] * (count // 2) + [3.0] * (count % 2)))).points)
    assert 2 <= len(chosen) <= MOST_TICKS + 1
    years = [year for _, _, year in chosen if year]
    assert len(years) == len(set(years))


# --- the same on paper -------------------------------------------------------------------------------------------


def test_paper_shows_the_same_points() -> None:
    released = marked(improvement=3, concern=5, change=7)
    root = ElementTree.fromstring(chart_on_paper(released))  # noqa: S314  (our own drawing)
    shapes = {kind: len(root.findall(f"{SVG}{kind}")) for kind in ("circle", "polygon")}
    assert shapes == {"circle": len(STEADY) - 3, "polygon": 3}
    assert root.get("role") == "img"
    assert root.get("aria-label") == indicator("pain_improvement_12_months").question


def test_paper_says_the_same_words() -> None:
    released = marked()
    drawn = chart_on_paper(released)
    assert says.control_chart(released).answer in drawn
    for words in ("follow-up still open", "target 3.5", "mean 3.0", "higher is better"):
        assert words in drawn


def test_paper_marks_a_quarter() -> None:
    rows = points(STEADY)
    for place, row in enumerate(rows):
        row["period"] = f"{2020 + place // 4}-Q{place % 4 + 1}"
    plain, framed = (chart_on_paper(chart(rows), marked=quarter) for quarter in (None, "2021-Q2"))
    assert (plain.count(FRAME), framed.count(FRAME)) == (0, 1)


def test_paper_frames_three_months_as_one_quarter() -> None:
    drawn = chart_on_paper(chart(points(STEADY)), marked="2022-Q2")
    assert drawn.count(FRAME) == 1


def test_paper_draws_no_line_through_a_missing_point() -> None:
    values: list[float | None] = [*STEADY]
    values[4] = None
    root = ElementTree.fromstring(chart_on_paper(chart(points(values))))  # noqa: S314  (our own drawing)
    course = [line for line in root.findall(f"{SVG}polyline") if (line.get("stroke") or "").startswith("rgba")]
    assert [len((line.get("points") or "").split()) for line in course] == [4, 9]


def test_paper_marks_a_missing_point() -> None:
    values: list[float | None] = [*STEADY]
    values[4] = None
    assert chart_on_paper(chart(points(values))).count(">\u00d7<") == 1
    assert ">\u00d7<" not in chart_on_paper(chart(points(STEADY)))


def test_paper_knows_no_other_trace() -> None:
    figure = control_chart(marked(), LIGHT)
    with pytest.raises(KeyError):
        svg(figure | {"data": [{"type": "bar", "mode": "none"}]}, 440)


def test_paper_holds_nothing_that_runs() -> None:
    released = chart(points(STEADY), sentence="<script>alert(1)</script> & more")
    drawn = chart_on_paper(released)
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)  # noqa: S314  (our own drawing)


def test_paper_is_empty_where_nothing_may_be_drawn() -> None:
    assert chart_on_paper(chart(points(STEADY), chart=None)) == ""
    with pytest.raises(NotAllowed):
        chart_on_paper({"tables": {}})  # type: ignore[arg-type]


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_ticks_of_paper_are_round_and_inside(low: float, width: float) -> None:
    found = round_values(low, low + width)
    assert 1 <= len(found) <= 6
    assert all(low - 1e-6 * width <= value <= low + width * (1 + 1e-6) for value in found)


# --- funnels -----------------------------------------------------------------------------------------------------

FAR = ("C02", 40.0, 4.0, "above")
NEAR = ("C03", 60.0, 2.8, "below")
INSIDE = [("C01", 50.0, 3.0, None), ("C04", 90.0, 3.1, None)]


def drawn_funnel(direction: str = "higher", name: str = "pain_improvement_12_months", **more: Any) -> dict[str, Any]:
    rows = units([INSIDE[0], FAR, NEAR, INSIDE[1]], far=["C02"])
    return funnel(funnel_of(rows, name, direction=direction, **more), LIGHT)


@pytest.mark.parametrize(
    ("direction", "name"),
    [("higher", "pain_improvement_12_months"), ("lower", "complications_within_90_days"), ("none", "surgery_within_12_months")],
)
@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_a_unit_is_painted_neither_good_nor_bad(direction: str, name: str, look: Any) -> None:
    rows = units([INSIDE[0], FAR, NEAR, INSIDE[1]], far=["C02"])
    figure = funnel(funnel_of(rows, name, direction=direction), look)
    markers = [trace["marker"] for trace in figure["data"] if trace.get("mode") == "markers"]
    colours = {marker["color"] for marker in markers} | {marker["line"]["color"] for marker in markers}
    assert colours <= {look.same, look.text, look.paper}
    assert "concern" not in texts(figure)
    assert "improvement" not in texts(figure)


def test_outside_is_told_apart_by_level() -> None:
    markers = {trace["x"][0]: trace["marker"] for trace in drawn_funnel()["data"] if trace.get("mode") == "markers"}
    assert markers[40.0]["color"] == LIGHT.text  # outside 99.8 %: filled
    assert markers[60.0]["color"] == LIGHT.paper  # outside 95 %: hollow
    assert markers[60.0]["line"]["color"] == LIGHT.text
    assert {markers[40.0]["symbol"], markers[60.0]["symbol"]} == {"diamond"}
    assert markers[50.0]["symbol"] == "circle"
    for level in ("95", "99.8"):
        assert f"outside the {level} % limits: worth a review" in texts(drawn_funnel())


def test_units_keep_their_order() -> None:
    usual = trace(drawn_funnel(), "within the limits")
    assert usual["x"] == [50.0, 90.0]


def test_limits_are_named_at_their_end() -> None:
    notes = [note["text"].partition("</span> ")[2] for note in drawn_funnel()["layout"]["annotations"]]
    assert notes.count("99.8 % limit") == 2
    assert notes.count("95 % limit") == 2
    assert "mean 3.0 points" in notes


def test_only_those_outside_are_named_among_many() -> None:
    many = [(f"C{number:02d}", 20.0 + number, 3.0, None) for number in range(10, 50)]
    said = texts(funnel(funnel_of(units([FAR, *many], far=["C02"])), LIGHT))
    assert "C02" in said
    assert "C20" not in said


def test_funnel_says_who_lies_outside() -> None:
    said = drawn_funnel()["layout"]["title"]["subtitle"]["text"]
    assert said == "C02 is above the limits, crude: worth a review. C03 is below the limits, crude: worth a review."


def test_quiet_funnel_says_so() -> None:
    released = funnel_of(units(INSIDE), pooled=3, tau2=0.2)
    said = funnel(released, LIGHT)["layout"]["title"]["subtitle"]["text"]
    assert said.startswith("All clinicians are within the limits.")
    assert "widened" in said
    assert "3 clinicians with fewer than 10 patients are shown as one." in said


def test_both_versions_share_their_scale() -> None:
    rows = units([*INSIDE, FAR])
    rows[0]["adjusted"] = 1.0
    rows[0]["adjusted_n"] = 70.0
    crude, adjusted = (funnel(funnel_of(rows), LIGHT, version=version)["layout"] for version in ("crude", "adjusted"))
    for axis in ("xaxis", "yaxis"):
        assert crude[axis]["range"] == adjusted[axis]["range"]


def test_hidden_units_are_counted() -> None:
    rows = units(INSIDE)
    rows.append(rows[0] | {"group": "C09", "value": None, "verdict": None, "side": None, "patients": 2})
    assert "1 clinician is not shown: too few patients." in funnel(funnel_of(rows), LIGHT)["layout"]["title"]["subtitle"]["text"]


def test_funnel_without_model_says_why() -> None:
    rows = [row | {"adjusted": None, "adjusted_n": None} for row in units(INSIDE)]
    figure = funnel(funnel_of(rows, model="No model of case mix could be fitted: too few episodes."), LIGHT, version="adjusted")
    assert not figure["data"]
    assert "No model" in figure["layout"]["title"]["subtitle"]["text"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [([], "There is nothing to count"), ([{"value": None, "side": None, "verdict": None, "patients": 2}], "has too few patients")],
)
def test_funnel_without_units_has_words(rows: list[dict[str, Any]], words: str) -> None:
    figure = funnel(funnel_of([units(INSIDE)[0] | row for row in rows]), LIGHT)
    assert not figure["data"]
    assert words in figure["layout"]["title"]["subtitle"]["text"]


# --- verdicts and tables -----------------------------------------------------------------------------------------


def test_icons_differ() -> None:
    icons = [verdicts.assurance_icon(LIGHT, assurance) for assurance in ASSURANCE]
    assert len(set(icons)) == len(icons)


def test_indicators_stand_by_theme(sample_clinic: Clinic) -> None:
    html = indicators.by_theme(analyses.answer(sample_clinic, "indicators"), LIGHT)
    places = [html.index(f">{theme.label}<") for theme in THEMES]
    assert places == sorted(places)
    assert "_months" not in html


def test_tables_take_released_only() -> None:
    with pytest.raises(NotAllowed):
        indicators.by_theme({"tables": {}}, LIGHT)  # type: ignore[arg-type]


def test_nothing_to_count_has_words() -> None:
    empty = answer("control_chart", points=[], summary=[summary("median_wait", chart=None, sentence="Too few months.")], steps=[])
    assert control_chart(empty, LIGHT)["layout"]["title"]["subtitle"]["text"] == "Too few months."
