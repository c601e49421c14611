"""Counts of episodes by the order in which the stages of care first came."""

from __future__ import annotations

import itertools
from typing import Any

import sqlalchemy as sa

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Key, Relation, count
from synapse_analytics.queries.escalation import CARE
from synapse_analytics.store.tables import HORIZON, episode_facts

FACTS = episode_facts.c
PAIRS = tuple(itertools.combinations(CARE, 2))  # in the order of the vocabulary


def stage_orders(clinic: Clinic, cohort: Cohort) -> Counts:
    """Episodes by their stages in the order of the first days from the first visit to day 730; () is no treatment."""
    return count(clinic, cohort, Relation(("order of stages",), keys=(_order(),))).fold(_stages)


def _first_day(stage: str) -> sa.ColumnElement[Any]:
    """A course that was running on day 0 begins there; what begins after two years has not come."""
    day = FACTS[f"first_{stage}_day"]
    return sa.case((day < 0, 0), (day <= HORIZON, day))


def _order() -> sa.ColumnElement[Any]:
    """A bit for each stage that came, then one for each pair of which the first came first; on one day the vocabulary decides."""
    days = {stage: _first_day(stage) for stage in CARE}
    facts = [*(days[stage].is_not(None) for stage in CARE), *(days[one] <= days[other] for one, other in PAIRS)]
    bits: list[sa.ColumnElement[Any]] = [sa.case((fact, 1 << place), else_=0) for place, fact in enumerate(facts)]
    return sum(bits[1:], start=bits[0])


def _stages(key: Key) -> Key:
    (bits,) = key
    came = [stage for place, stage in enumerate(CARE) if bits >> place & 1]
    first = {pair: bits >> (len(CARE) + place) & 1 for place, pair in enumerate(PAIRS)}

    def before(stage: str) -> int:
        """How many stages came before this one: the order of three is told by its three pairs."""
        return sum(first[other, stage] if (other, stage) in first else 1 - first[stage, other] for other in came if other != stage)

    return tuple(sorted(came, key=before))
