"""Raw tables and mappings drawn by hand, for the tests of the intake."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import Uploaded

DAY_FIRST = {"format": "day/month/year"}
SEX = {"from": "sex", "codes": {"M": "male", "F": "female"}}


def raw_table(name: str, text: str, **about: Any) -> RawTable:
    """A table drawn as lines of words: the first line is the header, `-` is an empty cell; rows are numbered as in a spreadsheet."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    assert all(len(line) == len(header) for line in lines), text
    cells = {column: pa.array([None if line[i] == "-" else line[i] for line in lines], pa.string()) for i, column in enumerate(header)}
    return RawTable(name, name, pa.table(cells), np.arange(2, len(lines) + 2), **about)


_dropped = tempfile.TemporaryDirectory()  # as long as the tests run


def uploaded(files: dict[str, bytes]) -> Uploaded:
    """Files as they are dropped on a page."""
    folder = Path(tempfile.mkdtemp(dir=_dropped.name))
    for number, content in enumerate(files.values()):
        (folder / f"{number}").write_bytes(content)
    return Uploaded({name: folder / f"{number}" for number, name in enumerate(files)})


def rule(table: str, into: str, scores: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """One rule of a mapping."""
    return {"from": table, "into": into, "fields": fields} | ({"scores": scores} if scores else {})


def register(**more: Any) -> list[dict[str, Any]]:
    """The rules that most clinics have for `register`: its patients and episodes."""
    episode = {
        "patient_id": "mrn", "first_visit_date": {"from": "first", **DAY_FIRST}, "site": {"value": "S01"}, "clinician": {"value": "C01"},
        "diagnosis": {"from": "dx", "codes": {"PIVD": "herniated_disc", "LCS": "spinal_stenosis"}}, "red_flags": {"value": "no"},
        "status": {"value": "open"},
    }  # fmt: skip
    return [
        rule("register", "patients", patient_id="mrn", sex=SEX, date_of_birth={"from": "dob", **DAY_FIRST}),
        rule("register", "episodes", **(episode | more)),
    ]


def mapping(rows: list[dict[str, Any]], **more: Any) -> Mapping:
    """A mapping with these rules."""
    whole = {
        "format": "synapse-mapping/1", "clinic": "A clinic", "data_until": "2025-12", "deidentified_by": "a test", "synthetic": True,
        "episode": {"is": "one_per_patient"}, "rows": rows,
    }  # fmt: skip
    return Mapping.model_validate(whole | more)
