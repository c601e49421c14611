"""What a clinic sets for an indicator: its target, and the months from which the limits of its control chart are computed anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from synapse_analytics.errors import UsageError
from synapse_analytics.indicators import NAMES, indicator
from synapse_analytics.plain_yaml import shown
from synapse_analytics.settings.reading import check_keys, mapping

Read = TypeVar("Read")
STEP_KEYS = ("month", "reason")
MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
LONGEST_REASON = 200  # characters; it is written beside a chart
LARGEST = 1e9  # every target is smaller; infinity and NaN fail the comparison


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A month from which the limits of a control chart are computed anew, and the change in care that is the reason."""

    month: str  # YYYY-MM
    reason: str


def targets(held: Mapping[Any, Any]) -> tuple[tuple[str, float], ...]:
    """The targets in these settings, by indicator."""
    return _by_indicator("targets", held, _target)


def recalculations(held: Mapping[Any, Any]) -> tuple[tuple[str, tuple[Recalculation, ...]], ...]:
    """The recalculations in these settings, by indicator, the earliest first."""
    return _by_indicator("recalculations", held, _recalculations)


def _by_indicator(name: str, held: Mapping[Any, Any], read: Callable[[str, Any], Read]) -> tuple[tuple[str, Read], ...]:
    entries = mapping(name, held.get(name)).items()
    return tuple(sorted((_indicator(name, key), read(str(key), value)) for key, value in entries))


def _target(name: str, value: Any) -> float:
    unit = indicator(name).unit
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < LARGEST:
        raise UsageError(f"targets.{name}: {shown(repr(value))} is not a number. Allowed: {_legal_target(unit)}.")
    if (unit == "share" and not 0 <= value <= 1) or (unit != "points" and value < 0):
        raise UsageError(f"targets.{name}: {shown(repr(value))} is out of range. Allowed: {_legal_target(unit)}.")
    return float(value)


def _legal_target(unit: str) -> str:
    return {"share": "a share from 0 to 1 (60 % is 0.6)", "points": "a number of points"}.get(unit, "a number from 0 on")


def _recalculations(name: str, listed: Any) -> tuple[Recalculation, ...]:
    where = f"recalculations.{name}"
    if not isinstance(listed, list):
        raise UsageError(f'{where}: a list is needed here, such as: - {{month: 2023-07, reason: "What changed in care"}}.')
    found = sorted((_recalculation(f"{where}[{number}]", entry) for number, entry in enumerate(listed, 1)), key=lambda step: step.month)
    for earlier, later in zip(found, found[1:], strict=False):
        if earlier.month == later.month:
            raise UsageError(f"{where}: {later.month} is listed twice. Allowed: one recalculation a month, with both reasons in one.")
    return tuple(found)


def _recalculation(where: str, entry: Any) -> Recalculation:
    held = mapping(where, entry)
    check_keys(f"{where}.", held, STEP_KEYS)
    month, reason = held.get("month"), held.get("reason")
    if not isinstance(month, str) or not MONTH.fullmatch(month):
        given = "it is missing" if month is None else f"'{shown(month)}' is not a month"
        raise UsageError(f"{where}.month: {given}. Allowed: year and month alone, YYYY-MM, as 2023-07.")
    said = " ".join(reason.split()) if isinstance(reason, str) else ""
    if not 0 < len(said) <= LONGEST_REASON or not said.isprintable():
        raise UsageError(f"{where}.reason: a reason is needed. Allowed: text of 1 to {LONGEST_REASON} characters.")
    return Recalculation(month, said)


def _indicator(where: str, name: Any) -> str:
    if name in NAMES:
        return str(name)
    near = get_close_matches(shown(name), NAMES)
    raise UsageError(f"{where}.{shown(name)}: there is no such indicator. {'Nearest' if near else 'Allowed'}: {', '.join(near or NAMES)}.")
