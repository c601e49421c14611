"""The files of a source of a standard (OMOP, FHIR, REDCap): those with its endings, called by their names without folders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.sources.members import Member as File
from synapse_analytics.intake.sources.members import Source, opened

__all__ = ["File", "files_of"]


@contextmanager
def files_of(source: Source, endings: tuple[str, ...]) -> Iterator[list[File]]:
    """The files with one of these endings (any case), by name, as long as the source is open; IntakeRefused when it cannot be opened.

    A single file is taken whatever its ending.
    """
    faults = Faults()
    with opened(source, faults) as members:
        faults.raise_if_any("The source cannot be read.")
        alone = isinstance(source, (str, Path)) and len(members) == 1 and Path(source).name == members[0].name
        named = [replace(member, name=PurePosixPath(member.name).name) for member in members]
        yield sorted((file for file in named if alone or file.name.lower().endswith(endings)), key=_name)


def _name(file: File) -> str:
    return file.name
