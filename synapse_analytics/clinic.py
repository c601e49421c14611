"""Clinic: the one handle that is passed around. It holds engine, generation, policy and settings, and fetches statements."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synapse_analytics.disclosure import POLICIES, Policy
from synapse_analytics.errors import UsageError
from synapse_analytics.settings import Settings, read_settings
from synapse_analytics.store import GenerationInfo, fetch_arrow, open_store, store_home

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Clinic:
    """An engine over one generation, the policy under which it may answer, and what the clinic has set."""

    engine: sa.Engine
    generation: GenerationInfo
    policy: Policy
    home: Path | None = None  # of the store, where the audit log lies; None: as SYNAPSE_HOME says
    settings: Settings = Settings()  # frozen, so one may be shared

    def arrow(self, statement: sa.Select | sa.CompoundSelect) -> pa.Table:
        """The rows of a statement as an Arrow table."""
        return fetch_arrow(self.engine, statement)

    def rows(self, statement: sa.Select | sa.CompoundSelect) -> list[dict[str, Any]]:
        """The rows of a small (aggregated) statement as dictionaries."""
        return self.arrow(statement).to_pylist()


def policy_named(name: str | None = None, settings: Settings | None = None) -> Policy:
    """The policy chosen by the deployment: the name given, else SYNAPSE_POLICY, else the settings', else `clinic`."""
    chosen = name or os.environ.get("SYNAPSE_POLICY") or (settings.policy if settings else None) or "clinic"
    if chosen not in POLICIES:
        raise UsageError(f"Unknown policy '{chosen}'. Legal: {', '.join(POLICIES)}.")
    return POLICIES[chosen]


def open_clinic(database: str | None = None, *, generation: str | None = None, policy: str | None = None) -> Clinic:
    """Open the current (or the named) generation of a store, by default the embedded one."""
    engine, info = open_store(database, generation=generation)
    home = store_home(database)
    settings = read_settings(home)
    return Clinic(engine, info, policy_named(policy, settings), home, settings)
