"""The dated exports of a made-up clinic, as clinics have them: spreadsheets, a REDCap project, FHIR resources and OMOP tables.

truth -> people -> clinic, redcap, fhir, omop: the same patients four times. `words` holds what each source calls the codes of the bundle.
"""

from __future__ import annotations

from pathlib import Path

from synapse_analytics.synthetic.raw.clinic import write_clinic
from synapse_analytics.synthetic.raw.fhir import write_fhir
from synapse_analytics.synthetic.raw.omop import write_omop
from synapse_analytics.synthetic.raw.redcap import write_redcap
from synapse_analytics.synthetic.raw.truth import Truth, draw_truth

__all__ = ["expected", "write_raw"]

PATIENTS, SEED = 200, 2
WRITERS = {"clinic": write_clinic, "redcap": write_redcap, "fhir": write_fhir, "omop": write_omop}


def write_raw(out: Path, *, patients: int = PATIENTS, seed: int = SEED) -> None:
    """Write the four exports of the same made-up patients to folders in `out`. Same seed, same bytes."""
    truth = draw_truth(patients, seed)
    for name, write in WRITERS.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        write(folder, truth)


def expected(patients: int = PATIENTS, seed: int = SEED) -> Truth:
    """What all four exports say: rows of each file of the bundle as texts, with days counted from the first visit."""
    return draw_truth(patients, seed)
