"""Which cells of one row are withheld: each cell by itself, by the patients it rests on."""

from __future__ import annotations

from collections.abc import Callable

from synapse_analytics.disclosure.policy import Kind, Measure, Policy, Row

FEWEST: dict[Kind, Callable[[Policy], int]] = {
    Kind.LABEL: lambda _policy: 0,
    Kind.COUNT: lambda policy: policy.count,
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


def is_withheld(row: Row, measure: Measure, policy: Policy) -> bool:
    """True if this cell rests on fewer patients than its kind needs; nobody at all is not few: nought may be shown."""
    if measure.kind is Kind.LABEL:
        return False
    if _is_few(row, measure.patients, FEWEST[measure.kind](policy)):
        return True
    if measure.kind is Kind.RATE:
        return measure.part is not None and _is_few(row, measure.part, policy.arm)
    return any(_is_few(row, support, policy.count) for support in (measure.part, measure.outside) if support is not None)


def _is_few(row: Row, support: str, enough: int) -> bool:
    return 0 < int(row[support] or 0) < enough
