"""The one door to every source: files, REDCap, OMOP and FHIR all become RawTables, every cell as text with the row it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.kinds import KindOfSource, kind_of, with_dictionary
from synapse_analytics.intake.sources.members import Source, Uploaded
from synapse_analytics.progress import Progress, quiet

__all__ = ["KindOfSource", "Source", "Uploaded", "kind_of", "read_source"]


def read_source(source: Source, readings: Mapping[str, Reading] | None = None, progress: Progress = quiet) -> list[RawTable]:
    """Every table of a file, folder, zip, database (its URL) or of what was dropped on a page; `readings` (by file or table) overrule what is found.

    A file that is no table, and an empty sheet, is a table without columns whose `how` says so. Raises IntakeRefused with all faults.
    """
    kind = kind_of(source)
    reader = import_module(f"{__name__}.{kind}")  # only the one that is needed: some bring large libraries
    tables: list[RawTable] = reader.read(with_dictionary(source) if kind == "redcap" else source, readings, progress)
    return tables
