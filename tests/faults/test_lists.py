"""The lists that classes of faults are drawn from are as long as they are said to be, and hostile enough."""

from __future__ import annotations

from pathlib import Path

from synapse_analytics.bundle import check_bundle
from tests.faults.hostile_addresses import query
from tests.faults.mutated_bundles import mutated, write_base
from tests.faults.naughty import KINDS, LEAST, NAUGHTY, is_hiding


def test_there_are_enough_naughty_strings_of_every_kind() -> None:
    assert len(set(NAUGHTY)) == len(NAUGHTY) >= LEAST
    assert all(len(set(kind)) >= 8 for kind in KINDS.values())
    assert sum(map(is_hiding, NAUGHTY)) >= 50


def test_addresses_differ_and_stay_what_they_are() -> None:
    assert len({query(number) for number in range(2_000)}) > 1_900
    assert query(7) == query(7)


def test_some_mutated_bundles_are_right_and_others_wrong(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base")
    accepted = [check_bundle(mutated(number, base, tmp_path / "in")).accepted for number in range(40)]
    assert 4 <= sum(accepted) <= 30
