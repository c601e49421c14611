"""Which cells of one row are withheld: the limit of each kind, and what is linked to a withheld number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from synapse_analytics.disclosure.policy import Kind, Measure, Policy, Row

LIMITS: dict[Kind, Callable[[Policy], int]] = {
    Kind.LABEL: lambda _policy: 0,
    Kind.COUNT: lambda policy: policy.smallest_count,
    Kind.SHARE: lambda policy: policy.smallest_count,
    Kind.MEAN: lambda policy: policy.mean,
    Kind.INTERVAL: lambda policy: policy.interval,
    Kind.MEDIAN: lambda policy: policy.median,
    Kind.QUARTILE: lambda policy: policy.quartile,
    Kind.TAIL: lambda policy: policy.tail,
    Kind.RATE: lambda policy: policy.arm,
    Kind.CURVE: lambda policy: policy.at_risk,
}


@dataclass(slots=True)
class Verdict:
    """A row, the support columns nothing may be told about, and the columns that are withheld for it."""

    row: Row
    closed: set[str] = field(default_factory=set)

    def patients(self, support: str) -> int:
        """The distinct patients of a support column."""
        return int(self.row[support] or 0)


def judge(row: Row, measures: tuple[Measure, ...], policy: Policy) -> Verdict:
    """Close every support column whose own number of patients, or complement, is small."""
    verdict = Verdict(row)
    for measure in measures:
        if measure.kind is Kind.COUNT and _is_small(verdict.patients(measure.patients), policy):
            verdict.closed.add(measure.patients)
        elif measure.kind is Kind.SHARE:
            _judge_share(verdict, measure, policy)
    close_linked(verdict, measures)
    return verdict


def _judge_share(verdict: Verdict, measure: Measure, policy: Policy) -> None:
    whole = verdict.patients(measure.patients)
    if _is_small(whole, policy):
        verdict.closed.add(measure.patients)
    if measure.part is None:
        return
    if _is_small(verdict.patients(measure.part), policy):
        verdict.closed.add(measure.part)
    if _has_small_rest(verdict, measure, policy):
        verdict.closed.add(measure.patients if measure.keep_part else measure.part)


def _has_small_rest(verdict: Verdict, measure: Measure, policy: Policy) -> bool:
    """Whether 1 to 4 patients may lie outside the numerator.

    A patient with two episodes may be inside and outside, so that `patients - part` is a lower limit: where the counts
    say that somebody is outside, the complement is taken as small until it surely is not.
    """
    if measure.rest is not None:
        return _is_small(verdict.patients(measure.rest), policy)
    rest = verdict.patients(measure.patients) - verdict.patients(measure.part or "")
    row = verdict.row
    somebody = rest > 0
    if measure.count is not None and measure.of is not None:
        somebody = somebody or (row[measure.of] or 0) > (row[measure.count] or 0)
    return somebody and rest < policy.smallest_count


def _is_small(patients: int, policy: Policy) -> bool:
    return 0 < patients < policy.smallest_count


def close_linked(verdict: Verdict, measures: tuple[Measure, ...]) -> None:
    """With a denominator its numerators are closed too: the share would tell the one from the other."""
    for measure in measures:
        if measure.kind is Kind.SHARE and measure.part and measure.patients in verdict.closed and not measure.keep_part:
            verdict.closed.add(measure.part)


def is_withheld(verdict: Verdict, measure: Measure, policy: Policy) -> bool:
    """Whether this cell is withheld: it rests on a closed column or on fewer patients than its kind needs."""
    if measure.kind is Kind.LABEL:
        return False
    supports = [support for support in (measure.patients, measure.part) if support is not None]
    if any(support in verdict.closed for support in supports):
        return True
    if measure.kind not in (Kind.RATE,):
        supports = supports[:1]
    return any(0 < verdict.patients(support) < LIMITS[measure.kind](policy) for support in supports)
