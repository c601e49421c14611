"""Made-up clinics: seeded, calibrated to published figures, and honest about being made up. Same seed, same bytes.

setting -> people -> health -> care -> endings -> visits -> answers, findings -> chunks -> writing; `truth` writes what was built in.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from synapse_analytics.bundle.schema import BUNDLE_FORMAT, FILES
from synapse_analytics.errors import UsageError
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.chunks import Offsets, columns_of, draw_chunk
from synapse_analytics.synthetic.people import Calendar
from synapse_analytics.synthetic.setting import Setting
from synapse_analytics.synthetic.truth import TRUTH_FORMAT, write_truth
from synapse_analytics.synthetic.writing import BundleFile

__all__ = ["SCENARIOS", "generate"]

SCENARIOS = tuple(p.SCENARIOS)
PATIENTS_PER_CHUNK = 20_000  # bounds memory (about 300 MB); part of the seed's meaning, so never change it lightly
MOST_PATIENTS = 10_000_000  # ids have eight digits, and treatments are more than patients


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
    """Write a bundle of so many made-up patients to the folder `out`, and what was built in to `truth`.

    A made-up bundle that is there is written over, and so is a truth; nothing else is (UsageError).
    """
    setting = Setting(_scenario(scenario), Calendar.of(_within("months", months, 1, 600)))
    _within("patients", patients, 1, MOST_PATIENTS)
    _within("seed", seed, 0, 2**63)
    _spare_records(out)
    if truth is not None:
        _spare_file(truth)
    out.mkdir(parents=True, exist_ok=True)
    files = {file.name: BundleFile(out / file.name, tuple(column.name for column in file.columns)) for file in FILES}
    _write_chunks(files, setting, patients, seed, progress)
    _write_manifest(out, {name: file.close() for name, file in files.items()}, f"scenario {scenario}, seed {seed}")
    if truth is not None:
        write_truth(truth, setting, patients=patients, seed=seed)


def _spare_records(out: Path) -> None:
    """Made-up files must never replace those of real patients."""
    names = ["manifest.json", *(name for file in FILES for name in (file.name, f"{Path(file.name).stem}.parquet"))]
    there = [name for name in names if (out / name).exists()]
    if there and not _says(out / "manifest.json", "synthetic", wanted=True):
        raise UsageError(f"'{out}' holds {there[0]}, and no manifest says that it is made up. Name another folder.")


def _spare_file(truth: Path) -> None:
    if truth.exists() and not _says(truth, "format", wanted=TRUTH_FORMAT):
        raise UsageError(f"'{truth}' is there, and it is no truth of a made-up bundle. Name another file.")


def _says(path: Path, name: str, *, wanted: object) -> bool:
    """True if this JSON file says so."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))[name] == wanted
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _within(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        message = f"{name.capitalize()} cannot be {value:,}. Legal: {low} to {high}."
        raise UsageError(message)
    return value


def _scenario(name: str) -> p.Scenario:
    if name not in p.SCENARIOS:
        message = f"There is no scenario '{name}'. Legal: {', '.join(SCENARIOS)}."
        raise UsageError(message)
    return p.SCENARIOS[name]


def _write_chunks(files: dict[str, BundleFile], setting: Setting, patients: int, seed: int, progress: Progress) -> None:
    progress("patients", 0, patients)
    for chunk, first in enumerate(range(0, patients, PATIENTS_PER_CHUNK)):
        n = min(PATIENTS_PER_CHUNK, patients - first)
        # A stream of its own for each chunk: the bytes do not depend on how many patients follow.
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, chunk])))
        drawn = draw_chunk(random, n, setting)
        before = Offsets(files["patients.csv"].rows + 1, files["episodes.csv"].rows + 1, files["treatments.csv"].rows + 1)
        for name, columns in columns_of(random, drawn, setting, before).items():
            files[name].add(columns)
        progress("patients", first + n, patients)


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
