"""The keys of a manifest and what each may hold: one that says anything else is refused by name, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.store.present import PLACES, SETS
from synapse_analytics.store.tables import BASE_TABLES, MARTS

FORMAT = "synapse-generation/2"
SHA256 = re.compile(r"[0-9a-f]{64}")
TABLES = frozenset(table.name for table in (*BASE_TABLES, *MARTS))
Holds = Callable[[Any], bool]


def faults_of(content: Any) -> Iterator[str]:
    """What is wrong with the manifest of a data version that this program builds, key by key."""
    if not isinstance(content, dict):
        yield "it is not a list of keys with their values"
        return
    yield from (f"it lacks the key '{key}'" for key in KEYS if key not in content and key != "present")  # older loads did not note it
    for key, value in content.items():
        if key not in KEYS:
            yield f"no load writes the key '{key[:40]}'"
        elif not _holds(KEYS[key], value):
            yield f"its key '{key}' does not hold what a load writes"


def files_are_described(files: Any) -> bool:
    """True if every file has its size and its sha256."""
    return isinstance(files, dict) and bool(files) and all(map(_is_file, files)) and all(map(is_described, files.values()))


def is_described(entry: Any) -> bool:
    """True if this says the size and the sha256 of a file, and nothing else."""
    return _has(entry, bytes=_is_whole, sha256=_is_sha256)


def _holds(rule: Holds, value: Any) -> bool:
    try:
        return rule(value)
    except (ValueError, OverflowError):  # a date that is none
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_month(value: Any) -> bool:
    return _is_text(value) and len(value) == 7 and bool(date.fromisoformat(f"{value}-01"))


def _is_file(name: str) -> bool:
    return bool(re.fullmatch(r"\w+\.(parquet|duckdb)", name))


def _is_sha256(value: Any) -> bool:
    return _is_text(value) and bool(SHA256.fullmatch(value))


def _has(value: Any, **rules: Holds) -> bool:
    """True of a mapping with these keys and no other, each of which holds what it may."""
    return isinstance(value, Mapping) and value.keys() == rules.keys() and all(rule(value[key]) for key, rule in rules.items())


def _all(rule: Holds) -> Holds:
    return lambda value: isinstance(value, list) and all(map(rule, value))


KEYS: Mapping[str, Holds] = {
    "format": lambda value: value == FORMAT,
    "schema": _is_text,
    "id": _is_text,
    "clinic": _is_text,
    "data_until": _is_month,
    "synthetic": lambda value: isinstance(value, bool),
    "loaded_at": lambda value: _is_text(value) and bool(datetime.fromisoformat(value)),
    "rows": lambda value: isinstance(value, dict) and value.keys() == TABLES and all(map(_is_whole, value.values())),
    "sha256": _is_sha256,
    "warnings": _all(lambda one: _has(one, rule=_is_text, file=_is_text, n=_is_whole)),
    "headline": lambda value: _is_text(value) and value in v.codes(v.INSTRUMENTS),
    "sites": _all(_is_text),
    "clinicians": _all(_is_text),
    "months": lambda value: _all(_is_month)(value) and len(value) == 2,
    "missingness": _all(
        lambda one: _has(one, file=_is_text, column=_is_text, share=lambda share: type(share) in (int, float) and 0 <= share <= 1)
    ),
    "present": lambda value: isinstance(value, dict) and value.keys() <= {*PLACES, *SETS} and all(map(_is_whole, value.values())),
    "files": files_are_described,
}
