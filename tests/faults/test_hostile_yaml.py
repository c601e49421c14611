"""Hostile files of YAML and JSON: every reader refuses each with a sentence, or reads it, within a second of its own time."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from synapse_analytics.bundle.manifest import read_manifest as bundle_manifest
from synapse_analytics.bundle.problems import Report
from synapse_analytics.cohort.saved_file import saved_cohorts
from synapse_analytics.errors import SynapseError, UsageError
from synapse_analytics.intake.concepts import load
from synapse_analytics.intake.mapping.reading import read_mapping, read_readings
from synapse_analytics.settings import read_settings
from synapse_analytics.synthetic import _spare_records
from tests.examples import DEEP
from tests.faults.hostile_yaml import HOSTILE, HOSTILE_JSON, mutated

SECONDS = 1.0
MUTATED = 1_000 if DEEP else 60
ROOT = Path(__file__).resolve().parents[2]
SETTINGS = b"""policy: publish
questions_must_be_logged: true
targets: {pain_responders_12_months: 0.6, median_wait: 21}
recalculations:
  pain_improvement_12_months:
    - {month: 2024-02, reason: "A second physiotherapist"}
sign_in:
  address: https://a.example
  provider: https://b.example/.well-known/openid-configuration
  client_id: c
  roles: {doctor: [r1, r2], admin: [ana@clinic.example]}
  trusted_proxies: ["10.0.0.5"]
audit: {witness_syslog: yes, witness_command: ["/bin/x", "-q"]}
"""
COHORTS = b"""Women:
  sex: [female]
  month_from: '2023-01'
  saved: {on: 2026-11-02, generation: 20261101T080000000000-0a0a0a0a, patients: 412, policy: clinic}
'x: y': {site: [S01, 'NO'], clinician: C1, age_from: 40, age_to: 70}
"""
MAPPING = (ROOT / "sample_data" / "raw" / "clinic.mapping.yaml").read_bytes()
RIGHT = {
    "settings": SETTINGS,
    "saved cohorts": COHORTS,
    "mapping": MAPPING,
    "how files are read": MAPPING,
    "concepts": (ROOT / "synapse_analytics" / "intake" / "concepts" / "treatments.yaml").read_bytes(),
}
LONGEST_SENTENCE = 20_000  # characters of a refusal; fifty faults of a mapping are named
READERS: MappingProxyType[str, tuple[str, Callable[[Path], Any]]] = MappingProxyType(
    {
        "settings": ("settings.yaml", lambda file: read_settings(file.parent)),
        "saved cohorts": ("cohorts.yaml", lambda file: saved_cohorts(file.parent)),
        "mapping": ("mapping.yaml", read_mapping),
        "how files are read": ("files.yaml", read_readings),
        "concepts": ("own.yaml", load),
    }
)


def ended(reader: str, content: bytes, folder: Path) -> str:
    """What a reader says of a file, empty where it reads it; whatever is no sentence for people gets out."""
    name, read = READERS[reader]
    file = folder / name
    file.write_bytes(content)
    try:
        read(file)
    except SynapseError as fault:
        said = str(fault)
        return said if file.name in said else f"{said} The file is not named.\0"
    finally:
        file.unlink()
    return ""


@pytest.mark.parametrize("reader", READERS)
def test_hostile_yaml_is_refused_or_read_at_once(reader: str, tmp_path: Path) -> None:
    for name, content in HOSTILE.items():
        start = time.process_time()
        said = ended(reader, content, tmp_path)
        spent = time.process_time() - start
        assert spent < SECONDS, f"{name}: {spent:.2f} s"
        assert len(said) < LONGEST_SENTENCE, name
        assert said.replace("\n", "").isprintable(), (name, said)


@pytest.mark.parametrize("reader", READERS)
def test_a_right_file_that_was_changed_is_refused_or_read_at_once(reader: str, tmp_path: Path) -> None:
    for number in range(MUTATED):
        start = time.process_time()
        said = ended(reader, mutated(RIGHT[reader], number), tmp_path)
        assert time.process_time() - start < SECONDS, number
        assert said.replace("\n", "").isprintable(), (number, said)


def test_right_files_are_read(tmp_path: Path) -> None:
    assert [ended(reader, RIGHT[reader], tmp_path) for reader in READERS] == [""] * len(READERS)


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_a_hostile_manifest_in_a_folder_does_not_say_that_the_folder_may_be_written_over(name: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(HOSTILE_JSON[name])
    with pytest.raises(UsageError, match="no manifest says that it is made up"):
        _spare_records(tmp_path)


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_hostile_manifest_of_a_bundle_is_a_problem_at_once(name: str) -> None:
    class Held:
        def open(self) -> io.BytesIO:
            return io.BytesIO(HOSTILE_JSON[name])

    report = Report()
    start = time.process_time()
    bundle_manifest(Held(), report)  # type: ignore[arg-type]
    assert time.process_time() - start < SECONDS
    assert report.counts
