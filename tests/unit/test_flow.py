"""The picture of pathways adds up: at every step and in its end states, to the cohort and to the table below it."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.figures import flow
from synapse_analytics.figures import words as w

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
def test_the_picture_adds_up_to_the_cohort(sample_clinic: Clinic, cohort: Cohort, options: dict[str, Any]) -> None:
    answer = analyses.pathways(sample_clinic, cohort, **options)
    into, out, places = drawn(answer)
    starts, ends = [node for node in places if not into[node]], [node for node in places if not out[node]]
    assert sum(out[node] for node in starts) == sum(into[node] for node in ends) == answer.episodes
    assert all(into[node] == out[node] for node in places if node not in (*starts, *ends))
    counted: dict[str, int] = {}
    for row in answer.tables["pathways"]:
        name = w.treatment(row["end_state"])
        counted[name] = counted.get(name, 0) + row["n"]
    assert {node.split(" ", 1)[1]: into[node] for node in ends} == counted


def test_every_end_state_of_the_sample_is_drawn(sample_clinic: Clinic) -> None:
    into, out, places = drawn(analyses.pathways(sample_clinic))
    ends = {node.split(" ", 1)[1]: into[node] for node in places if not out[node]}
    assert sum(ends.values()) == 2151
    assert set(ends) == {term.label for term in v.END_STATES}


def test_the_published_picture_adds_up_to_the_published_table(sample_store: str) -> None:
    answer = analyses.pathways(open_clinic(sample_store, policy="publish"))
    into, out, places = drawn(answer)
    assert sum(into[node] for node in places if not out[node]) == sum(row["n"] or 0 for row in answer.tables["pathways"])
    assert all(into[node] == out[node] for node in places if into[node] and out[node])
