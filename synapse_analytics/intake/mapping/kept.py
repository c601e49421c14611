"""Mappings that a clinic keeps for next month, each a file in one folder: they hold names of columns and codes, no record of a patient."""

from __future__ import annotations

import re
from pathlib import Path

from synapse_analytics.errors import UsageError
from synapse_analytics.intake.disguise import write_private
from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.mapping.reading import read_mapping
from synapse_analytics.intake.mapping.writing import to_yaml

LONGEST_NAME = 60
_NAME = re.compile(rf"\w[\w .-]{{0,{LONGEST_NAME - 1}}}")
_ENDING = ".yaml"


def kept_mappings(folder: Path) -> list[str]:
    """The names of the mappings in this folder, in order; none when there is no folder yet."""
    return sorted(path.stem for path in folder.glob(f"*{_ENDING}"))


def kept_mapping(folder: Path, name: str) -> Mapping:
    """The mapping of this name; IntakeRefused when it is gone or cannot be read."""
    return read_mapping(folder / f"{_checked(name)}{_ENDING}")


def keep_mapping(folder: Path, name: str, mapping: Mapping) -> None:
    """Keep a mapping under this name, in place of an earlier one; UsageError for a name that cannot be that of a file."""
    path = folder / f"{_checked(name)}{_ENDING}"
    for private in (folder.parent, folder):  # the folder of the store may not be there yet
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, to_yaml(mapping).encode())


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name.strip()):
        raise UsageError(
            f"A name of a mapping has 1 to {LONGEST_NAME} letters, digits, spaces, points and hyphens, and begins with a letter."
        )
    return name.strip()
