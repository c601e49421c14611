"""Three families of colour, each with its own character: verdicts are strong, treatments middling, diagnoses muted.

Better is the only blue and worse the only orange. What has no clinical meaning of its own (sites, clinicians, years, ages) has no
colour. Every value was found by a search that keeps the families apart for eyes that lack a kind of cone, on white and on dark
ground; `python -m tests.colours` prints how far apart they are, and tests/unit/test_colours.py holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synapse_analytics import vocabulary as v


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour on white and on dark ground."""

    light: str
    dark: str


NEITHER = Shade("#686a6d", "#727577")  # no named diagnosis, no treatment
# Muted: earth, slate and wine.
DIAGNOSES: Mapping[str, Shade] = {
    "herniated_disc": Shade("#4e527d", "#6e7aa4"),
    "spinal_stenosis": Shade("#815d4b", "#e9b3a2"),
    "degenerative_disc_disease": Shade("#4e4e27", "#8b8358"),
    "sacroiliac_joint_dysfunction": Shade("#6e3f42", "#c3a7bd"),
    "piriformis_syndrome": Shade("#4d8388", "#5d919d"),
    "other_spinal": NEITHER,
}
# Conservative care is green, an injection ochre, surgery purple; the first class of a stage has the colour of the stage.
CLASSES: Mapping[str, Shade] = {
    "medication": Shade("#246c56", "#5f9c6c"),
    "physical_therapy": Shade("#5f8145", "#1d8e77"),
    "heat_cold_therapy": Shade("#0e492d", "#a4dfc3"),
    "lifestyle_modification": Shade("#359869", "#8db36d"),
    "epidural_steroid_injection": Shade("#af8b2b", "#e5c243"),
    "other_injection": Shade("#5d4103", "#e3de83"),
    "discectomy": Shade("#502d7d", "#a858c8"),
    "laminectomy": Shade("#885880", "#a46092"),
    "spinal_fusion": Shade("#a22793", "#ec7acf"),
    "other_spine_surgery": Shade("#ac79bc", "#e0c7f9"),
}
STAGES: Mapping[str, Shade] = {
    "none": NEITHER,
    "conservative": CLASSES["medication"],
    "injection": CLASSES["epidural_steroid_injection"],
    "surgery": CLASSES["discectomy"],
}
# A strategy that leaves a step out is conservative care.
STRATEGIES = {term.code: STAGES[term.stage if term.done else "conservative"] for term in v.STRATEGIES}
TREATMENTS: Mapping[str, Shade] = {
    **{term.code: CLASSES[term.treatment_class] for term in v.TREATMENTS},
    **CLASSES,
    **STAGES,
    **STRATEGIES,
}
# The splits whose groups have a colour.
SPLITS: Mapping[str, Mapping[str, Shade]] = {"diagnosis": DIAGNOSES, "highest_stage": STAGES, "first_treatment": TREATMENTS}
