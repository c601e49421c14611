"""No sentence names a best or a worst site or clinician: a unit may be named only where it lies outside its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Released
from synapse_analytics.exports import report
from synapse_analytics.figures.theme import LIGHT
from tests.unit.test_figures import DRAWN

UNITS = ("site", "clinician")
UNIT = re.compile(r"\b[SC][0-9]{2}\b")
OUTSIDE = re.compile(
    r"[SC][0-9]{2} is (above|below) the (95|99\.8) % limits, (not adjusted|adjusted for case mix): worth a review\."
    r"|(clinician|site) [SC][0-9]{2} is (above|below) them for ([^.;A-Z]|ODI)+(?=[.;])"
)
RANKED = re.compile(r"\b(best|worst|highest|lowest|better than|worse than|top|bottom|rank|leads?|ahead|behind)\b", re.IGNORECASE)
ASKED = [
    (draw, name, options | {"by": by}, given | ({"by": by} if "by" in given else {}))
    for draw, name, options, given in DRAWN
    for by in UNITS
    if any(option.name == "by" and by in (option.legal or ()) for option in analyses.answers()[name].options)
]
NAMES = [f"{draw.__name__}-{name}-{options['by']}-{place}" for place, (draw, name, options, _) in enumerate(ASKED)]


def sentences(text: str) -> list[str]:
    """A text cut where a sentence ends; 99.8 % and S01 hold no end."""
    return re.split(r"(?<=[.:;?!])\s+(?=[A-Z\u201c])", unescape(re.sub(r"<[^>]+>", " ", text)))


def unlike(text: str) -> list[str]:
    """What the text says of units beyond their lying outside the limits."""
    rest = OUTSIDE.sub("", text)
    return [said for said in sentences(rest) if UNIT.search(said)]


@pytest.mark.parametrize(("draw", "name", "options", "given"), ASKED, ids=NAMES)
def test_the_sentence_of_a_figure_ranks_no_unit(
    draw: Any, name: str, options: dict[str, Any], given: dict[str, Any], sample_clinic: Clinic
) -> None:
    layout = draw(analyses.answer(sample_clinic, name, **options), LIGHT, **given)["layout"]
    said = " ".join([layout["title"]["text"], layout["title"]["subtitle"]["text"]])
    assert not unlike(said)
    assert not RANKED.search(said)


def texts(released: Released) -> Iterator[str]:
    """Every text of an answer that is a sentence."""
    yield from released.notes
    for rows in released.tables.values():
        for row in rows:
            yield from (cell for cell in row.values() if isinstance(cell, str) and " " in cell)


@pytest.mark.parametrize("name", [name for name, answer in analyses.answers().items() if answer.options])
def test_no_answer_ranks_a_unit(sample_clinic: Clinic, name: str) -> None:
    splits = next((option.legal or () for option in analyses.answers()[name].options if option.name == "by"), ())
    for by in [None, *(by for by in UNITS if by in splits)]:
        for said in texts(analyses.answer(sample_clinic, name, **({} if by is None else {"by": by}))):
            assert not unlike(said)


def test_the_report_ranks_no_unit(sample_clinic: Clinic) -> None:
    html = re.sub(r"<style>.*?</style>", "", report(sample_clinic, policy="clinic"), flags=re.DOTALL)
    assert not unlike(html)


def test_a_ranking_would_be_seen() -> None:
    assert unlike("From 40 % (S03) to 62 % (S01) of those who answered.")
    assert unlike("C02 is above the 95 % limits, crude: worth a review. C03 is the lowest.")
    assert unlike("Outside the limits: clinician C02 is above them for pain; clinician C03 leads in pain.")
    assert not unlike(
        "Outside the limits: clinician C02 is above them for pain; site S01 is below them for disability (ODI) improvement at 3 months."
    )
    assert not unlike("C02 is above the 99.8 % limits, adjusted for case mix: worth a review.")
