"""Reading the values of the settings: every fault names the key, what is wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.errors import UsageError
from synapse_analytics.plain_yaml import shown

LONGEST = 300  # characters of a short text


def mapping(where: str, value: Any) -> Mapping[Any, Any]:
    """The lines of `key: value` here; none where nothing stands."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"{where}: lines of `key: value` are needed here.")
    return value


def check_keys(where: str, held: Mapping[Any, Any], legal: tuple[str, ...]) -> None:
    """UsageError for a key that is not one of these."""
    for key in held:
        if key not in legal:
            raise UsageError(f"{where}{shown(key)}: there is no such setting. Allowed: {', '.join(legal)}.")


def one_of(name: str, value: Any, legal: tuple[str, ...], kind: str) -> str | None:
    """The value, which is one of these; None where nothing stands."""
    if value is not None and value not in legal:
        raise UsageError(f"{name}: {shown(repr(value))} is not a {kind}. Allowed: {', '.join(legal)}.")
    return value


def yes_no(name: str, value: Any) -> bool:
    """True or false; false where nothing stands."""
    if value is not None and not isinstance(value, bool):
        raise UsageError(f"{name}: {shown(repr(value))} is not true or false. Allowed: true, false.")
    return bool(value)


def words(where: str, value: Any) -> str:
    """A short text."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable() or value != value.strip():
        wrong = f"{shown(repr(value))} is not text" if isinstance(value, int | float) else "this is not a short text"
        raise UsageError(f"{where}: {wrong}. Allowed: 1 to {LONGEST} characters without spaces around them; a number stands in quotes.")
    return value


def number(where: str, value: Any, least: float, most: float) -> float:
    """A number from the least to the most."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise UsageError(f"{where}: {shown(repr(value))} cannot be used. Allowed: a number from {least:g} to {most:g}.")
    return float(value)


def listed(where: str, value: Any, example: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise UsageError(f"{where}: a list is needed here, such as: {example}.")
    return value
