"""`python -m tests.mutation [--all] [--mutants N] [--seed S] [--only TEXT]`: plants faults one by one and runs the fast tests of their module."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.mutation.mutants import ROOT, Mutant, mutants_of

LONGEST = 120  # seconds; a fault may make a loop endless, which is noticed too
# The fast tests of each room, the ones that notice most first.
TESTS: dict[str, tuple[str, ...]] = {
    "estimates/control_charts": ("unit/test_control_chart_estimates.py", "reference/test_variation.py"),
    "estimates/funnel": ("unit/test_funnel_estimates.py", "reference/test_variation.py"),
    "estimates/case_mix": ("unit/test_case_mix.py", "reference/test_variation.py", "unit/test_few_groups.py"),
    "estimates": (
        "reference",
        "unit/test_comparison_estimates.py",
        "unit/test_estimate_edges.py",
        "unit/test_constant_covariates.py",
        "spec/test_patients_like_mine.py",
        "spec/test_compare_treatments.py",
        "spec/test_comparison_says.py",
    ),
    "cohort/saved": ("unit/test_saved_cohorts.py",),
    "cohort": (
        "unit/test_cohort.py",
        "properties/test_cohort_forms.py",
        "unit/test_saved_cohorts.py",
        "properties/test_cohort_twin.py",
        "spec/test_odd_codes.py",
        "unit/test_stamps.py",
    ),
    "disclosure/rows": ("unit/test_row_door.py", "properties/test_one_anonymous_table.py"),
    "disclosure/labels": ("unit/test_gate_guards.py", "unit/test_settings.py", "unit/test_gate.py"),
    "disclosure": (
        "unit/test_gate.py",
        "unit/test_gate_refusals.py",
        "unit/test_gate_guards.py",
        "spec/test_published_rows.py",
        "properties/test_gate_property.py",
    ),
    "estimates/survival": ("reference", "unit/test_estimate_edges.py", "properties/test_pathway_answers.py"),
    "estimates/quantiles": ("reference", "unit/test_estimate_edges.py", "properties/test_outcome_answers.py"),
    "estimates/plateau": ("reference", "properties/test_pathway_answers.py", "spec/test_pathway_answers.py"),
    "counts": ("properties/test_counts.py", "unit/test_few_groups.py"),
    "indicators": ("properties/test_indicator_answers.py", "unit/test_nobody_is_ranked.py", "unit/test_leadership_figures.py"),
}
# Faults that change nothing anybody can see, with the reason.
EQUIVALENT: dict[str, str] = {}


def tests_of(path: str) -> tuple[str, ...]:
    """The tests of a module: those of the longest name that fits."""
    own = path.removeprefix("synapse_analytics/")
    return TESTS[max((name for name in TESTS if own.startswith(name)), key=len)]


def all_mutants(only: str) -> list[Mutant]:
    """Every fault of the rooms above, or of those whose path holds a text."""
    package = ROOT / "synapse_analytics"
    rooms = ("estimates", "cohort", "disclosure", "indicators")
    files: list[Path] = [*(path for room in rooms for path in sorted((package / room).glob("*.py"))), package / "counts.py"]
    return [one for path in files if only in str(path) for one in mutants_of(path) if str(one) not in EQUIVALENT]


def is_noticed(mutant: Mutant) -> bool:
    """True if a test fails, or does not end, once the fault is there."""
    environment = os.environ | {"SYNAPSE_MUTANT": f"{mutant.path}:{mutant.number}", "PYTHONDONTWRITEBYTECODE": ""}
    options = ["-x", "-q", "-n", "0", "-p", "tests.mutation.plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *(f"tests/{name}" for name in tests_of(mutant.path))]
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST, check=False).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def report(tried: Iterable[tuple[Mutant, bool]]) -> str:
    """The share that is noticed, by module, and the faults that nobody notices."""
    of, noticed, left = Counter[str](), Counter[str](), []
    for mutant, seen in tried:
        of[mutant.path] += 1
        noticed[mutant.path] += seen
        left += [] if seen else [str(mutant)]
    lines = [f"{noticed[path]:4} of {of[path]:4} noticed  {path}" for path in sorted(of)]
    share = noticed.total() / max(1, of.total())
    return "\n".join([*lines, f"{noticed.total():4} of {of.total():4} noticed: {share:.0%}", "", "Not noticed:", *sorted(left)])


def main() -> None:
    """Try a sample of the faults, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--mutants", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only modules whose path holds this text")
    asked = parser.parse_args()
    found = all_mutants(asked.only)
    chosen = found if asked.all else random.Random(asked.seed).sample(found, min(asked.mutants, len(found)))
    sys.stdout.write(f"{len(chosen)} of {len(found)} faults are tried.\n")
    without = {tests_of(one.path): replace(one, number=-1) for one in chosen}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        if any(workers.map(is_noticed, without.values())):
            sys.exit("Tests fail where there is no fault: mend them first.")
        sys.stdout.write(report(zip(chosen, workers.map(is_noticed, chosen), strict=True)) + "\n")


if __name__ == "__main__":
    main()
