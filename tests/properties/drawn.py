"""A drawn clinic beside its twin: the same rows behind SQL and as plain dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field

from synapse_analytics.clinic import Clinic
from tests.twins.cohort import Episode


@dataclass(frozen=True)
class Drawn:
    """One drawn clinic, under a policy that withholds nothing."""

    clinic: Clinic = field(repr=False)
    episodes: list[Episode] = field(repr=False)
