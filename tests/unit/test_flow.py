"""The picture of pathways adds up: at every step and in its end states, to the cohort and to the table below it."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.figures import ends, flow
from synapse_analytics.findings import care

COHORTS = (Cohort(), Cohort(diagnosis=("spinal_stenosis",)), Cohort(site=("S02",), sex=("male",)), Cohort(age_from=80), Cohort(highest_stage=("surgery",)))  # fmt: skip
OPTIONS: tuple[dict[str, Any], ...] = ({}, {"unit": "treatment", "repeats": "all"}, {"unit": "stage"})


def drawn(answer: Any) -> tuple[dict[str, int], dict[str, int], list[str]]:
    """What flows into and out of each node, and its name, as Plotly draws it."""
    (trace,) = flow.flow(answer)["data"]
    names = [text.replace("<br>", " ").rsplit(" ", 1)[0] for text in trace["node"]["label"]]
    places = [f"{place} {name}" for place, name in enumerate(names)]
    into, out = dict.fromkeys(places, 0), dict.fromkeys(places, 0)
    for source, target, n in zip(trace["link"]["source"], trace["link"]["target"], trace["link"]["value"], strict=True):
        assert n > 0
        out[places[source]] += n
        into[places[target]] += n
    for place, text in zip(places, trace["node"]["label"], strict=True):
        assert text, "a node without a name"
        assert int(text.rsplit(" ", 1)[1].replace(",", "")) == max(into[place], out[place])
    return into, out, places


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("cohort", COHORTS, ids=Cohort.url)
def test_the_ends_of_a_pathway_are_all_its_ends(
    sample_clinic: Clinic, cohort: Cohort, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is pooled in the table of pathways: of 24 episodes the picture of their ends once showed 17."""
    answer = analyses.pathways(sample_clinic, cohort, **options)
    monkeypatch.setattr(sys.modules["synapse_analytics.analyses.pathways"], "MOST_ROWS", 10**6)
    every = analyses.pathways(sample_clinic, cohort, **options).tables["pathways"]
    assert len(every) >= len(answer.tables["pathways"])
    shown = {tuple(row["steps"]) for row in answer.tables["ways"]} - {("other",)}
    assert shown
    for steps in shown:
        truth: dict[str, int] = {}
        for row in every:
            if tuple(row["steps"]) == steps:
                truth[care.treatment(row["end_state"])] = truth.get(care.treatment(row["end_state"]), 0) + row["n"]
        bars = ends.endings(answer, chosen=steps)
        drawn_ends = {name: n for trace in bars["data"] if trace["type"] == "bar" for name, n in zip(trace["y"], trace["x"], strict=True)}
        assert drawn_ends == truth
        assert bars["layout"]["title"]["subtitle"]["text"].startswith(f"{sum(truth.values()):,} episodes. ")


def test_the_most_frequent_pathway_is_shown_however_many_rows_it_has(sample_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["synapse_analytics.analyses.pathways"], "MOST_ROWS", 1)
    rows = analyses.pathways(sample_clinic).tables["pathways"]
    assert {tuple(row["steps"]) for row in rows} == {("medication",), ("other",)}
    assert sum(row["n"] for row in rows) == 2151


def test_a_published_pathway_without_all_its_ends_has_no_shares(sample_store: str) -> None:
    answer = analyses.pathways(open_clinic(sample_store, policy="publish"))
    bars = ends.endings(answer, chosen=("medication",))
    said = bars["layout"]["title"]["subtitle"]["text"]
    assert (
        said
        == "300 episodes. Most common end: about the same, 95. Too few patients to show shares. Outcomes with very few patients are withheld."
    )
    assert "%" not in str(bars)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("cohort", COHORTS, ids=Cohort.url)
def test_the_picture_adds_up_to_the_cohort(sample_clinic: Clinic, cohort: Cohort, options: dict[str, Any]) -> None:
    answer = analyses.pathways(sample_clinic, cohort, **options)
    into, out, places = drawn(answer)
    starts, last = [node for node in places if not into[node]], [node for node in places if not out[node]]
    assert sum(out[node] for node in starts) == sum(into[node] for node in last) == answer.episodes
    assert all(into[node] == out[node] for node in places if node not in (*starts, *last))
    counted: dict[str, int] = {}
    for row in answer.tables["pathways"]:
        name = care.treatment(row["end_state"])
        counted[name] = counted.get(name, 0) + row["n"]
    assert {node.split(" ", 1)[1]: into[node] for node in last} == counted


def test_every_end_state_of_the_sample_is_drawn(sample_clinic: Clinic) -> None:
    into, out, places = drawn(analyses.pathways(sample_clinic))
    last = {node.split(" ", 1)[1]: into[node] for node in places if not out[node]}
    assert sum(last.values()) == 2151
    assert set(last) == {term.label for term in v.END_STATES}


def test_the_published_picture_adds_up_to_the_published_table(sample_store: str) -> None:
    answer = analyses.pathways(open_clinic(sample_store, policy="publish"))
    into, out, places = drawn(answer)
    assert sum(into[node] for node in places if not out[node]) == sum(row["n"] or 0 for row in answer.tables["pathways"])
    assert all(into[node] == out[node] for node in places if into[node] and out[node])


@pytest.mark.parametrize("policy", ["clinic", "publish"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_table_of_a_narrow_page_says_what_the_picture_shows(sample_store: str, policy: str, options: dict[str, Any]) -> None:
    answer = analyses.pathways(open_clinic(sample_store, policy=policy), **options)
    drawn_as = flow.flow(answer)
    body = drawn_as["instead"].partition("<tbody>")[2]
    found = re.findall(r'<th scope="row"[^>]*>(.*?)</th><td[^>]*><div[^>]*><span[^>]*>([\d,]+)</span>', body)
    told = [(name, int(count.replace(",", ""))) for name, count in found]
    begun = sum(n for name, n in told if name.startswith("First visit \u2192 "))
    ended = sum(n for name, n in told if name.startswith("Ended: "))
    (trace,) = drawn_as["data"]
    first = trace["node"]["label"][0]
    assert first == f"First visit {begun:,}"
    assert begun == ended


def test_where_the_picture_holds_fewer_than_the_cohort_it_says_so(sample_store: str) -> None:
    whole = said(open_clinic(sample_store, policy="clinic"))
    assert "add up" not in whole
    assert "of 2,151 episodes" not in whole
    assert said(open_clinic(sample_store, policy="publish")).endswith(
        "Each number is rounded separately, so the steps after the first visit add up to 2,160, not to 2,150."
    )


def said(clinic: Clinic) -> str:
    return str(flow.flow(analyses.pathways(clinic))["layout"]["title"]["subtitle"]["text"])
