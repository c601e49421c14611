"""A small right bundle as text, and the ways to spoil it; each case says what must be reported, and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RIGHT: dict[str, str] = {
    "patients.csv": """\
patient_id,sex,age_years,bmi,smoker,comorbidities,occupation
P1,female,50,23.4,yes,0,light
P2,male,61,,no,2,retired
P3,female,44,31,,,
""",
    "episodes.csv": """\
episode_id,patient_id,first_visit_month,site,clinician,diagnosis,icd10,side,symptom_weeks,red_flags,status,closed_day
E1,P1,2020-01,S1,C01,herniated_disc,M51.1,left,12,no,open,
E2,P2,2020-02,S1,C02,spinal_stenosis,M48.0,,100,no,resolved,400
E3,P3,2021-03,S2,C01,piriformis_syndrome,G57.0,right,4,yes,discharged,90
""",
    "other_diagnoses.csv": "episode_id,diagnosis,icd10\nE1,degenerative_disc_disease,M51.3\nE2,other_spinal,\n",
    "symptoms.csv": "episode_id,symptom\nE1,leg_weakness\nE1,radiating_leg_pain\nE2,walking_intolerance\n",
    "investigations.csv": "episode_id,day,investigation,finding\nE1,3,mri,confirmed\nE2,0,xray,\n",
    "treatments.csv": """\
treatment_id,episode_id,treatment,start_day,end_day,clinician,sessions,reoperation
T1,E1,physical_therapy,7,60,C03,8,
T2,E1,discectomy,90,,C02,,no
T3,E2,otc_analgesic,0,30,,,
""",
    "scores.csv": """\
episode_id,day,instrument,value
E1,0,nrs_pain,8
E1,0,odi,52.5
E1,91,nrs_pain,3
E2,0,eq5d5l_index,-0.2
E2,0,nrs_leg,7.5
E3,0,eq_vas,60
""",
    "adverse_events.csv": "episode_id,day,event,treatment_id,severity\nE1,92,infection,T2,mild\n",
}
MANIFEST = {
    "format": "synapse-bundle/1",
    "clinic": "Drawn by a test",
    "data_until": "2024-12",
    "deidentified_by": "nobody, it is made up",
    "method": "none needed",
    "synthetic": True,
}
Spoil = Callable[[Path], Path | None]


@dataclass(frozen=True)
class Case:
    """How the right bundle is spoilt, what must be reported where, and what the report must not hold."""

    spoil: Spoil
    rule: str
    file: str
    line: int | None = None
    column: str = ""
    hidden: str = ""


def write_right(folder: Path) -> Path:
    """The right bundle as a folder."""
    folder.mkdir(parents=True)
    for name, text in RIGHT.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    return folder


def line(file: str, number: int, text: str | bytes) -> Spoil:
    """Put another line in place of this one (the header is line 1)."""

    def spoil(folder: Path) -> None:
        lines = (folder / file).read_bytes().split(b"\n")
        lines[number - 1] = text if isinstance(text, bytes) else text.encode()
        (folder / file).write_bytes(b"\n".join(lines))

    return spoil


def swap(file: str, old: str, new: str) -> Spoil:
    """Put `new` in place of the first `old`."""

    def spoil(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def whole(file: str, content: bytes) -> Spoil:
    """Put another content in place of the file's."""

    def spoil(folder: Path) -> None:
        (folder / file).write_bytes(content)

    return spoil


def add_column(file: str, name: str, values: list[str]) -> Spoil:
    """Append one column outside the schema."""

    def spoil(folder: Path) -> None:
        lines = (folder / file).read_text(encoding="utf-8").splitlines()
        wide = [f"{text},{value}" for text, value in zip(lines, [name, *values], strict=True)]
        (folder / file).write_text("\n".join(wide) + "\n", encoding="utf-8")

    return spoil


def manifest(**changes: object) -> Spoil:
    """Change entries of the manifest; None takes one out."""

    def spoil(folder: Path) -> None:
        entries = {key: value for key, value in (MANIFEST | changes).items() if value is not None}
        (folder / "manifest.json").write_text(json.dumps(entries), encoding="utf-8")

    return spoil
