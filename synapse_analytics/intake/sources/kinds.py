"""What kind of source it is, from the names and first lines of its files."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Literal

from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.sources.members import Member, Source, Uploaded, opened

KindOfSource = Literal["files", "redcap", "omop", "fhir"]
_OMOP = {"person", "condition_occurrence"}
_EVENTS = {"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group"}
_DICTIONARIES = ({"variable / field name"}, {"field_name", "form_name", "field_type"})


def kind_of(source: Source) -> KindOfSource:
    """A database is OMOP; JSON with resources is FHIR; event columns or a data dictionary are REDCap; all else are a clinic's files."""
    if isinstance(source, str) and "://" in source:
        return "omop"
    with opened(source, Faults()) as members:
        if any(is_fhir(member) for member in members):
            return "fhir"
        if {member.stem for member in members if member.ending in {".csv", ".tsv", ".parquet"}} >= _OMOP:
            return "omop"
        return "redcap" if any(_is_redcap(member) for member in members) or _dictionary_beside(source) else "files"


def is_fhir(member: Member) -> bool:
    """True for JSON or NDJSON whose first lines name a resource."""
    return member.ending in {".json", ".ndjson", ".jsonl"} and re.search(rb'"resourceType"\s*:', member.start()) is not None


def header_names(member: Member) -> set[str]:
    """The names in the first line of a text file, in small letters."""
    line = member.start().decode("utf-8-sig", "replace").partition("\n")[0].strip().replace("\0", "")
    try:
        cells = next(csv.reader([line], delimiter=max(",;\t", key=line.count)), [])
    except csv.Error:
        return set()
    return {cell.strip().lower() for cell in cells}


def is_dictionary(member: Member) -> bool:
    """True for a data dictionary of REDCap, from its page or from its interface for programs."""
    return member.ending == ".csv" and any(header_names(member) >= names for names in _DICTIONARIES)


def _is_redcap(member: Member) -> bool:
    return is_dictionary(member) or (member.ending in {".csv", ".txt"} and bool(header_names(member) & _EVENTS))


def with_dictionary(source: Source) -> Source:
    """An export of REDCap that is given alone together with the data dictionary that lies beside it; any other source as it is."""
    beside = _dictionary_beside(source)
    return Uploaded({path.name: path for path in (Path(str(source)), beside)}) if beside else source


def _dictionary_beside(source: Source) -> Path | None:
    """The dictionary in the same folder as a CSV file whose first column is the first field of it; None when there is none."""
    if isinstance(source, Uploaded):
        return None  # all that was dropped has been looked at
    source = Path(source)
    if source.suffix.lower() != ".csv" or not source.is_file():
        return None
    found = (_on_disk(path) for path in sorted(source.parent.glob("*.csv")) if path != source and path.is_file())
    names = header_names(_on_disk(source)) - {""}
    return next((source.parent / member.name for member in found if is_dictionary(member) and _first_field(member) in names), None)


def _on_disk(path: Path) -> Member:
    return Member(path.name, path.stat().st_size, lambda: path.open("rb"))


def _first_field(dictionary: Member) -> str:
    lines = dictionary.start().decode("utf-8-sig", "replace").splitlines()
    return lines[1].split(",")[0].strip().strip('"').lower() if len(lines) > 1 else ""
