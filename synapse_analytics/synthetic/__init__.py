"""Made-up clinics: seeded, calibrated to published figures, and marked as made up. Same seed, same bytes.

setting -> people -> health -> care -> endings -> visits -> answers, findings -> chunks -> writing; `truth` writes the effects that were built in.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from synapse_analytics.bundle.schema import BUNDLE_FORMAT, FILES
from synapse_analytics.errors import UsageError
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.chunks import draw_chunk
from synapse_analytics.synthetic.setting import Calendar, Setting
from synapse_analytics.synthetic.truth import TRUTH_FORMAT, write_truth
from synapse_analytics.synthetic.writing import BundleFile, ids

__all__ = ["PATIENTS", "SCENARIOS", "SEED", "generate"]

SCENARIOS = tuple(p.SCENARIOS)
PATIENTS, SEED = 2_000, 1  # of the sample
PATIENTS_PER_CHUNK = 20_000  # bounds memory (about 300 MB); part of the seed's meaning, so never change it lightly
MOST_PATIENTS = 10_000_000  # ids have eight digits, and there are several treatments a patient
_OWNERS = {"patient_id": ("P", "patients.csv"), "episode_id": ("E", "episodes.csv"), "treatment_id": ("T", "treatments.csv")}


def generate(  # noqa: PLR0913 - each is a plain option of the command
    out: Path,
    *,
    patients: int,
    seed: int,
    months: int = 60,
    scenario: str = "default",
    truth: Path | None = None,
    progress: Progress = quiet,
) -> None:
    """Write a bundle of so many made-up patients to the folder `out`, and the effects that were built in to the file `truth`.

    An earlier made-up bundle or truth is written over; any other file is spared (UsageError).
    """
    setting = Setting(_scenario(scenario), Calendar.of(_within("months", months, 1, 600)))
    _within("patients", patients, 1, MOST_PATIENTS)
    _within("seed", seed, 0, 2**63)
    _spare_records(out)
    if truth is not None:
        _spare_file(truth)
    out.mkdir(parents=True, exist_ok=True)
    files = {file.name: BundleFile(out, file) for file in FILES}
    _write_chunks(files, setting, patients, seed, progress)
    _write_manifest(out, {name: file.close() for name, file in files.items()}, f"scenario {scenario}, seed {seed}")
    if truth is not None:
        write_truth(truth, setting, patients=patients, seed=seed)


def _spare_records(out: Path) -> None:
    """Made-up files must never replace those of real patients."""
    names = ["manifest.json", *(name for file in FILES for name in file.names)]
    there = [name for name in names if (out / name).exists()]
    if there and not _holds(out / "manifest.json", "synthetic", value=True):
        raise UsageError(f"'{out}' holds {there[0]}, and no manifest says that it is made up. Name another folder.")


def _spare_file(truth: Path) -> None:
    if truth.exists() and not _holds(truth, "format", value=TRUTH_FORMAT):
        raise UsageError(f"'{truth}' is there, and it is no truth of a made-up bundle. Name another file.")


def _holds(path: Path, name: str, *, value: object) -> bool:
    """True if this file is JSON and its entry of this name has this value."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))[name] == value
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _within(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        message = f"{name.capitalize()} cannot be {value:,}. Allowed: {low} to {high}."
        raise UsageError(message)
    return value


def _scenario(name: str) -> p.Scenario:
    if name not in p.SCENARIOS:
        message = f"There is no scenario '{name}'. Allowed: {', '.join(SCENARIOS)}."
        raise UsageError(message)
    return p.SCENARIOS[name]


def _write_chunks(files: dict[str, BundleFile], setting: Setting, patients: int, seed: int, progress: Progress) -> None:
    progress("Making patients", 0, patients)
    for chunk, first in enumerate(range(0, patients, PATIENTS_PER_CHUNK)):
        n = min(PATIENTS_PER_CHUNK, patients - first)
        # A stream of its own for each chunk: the bytes do not depend on how many patients follow.
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, chunk])))
        rows = draw_chunk(random, n, setting)
        known_ids = {name: ids(letter, files[owner].rows + 1, len(rows[owner][name])) for name, (letter, owner) in _OWNERS.items()}
        for name, columns in rows.items():
            files[name].add(columns, known_ids)
        progress("Making patients", first + n, patients)


def _write_manifest(out: Path, files: dict[str, dict[str, int | str]], how: str) -> None:
    manifest = {
        "format": BUNDLE_FORMAT,
        "clinic": "Synapse Spine (synthetic)",
        "data_until": p.DATA_UNTIL,
        "deidentified_by": "nobody: no patient exists",
        "method": f"made up by synapse_analytics generate, {how}",
        "synthetic": True,
        "files": files,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
