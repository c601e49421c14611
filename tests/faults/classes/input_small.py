"""Cohorts of nobody, of one patient, of one group: every question is answered, or says why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synapse_analytics import Cohort, analyses, open_clinic
from synapse_analytics.errors import SynapseError
from synapse_analytics.exports import as_document
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.inside import at_home, drawn_home, not_words

EXPECTED = "The question is answered with what the policy lets out of so few patients, and its sentences, or a sentence says why it is not."
COHORTS = {
    "nobody": Cohort(sex=("female",), age_from=0, age_to=0),
    "nobody, by contradiction": Cohort(site=("S01",), treatment=("discectomy",), highest_stage=("none",)),
    "few": Cohort(age_from=61, age_to=61),
    "one arm": Cohort(treatment=("discectomy",)),
    "one sex": Cohort(sex=("other",)),
    "one clinician": Cohort(clinician=("C01",)),
    "one month": Cohort(month_from="2024-01", month_to="2024-01"),
    "few by their health": Cohort(smoker=("yes",), comorbidities=("3_or_more",)),
}
CASES = [(name, who, policy) for name in analyses.answers() for who in COHORTS for policy in ("clinic", "publish")]


@contextmanager
def _prepare(_folder: Path) -> Iterator[Inject]:
    with at_home(drawn_home()):
        clinic = open_clinic()

        def inject(number: int) -> End:
            name, who, policy = CASES[number]
            try:
                released = analyses.answer(clinic.under(policy), name, COHORTS[who])
                as_document(released)
            except SynapseError as error:
                wrong = not_words(str(error))
            else:
                wrong = not_words(released.refused) if released.refused else ""
            return End(f"{name} of {who}, {policy}: {wrong}") if wrong else SURVIVED

        yield inject


CLASSES = (Faults("cohorts of nobody, of few and of one arm", EXPECTED, len(CASES), 20, _prepare),)
