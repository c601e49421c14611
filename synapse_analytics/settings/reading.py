"""Reading the YAML of the settings: every fault names the key, what is wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from synapse_analytics.errors import UsageError

LONGEST = 300  # characters of a short text


def parsed(text: str) -> Any:
    """What a YAML text holds; UsageError when it is not YAML, or when a key stands there twice."""
    try:
        return yaml.load(text, _NoKeyTwice)  # noqa: S506  (a safe loader of our own)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"It is not valid YAML{line}: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # also a day that no month has, and ten thousand brackets
        raise UsageError("It is not valid YAML: a character or a value in it is not one that YAML allows.") from error


class _NoKeyTwice(yaml.SafeLoader):
    """Of two equal keys YAML silently keeps the last; here the second is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  (as PyYAML has it)
        keys = [(key.value, key.start_mark) for key, _ in node.value]
        for number, (key, mark) in enumerate(keys):
            if key in [earlier for earlier, _ in keys[:number]]:
                raise yaml.MarkedYAMLError(problem=f"'{key}' is listed twice", problem_mark=mark)
        return super().construct_mapping(node, deep=deep)


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
            raise UsageError(f"{where}{key}: there is no such setting. Allowed: {', '.join(legal)}.")


def one_of(name: str, value: Any, legal: tuple[str, ...], kind: str) -> str | None:
    """The value, which is one of these; None where nothing stands."""
    if value is not None and value not in legal:
        raise UsageError(f"{name}: {value!r} is not a {kind}. Allowed: {', '.join(legal)}.")
    return value


def yes_no(name: str, value: Any) -> bool:
    """True or false; false where nothing stands."""
    if value is not None and not isinstance(value, bool):
        raise UsageError(f"{name}: {value!r} is not true or false. Allowed: true, false.")
    return bool(value)


def words(where: str, value: Any) -> str:
    """A short text."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable() or value != value.strip():
        wrong = f"{value!r} is not text" if isinstance(value, int | float) else "this is not a short text"
        raise UsageError(f"{where}: {wrong}. Allowed: 1 to {LONGEST} characters without spaces around them; a number stands in quotes.")
    return value


def number(where: str, value: Any, least: float, most: float) -> float:
    """A number from the least to the most."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise UsageError(f"{where}: {value!r} cannot be used. Allowed: a number from {least:g} to {most:g}.")
    return float(value)


def listed(where: str, value: Any, example: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise UsageError(f"{where}: a list is needed here, such as: {example}.")
    return value
