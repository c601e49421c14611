"""One verdict for each indicator of a cohort: the same on the overview, in every table, on its chart, in the report, on its paper drawing and by `answer`."""

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
from synapse_analytics.findings.overview import looked_at, sentences, standings
from synapse_analytics.indicators import OVERVIEW, indicator
from synapse_analytics.vocabulary.periods import period_of
from tests.pages.charts_of import linked_of
from tests.pages.test_pages import open_page
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
    "medication": Cohort(treatment=("medication",)),
    "few": Cohort(diagnosis=("piriformis_syndrome",), sex=("male",)),
    "fewest": Cohort(diagnosis=("other_spinal",), sex=("female",)),
}
VERDICT = ("course", "since", "before", "after", "variation", "assurance", "sentence", "judged_by", "target")
PUBLISHED = ("all", "women", "disc")
CASES = [*(("clinic", name) for name in COHORTS), *(("publish", name) for name in PUBLISHED)]


def rows_of(answer: Released) -> dict[str, Row]:
    return {str(row["name"]): row for row in answer.tables["indicators"]}


def lines(html: str) -> list[str]:
    """The rows of the table of the overview as text, on the page and in the report."""
    part = html.partition('<div class="overview">')[2].partition("</table>")[0]
    rows = [unescape(re.sub(r"<[^>]+>", " ", row)).replace("\u00a0", " ") for row in part.split("<tr")[2:]]
    return [" ".join(row.partition(">")[2].split()) for row in rows]


def drawn_marks(picture: str) -> dict[str, int]:
    """How many points of each kind an SVG of a chart holds: each has a shape and a colour of its own."""
    kinds = {
        "usual": ("circle", LIGHT.same),
        "improvement": ("polygon", LIGHT.better),
        "concern": ("polygon", LIGHT.worse),
        "change": ("polygon", LIGHT.text),
    }
    return {mark: len(re.findall(rf'<{shape} [^>]*fill="{colour}"', picture)) for mark, (shape, colour) in kinds.items()}


@pytest.mark.parametrize(("policy", "name"), CASES)
def test_everything_says_the_same_of_every_indicator(sample_clinic: Clinic, policy: str, name: str) -> None:
    clinic, cohort = sample_clinic.under(POLICIES[policy]), COHORTS[name]
    seen, listed = analyses.overview(clinic, cohort), rows_of(analyses.indicators(clinic, cohort))
    html = report(sample_clinic, cohort, policy=policy)
    every = standings(seen)
    table = lines(overview.table(every, LIGHT, overview.Part(every, links=False)))
    assert lines(html) == table
    for standing, line in zip(every, table, strict=True):
        code = standing.declared.name
        answer = analyses.control_chart(clinic, cohort, indicator=code)
        (summary,), row = answer.tables["summary"], listed[code]
        verdict = {column: summary[column] for column in VERDICT}
        assert {column: row[column] for column in VERDICT} == verdict
        assert {column: standing.row[column] for column in VERDICT} == verdict
        assert standing.change() in line
        check_points(seen, code, answer)
    check_paper(html, clinic, cohort)


def check_points(seen: Released, code: str, answer: Released) -> None:
    """The small course is that of the chart: the same points, by the period that both name."""
    (summary,) = answer.tables["summary"]
    closed = [point for point in answer.tables["points"] if point["state"] == "closed"]
    periods = [point for point in seen.tables["periods"] if point["name"] == code]
    assert rows_of(seen)[code]["judged_by"] == summary["period"] == summary["judged_by"]
    assert {period_of(point["period"]) for point in closed} <= {summary["period"]}
    for column in ("period", "n", "events", "value", "centre", "low", "high"):
        assert [point[column] for point in periods] == [point[column] for point in closed], column


def check_paper(html: str, clinic: Clinic, cohort: Cohort) -> None:
    """The report has the sentences of the page, and its drawings the words and marks of the page's charts."""
    seen = analyses.overview(clinic, cohort)
    words = " ".join(unescape(re.sub(r"<[^>]+>", "", html)).replace("\u00a0", " ").split())
    for sentence in (sentence for point in sentences(standings(seen)) for sentence in point):
        assert sentence.strong in words
        assert sentence.text in words
    closer = [standing.declared.name for standing in looked_at(standings(seen))]
    assert re.findall(r"<h3>([^<]+)</h3>", html) == [indicator(name).title for name in closer]
    for name in closer:
        answer = analyses.control_chart(clinic, cohort, indicator=name)
        assert says.control_chart(answer).answer in words
        assert control_chart(answer, LIGHT)["layout"]["title"]["subtitle"]["text"] == says.control_chart(answer).answer
        picture = html[html.index(f"<h3>{indicator(name).title}</h3>") :].partition("</article>")[0]
        shown = [row["meaning"] or "usual" for row in answer.tables["points"] if row["state"] == "closed" and row["value"] is not None]
        shown = [] if answer.tables["summary"][0]["chart"] is None else shown
        assert drawn_marks(picture) == {mark: shown.count(mark) for mark in MARKS if mark != "open"}


def test_the_cohorts_show_changes_and_missed_targets(sample_clinic: Clinic) -> None:
    """Else the tests above would see one kind only."""
    found = [standings(analyses.overview(sample_clinic.under(policy), COHORTS[name])) for policy, name in CASES]
    assert any(standing.has_changed for every in found for standing in every)
    assert any(standing.falls_short for every in found for standing in every)
    assert any(standing.course == "too few" for every in found for standing in every)


@pytest.mark.parametrize("name", COHORTS)
def test_the_command_line_says_the_same(run: Run, sample_clinic: Clinic, sample_store: str, name: str) -> None:
    cohort = COHORTS[name]
    asked = ("--cohort", cohort.url(), "--database", sample_store, "--format", "json")
    code, written, _ = run("answer", "indicators", "--option", "theme=overview", *asked)
    assert code == 0
    told = {row["name"]: (row["sentence"], row["judged_by"], row["course"]) for row in json.loads(written)["tables"]["indicators"]}
    for which in OVERVIEW:
        summary = analyses.control_chart(sample_clinic, cohort, indicator=which).tables["summary"][0]
        assert told[which] == (summary["sentence"], summary["period"], summary["course"])


@pytest.mark.parametrize("name", ["all", "clinician", "few"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_page_says_the_same(sample_clinic: Clinic, sample_store: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    fields = {field: value if isinstance(value, tuple) else str(value) for field, value in COHORTS[name].in_use().items()}
    at = open_page("overview", {field: list(value) if isinstance(value, tuple) else value for field, value in fields.items()})
    assert not at.exception
    every = standings(analyses.overview(sample_clinic, COHORTS[name]))
    html = "".join(linked_of(at))
    assert lines(html) == lines(overview.table(every, LIGHT, overview.Part(every, links=False)))
    words = " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())
    for sentence in (sentence for point in sentences(every) for sentence in point):
        assert sentence.text in words


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
