"""What each source calls the codes of the bundle. A list of words for one code: different people wrote it in different ways."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.synthetic.parameters import CLINICIANS, SITES
from synapse_analytics.vocabulary import codes

Words = dict[str, tuple[str, ...]]
SITE_NAMES = dict(zip(SITES, ("Andheri", "Chembur", "Thane"), strict=True))
_DOCTORS = ("Anand", "Basu", "Chopra", "Dutta", "Eapen", "Ghosh", "Hegde", "Jadhav", "Khanna", "Lobo", "Mehta", "Nair")
DOCTORS = {code: f"Dr {name}" for code, name in zip(CLINICIANS, _DOCTORS, strict=True)}

DIAGNOSES: Words = {
    "herniated_disc": ("PIVD L4-5", "PIVD L5-S1", "Disc prolapse", "disc prolaps L4/5"),
    "spinal_stenosis": ("LCS", "Lumbar canal stenosis", "lumber canal stenosis"),
    "degenerative_disc_disease": ("DDD", "Disc degeneration"),
    "sacroiliac_joint_dysfunction": ("SIJ dysfunction", "SI joint pain"),
    "piriformis_syndrome": ("Piriformis sx", "Piriformis syndrome"),
    "other_spinal": ("Listhesis", "Mech LBP"),
}
SYMPTOMS: Words = {
    "sharp_shooting_pain": ("shooting pain",),
    "numbness_or_tingling": ("numbness",),
    "leg_weakness": ("weakness leg",),
    "pain_worse_on_movement_or_sitting": ("pain on sitting",),
    "radiating_leg_pain": ("radiating to leg",),
    "walking_intolerance": ("claudication",),
    "relief_on_sitting_or_bending": ("relief on bending",),
}
INVESTIGATIONS: Words = {
    "history_and_examination": ("Clinical exam",),
    "xray": ("X-Ray LS spine", "XR LS spine"),
    "mri": ("MRI LS spine", "MRI"),
    "ct": ("CT",),
    "nerve_conduction_study": ("NCV",),
    "electromyography": ("EMG",),
}
TREATMENTS: Words = {
    "otc_analgesic": ("Tab Paracetamol 650", "Crocin 650 SOS"),
    "anti_inflammatory": ("Tab Aceclofenac 100", "Etoricoxib 60"),
    "muscle_relaxant": ("Tab Thiocolchicoside 4", "Tizanidine 2"),
    "neuropathic_medication": ("Cap Pregabalin 75", "Gabapentin 300"),
    "physical_therapy": ("PT", "Physiotherapy"),
    "heat_therapy": ("Hot pack",),
    "cold_therapy": ("Ice pack",),
    "weight_management": ("Diet advice",),
    "posture_training": ("Posture trg",),
    "exercise_programme": ("Home exercises", "Core exercises"),
    "ergonomic_adjustment": ("Ergonomic advice",),
    "epidural_steroid_injection": ("ESI L4-5", "TFESI L5"),
    "other_injection": ("SIJ inj", "Trigger pt inj"),
    "discectomy": ("Microdiscectomy L4-5", "Discectomy"),
    "laminectomy": ("Laminectomy",),
    "spinal_fusion": ("TLIF",),
    "other_spine_surgery": ("Other spine sx",),
}
OCCUPATIONS: Words = {
    "sedentary": ("Desk job",),
    "light": ("Shop",),
    "heavy": ("Labour",),
    "retired": ("Rtd",),
    "none": ("Nil", "Housewife"),
}
EVENTS: Words = {
    "dural_tear": ("Durotomy",),
    "infection": ("SSI",),
    "haematoma": ("Hematoma",),
    "nerve_injury": ("Nerve inj",),
    "thromboembolism": ("DVT",),
    "readmission": ("Readmitted",),
    "other": ("Other",),
}
STATUSES: Words = {
    "open": ("Under Rx",),
    "resolved": ("Cured",),
    "discharged": ("D/C",),
    "referred": ("Ref out",),
    "lost": ("LTFU",),
    "died": ("Expired",),
}
SIDES: Words = {"left": ("Lt",), "right": ("Rt",), "both": ("B/L",)}
FINDINGS: Words = {"confirmed": ("+ve",), "not_confirmed": ("-ve",), "inconclusive": ("?",)}
SEVERITIES: Words = {"mild": ("Gr I",), "moderate": ("Gr II",), "severe": ("Gr III",)}

LISTS = {
    "sex": codes(v.SEXES),
    "occupation": codes(v.OCCUPATIONS),
    "diagnosis": codes(v.DIAGNOSES),
    "symptom": codes(v.SYMPTOMS),
    "investigation": codes(v.INVESTIGATIONS),
    "treatment": codes(v.TREATMENTS),
    "finding": codes(v.FINDINGS),
    "side": codes(v.SIDES),
    "status": codes(v.STATUSES),
    "event": codes(v.EVENTS),
    "severity": codes(v.SEVERITIES),
    "instrument": codes(v.INSTRUMENTS),
    "site": SITES,
    "clinician": CLINICIANS,
}
LABELS = {
    "sex": v.SEXES, "occupation": v.OCCUPATIONS, "diagnosis": v.DIAGNOSES, "symptom": v.SYMPTOMS, "investigation": v.INVESTIGATIONS,
    "treatment": v.TREATMENTS, "finding": v.FINDINGS, "side": v.SIDES, "status": v.STATUSES, "event": v.EVENTS, "severity": v.SEVERITIES,
    "instrument": v.INSTRUMENTS,
}  # fmt: skip
MEDICATION = ("otc_analgesic", "anti_inflammatory", "muscle_relaxant", "neuropathic_medication")


def said(words: Words, code: str, number: int) -> str:
    """One of the ways in which a code is written; empty for none."""
    return words[code][number % len(words[code])] if code else ""


def number(column: str, code: str) -> str:
    """The position of a code in its list from 1, as forms number answers; empty for none."""
    return str(LISTS[column].index(code) + 1) if code else ""
