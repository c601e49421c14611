"""A process that serves hands back what it has freed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HELD = """
import numpy as np
from synapse_analytics.web.memory import hand_back_what_is_freed

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20

if {handed}:
    hand_back_what_is_freed()
large = np.ones(2_500_000)  # 20 MB: once such a block was freed, glibc keeps smaller ones
del large
before = resident()
blocks = [np.ones(700_000) for _ in range(14)]  # 5.6 MB each
last = np.ones(650_000)  # above them in the heap, so that its top cannot shrink
del blocks
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_freed_blocks_go_back_to_the_system() -> None:
    kept, handed = (
        float(subprocess.run([sys.executable, "-c", HELD.format(handed=handed)], capture_output=True, text=True, check=True).stdout)
        for handed in (False, True)
    )
    assert handed < 20 < kept


def test_arrow_keeps_nothing_of_its_own() -> None:
    script = "from synapse_analytics.web.memory import hand_back_what_is_freed as f; f(); import pyarrow as pa; print(pa.default_memory_pool().backend_name)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "system"
