"""The store: immutable generations (one DuckDB file each, with the base tables as Parquet beside it) and engines to question them with."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from synapse_analytics.store import generations
from synapse_analytics.store.alone import alone
from synapse_analytics.store.apart import load_apart
from synapse_analytics.store.engine import engine_of, fetch_arrow, store_folder
from synapse_analytics.store.load import load, load_bundle
from synapse_analytics.store.manifest import GenerationInfo
from synapse_analytics.store.private import check_owner, check_private
from synapse_analytics.store.sweeping import sweep_up

__all__ = [
    "GenerationInfo",
    "alone",
    "check_owner",
    "check_private",
    "fetch_arrow",
    "list_generations",
    "load",
    "load_apart",
    "load_bundle",
    "open_store",
    "remove_generation",
    "same_data",
    "store_home",
    "sweep_up",
    "unusable_generations",
    "use_generation",
]


def open_store(database: str | None = None) -> tuple[sa.Engine, GenerationInfo]:
    """The current generation of a store: an engine over it, and what it is."""
    folder, info = generations.open_generation(store_folder(database))
    return engine_of(folder), info


def store_home(database: str | None = None) -> Path:
    """The folder of a store, where its audit log lies too; nothing is made."""
    return store_folder(database)


def same_data(loaded: GenerationInfo, database: str | None = None) -> str:
    """A sentence where the data of a load are already there as another data version; else nothing."""
    others = [info.id for info in list_generations(database) if info.sha256 == loaded.sha256 and info.id != loaded.id]
    return f"These data are already loaded as data version {others[0]}: nothing in them has changed." if others else ""


def list_generations(database: str | None = None) -> list[GenerationInfo]:
    """The generations of a store that can serve, the newest first; none when nothing was loaded."""
    return generations.listed(store_folder(database))[0]


def unusable_generations(database: str | None = None) -> list[str]:
    """A sentence for each generation that is kept but cannot serve: damaged, or built by another version of this program."""
    return generations.listed(store_folder(database))[1]


def use_generation(generation: str, database: str | None = None) -> None:
    """Make a kept generation the current one (roll back, or forward again)."""
    generations.use(store_folder(database), generation)


def remove_generation(generation: str, database: str | None = None) -> None:
    """Remove a generation that is not the current one."""
    generations.remove(store_folder(database), generation)
