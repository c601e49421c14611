"""Bundles that are wrong: each is refused with its rule and place, without its value, and nothing of it is stored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from synapse_analytics.bundle import check_bundle
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.drawn import Case, write_right
from tests.faults.identifying import IDENTIFYING
from tests.faults.malformed import MALFORMED
from tests.faults.semantic import SEMANTIC

REFUSED = "The bundle is refused, the message names the rule and the place and repeats no value, and nothing is loaded."


def _spoiling(cases: Mapping[str, Case]) -> Callable[[Path], Inject]:
    def prepare(folder: Path) -> Inject:
        drawn = list(cases.values())

        def inject(number: int) -> End:
            shutil.rmtree(folder / "bundle", ignore_errors=True)
            return refused(drawn[number], folder / "bundle")

        return inject

    return prepare


def refused(case: Case, place: Path) -> End:
    """Whether a bundle with this fault is refused for this fault."""
    bundle = write_right(place)
    check = check_bundle(case.spoil(bundle) or bundle)
    if check.accepted or check.tables:
        return End("accepted", lost=1)
    if (case.rule, case.file, case.line, case.column) not in {(p.rule, p.file, p.line, p.column) for p in check.problems}:
        return End(f"refused, but not for '{case.rule}'")
    if not check.counts[case.rule]:
        return End("the rule is not counted")
    if case.hidden and case.hidden in json.dumps([asdict(problem) for problem in check.problems], ensure_ascii=False):
        return End("the message repeats the value")
    return SURVIVED


def _class(name: str, cases: Mapping[str, Case]) -> Faults:
    return Faults(name, REFUSED, len(cases), 2, _spoiling(cases))  # every case is a test of its own, too: test_bad_bundles.py


CLASSES = (
    _class("malformed files", MALFORMED),
    _class("bundle and semantic errors", SEMANTIC),
    _class("identifiers", IDENTIFYING),
)
