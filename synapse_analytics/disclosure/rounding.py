"""How a policy that rounds changes the shown cells: counts to a step, shares from the rounded counts, few digits, held curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Any

from synapse_analytics.disclosure.policy import Kind, Measure, Policy, Row, TableRule
from synapse_analytics.estimates.descriptive import wilson

Cells = dict[str, Any]
COUNTS = (Kind.COUNT, Kind.AT_RISK)
CURVES = (Kind.CURVE, Kind.AT_RISK)


def rounded(count: int | None, policy: Policy) -> int | None:
    """A count at the step of the policy, half up."""
    if count is None or policy.count_step == 1:
        return count
    return (int(count) + policy.count_step // 2) // policy.count_step * policy.count_step


def shortened(value: Any, policy: Policy) -> Any:
    """A number at the significant digits of the policy; other values stay as they are."""
    if policy.digits is None or isinstance(value, bool) or not isinstance(value, int | float) or value == 0:
        return value
    return type(value)(float(f"{value:.{policy.digits}g}"))


def round_rows(shown: Sequence[Cells], given: Sequence[Row], rule: TableRule, policy: Policy) -> None:
    """Round released rows in place; `given` are the rows as the analysis made them, with the support columns of each cell."""
    for cells, row in zip(shown, given, strict=True):
        for measure in rule.measures:
            value = cells[measure.name]
            if value is None or measure.kind is Kind.LABEL:
                continue
            if measure.kind in COUNTS:
                cells[measure.name] = rounded(value, policy)
            elif measure.count is not None:
                cells[measure.name] = shortened(_share(row, measure, policy), policy)
            else:
                cells[measure.name] = shortened(_coarse(value, row, measure, policy), policy)


def _coarse(value: Any, row: Row, measure: Measure, policy: Policy) -> Any:
    """A mean at steps of reach / n or wider, see Measure: with n rounded, the difference of two sums hides any one score."""
    reach = measure.reach and row.get(measure.reach)
    if not reach or not isinstance(value, int | float):
        return value
    to: Callable[[float], int] = round
    if measure.name.endswith(("low", "high")):  # outwards: a narrower interval would promise more than there is
        to = floor if measure.name.endswith("low") else ceil
    return in_steps(value, reach, int(row[measure.patients] or 0), policy, to)


def in_steps(value: float, reach: float, patients: int, policy: Policy, to: Callable[[float], int] = round) -> float:
    """A mean of so many patients at a multiple (the nearest unless `to` says otherwise) of reach / patients or the next wider step.

    The step follows from the rounded number of patients, so that it reveals no more about them than that number.
    """
    step = step_over(reach / max(rounded(patients, policy) or 0, 1))
    return to(round(value / step, 9)) * step


def step_over(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not smaller than `least`."""
    power = 10.0 ** floor(log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-9))


def _share(row: Row, measure: Measure, policy: Policy) -> float | None:
    """The share, or its lower or upper limit, from the rounded counts."""
    top, bottom = rounded(row[measure.count or ""], policy), rounded(row[measure.of or ""], policy)
    if top is None or not bottom:
        return None
    share = wilson(min(top, bottom), bottom)
    if measure.name.endswith("low"):
        return share.low
    return share.high if measure.name.endswith("high") else share.value


def hold_curves(shown: Sequence[Cells], given: Sequence[Row], rule: TableRule, policy: Policy) -> None:
    """Let each row of a curve that may not move repeat, in every column, the last row that did; withhold it before the first move."""
    curves = [measure.name for measure in rule.measures if measure.kind in CURVES]
    if not curves:
        return
    for cells, place in zip(shown, _repeated(given, rule, policy), strict=True):
        if any(cells[name] is None for name in curves):
            continue
        if place is None:
            cells.update(dict.fromkeys(curves), withheld=(*cells["withheld"], *curves))
        else:
            cells.update({name: shown[place][name] for name in curves})


def _repeated(rows: Sequence[Row], rule: TableRule, policy: Policy) -> list[int | None]:
    """The place of the row that each row of curves repeats, its own where the curve moves; None before the curve may move."""
    curve = next(measure for measure in rule.measures if measure.kind in CURVES)
    labels = [measure.name for measure in rule.measures if measure.kind is Kind.LABEL][:-1]  # the last label is the time
    numbers = [(int(row[curve.patients] or 0), int(row[curve.part] or 0) if curve.part else 0) for row in rows]
    keys = [tuple(row[name] for name in labels) for row in rows]
    ever: dict[tuple, int] = {}
    for key, (_, events) in zip(keys, numbers, strict=True):
        ever[key] = max(events, ever.get(key, 0))
    moved: dict[tuple, int] = {}
    first: dict[tuple, int] = {}
    places: list[int | None] = []
    for place, (key, (at_risk, events)) in enumerate(zip(keys, numbers, strict=True)):
        first.setdefault(key, place)
        last = moved.setdefault(key, place)
        if may_move(numbers[last], (at_risk, events), ever[key], policy):
            moved[key] = last = place
        silent = ever[key] and last == first[key] and place != last
        places.append(None if silent else last)
    return places


def may_move(before: tuple[int, int], after: tuple[int, int], ever: int, policy: Policy) -> bool:
    """True if a curve may move from one point to another, both as (patients at risk, patients who had the event by then).

    It moves only after `curve_step` patients left and, if any patient `ever` has the event, only after `curve_step` more had it, and
    not before `counted` had it in all. So no two shown points have 1 to 10 events between them.
    """
    left, new = before[0] - after[0], after[1] - before[1]
    return left >= policy.curve_step and (not ever or (new >= policy.curve_step and after[1] >= policy.counted))
