"""Saved cohorts: name -> cohort as small YAML that people can read, share and edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from synapse_analytics.cohort.definition import Cohort
from synapse_analytics.cohort.filters import FILTERS
from synapse_analytics.errors import UsageError


def to_yaml(cohorts: Mapping[str, Cohort]) -> str:
    """Named cohorts as YAML: each lists the filters in use."""
    plain = {
        name: {field: list(value) if isinstance(value, tuple) else value for field, value in cohort.in_use().items()}
        for name, cohort in cohorts.items()
    }
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def from_yaml(text: str) -> dict[str, Cohort]:
    """Named cohorts from YAML; UsageError says which cohort and filter is wrong."""
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError("The saved cohorts are not valid YAML.") from error
    if not isinstance(plain, dict):
        raise UsageError("Saved cohorts are a YAML mapping: a name, then its filters.")
    return {str(name): _cohort(str(name), filters) for name, filters in plain.items()}


def _cohort(name: str, filters: Any) -> Cohort:
    if not isinstance(filters, dict):
        raise UsageError(f"Saved cohort '{name}' is not a mapping of filters.")
    unknown = [str(field) for field in filters if field not in FILTERS]
    if unknown:
        raise UsageError(f"Saved cohort '{name}' has unknown filters: {', '.join(unknown)}. Legal: {', '.join(FILTERS)}.")
    try:
        return Cohort(**{field: _value(field, value) for field, value in filters.items()})
    except UsageError as error:
        raise UsageError(f"Saved cohort '{name}': {error}") from error


def _value(field: str, value: Any) -> Any:
    """YAML reads a hand-written yes as true and 2 as a number; a closed list knows them as text."""
    if value is None or not FILTERS[field].many:
        return value
    given = value if isinstance(value, list) else [value]
    return tuple({True: "yes", False: "no"}[item] if isinstance(item, bool) else str(item) for item in given)
