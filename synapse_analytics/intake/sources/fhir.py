"""FHIR R4: Bundles, JSON and NDJSON files, a folder or a zip of them, as one table for each kind of resource."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.mapping.model import Reading
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.births import MIDDLE, birth_dates
from synapse_analytics.intake.sources.fhir_files import ENDINGS, NO_RESOURCE, Found, resources
from synapse_analytics.intake.sources.fhir_kinds import COUNTED_KINDS, OTHER_KINDS
from synapse_analytics.intake.sources.fhir_rows import CODE, Row, displays, names_of, questions, rows_of
from synapse_analytics.intake.sources.fhir_shapes import FREE_TEXT, IDENTITY, SHAPES
from synapse_analytics.intake.sources.members import Source, name_of
from synapse_analytics.intake.sources.standard_files import files_of
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.vocabulary.plurals import counted

NOT_USED = "resources of a kind that is not used"
TWICE = "the same resource came before"
# Nothing refers to a row of these by its urn or identifier, and they are very many.
_NEVER_NAMED = frozenset({"Observation", "DiagnosticReport", "QuestionnaireResponse"})


@dataclass(slots=True)
class _Kind:
    """What was read of one kind of resource: a list of cells for each column, and the row of each."""

    columns: dict[str, list[str | None]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    twice: int = 0

    def add(self, found: Found) -> None:
        self.files.add(found.file)
        for column, code, words in displays(found.resource):
            self.choices[column].setdefault(code, words)
        if found.resource["resourceType"] == "QuestionnaireResponse":
            self.labels |= questions(found.resource.get("item"))
        for row in rows_of(found):
            self._append(row, found.row)

    def _append(self, row: Row, number: int) -> None:
        known = hash(frozenset(row.items()))
        if known in self.seen and row["id"]:
            self.twice += 1
            return
        self.seen.add(known)
        for name in [name for name in row if name not in self.columns]:
            self.columns[name] = [None] * len(self.rows)
        for name, cells in self.columns.items():
            cells.append(row.get(name))
        self.rows.append(number)


@dataclass(slots=True)
class _Read:
    kinds: dict[str, _Kind] = field(default_factory=lambda: defaultdict(_Kind))
    names: dict[str, str] = field(default_factory=dict)  # urn, or kind and identifier -> id
    not_used: Counter[str] = field(default_factory=Counter)

    def add(self, found: Found) -> None:
        kind = found.resource["resourceType"]
        if kind not in _NEVER_NAMED:
            self.names.update(names_of(found))
        if kind in SHAPES:
            self.kinds[kind].add(found)
        else:
            self.not_used[kind if kind in COUNTED_KINDS or kind == NO_RESOURCE else OTHER_KINDS] += 1


def read(source: Source, readings: Mapping[str, Reading] | None = None, progress: Progress = quiet) -> list[RawTable]:
    """One table for each kind of resource that is used, and an empty one for each that is not, which says how many there were.

    `readings` is not used: how FHIR is written is laid down. Raises IntakeRefused with file and line when a part is no JSON or no resource.
    """
    faults, read_so_far = Faults(), _Read()
    with files_of(source, ENDINGS) as files:
        total = sum(file.size for file in files)
        done = 0
        for file in files:
            progress("Reading FHIR resources", done, total)  # files of one person are often named after that person
            for found in resources(file, faults):
                read_so_far.add(found)
            done += file.size
    if not faults and not read_so_far.kinds:
        faults.add("No FHIR resource was found that can be used.", f"Files that are read end in {', '.join(ENDINGS)}.")
    faults.raise_if_any("The FHIR resources cannot be used as they are.")
    return _tables(read_so_far, name_of(source))


def _tables(found: _Read, source: str) -> list[RawTable]:
    medicines = found.kinds.pop("Medication", None)
    tables = [_table(name, kind, found.names, source) for name, kind in found.kinds.items()]
    if medicines:
        tables = [_with_medicines(table, medicines) for table in tables] + [_not_read("Medication", len(medicines.rows), source)]
    return tables + [_not_read(name, n, source) for name, n in sorted(found.not_used.items())]


def _not_read(name: str, n: int, source: str) -> RawTable:
    reason = "their codes stand in the rows that name them" if name == "Medication" else NOT_USED
    return RawTable(name, source, pa.table({}), np.zeros(0, int), how="FHIR R4 resources that are counted only", left={reason: n})


def _table(name: str, kind: _Kind, names: dict[str, str], source: str) -> RawTable:
    single = len(kind.files) == 1
    cells = pa.table({column: pa.array(values, pa.string()) for column, values in kind.columns.items()})
    for column, (of, _) in SHAPES[name].references.items():
        cells = _replaced(cells, column, _resolved(cells[column], of, names))
    if name == "Patient":
        cells = cells.append_column("birth_date", birth_dates(cells["birthDate"]))
    how = _how(name, cells, len(kind.files))
    return RawTable(
        name,
        _file(name, kind, source),
        cells,
        np.array(kind.rows if single else range(1, len(kind.rows) + 1), int),
        how=how,
        labels=kind.labels,
        choices=dict(kind.choices),
        identifiers=frozenset(IDENTITY) if name == "Patient" else frozenset(),
        free_text=FREE_TEXT & set(cells.column_names),
        date_formats=dict.fromkeys([*SHAPES[name].dates, *(["birth_date"] if name == "Patient" else [])], "year-month-day"),
        left={TWICE: kind.twice} if kind.twice else {},
    )


def _file(name: str, kind: _Kind, source: str) -> str:
    """The file of these resources if it is named after them; a file of one person is often named after that person."""
    return next((file for file in kind.files if len(kind.files) == 1 and file.lower().startswith(name.lower())), source)


def _how(name: str, cells: pa.Table, files: int) -> str:
    """How the resources became rows, in a few words."""
    parts = cells.num_rows - cells["component_of"].null_count if "component_of" in cells.column_names else 0
    said = [
        "FHIR R4 resources", "times became dates", MIDDLE if name == "Patient" else "",
        f"{counted(cells.num_rows - parts, 'resource')}, and {counted(parts, 'row')} of their components" if parts else "",
        f"{files} files, rows numbered through all of them" if files > 1 else "",
    ]  # fmt: skip
    return "; ".join(one for one in said if one)


def _resolved(column: pa.ChunkedArray, kind: str, names: dict[str, str]) -> pa.Array:
    """References as ids; one that names nobody in the source keeps its own last part, so that rows of one patient stay together."""
    coded = pc.dictionary_encode(column).combine_chunks()
    ids = [names.get(text) or names.get(f"{kind}?identifier={text}") or _last(text) for text in coded.dictionary.to_pylist()]
    return pa.array(ids, pa.string()).take(coded.indices)


def _last(text: str) -> str:
    if "?identifier=" in text:
        return text.rpartition("|")[2]
    return text.rpartition(":")[2] if text.startswith("urn:") else text


def _with_medicines(table: RawTable, medicines: _Kind) -> RawTable:
    """The code of a medicine that stands in a resource of its own, beside the request or statement that names it."""
    if "medication" not in table.cells.column_names:
        return table
    place = {name: position for position, name in enumerate(medicines.columns["id"])}
    found = [place.get(name) for name in table.cells["medication"].to_pylist()]
    cells = table.cells
    for column in CODE:
        theirs = medicines.columns[column]
        named = pa.array([None if at is None else theirs[at] for at in found], pa.string())
        cells = _replaced(cells, column, pc.coalesce(cells[column], named))
    codes = {**table.choices.get("code", {}), **medicines.choices.get("code", {})}
    return replace(table, cells=cells, choices={**table.choices, "code": codes})


def _replaced(cells: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return cells.set_column(cells.column_names.index(column), column, values)
