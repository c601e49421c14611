"""Every filter and every split agrees with plain Python, on drawn clinics through real SQL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.cohort import FILTERS, GROUPINGS, Cohort, group_keys, group_label
from synapse_analytics.counts import Relation, count
from synapse_analytics.queries.population import attrition, population
from tests.examples import tried
from tests.properties.drawn import Drawn
from tests.twins import diagnoses as twin
from tests.twins.cohort import group_of, kept, patients_of
from tests.twins.drawn_cohorts import cohorts, values_of

FEW = tried(15)


@pytest.mark.parametrize("field", list(FILTERS))
@tried(2)
@given(data=st.data())
def test_each_filter_keeps_its_episodes(drawn: Drawn, field: str, data: st.DataObject) -> None:
    cohort = Cohort(**{field: data.draw(values_of(field))})
    left = kept(drawn.episodes, cohort)
    assert population(drawn.clinic, cohort) == (patients_of(left), len(left))


@FEW
@given(cohort=cohorts())
def test_filters_all_have_to_hold(drawn: Drawn, cohort: Cohort) -> None:
    left = kept(drawn.episodes, cohort)
    assert population(drawn.clinic, cohort) == (patients_of(left), len(left))


@FEW
@given(cohort=cohorts())
def test_attrition_accounts_for_everybody(drawn: Drawn, cohort: Cohort) -> None:
    steps = [
        {"filter": step.name, "patients": step.patients, "episodes": step.episodes, "touched": step.touched}
        for step in attrition(drawn.clinic, cohort)
    ]
    assert steps == twin.attrition(drawn.episodes, cohort)


@pytest.mark.parametrize("by", [None, *GROUPINGS])
@tried(2)
@given(cohort=cohorts(filters=2))
def test_groups_hold_their_patients(drawn: Drawn, by: str | None, cohort: Cohort) -> None:
    found = count(drawn.clinic, cohort, Relation(("groups", by), keys=group_keys(by)))
    groups = [group_label(by, key[0] if by else None) for key in found.keys]
    shown = dict(zip(groups, zip(found.patients().tolist(), found.episodes().tolist(), strict=True), strict=True))
    members: dict[str, list] = {}
    for episode in kept(drawn.episodes, cohort):
        members.setdefault(group_of(episode, by), []).append(episode)
    assert shown == {group: (patients_of(episodes), len(episodes)) for group, episodes in members.items()}
