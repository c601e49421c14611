"""One verdict for each indicator of a cohort: the same on its tile, in every table, on its chart, in the report, on its paper drawing and by `answer`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import POLICIES, Released
from synapse_analytics.exports import report
from synapse_analytics.figures import overview
from synapse_analytics.figures.control_chart import control_chart
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.figures.verdicts import MARKS
from synapse_analytics.findings import control_chart as says
from synapse_analytics.findings.verdicts import VARIATION
from synapse_analytics.indicators import OVERVIEW, indicator
from synapse_analytics.vocabulary.periods import period_of
from tests.pages.test_pages import open_page, said
from tests.unit.test_command_line import Run, run

__all__ = ["run"]  # the fixture that runs a command
Row = Mapping[str, Any]
# From everybody to two dozen patients: what is judged by month in one is judged by half-year in another, or not at all.
COHORTS = {
    "all": Cohort(),
    "women": Cohort(sex=("female",)),
    "old": Cohort(age_from=65, age_to=90),
    "disc": Cohort(diagnosis=("herniated_disc",)),
    "stenosis": Cohort(diagnosis=("spinal_stenosis",)),
    "since": Cohort(month_from="2022-05", month_to="2025-05"),
    "site": Cohort(site=("S02",)),
    "clinician": Cohort(clinician=("C03",)),
    "few": Cohort(diagnosis=("piriformis_syndrome",), sex=("male",)),
    "fewest": Cohort(diagnosis=("other_spinal",), sex=("female",)),
}
PUBLISHED = ("all", "women", "disc")
CASES = [*(("clinic", name) for name in COHORTS), *(("publish", name) for name in PUBLISHED)]


def rows_of(answer: Released) -> dict[str, Row]:
    return {str(row["name"]): row for row in answer.tables["indicators"]}


def cells(html: str, section: str) -> dict[str, str]:
    """The text of each row of a table of the report, by the title that begins it."""
    part = html[html.index(f'id="{section}"') :].partition("</section>")[0]
    rows = [unescape(re.sub(r"<[^>]+>", " ", row)).replace("\u00a0", " ") for row in part.split("<tr>")[1:]]
    return {" ".join(row.split()): row for row in rows}


def drawn_marks(picture: str) -> dict[str, int]:
    """How many points of each kind an SVG of a chart holds: each has a shape and a colour of its own."""
    kinds = {
        "usual": ("circle", "#a6a6a6"),
        "improvement": ("polygon", "#00b0f0"),
        "concern": ("polygon", "#e46c0a"),
        "change": ("polygon", "#8e7cc3"),
    }
    return {mark: len(re.findall(rf'<{shape} [^>]*fill="{colour}"', picture)) for mark, (shape, colour) in kinds.items()}


@pytest.mark.parametrize(("policy", "name"), CASES)
def test_everything_says_the_same_of_every_indicator(sample_clinic: Clinic, policy: str, name: str) -> None:
    clinic, cohort = sample_clinic.under(POLICIES[policy]), COHORTS[name]
    seen, listed = analyses.overview(clinic, cohort), rows_of(analyses.indicators(clinic, cohort))
    html = report(sample_clinic, cohort, policy=policy)
    table = cells(html, "summary")
    for code in OVERVIEW:
        answer = analyses.control_chart(clinic, cohort, indicator=code)
        (summary,), row, title = answer.tables["summary"], listed[code], indicator(code).title
        verdict = {column: summary[column] for column in ("variation", "assurance", "sentence", "judged_by", "target")}
        assert {column: row[column] for column in verdict} == verdict
        check_tile(seen, row, answer)
        (line,) = [line for line in table if line.startswith(title + " ")]
        assert f"{VARIATION[summary['variation']]}, by {summary['period']}" in line
        check_paper(html, answer, title)


def check_tile(seen: Released, row: Row, answer: Released) -> None:
    """The tile's words and line are those of the chart: the same points, by the period that both name."""
    (summary,), code = answer.tables["summary"], str(row["name"])
    closed = [point for point in answer.tables["points"] if point["state"] == "closed"]
    periods = [point for point in seen.tables["periods"] if point["name"] == code]
    assert rows_of(seen)[code]["judged_by"] == summary["period"] == summary["judged_by"]
    assert {period_of(point["period"]) for point in closed} <= {summary["period"]}
    assert rows_of(seen)[code]["chart"] == summary["chart"]
    for column in ("period", "n", "events", "value"):
        assert [point[column] for point in periods] == [point[column] for point in closed], column
    assert summary["sentence"] in unescape(overview.verdict(row, LIGHT))
    tile = overview.tile(rows_of(seen)[code], periods, LIGHT)
    assert ("<img" in tile) == (summary["chart"] is not None and sum(point["centre"] is not None for point in closed) > 1)
    if "<img" in tile:
        assert f"By {summary['period']}, " in tile


def check_paper(html: str, answer: Released, title: str) -> None:
    """The report's drawing has the words of the page's chart, and a mark wherever that has one."""
    told = says.control_chart(answer).answer
    figure, words = control_chart(answer, LIGHT), unescape(html).replace("\u00a0", " ")
    if answer.tables["summary"][0]["chart"] is None:
        assert told in words
        assert not figure["data"]
        return
    assert figure["layout"]["title"]["subtitle"]["text"] == told
    assert told in words
    picture = html[html.index(f"<h3>{title}</h3>") :].partition("</article>")[0]
    shown = [row["meaning"] or "usual" for row in answer.tables["points"] if row["state"] == "closed" and row["value"] is not None]
    assert drawn_marks(picture) == {mark: shown.count(mark) for mark in MARKS if mark != "open"}


@pytest.mark.parametrize("name", COHORTS)
def test_the_command_line_says_the_same(run: Run, sample_clinic: Clinic, sample_store: str, name: str) -> None:
    cohort = COHORTS[name]
    asked = ("--cohort", cohort.url(), "--database", sample_store, "--format", "json")
    code, written, _ = run("answer", "indicators", "--option", "theme=overview", *asked)
    assert code == 0
    told = {row["name"]: (row["sentence"], row["judged_by"]) for row in json.loads(written)["tables"]["indicators"]}
    for which in OVERVIEW:
        summary = analyses.control_chart(sample_clinic, cohort, indicator=which).tables["summary"][0]
        assert told[which] == (summary["sentence"], summary["period"])


@pytest.mark.parametrize("name", ["all", "clinician", "few"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_page_says_the_same(sample_clinic: Clinic, sample_store: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    fields = {field: value if isinstance(value, tuple) else str(value) for field, value in COHORTS[name].in_use().items()}
    at = open_page("overview", {field: list(value) if isinstance(value, tuple) else value for field, value in fields.items()})
    assert not at.exception
    words = unescape(said(at))
    for which in OVERVIEW:
        assert analyses.control_chart(sample_clinic, COHORTS[name], indicator=which).tables["summary"][0]["sentence"] in words
    told = says.control_chart(analyses.control_chart(sample_clinic, COHORTS[name])).answer
    assert told.split(".")[0] in words


def test_the_cohorts_are_judged_by_different_periods(sample_clinic: Clinic) -> None:
    """Else the tests above would see one kind only."""
    found = {
        row["judged_by"]: row["variation"]
        for cohort in COHORTS.values()
        for row in analyses.indicators(sample_clinic, cohort, theme="overview").tables["indicators"]
    }
    assert set(found) == {"month", "quarter", "half-year"}


def test_a_finer_period_is_taken_wherever_it_can_be_shown(sample_clinic: Clinic) -> None:
    """Nine of ten points from the first to the last counted, by the finest period: a finer one has fewer, unless none has as many."""
    finer = {"quarter": "month", "half-year": "quarter"}
    for cohort in (COHORTS["clinician"], COHORTS["site"], COHORTS["stenosis"]):
        for which in OVERVIEW:
            by = analyses.control_chart(sample_clinic, cohort, indicator=which).tables["summary"][0]["period"]
            assert by == "month" or not mostly_shown(sample_clinic, cohort, which, finer[by])
            assert by == "half-year" or mostly_shown(sample_clinic, cohort, which, by)


def mostly_shown(clinic: Clinic, cohort: Cohort, which: str, period: str) -> bool:
    rows = analyses.control_chart(clinic, cohort, indicator=which, period=period).tables["points"]
    known = [place for place, row in enumerate(rows) if row["state"] == "closed" and (row["n"] or indicator(which).unit == "patients")]
    shown = sum(rows[place]["value"] is not None for place in known)
    return not known or 10 * shown >= 9 * (known[-1] - known[0] + 1)
