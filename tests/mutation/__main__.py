"""`python -m tests.mutation [--all] [--mutants N] [--seed S] [--only TEXT]`: plants faults one by one and runs the fast tests of their module."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tests.mutation.mutants import ROOT, Mutant, mutants_of
from tests.mutation.running import fails

PATIENCE = 60  # seconds beside that, because other work may slow the machine down
ROOMS = ("estimates", "cohort", "disclosure", "indicators", "counts")
# The fast tests of each room, the ones that notice most first.
TESTS: dict[str, tuple[str, ...]] = {
    "estimates": ("unit/test_estimate_edges.py", "unit/test_comparison_estimates.py", "unit/test_constant_covariates.py", "reference"),
    "estimates/binomial": ("unit/test_estimate_edges.py", "reference/test_variation.py", "unit/test_funnel_estimates.py"),
    "estimates/case_mix": ("unit/test_case_mix.py", "reference/test_variation.py", "unit/test_few_groups.py"),
    "estimates/control_charts": ("unit/test_control_chart_estimates.py", "reference/test_variation.py"),
    "estimates/funnel": ("unit/test_funnel_estimates.py", "reference/test_variation.py"),
    "estimates/mixed": ("reference/test_effects.py", "unit/test_comparison_estimates.py"),
    "estimates/regression": ("unit/test_comparison_estimates.py", "reference/test_effects.py"),
    "estimates/weighting": ("unit/test_comparison_estimates.py", "reference/test_effects.py"),
    "cohort": ("unit/test_cohort.py", "properties/test_cohort_forms.py"),
    "cohort/saved": ("unit/test_saved_cohorts.py", "unit/test_cohort.py"),
    "cohort/since": ("unit/test_saved_cohorts.py",),
    "disclosure": ("unit/test_gate.py", "unit/test_gate_refusals.py"),
    "disclosure/policy": ("unit/test_clinic_handle.py", "unit/test_gate.py"),
    "disclosure/released": ("unit/test_gate_guards.py", "unit/test_gate.py"),
    "disclosure/labels": ("unit/test_gate_refusals.py", "unit/test_gate.py", "unit/test_settings.py"),
    "disclosure/rows": ("unit/test_row_door.py", "properties/test_one_anonymous_table.py"),
    "counts": ("properties/test_counts.py", "unit/test_few_groups.py"),
    "indicators": ("unit/test_indicator_declarations.py",),
}
# Faults that change nothing anybody can see, with the reason: file and change, without the line, which moves.
SPEED = "decides how fast the same result is there, not the result"
EQUIVALENT: dict[str, str] = {
    "estimates/regression.py  10000  ->  10001": SPEED,
    "estimates/regression.py  (thin := (len(arm_a) // ENOUGH_TO_START)) > 1  ->  (thin := (len(arm_a) // ENOUGH_TO_START)) >= 1": SPEED,
    "estimates/blocks.py  400000  ->  400001": SPEED,
    "estimates/quantiles.py  4000000  ->  4000001": SPEED,
    "estimates/quantiles.py  (int(groups.max()) + 1) * len(known)  ->  (int(groups.max()) + 1) / len(known)": SPEED,
    "estimates/quantiles.py  int(groups.max()) + 1  ->  int(groups.max()) - 1": SPEED,
    "estimates/quantiles.py  (int(groups.max()) + 1) * len(known) > LARGEST_TABLE  ->  (int(groups.max()) + 1) * len(known) >= LARGEST_TABLE": SPEED,
    "counts/rows.py  moved[1:] >= moved[:-1]  ->  moved[1:] > moved[:-1]": SPEED,
    "counts/rows.py  2000000  ->  2000001": SPEED,
    "cohort/definition.py  512  ->  513": SPEED,
    "disclosure/labels.py  520  ->  521": "the weeks that are legal are multiples of 4",
    "disclosure/refusals.py  least < 0  ->  least <= 0": "a count of 0 is left out before",
    "disclosure/refusals.py  0  ->  1": "counts are whole, and a count of 0 is left out before",
    "disclosure/rounding.py  9  ->  10": "it only takes the noise of floating point off a quotient, which is far smaller",
    "estimates/control_charts.py  sides[place] > 0  ->  sides[place] >= 0": "a point that a rule marks never lies on the centre",
    "estimates/control_charts.py  steps[place] > 0  ->  steps[place] >= 0": "a point of a trend never equals the one before it",
    "estimates/control_charts.py  way > 0  ->  way >= 0": "a point that a rule marks never lies on the centre",
}


def tests_of(path: str) -> tuple[str, ...]:
    """The tests of a module: those of the longest name that fits."""
    own = path.removeprefix("synapse_analytics/")
    return TESTS[max((name for name in TESTS if own.startswith(name)), key=len)]


def _named(mutant: Mutant) -> str:
    return f"{mutant.path.removeprefix('synapse_analytics/')}  {mutant.change}"


def all_mutants(only: str) -> list[Mutant]:
    """Every fault of the rooms above, or of those whose path holds a text."""
    package = ROOT / "synapse_analytics"
    files = [path for room in ROOMS for path in sorted((package / room).glob("*.py"))]
    return [one for path in files if only in str(path) for one in mutants_of(path) if _named(one) not in EQUIVALENT]


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
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        longest = dict(workers.map(without_fault, {tests_of(one.path): one.path for one in chosen}.values()))
        tried = zip(chosen, workers.map(lambda one: is_noticed(one, longest[tests_of(one.path)]), chosen), strict=True)
        sys.stdout.write(report(tried) + "\n")


def without_fault(path: str) -> tuple[tuple[str, ...], float]:
    """The tests of a module, and how long they may take before a fault counts as an endless loop: three times as long as without one."""
    begin = time.monotonic()
    if fails(f"{path}:-1", tests_of(path), None):
        sys.exit(f"Tests of {path} fail where there is no fault: mend them first.")
    return tests_of(path), PATIENCE + 3 * (time.monotonic() - begin)


def is_noticed(mutant: Mutant, longest: float) -> bool:
    """True if a test fails, or does not end, once the fault is there."""
    noticed = fails(f"{mutant.path}:{mutant.number}", tests_of(mutant.path), longest)
    sys.stderr.write(f"{'noticed    ' if noticed else 'NOT NOTICED'} {mutant}\n")
    return noticed


if __name__ == "__main__":
    main()
