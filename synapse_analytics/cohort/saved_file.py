"""The file of saved cohorts, beside the store: one for everybody who uses it, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

from synapse_analytics.audit import audit_home
from synapse_analytics.cohort.saved import MOST, SavedCohort, check_name, from_yaml, to_yaml
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.plain_yaml import once, text_of
from synapse_analytics.store.locks import waiting_for
from synapse_analytics.store.private import make_private, write_private
from synapse_analytics.vocabulary.plurals import plural

FILE, LOCK = "cohorts.yaml", "cohorts.lock"


def saved_cohorts(home: Path | None = None) -> dict[str, SavedCohort]:
    """Every saved cohort by name; StoreError when the file cannot be used."""
    path = audit_home(home) / FILE
    try:
        return dict(once(path, _read))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"The saved cohorts in '{path}' cannot be read. This account must be allowed to read the file.") from error


def _read(path: Path) -> Mapping[str, SavedCohort]:
    try:
        text = text_of(path)
        return from_yaml(text) if text.strip() else {}
    except UsageError as error:
        raise StoreError(f"The saved cohorts in '{path}' cannot be used. {error} Correct the file or move it away.") from error


def saved_cohort(name: str, home: Path | None = None) -> SavedCohort:
    """The saved cohort of this name."""
    entries = saved_cohorts(home)
    if name not in entries:
        raise UsageError(f"There is no saved cohort '{name}'. {_known(name, entries)}")
    return entries[name]


def save_cohorts(new: Mapping[str, SavedCohort], home: Path | None = None) -> None:
    """Save cohorts under names that are free: all of them or none."""
    named = {check_name(name): entry for name, entry in new.items()}
    with _changing(home) as entries:
        for name in named:
            if name in entries:
                raise UsageError(f"There is already a saved cohort '{name}'. Remove it first or choose another name.")
        if len(entries) + len(named) > MOST:
            raise UsageError(
                f"At most {MOST} cohorts can be saved, and {len(entries)} {plural(len(entries), 'is', 'are')} saved already. Remove some first."
            )
        entries.update(named)


def remove_cohort(name: str, home: Path | None = None) -> None:
    """Remove a saved cohort, for everybody."""
    with _changing(home) as entries:
        if name not in entries:
            raise UsageError(f"There is no saved cohort '{name}'. {_known(name, entries)}")
        del entries[name]


@contextmanager
def _changing(home: Path | None) -> Iterator[dict[str, SavedCohort]]:
    """The entries, to be changed in the block; written after it unless it raised, by one writer at a time."""
    folder = audit_home(home)
    try:
        make_private(folder)
        with waiting_for(folder / LOCK):
            entries = saved_cohorts(home)
            yield entries
            _write(folder / FILE, to_yaml(dict(sorted(entries.items(), key=lambda entry: entry[0].casefold()))))
    except OSError as error:
        raise StoreError(f"The saved cohorts in '{folder}' cannot be written ({error.strerror}), so nothing was changed.") from error


def _write(path: Path, text: str) -> None:
    """Write a new file beside the old one and rename it; the caller holds the lock."""
    new = path.with_name(f"{FILE}.new")
    write_private(new, text)
    os.replace(new, path)


def _known(name: str, entries: Mapping[str, SavedCohort]) -> str:
    near = get_close_matches(name, entries)
    return f"{'Nearest' if near else 'Saved'}: {', '.join(near or entries) or 'none yet'}."
