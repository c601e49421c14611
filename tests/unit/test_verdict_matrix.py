"""The matrix of all indicators: each stands once, in the cell of its course and target, and can be opened."""

from __future__ import annotations

import re
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures.theme import DARK, LIGHT
from synapse_analytics.figures.verdict_matrix import matrix
from synapse_analytics.findings.indicators import standing
from synapse_analytics.indicators import INDICATORS, indicator
from tests.unit.leadership_answers import answer

ROW = re.compile(r"<tr role=\"row\".*?</tr>", re.DOTALL)
CODE = re.compile(r'data-code="(\w+)" aria-pressed="(\w+)"')


def stands(name: str, course: str = "usual", target: float | None = None, assurance: str | None = None) -> dict[str, Any]:
    declared = indicator(name)
    return {
        "name": name,
        "theme": declared.theme,
        "unit": declared.unit,
        "value": 0.5,
        "n": 100,
        "course": course,
        "target": target,
        "assurance": assurance,
    }


def drawn(*rows: dict[str, Any], chosen: str = "") -> str:
    return matrix(answer("indicators", indicators=rows), LIGHT, chosen=chosen, opens="card_control_chart")


def row_of(html: str, course: str) -> str:
    return next(row for row in ROW.findall(html) if re.search(rf"{course}</th>", row))


def test_an_indicator_stands_where_its_verdicts_cross() -> None:
    html = drawn(stands("follow_up_completeness_12_months", "concern", 0.8, "consistently missed"), stands("patients_seen"))
    cell = re.search(r'<td role="cell" data-target="Target reliably missed"[^>]*>.*?</td>', row_of(html, "Worse"))
    assert cell
    assert indicator("follow_up_completeness_12_months").title in cell[0]
    assert "50&#160;%, target 80&#160;%" in cell[0]
    assert indicator("patients_seen").title in row_of(html, "As usual")
    assert "data-code" not in row_of(html, "Better")


def test_rows_and_columns_beyond_the_usual_stand_only_where_needed() -> None:
    quiet = drawn(stands("patients_seen"))
    for words in ("Changed", "Too few to judge", "not judged yet"):
        assert words not in quiet
    for words in ("Better", "As usual", "Worse", "Target reliably met", "Target not reliably met", "Target reliably missed", "No target"):
        assert words in quiet
    busy = drawn(stands("patients_seen", "change"), stands("median_wait", "too few"), stands("investigation_yield", target=0.5))
    for words in ("Changed", "Too few to judge", "not judged yet"):
        assert words in busy


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_indicator_can_be_opened_once(sample_clinic: Clinic, look: Any) -> None:
    html = matrix(analyses.answer(sample_clinic, "indicators"), look, chosen="patients_seen", opens="card")
    found = CODE.findall(html)
    assert sorted(name for name, _ in found) == sorted(declared.name for declared in INDICATORS)
    assert [name for name, pressed in found if pressed == "true"] == ["patients_seen"]


def test_a_group_does_not_repeat_its_name() -> None:
    names = [declared.name for declared in INDICATORS if declared.theme == "conservative_only"]
    html = drawn(*(stands(name) for name in names))
    title = indicator(names[0]).title
    assert f'aria-label="{title}"' in html
    assert f">{title.removesuffix(' with conservative care only')}<" in html


def test_the_row_of_too_few_is_folded_and_says_their_number_once() -> None:
    rows = stands("patients_seen"), stands("median_wait", "too few")
    for chosen in ("patients_seen", "median_wait"):
        assert drawn(*rows, chosen=chosen).count("1 indicator<") == 1
        assert "<details>" in drawn(*rows, chosen=chosen)


def test_the_sentence_counts_what_stands() -> None:
    rows = [
        stands("follow_up_completeness_3_months", "improvement", 0.8, "consistently met"),
        stands("follow_up_completeness_12_months", "concern", 0.8, "hit and miss"),
        *(stands(declared.name) for declared in INDICATORS[:6]),
        stands("median_wait", "too few"),
    ]
    assert standing(answer("indicators", indicators=rows)).answer == (
        "Of 9 indicators, 6 are as usual, 1 is better and 1 is worse. 1 has too few patients or periods to judge. "
        "Of 2 with a target, 1 reliably meets it and 1 does not reliably meet it."
    )
    few = standing(answer("indicators", indicators=[stands("median_wait", "too few")])).answer
    assert few == "The indicator has too few patients or periods to be judged over time."


def test_the_matrix_takes_released_only() -> None:
    with pytest.raises(NotAllowed):
        matrix({"tables": {}}, LIGHT, chosen="")  # type: ignore[arg-type]
