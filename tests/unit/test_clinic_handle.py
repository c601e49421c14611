"""The handle that carries the policy: nobody who holds one makes it answer under a weaker policy."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.analyses.asking import question
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH, Kind, Measure, Question, TableRule, check_policy, release
from synapse_analytics.errors import NotAllowed, UsageError
from tests.builders import person
from tests.twins.open_policy import changed


@pytest.fixture
def published(sample_store: str) -> Clinic:
    return open_clinic(sample_store, policy="publish")


def test_the_stricter_policy_may_be_asked_for(sample_clinic: Clinic) -> None:
    for policy in ("publish", PUBLISH):
        stricter = sample_clinic.under(policy)
        assert stricter.policy is PUBLISH
        assert analyses.overview(stricter).policy == "publish"
    assert sample_clinic.policy is CLINIC


def test_the_weaker_policy_may_not(published: Clinic, sample_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for policy in ("clinic", CLINIC):
        with pytest.raises(NotAllowed, match="answers under the policy 'publish'"):
            published.under(policy)
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    with pytest.raises(NotAllowed, match="weaker policy 'clinic' cannot be asked for"):
        open_clinic(sample_store, policy="clinic")


def test_an_unknown_policy_is_named_with_the_legal_ones(sample_clinic: Clinic) -> None:
    with pytest.raises(UsageError, match="Unknown policy 'open'. Allowed: clinic, publish"):
        sample_clinic.under("open")


SWAPS: tuple[Callable[[Any], Any], ...] = (
    lambda handle: dataclasses.replace(handle, policy=CLINIC),
    lambda handle: Clinic(handle.engine, handle.generation, CLINIC),
    lambda handle: setattr(handle, "policy", CLINIC),
    lambda handle: object.__setattr__(handle, "policy", CLINIC),
    pickle.dumps,
    lambda handle: object.__new__(Clinic).policy,
    lambda handle: handle.under(PUBLISH._replace(counted=1)).policy.counted,
    lambda handle: object.__setattr__(handle.policy, "counted", 1),
)


@pytest.mark.parametrize("swap", SWAPS)
def test_the_policy_of_a_handle_cannot_be_swapped(published: Clinic, swap: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, AttributeError, KeyError, NotAllowed)):
        swap(published)
    assert published.policy is PUBLISH
    assert PUBLISH.counted == 13


def test_a_copy_of_a_policy_is_none() -> None:
    for policy in (CLINIC._replace(group=1), PUBLISH._replace(), tuple(PUBLISH), copy.deepcopy, None):
        with pytest.raises(NotAllowed, match="neither of the two policies"):
            check_policy(policy)


def test_the_gate_takes_no_other_policy() -> None:
    rule = TableRule("t", (Measure("n", Kind.COUNT),))
    with pytest.raises(NotAllowed, match="neither of the two policies"):
        release(Question("a", None, "g", CLINIC._replace(group=1), {}), (12, 12), [(rule, [{"n": 3, "patients": 3}])])


def test_the_asker_goes_with_the_handle(sample_clinic: Clinic) -> None:
    theirs = changed(sample_clinic, asker=person("Dr Hall", "doctor"))
    assert (theirs.asker.name, theirs.policy, theirs.under(PUBLISH).asker.name) == ("Dr Hall", CLINIC, "Dr Hall")
    assert question(theirs, "overview", Cohort(), {}).policy is CLINIC
