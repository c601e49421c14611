"""Released rows as a table on a page: headings in words, what is counted before the counts, and below each heading its name in the file."""

from __future__ import annotations

import re

import pytest

from synapse_analytics import analyses, exports
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.figures.headings import title
from synapse_analytics.figures.table import table
from synapse_analytics.figures.theme import LIGHT


def heads(html: str) -> list[str]:
    """The headings in words, without the names below them."""
    return [re.sub(r"<br><small.*?</small>", "", head) for head in re.findall(r"<th [^>]*>(.*?)</th>", html)]


def names(html: str) -> list[str]:
    return [name.replace("<wbr>", "") for name in re.findall(r"<small[^>]*>(.*?)</small>", html)]


@pytest.fixture(scope="module")
def everything(sample_clinic: Clinic) -> list[Released]:
    return [entry.function(sample_clinic, Cohort()) for entry in analyses.answers().values()]


def test_every_column_has_a_heading_in_words(everything: list[Released]) -> None:
    columns = {name for answer in everything for rows in answer.tables.values() for row in rows[:1] for name in row}
    assert len(columns) > 150
    wrong = {name: title(name) for name in columns if not re.fullmatch(r"(95 |99\.8 |p value|10th|90th|[A-Z])[^_]*", title(name))}
    assert wrong == {}


def test_a_table_has_the_columns_of_its_file(everything: list[Released], sample_clinic: Clinic) -> None:
    for answer in everything:
        for name, rows in answer.tables.items():
            if not rows:
                continue
            shown = names(table(rows, LIGHT, by=answer.options.get("by") or "sex", names=True))
            file = exports.table_bytes(answer, name, sample_clinic).decode().splitlines()
            [head] = [line for line in file if not line.startswith("# ")][:1]
            assert sorted(shown) == sorted(set(head.replace('"', "").split(",")) - {"withheld"})


def test_what_is_counted_stands_before_the_counts(sample_clinic: Clinic) -> None:
    rows = analyses.control_chart(sample_clinic, Cohort()).tables["points"]
    assert list(rows[0]).index("rule") > list(rows[0]).index("value"), "in the file it stands at the end"
    shown = names(table([row | {"rule": "run"} for row in rows], LIGHT, names=True))
    assert shown.index("rule") < shown.index("value")


def test_limits_of_a_control_chart_are_no_intervals(sample_clinic: Clinic) -> None:
    points = heads(table(analyses.control_chart(sample_clinic, Cohort()).tables["points"], LIGHT))
    assert {"Lower control limit", "Upper control limit", "Mean line"} <= set(points)
    assert not [head for head in points if "95 %" in head]
    assert "95 % interval, from" in heads(table(analyses.diagnosis_mix(sample_clinic, Cohort()).tables["diagnoses"], LIGHT))


def test_groups_are_called_what_they_are_groups_of(sample_clinic: Clinic) -> None:
    rows = analyses.diagnosis_mix(sample_clinic, Cohort(), by="site").tables["diagnoses"]
    assert heads(table(rows, LIGHT, by="site"))[0] == "Site"
    assert "Group" not in heads(table(analyses.diagnosis_mix(sample_clinic, Cohort()).tables["diagnoses"], LIGHT))


def test_the_first_column_stays_while_the_others_are_scrolled(sample_clinic: Clinic) -> None:
    html = table(analyses.score_over_time(sample_clinic, Cohort()).tables["visits"], LIGHT, names=True)
    assert html.startswith('<div role="region"')
    assert "overflow:auto" in html
    assert html.count("left:0") == html.count("<tr>")
