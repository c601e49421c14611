"""A dated export becomes a bundle: seconds and memory, beside DuckDB reading the same files: `python -m benchmarks.anonymising [ROWS]`.

The export is made up: a register of a tenth as many patients as there are answers, half of them treated, in CSV with dates day first.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.loading import read_without_checks
from benchmarks.measure import in_own_process, peak_megabytes
from synapse_analytics.intake.anonymise import Options, anonymise
from synapse_analytics.intake.disguise import fresh_secret
from synapse_analytics.intake.mapping.model import Mapping

ROWS = 1_000_000
_DAY = {"format": "day/month/year"}
MAPPING: dict[str, Any] = {
    "format": "synapse-mapping/1", "clinic": "Made up", "data_until": "2025-12", "deidentified_by": "a benchmark", "synthetic": True,
    "episode": {"is": "one_per_patient"}, "same_day": "last",
    "rows": [
        {"from": "register.csv", "into": "patients", "fields": {
            "patient_id": "MRN", "sex": {"from": "Sex", "codes": {"M": "male", "F": "female"}}, "date_of_birth": {"from": "DOB", **_DAY}}},
        {"from": "register.csv", "into": "episodes", "fields": {
            "patient_id": "MRN", "first_visit_date": {"from": "First visit", **_DAY}, "site": "Site", "clinician": "Consultant",
            "diagnosis": {"from": "Diagnosis", "concept_set": "diagnoses"}, "red_flags": {"value": "no"}, "status": {"value": "open"}}},
        {"from": "treatments.csv", "into": "treatments", "fields": {
            "patient_id": "MRN", "treatment": {"from": "Treatment", "concept_set": "treatments"}, "start_date": {"from": "Start", **_DAY}}},
        {"from": "scores.csv", "into": "scores", "fields": {"patient_id": "MRN", "date": {"from": "Date", **_DAY}},
         "scores": {"nrs_pain": "Pain 0-10"}},
    ],
}  # fmt: skip


def write_export(folder: Path, rows: int) -> None:
    """The made-up export, always the same."""
    draw = np.random.default_rng(1)
    firsts = [date(2018, 1, 1) + timedelta(day) for day in draw.integers(0, 2_000, rows // 10).tolist()]
    mrn = [f"{number:07d}" for number in range(1, len(firsts) + 1)]
    _write(
        folder / "register.csv",
        ["MRN", "Name", "Sex", "DOB", "First visit", "Diagnosis", "Consultant", "Site"],
        _register(mrn, firsts, draw),
    )
    treated = ([mrn[i], "Physiotherapy", f"{firsts[i]:%d/%m/%Y}"] for i in range(0, len(mrn), 2))
    _write(folder / "treatments.csv", ["MRN", "Treatment", "Start"], treated)
    _write(folder / "scores.csv", ["MRN", "Date", "Pain 0-10"], _answers(mrn, firsts, draw.integers(0, 1 << 30, (rows, 3))))


def _register(mrn: list[str], firsts: list[date], draw: np.random.Generator) -> Iterator[list[str]]:
    for one, first, age, coin in zip(
        mrn, firsts, draw.integers(0, 22_000, len(mrn)).tolist(), draw.integers(0, 2, len(mrn)).tolist(), strict=True
    ):
        born = date(1940, 1, 1) + timedelta(age)
        yield [one, "Made Up", "MF"[coin], f"{born:%d/%m/%Y}", f"{first:%d/%m/%Y}", ("PIVD", "LCS")[coin], "C01", "S01"]


def _answers(mrn: list[str], firsts: list[date], drawn: np.ndarray) -> Iterator[list[str]]:
    for who, day, pain in (drawn % (len(mrn), 700, 11)).tolist():
        yield [mrn[who], f"{firsts[who] + timedelta(day):%d/%m/%Y}", str(pain)]


def _write(path: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def timed(folder: str) -> dict[str, float]:
    """Seconds and memory of `anonymise`, from the files to the checked bundle."""
    start = time.perf_counter()
    account = anonymise(folder, Mapping.model_validate(MAPPING), Path(folder).parent / "bundle", Options(fresh_secret()))
    return {"seconds": time.perf_counter() - start, "rows": sum(table.read for table in account.tables), "megabytes": peak_megabytes()}


def main(rows: int) -> None:
    """Make the export, measure both, and print a line for each."""
    work = Path(tempfile.mkdtemp())
    try:
        (work / "export").mkdir()
        write_export(work / "export", rows)
        ours = in_own_process("anonymising", "timed", str(work / "export"))
        plain = in_own_process("anonymising", "plain", str(work / "export"))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for name, found in (("anonymise", ours), ("DuckDB reads the same files, without more", plain)):
        sys.stdout.write(f"{name}: {found['seconds']:.1f} s, {found['megabytes']:,.0f} MB\n")
    sys.stdout.write(f"{ours['rows']:,.0f} rows, {rows:,} of them scores; {ours['seconds'] / plain['seconds']:.0f} times as long.\n")


if __name__ == "__main__":
    asked = sys.argv[1:]
    if asked[:1] in (["timed"], ["plain"]):
        sys.stdout.write(json.dumps((timed if asked[0] == "timed" else read_without_checks)(asked[1])) + "\n")
    else:
        main(int(asked[0]) if asked else ROWS)
