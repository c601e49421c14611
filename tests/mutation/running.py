"""Runs the tests of one module under one fault, in a process forked from one that has imported the libraries already."""

from __future__ import annotations

import os
import sys
from multiprocessing import get_context
from pathlib import Path

OWN = ("synapse_analytics", "tests")
SLOW = "unit/test_estimate_edges.py::test_no_estimate_waits_for_the_statistics_package"  # of imports, in a process without the fault
# What is imported a second time says so; that is no fault.
WARNINGS = ("-W", "ignore::pytest.PytestAssertRewriteWarning", "-W", "ignore:The GenericFunction")
OPTIONS = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", *WARNINGS, f"--deselect=tests/{SLOW}")
_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.conftest", "scipy.stats", "scipy.optimize"])


def fails(fault: str, files: tuple[str, ...], longest: float | None) -> bool:
    """True if a test of these files fails, or they do not end within `longest` seconds, under the fault `path:number`."""
    process = _FORKED.Process(target=_run, args=(fault, files))
    process.start()
    process.join(longest)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode != 0


def _run(fault: str, files: tuple[str, ...]) -> None:
    import pytest

    for name in [name for name in sys.modules if name.partition(".")[0] in OWN]:
        del sys.modules[name]  # only the libraries stay: our own modules are imported anew, one of them with its fault
    os.environ["SYNAPSE_MUTANT"] = fault
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(int(pytest.main([*OPTIONS, "-p", "tests.mutation.plugin", *(f"tests/{name}" for name in files)])))
