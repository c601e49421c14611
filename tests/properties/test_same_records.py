"""Answers depend on the records alone: not on the order of their rows, on how ids are called, or on which four years they lie in.

Each way of writing the same records anew is loaded beside them, and every answer is asked of both.
"""

from __future__ import annotations

import csv
import functools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed
from synapse_analytics.store import load_bundle

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
FOUR_YEARS = 48  # months: as many days, with one leap day, wherever they begin between 1901 and 2095
SITE = "S02"
YEAR = re.compile(r"\b20\d\d\b")
OF_THE_STORE = {"data_quality", "generation_summary"}  # they tell what was loaded, not what is true of patients
SPLITS = ("sex", "clinician")
MORE = (
    ("compare_treatments", {"a": "epidural_steroid_injection", "b": "physical_therapy"}),
    ("compare_treatments", {"a": "surgery_by_day_180", "b": "no_surgery_by_day_180", "month": 12, "outcome": "odi"}),
    ("pathways", {"unit": "treatment", "gap_collapse": 60, "repeats": "all"}),
    ("patients_like_mine", {"age": 60, "diagnosis": "spinal_stenosis", "pain": 6, "odi": 40, "width": 2}),
    ("time_to_escalation", {"event": "injection", "by": "diagnosis"}),
    ("calibration", {"month": 3}),
    ("control_chart", {"indicator": "surgery_within_12_months", "period": "quarter"}),
    ("control_chart", {"indicator": "median_wait"}),
    ("funnel", {"indicator": "surgery_within_12_months", "by": "site"}),
)
Files = dict[str, list[dict[str, str]]]
Change = Callable[[Files, dict[str, Any]], None]


def questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every answer about patients, as it is asked by default, and by each of some splits."""
    for name, declared in analyses.answers().items():
        if name not in OF_THE_STORE:
            yield name, {}
            legal = next((option.legal for option in declared.options if option.name == "by"), None) or ()
            yield from ((name, {"by": by}) for by in SPLITS if by in legal)
    yield from MORE


def read(folder: Path) -> tuple[Files, dict[str, Any]]:
    files: Files = {}
    for path in folder.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as handle:
            files[path.name] = list(csv.DictReader(handle))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest.pop("files", None)  # digests of the files as they were
    return files, manifest


def load(files: Files, manifest: Mapping[str, Any], folder: Path) -> str:
    bundle = folder / "bundle"
    bundle.mkdir()
    for name, rows in files.items():
        with (bundle / name).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    database = f"duckdb:///{folder / 'store'}"
    load_bundle(bundle, database)
    return database


def written_anew(files: Files, _manifest: dict[str, Any]) -> None:
    """Rows and columns in another order, and other ids, in another order, for patients, episodes and treatments."""
    draw = random.Random(8)
    for column in ("patient_id", "episode_id", "treatment_id"):
        known = sorted({row[column] for rows in files.values() for row in rows if row.get(column)})
        numbers = draw.sample(range(10**7), len(known))
        other = {name: f"X{number:08d}" for name, number in zip(known, numbers, strict=True)}
        for rows in files.values():
            for row in rows:
                if row.get(column):
                    row[column] = other[row[column]]
    for name, rows in files.items():
        columns = draw.sample(list(rows[0]), len(rows[0]))
        files[name] = [{column: row[column] for column in columns} for row in draw.sample(rows, len(rows))]


def four_years_later(files: Files, manifest: dict[str, Any]) -> None:
    for row in files["episodes.csv"]:
        row["first_visit_month"] = later(row["first_visit_month"])
    manifest["data_until"] = later(manifest["data_until"])


def later(month: str) -> str:
    return f"{int(month[:4]) + FOUR_YEARS // 12}{month[4:]}"


def one_site(files: Files, _manifest: dict[str, Any]) -> None:
    """The bundle of one site: its episodes, and what belongs to them."""
    files["episodes.csv"] = [row for row in files["episodes.csv"] if row["site"] == SITE]
    episodes, patients = ({row[column] for row in files["episodes.csv"]} for column in ("episode_id", "patient_id"))
    for name, rows in files.items():
        column, known = ("patient_id", patients) if name == "patients.csv" else ("episode_id", episodes)
        files[name] = [row for row in rows if row[column] in known]


CHANGES: dict[str, Change] = {each.__name__: each for each in (written_anew, four_years_later, one_site)}
ASKED = [
    (change, name, options)
    for change in CHANGES
    for name, options in questions()
    if (change, name) != ("one_site", "attrition")  # it begins with everybody the bundle holds
]


@pytest.fixture(scope="module")
def database_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The database of the sample's records as a change writes them, loaded once."""

    @functools.cache
    def loaded(change: str) -> str:
        files, manifest = read(SAMPLE)
        CHANGES[change](files, manifest)
        return load(files, manifest, tmp_path_factory.mktemp(change))

    return loaded


@pytest.mark.parametrize(
    ("change", "name", "options"), ASKED, ids=[" ".join([change, name, *map(str, options.values())]) for change, name, options in ASKED]
)
def test_the_same_records_give_the_same_answer(
    sample_store: str, database_of: Callable[[str], str], change: str, name: str, options: dict[str, Any]
) -> None:
    months = FOUR_YEARS if change == "four_years_later" else 0
    cohort = Cohort(site=(SITE,)) if change == "one_site" else Cohort()
    for policy in ("clinic", "publish") if change == "written_anew" else ("clinic",):  # nothing is published of a cohort of one site
        expected = moved(of_the_sample(sample_store, policy, cohort, name, tuple(options.items())), months)
        assert told(open_clinic(database_of(change), policy=policy), name, Cohort(), options) == expected


@functools.cache
def of_the_sample(store: str, policy: str, cohort: Cohort, name: str, options: tuple[tuple[str, Any], ...]) -> Any:
    """What the sample says, which two changes are held against."""
    return told(open_clinic(store, policy=policy), name, cohort, dict(options))


def told(clinic: Clinic, name: str, cohort: Cohort, options: dict[str, Any]) -> Any:
    """What an answer says, as plain values that can be compared."""
    try:
        answer = analyses.answer(clinic, name, cohort, **options)
    except NotAllowed as refused:
        return str(refused)
    notes = [YEAR.sub("a year", note) for note in answer.notes]  # some name the year of a paper, which does not move
    counted = {"n": answer.n, "episodes": answer.episodes, "withheld": answer.withheld}
    return plain(counted | {"tables": answer.tables, "refused": answer.refused, "notes": notes})


def plain(value: Any) -> Any:
    """Numbers to nine digits and nine places, because sums of decimals in another order may differ in their last digit."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return round(float(f"{value:.9g}"), 9) + 0.0 if isinstance(value, float) else value


def moved(value: Any, months: int) -> Any:
    """The same, so many months later: every text in which a year stands."""
    if isinstance(value, dict):
        return {key: moved(item, months) for key, item in value.items()}
    if isinstance(value, list):
        return [moved(item, months) for item in value]
    return YEAR.sub(lambda year: str(int(year[0]) + months // 12), value) if isinstance(value, str) else value
