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
from synapse_analytics.errors import SynapseError
from synapse_analytics.intake.concepts import load
from synapse_analytics.intake.mapping.reading import read_mapping, read_readings
from synapse_analytics.settings import read_settings
from tests.faults.hostile_yaml import HOSTILE, HOSTILE_JSON

SECONDS = 1.0
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
