"""Saved cohorts: name -> cohort as small YAML that people can read, share and edit.

An entry holds the filters in use and, if the dashboard saved it, `saved`: day, generation, policy and number of patients then.
Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import yaml

from synapse_analytics.cohort.definition import Cohort
from synapse_analytics.cohort.filters import FILTERS
from synapse_analytics.disclosure import POLICIES, Released
from synapse_analytics.errors import UsageError
from synapse_analytics.plain_yaml import plain, shown

LONGEST_NAME = 60  # characters: a line in the sidebar
MOST = 200  # cohorts: nobody reads a longer list, and every run of a page draws it
SAVED = "saved"  # the one key of an entry that is not a filter
LISTED = 5  # unknown filters that a message names
KNOWN = ("on", "generation", "patients", "policy")


@dataclass(frozen=True, slots=True)
class Saved:
    """The state of a cohort on a day: the generation, the policy, and its number of patients unless that was withheld."""

    on: date
    generation: str
    patients: int | None
    policy: str


@dataclass(frozen=True, slots=True)
class SavedCohort:
    """A cohort and its state when it was saved; None for one that was written by hand."""

    cohort: Cohort
    saved: Saved | None = None


def as_of_today(released: Released) -> Saved:
    """The state today (UTC) of the cohort of an answer; its number of patients has passed the gate."""
    return Saved(datetime.now(UTC).date(), released.generation, released.n, released.policy)


def to_share(entry: SavedCohort, policy_name: str) -> SavedCohort:
    """An entry as it may be taken away under a policy: without a number of patients that another policy released."""
    if entry.saved is None or entry.saved.policy == policy_name:
        return entry
    return replace(entry, saved=replace(entry.saved, patients=None))


def check_name(name: str) -> str:
    """The name without spaces around it; UsageError unless it is a short line of text."""
    stripped = name.strip()
    if not 0 < len(stripped) <= LONGEST_NAME or not stripped.isprintable():
        raise UsageError(f"A saved cohort needs a name. Allowed: 1 to {LONGEST_NAME} characters without line breaks.")
    return stripped


class _Whole(yaml.SafeDumper):
    """Writes what stands twice twice: the reader takes no references."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never a reference."""
        return True


def to_yaml(entries: Mapping[str, SavedCohort]) -> str:
    """Saved cohorts as YAML: the filters in use, then the state when they were saved."""
    return yaml.dump({name: _plain(entry) for name, entry in entries.items()}, Dumper=_Whole, sort_keys=False, allow_unicode=True)


def from_yaml(text: str) -> dict[str, SavedCohort]:
    """Saved cohorts from YAML; UsageError names the cohort and its fault."""
    held = plain(text).values
    if not isinstance(held, dict):
        raise UsageError("A file of saved cohorts holds names, and under each name its filters.")
    if len(held) > MOST:
        raise UsageError(f"The file holds {len(held):,} cohorts. Allowed: at most {MOST}.")
    return {str(name): _entry(str(name), content) for name, content in held.items()}


def _plain(entry: SavedCohort) -> dict[str, Any]:
    filters = {field: list(value) if isinstance(value, tuple) else value for field, value in entry.cohort.in_use().items()}
    return filters if entry.saved is None else filters | {SAVED: {name: getattr(entry.saved, name) for name in KNOWN}}


def _entry(name: str, content: Any) -> SavedCohort:
    if not isinstance(content, dict):
        raise UsageError(f"Saved cohort '{shown(name)}' has no filters. Allowed: lines of `filter: value`.")
    unknown = [shown(field) for field in content if field not in (*FILTERS, SAVED)][:LISTED]
    if unknown:
        raise UsageError(f"Saved cohort '{shown(name)}' has unknown filters: {', '.join(unknown)}. Allowed: {', '.join(FILTERS)}.")
    try:
        cohort = Cohort(**{field: _value(field, value) for field, value in content.items() if field != SAVED})
        return SavedCohort(cohort, None if content.get(SAVED) is None else _saved(content[SAVED]))
    except UsageError as error:
        raise UsageError(f"Saved cohort '{shown(name)}': {error}") from error


def _value(field: str, value: Any) -> Any:
    """YAML reads a hand-written yes as true and 2 as a number; a closed list knows them as text."""
    many = FILTERS[field].many
    given = value if many and isinstance(value, list) else [value]
    if any(isinstance(item, (list, dict, set)) for item in given):  # never written out: a few nested aliases hold gigabytes
        raise UsageError(f"{FILTERS[field].label} ({field}) is nested. Allowed: {'a value or a list of values' if many else 'one value'}.")
    if value is None or not many:
        return value
    if not FILTERS[field].terms and not all(isinstance(item, str) for item in given):  # a site called NO or true would become another
        raise UsageError(
            f"{FILTERS[field].label} ({field}) must be text. Put a code in quotes where YAML would read it as something else: 'NO'."
        )
    return tuple({True: "yes", False: "no"}[item] if isinstance(item, bool) else str(item) for item in given)


def _saved(content: Any) -> Saved:
    """The saved state, each part checked, because the file may come from anywhere."""
    held = {"on" if key is True else key: value for key, value in content.items()} if isinstance(content, dict) else {}  # on: is a yes
    if set(held) != set(KNOWN):
        raise UsageError(f"'{SAVED}' is incomplete. Allowed: lines for each of {', '.join(KNOWN)}.")
    on, generation, patients, policy = (held[name] for name in KNOWN)
    if not isinstance(on, date) or isinstance(on, datetime):
        raise UsageError(f"'{SAVED}.on' is not a day. Allowed: YYYY-MM-DD.")
    if not isinstance(generation, str) or not 0 < len(generation) <= LONGEST_NAME or not generation.isprintable():
        raise UsageError(f"'{SAVED}.generation' is not the id of a data version.")
    if not isinstance(policy, str) or policy not in POLICIES:
        raise UsageError(f"'{SAVED}.policy' is not a policy. Allowed: {', '.join(POLICIES)}.")
    smallest = POLICIES[policy].group
    if patients is not None and (type(patients) is not int or not (patients == 0 or patients >= smallest)):
        raise UsageError(
            f"'{SAVED}.patients' is not a number that may be shown. Allowed: 0, a number from {smallest} on, or null where it is withheld."
        )
    return Saved(on, generation, patients, policy)
