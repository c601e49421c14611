"""The text of a mapping as plain values: every scalar stays as it is written, so that `no`, `099` and `2026-06-01` are those texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synapse_analytics import plain_yaml
from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.faults import Fault, Spot, refused
from synapse_analytics.intake.mapping.places import Place


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain values of a mapping, and the line of the file in which each of them begins."""

    name: str
    values: Any
    lines: dict[Place, int]

    def spot(self, place: Place) -> tuple[Spot, ...]:
        """The line of a value, or of the nearest part around it."""
        known = next((place[:end] for end in range(len(place), -1, -1) if place[:end] in self.lines), None)
        return () if known is None else (Spot(self.name, row=self.lines[known]),)


def plain(text: str, name: str) -> Plain:
    """The plain values in the YAML text of a file of this name; IntakeRefused when it is no such text."""
    try:
        found = plain_yaml.plain(text, plain_yaml.as_written)
    except plain_yaml.NotPlain as fault:
        raise unreadable(fault, name) from None
    return Plain(name, found.values, found.lines)


def unreadable(fault: plain_yaml.NotPlain, name: str) -> IntakeRefused:
    """The refusal of a file of this name that is no plain YAML."""
    return refused("The mapping cannot be read.", [Fault(fault.sentence, fault.advice, (Spot(name, row=fault.line),))])
