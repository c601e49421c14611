"""The clinics that are photographed, each served from a store of its own that is gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.serving import dashboard, serving
from synapse_analytics.synthetic import generate

SAMPLE, SMALL, EMPTY = "sample", "small", "empty"
CLINICS = {SAMPLE: "the sample of 2,000 patients", SMALL: "a clinic of 300 patients", EMPTY: "a store without data"}
PATIENTS, SEED = 300, 3  # of the small one


@contextmanager
def served(clinic: str) -> Iterator[str]:
    """The address of a dashboard that serves this clinic."""
    with tempfile.TemporaryDirectory() as folder:
        home = {"SYNAPSE_HOME": str(Path(folder) / "store")}
        if clinic != EMPTY:
            command = [sys.executable, "-m", "synapse_analytics", "load", str(_bundle(clinic, Path(folder) / "bundle"))]
            subprocess.run(command, check=True, cwd=ROOT, env=os.environ | home, capture_output=True)  # noqa: S603 - our own command
        with serving(dashboard, "api/healthz", home) as address:
            yield address


def _bundle(clinic: str, folder: Path) -> Path:
    if clinic == SAMPLE:
        return ROOT / "sample_data"
    generate(folder, patients=PATIENTS, seed=SEED)
    return folder
