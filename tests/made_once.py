"""Stores that take seconds to load are made once for all workers of a run; each worker reads a copy of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from synapse_analytics.store.locks import waiting_for
from synapse_analytics.synthetic import generate


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` has filled, in this process or in another worker of the same run; what is written there is not shared."""
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made-once"
    place.mkdir(exist_ok=True)
    with waiting_for(place / f"{name}.lock", seconds=300):
        if not (place / name).exists():
            half = place / f"{name}-unfinished"
            shutil.rmtree(half, ignore_errors=True)  # of a worker that failed here
            half.mkdir(mode=0o700)  # as a load makes the folder of a store
            make(half)
            half.rename(place / name)
    return shutil.copytree(place / name, factory.mktemp(name) / "own")


def store_of(factory: pytest.TempPathFactory, patients: int, seed: int, **wishes: str) -> Path:
    """The folder of a store of so many made-up patients; their bundle and, with a scenario, truth.json lie beside it."""
    from synapse_analytics.store import load_bundle

    def make(folder: Path) -> None:
        generate(folder / "bundle", patients=patients, seed=seed, truth=folder / "truth.json", **wishes)
        load_bundle(folder / "bundle", f"duckdb:///{folder / 'store'}")

    return made_once(factory, "-".join(["patients", str(patients), str(seed), *wishes.values()]), make) / "store"
