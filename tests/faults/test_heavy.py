"""Files made to exhaust a reader are refused within 20 seconds and a gigabyte, with a rule that says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synapse_analytics.bundle.problems import LISTED_PER_RULE
from tests.faults.drawn import write_right
from tests.faults.heavy import HEAVY, family
from tests.faults.loading import ROOT

SECONDS, MEGABYTES = 20, 1024
FAMILIES = sorted({family(heavy) for heavy in HEAVY.values()})
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="memory is counted as Linux does")]


@pytest.mark.parametrize("name", FAMILIES)
def test_each_heavy_file_is_refused(name: str) -> None:
    """One process for all of a kind: the start of Python would take longer than the checks."""
    done = subprocess.run([sys.executable, "-m", "tests.faults.heavy", name], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["name"] for line in told] == [name_ for name_, heavy in HEAVY.items() if family(heavy) == name]
    assert [line["name"] for line in told if HEAVY[line["name"]].rule not in line["counts"]] == []
    assert [(line["name"], line["seconds"]) for line in told if line["seconds"] > SECONDS] == []
    assert [(line["name"], line["megabytes"]) for line in told if line["megabytes"] > MEGABYTES] == []
    assert [line["name"] for line in told if line["listed"] > LISTED_PER_RULE * len(line["counts"])] == []


@pytest.mark.parametrize("name", ["text that is not UTF-8", "megabytes of blank lines"])
def test_the_command_refuses_with_its_exit_code(name: str, tmp_path: Path) -> None:
    folder = write_right(tmp_path / "bundle")
    HEAVY[name].fill(folder)
    command = [sys.executable, "-m", "synapse_analytics", "check", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3 * SECONDS, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Refused: " in done.stderr
    assert HEAVY[name].rule in done.stderr
