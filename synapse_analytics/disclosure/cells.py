"""Which cells of a row are withheld: each by the number of patients it rests on, whatever the other cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synapse_analytics.disclosure.policy import Kind, Measure, Policy, Row

FEWEST: dict[Kind, Callable[[Policy], int]] = {
    Kind.LABEL: lambda _policy: 0,
    Kind.COUNT: lambda policy: policy.counted,
    Kind.SHARE: lambda policy: policy.group,
    Kind.MEAN: lambda policy: policy.mean,
    Kind.INTERVAL: lambda policy: policy.interval,
    Kind.MEDIAN: lambda policy: policy.median,
    Kind.QUARTILE: lambda policy: policy.quartile,
    Kind.TAIL: lambda policy: policy.tail,
    Kind.RATE: lambda policy: policy.arm,
    Kind.CURVE: lambda policy: policy.at_risk,
    Kind.AT_RISK: lambda policy: policy.at_risk,
}


@dataclass(frozen=True, slots=True)
class Need:
    """The fewest patients a cell needs in each support column it rests on. A count of 0 is never withheld for being small."""

    name: str
    supports: tuple[tuple[str, int], ...]
    shares: tuple[tuple[str, str], ...] = ()  # (numerator, denominator) columns: one pair counts episodes, one patients
    fewest: int = 1  # of numerator, denominator and their difference

    def is_withheld(self, row: Row) -> bool:
        """True if the cell of this row rests on at least 1 but fewer patients than it needs."""
        for support, fewest in self.supports:
            if 0 < (row[support] or 0) < fewest:
                return True
        return bool(self.shares) and self._is_share_of_few(row)

    def _is_share_of_few(self, row: Row) -> bool:
        """True if few episodes or patients are in a share, or few outside it, whatever supports were declared."""
        pairs = [((row.get(top) or 0), (row.get(of) or 0)) for top, of in self.shares]
        return any(0 < count < self.fewest for top, of in pairs for count in (top, of, of - top))

    def is_met(self, supports: Mapping[str, np.ndarray]) -> np.ndarray:
        """True for each row whose cell may be shown, from arrays of patients (and of the counts of a share): `is_withheld` of many rows."""
        met = np.ones(len(next(iter(supports.values()))), dtype=bool)
        for support, fewest in self.supports:
            met &= (supports[support] == 0) | (supports[support] >= fewest)
        for top, of in (pair for pair in self.shares if set(pair) <= set(supports)):
            for count in (supports[top], supports[of], supports[of] - supports[top]):
                met &= (count <= 0) | (count >= self.fewest)
        return met


def need_of(measure: Measure, policy: Policy) -> Need:
    """The patients that a cell of this measure needs under a policy."""
    others = (measure.part, measure.outside) if measure.kind is not Kind.RATE else (measure.part,)
    fewest = policy.arm if measure.kind is Kind.RATE else policy.counted
    supports = [(measure.patients, FEWEST[measure.kind](policy)), *((name, fewest) for name in others if name is not None)]
    needed = tuple((name, enough) for name, enough in supports if enough > 1) if measure.kind is not Kind.LABEL else ()
    return Need(measure.name, needed, _pairs(measure) if policy.rounds else (), policy.counted)


def _pairs(measure: Measure) -> tuple[tuple[str, str], ...]:
    if measure.kind is not Kind.SHARE and measure.count is None:
        return ()
    given = ((measure.count, measure.of), (measure.part, measure.patients))
    return tuple((top, of) for top, of in given if top is not None and of is not None)
