"""Bundles mutated at random: refused in words, or loaded whole, and then the answers are those that a plain reader counts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pyarrow import parquet

from synapse_analytics import Cohort, analyses, open_clinic
from synapse_analytics.clinic import Clinic
from synapse_analytics.errors import BundleRefused
from synapse_analytics.vocabulary import DIAGNOSES, SEXES, codes
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.inside import at_home, command, not_words
from tests.faults.mutated_bundles import mutated, write_base
from tests.twins.open_policy import EVERYTHING, changed

EXPECTED = (
    "The bundle is refused with exit code 2 and a sentence and the store stays as it was, or it is loaded whole: every row of every file is "
    "in the store, and answers are those that a plain reader counts in the files."
)
Row = dict[str, str]
Records = dict[str, list[Row]]


def _prepare(folder: Path) -> Inject:
    base, home = write_base(folder / "base"), folder / "home"
    home.mkdir(mode=0o700)

    def inject(number: int) -> End:
        bundle, before = mutated(number, base, folder / "in"), _current(home)
        with at_home(home) as patch:
            ended = command(patch, "load", bundle)
            if ended.code == 0:
                return _whole(dict(_records(bundle)), changed(open_clinic(), policy=EVERYTHING))
        if ended.code != BundleRefused.exit_code:
            return End(f"exit code {ended.code}: {ended.err[-300:]}")
        return End("refused, but the store changed") if _current(home) != before else End(not_words(ended.err))

    return inject


def _current(home: Path) -> str:
    pointer = home / "CURRENT"
    return pointer.read_text(encoding="utf-8") if pointer.exists() else ""


def _records(bundle: Path) -> Iterator[tuple[str, list[Row]]]:
    """The records of an accepted bundle, read as plainly as it goes."""
    for name, content in _contents(bundle):
        if name.endswith(".csv"):
            reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            yield name.removesuffix(".csv"), list(reader)
        elif name.endswith(".parquet"):
            rows = parquet.read_table(io.BytesIO(content)).to_pylist()
            yield name.removesuffix(".parquet"), [{column: value or "" for column, value in row.items()} for row in rows]


def _contents(bundle: Path) -> Iterator[tuple[str, bytes]]:
    if bundle.is_dir():
        yield from ((path.name, path.read_bytes()) for path in bundle.iterdir() if path.is_file())
    else:
        with zipfile.ZipFile(bundle) as archive:
            yield from ((Path(name).name, archive.read(name)) for name in archive.namelist())


def _whole(records: Records, clinic: Clinic) -> End:
    """Whether every row is in the store, and two simple questions are answered as one counts by hand."""
    held = clinic.generation.rows
    lost = sum(abs(len(rows) - held[stem]) for stem, rows in records.items() if stem in held)
    if lost:
        return End("accepted, but not every row is in the store", lost)
    sex = {row["patient_id"].strip(): row["sex"].strip() for row in records["patients"]}
    by_diagnosis = Counter(row["diagnosis"].strip() for row in records["episodes"])
    by_sex = Counter(sex[row["patient_id"].strip()] for row in records["episodes"])
    mix = analyses.diagnosis_mix(clinic, Cohort()).tables["diagnoses"]
    if {row["diagnosis"]: row["n"] for row in mix} != {code: by_diagnosis[code] for code in codes(DIAGNOSES)}:
        return End("the mix of diagnoses is another one than in the file")
    for code in codes(SEXES):
        mix = analyses.diagnosis_mix(clinic, Cohort(sex=(code,))).tables["diagnoses"]
        if sum(row["n"] for row in mix) != by_sex[code]:
            return End(f"the episodes of the sex '{code}' are others than in the file")
    return SURVIVED


CLASSES = (Faults("mutated bundles", EXPECTED, 500, 4, _prepare),)
