"""What the fault tests share: a small check, loads in processes of their own, and what a store must look like after."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from synapse_analytics.bundle import Check
from synapse_analytics.clinic import open_clinic
from synapse_analytics.store import generations, list_generations
from synapse_analytics.store.manifest import file_sha256
from synapse_analytics.store.seal import seal
from tests.twins.checked import checked

ROOT = Path(__file__).resolve().parents[2]
# A fresh interpreter each: forking one that has imported Arrow and DuckDB hangs now and then, for their threads stay behind.
PROGRAM = """
import sys
from synapse_analytics.store import load
from tests.faults.loading import check_of
check = check_of(int(sys.argv[1]))
print("loading", flush=True)
load(check, sys.argv[2])
"""


@dataclass(frozen=True)
class Load:
    """A load in a process of its own."""

    process: subprocess.Popen[str]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Wait for it; its exit code."""
        with self.process:
            return self.process.wait()


def check_of(episodes: int) -> Check:
    """An accepted check with so many episodes, each with two answers and an operation."""
    names = [f"E{number}" for number in range(episodes)]
    return checked(
        episodes=[{"episode_id": name, "patient_id": f"P-{name}"} for name in names],
        treatments=[{"episode_id": name, "treatment": "discectomy", "start_day": 30} for name in names],
        scores=[{"episode_id": name, "day": day, "instrument": "nrs_pain", "value": 7 - day / 40} for name in names for day in (0, 80)],
    )


def start_load(episodes: int, database: str) -> Load:
    """Start loading so many episodes; returns when the load itself begins."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(episodes), database], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    return Load(process)


def episodes_served(database: str) -> int:
    """How many episodes the current generation holds, its every byte checked."""
    return open_clinic(database).generation.rows["episodes"]


def seal_again(folder: Path, generation: str) -> None:
    """Seal a manifest that a test has changed, as if a load had written it so; the generation becomes the current one."""
    manifest = folder / "generations" / generation / "manifest.json"
    seal(manifest.parent, file_sha256(manifest))
    generations.point_to(folder, generation, file_sha256(manifest))


def left_behind(folder: Path) -> list[str]:
    """What lies in a store that should not: anything but published generations, the pointer and the lock."""
    known = {generation.id for generation in list_generations(f"duckdb:///{folder}")} | {"CURRENT", "lock", "generations"}
    return sorted(path.name for path in [*folder.iterdir(), *(folder / "generations").iterdir()] if path.name not in known)
