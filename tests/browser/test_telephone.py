"""Charts on a telephone: every word on them lies inside its chart, and on a wide page they are as they were."""

from __future__ import annotations

import pytest

from tests.browser.steps import OpenPage, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# The first words of texts that reach beyond the edge of their chart by more than a pixel.
CUT = """() => [...document.querySelectorAll('.chart .main-svg')].flatMap(drawn => {
    const edge = drawn.getBoundingClientRect()
    return [...drawn.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect()
        return box.width && (box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
    }).map(text => text.textContent.slice(0, 40))
})"""
PLACES = (
    "diagnoses?diagnoses_tab=At+the+first+visit",
    "pathways?other_definitions=true&injection_sure=true",
    "pathways?pathways_tab=Did+it+help%3F",
    "pathways?pathways_tab=Stepped+care",
    "outcomes?outcomes_tab=Who+improved&rules=true",
    "outcomes?outcomes_tab=Who+answered",
    "compare_treatments?sure=true",
    "patients_like_mine?like_more=true",
)


@pytest.mark.parametrize("place", PLACES)
def test_no_word_of_a_chart_is_cut(server: str, new_page: OpenPage, place: str) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 2600})
    visit(page, f"{server}/{place}")
    assert page.evaluate(CUT) == []


def test_a_name_goes_back_beside_its_bar(server: str, new_page: OpenPage) -> None:
    """Turned on its side a telephone has room for names beside bars."""
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 2600})
    visit(page, f"{server}/pathways?pathways_tab=Stepped+care")
    assert page.locator(".yaxislayer-above .ytick").count() == 0
    page.set_viewport_size({"width": 1000, "height": 2600})
    page.wait_for_function(f"() => document.querySelectorAll('.yaxislayer-above .ytick').length > 3 && !({CUT})().length")
