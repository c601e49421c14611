"""Released tables as pandas frames: what is withheld stays withheld."""

from __future__ import annotations

from synapse_analytics import Cohort, analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.exports import as_frame


def test_frame_holds_the_released_rows(sample_clinic: Clinic) -> None:
    answer = analyses.symptoms(sample_clinic.under(PUBLISH), Cohort(), by="age_sex")
    frame = as_frame(answer, "symptoms")
    assert len(frame) == len(answer.tables["symptoms"])
    hidden = frame[frame["withheld"].map(lambda names: "n" in names)]
    assert len(hidden) > 0
    assert hidden["n"].isna().all()
