"""Timing one thing, and doing so in a process of its own, so that memory is that thing's alone."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SLOW, VERY_SLOW = 2_000, 10_000  # ms from which one more round, or none, has to do


def milliseconds(work: Callable[[], Any], rounds: int = 5) -> float:
    """Median wall time of `rounds` calls after one to warm up; of fewer where it is slow."""
    first = _timed(work)
    left = rounds if first < SLOW else 1 if first < VERY_SLOW else 0
    return statistics.median([_timed(work) for _ in range(left)] or [first])


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def peak_megabytes() -> float:
    """The most memory this process has held since it began, or since `forget_peak`, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_peak() -> None:
    """Let the peak begin anew from what is held now, where the system lets us."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def in_own_process(module: str, *arguments: str) -> Any:
    """Run `python -m benchmarks.MODULE ARGUMENTS` and read the JSON it prints last."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 - our own interpreter
    return json.loads(done.stdout.strip().splitlines()[-1])


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
