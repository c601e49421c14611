"""A value of a patient that stands in a fault is written nowhere, whichever layer fails and however that is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.planted_values import AT_THE_END, LAYERS, VALUES

ROOT = Path(__file__).resolve().parents[2]
NAMES = {*(layer.__name__ for layer in LAYERS), AT_THE_END}
pytestmark = pytest.mark.slow
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def written(folder: Path, store: str, *how: str) -> dict[str, str]:
    """What each layer wrote to stdout and stderr when it failed."""
    command = [sys.executable, "-m", "tests.faults.planted_values", str(folder), store.removeprefix("duckdb:///"), *how]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    return {path.stem: COLOUR.sub("", path.read_text(encoding="utf-8")) for path in folder.glob("*.txt")}


def leaking(said: dict[str, str]) -> set[str]:
    return {layer for layer, text in said.items() if any(value in text for value in VALUES)}


def test_no_layer_tells_a_value(tmp_path: Path, sample_store: str) -> None:
    said = written(tmp_path, sample_store)
    assert set(said) == NAMES
    assert leaking(said) == set()
    assert {layer for layer, text in said.items() if not text} == {"failing_handler"}
    assert "in fail" in said["page"]  # and yet it says where
    assert "original error message is redacted" in said["page"]
    assert said[AT_THE_END].startswith("This is a fault of the program, not of your data.")


def test_without_the_filter_each_layer_tells_one(tmp_path: Path, sample_store: str) -> None:
    """So the test above is about something."""
    assert leaking(written(tmp_path, sample_store, "unfiltered")) == NAMES
