"""Every way a bundle can be wrong is refused, with its rule and place, and without its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics.bundle import RULES, check_bundle
from tests.faults.classes.bundles import refused
from tests.faults.counted import SURVIVED
from tests.faults.drawn import Case, write_right
from tests.faults.identifying import IDENTIFYING
from tests.faults.malformed import MALFORMED
from tests.faults.semantic import SEMANTIC

CLASSES = {"malformed files": (MALFORMED, 61), "bundle and semantic errors": (SEMANTIC, 25), "identifiers": (IDENTIFYING, 30)}
ALL = [pytest.param(case, id=name) for cases, _ in CLASSES.values() for name, case in cases.items()]


def test_the_right_bundle_is_accepted(tmp_path: Path) -> None:
    check = check_bundle(write_right(tmp_path / "bundle"))
    assert check.problems == []
    assert check.accepted


@pytest.mark.parametrize("case", ALL)
def test_each_fault_is_refused(case: Case, tmp_path: Path) -> None:
    assert refused(case, tmp_path / "bundle") == SURVIVED


@pytest.mark.parametrize("name", CLASSES)
def test_enough_faults_are_tried(name: str) -> None:
    cases, least = CLASSES[name]
    assert len(cases) >= least


def test_every_rule_is_tried() -> None:
    tried = {case.rule for cases, _ in CLASSES.values() for case in cases.values()}
    assert {rule.name for rule in RULES.values() if rule.kind != "warning"} - tried == set()
