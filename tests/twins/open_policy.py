"""Drawn clinics under a policy that withholds nothing, so that an answer can be compared with its twin cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from synapse_analytics import clinic as handles
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.disclosure import CLINIC, policy
from synapse_analytics.store import load
from tests.twins.checked import checked

EVERYTHING = CLINIC._replace(group=1, mean=1, interval=1, median=1, quartile=1, tail=1, arm=1, at_risk=1)
policy._GENUINE = (*policy._GENUINE, EVERYTHING)  # only the tests reach into the gate for it


def changed(clinic: Clinic, **fields: Any) -> Clinic:
    """A handle with other fields than open_clinic gives it; only the tests reach into the handle."""
    return handles._handle(replace(handles._handles[clinic], **fields))


def tightened(clinic: Clinic, **limits: int) -> Clinic:
    """The clinic under its policy with other limits, which no real handle can have."""
    other = clinic.policy._replace(**limits)
    policy._GENUINE = (*policy._GENUINE, other)
    return changed(clinic, policy=other)


def guarded_clinic(folder: Path, files: Mapping[str, Sequence[Mapping[str, Any]]], under: str = "clinic") -> Clinic:
    """These rows loaded without files, under a real policy; empty texts mean not recorded."""
    rows = {
        name: [{column: None if value == "" else value for column, value in row.items()} for row in table] for name, table in files.items()
    }
    database = f"duckdb:///{folder / 'store'}"
    load(checked(**rows), database)
    return open_clinic(database, policy=under)


def frank_clinic(folder: Path, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> Clinic:
    """These rows under a policy that withholds nothing."""
    return changed(guarded_clinic(folder, files), policy=EVERYTHING)
