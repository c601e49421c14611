"""The closed lists of the clinic: each entry has a code, a label, and what else belongs to it (a range, a source).

The position in a list is the clinical order and the integer stored in the marts: append, never reorder. The lists and those fields
that decide stored numbers are part of the digest of a stored generation: another field or tuple in this module means that every clinic
loads its data anew. Wording is not (see WORDING in store/tables.py), and colours stand in figures/colours.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, TypeVar


class Coded(Protocol):
    """An entry of a closed list."""

    @property
    def code(self) -> str:
        """The name in bundles, URLs and answers."""

    @property
    def label(self) -> str:
        """The words that people read."""


@dataclass(frozen=True, slots=True)
class Term:
    """One legal value of a closed list."""

    code: str
    label: str
    icd10: tuple[str, ...] = ()  # WHO ICD-10 prefixes that agree with a diagnosis


@dataclass(frozen=True, slots=True)
class Treatment(Term):
    """A treatment, its class and stage of care; `kind` is course (start and end) or procedure (one day)."""

    treatment_class: str = ""
    stage: str = ""
    kind: str = "course"


@dataclass(frozen=True, slots=True)
class Strategy(Term):
    """An arm of a comparison: the `stage` of care had begun by `day` after the first visit (`done`), or had not."""

    stage: str = ""
    day: int = 0
    done: bool = True


@dataclass(frozen=True, slots=True)
class Instrument(Term):
    """A score: legal range in its own unit, decimals stored, and which direction is better."""

    low: float = 0
    high: float = 10
    decimals: int = 1
    better: str = "lower"

    @property
    def reach(self) -> float:
        """The largest possible difference between the scores of two patients."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Preset:
    """A responder rule: improvement from baseline by so many `points` or `percent`, or a `state` reached."""

    code: str
    label: str
    instrument_family: str
    kind: str  # points | percent | state
    threshold: float
    source: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A reference visit: target day and inclusive window, in days from the index."""

    code: str
    label: str
    target: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Band:
    """A labelled inclusive range; None is open-ended."""

    code: str
    label: str
    low: float | None
    high: float | None


DIAGNOSES: tuple[Term, ...] = (
    Term("herniated_disc", "Herniated disc", ("M51.0", "M51.1", "M51.2", "G55.1")),
    Term("spinal_stenosis", "Spinal stenosis", ("M48.0", "M99.3")),
    Term("degenerative_disc_disease", "Degenerative disc disease", ("M51.3",)),
    Term("sacroiliac_joint_dysfunction", "Sacroiliac joint dysfunction", ("M53.3", "M46.1", "M53.2")),
    Term("piriformis_syndrome", "Piriformis syndrome", ("G57.0",)),
    Term("other_spinal", "Other spinal condition"),
)
SYMPTOMS: tuple[Term, ...] = (
    Term("sharp_shooting_pain", "Sharp or shooting pain"),
    Term("numbness_or_tingling", "Numbness or tingling"),
    Term("leg_weakness", "Leg weakness"),
    Term("pain_worse_on_movement_or_sitting", "Pain worse on movement or sitting"),
    Term("radiating_leg_pain", "Radiating leg pain"),
    Term("walking_intolerance", "Walking intolerance"),
    Term("relief_on_sitting_or_bending", "Relief on sitting or bending"),
)
INVESTIGATIONS: tuple[Term, ...] = (
    Term("history_and_examination", "History and examination"),
    Term("xray", "X-ray"),
    Term("mri", "MRI"),
    Term("ct", "CT"),
    Term("nerve_conduction_study", "Nerve conduction study"),
    Term("electromyography", "Electromyography"),
)
STAGES: tuple[Term, ...] = (
    Term("none", "No treatment"),
    Term("conservative", "Conservative care"),
    Term("injection", "Injection"),
    Term("surgery", "Surgery"),
)


def _class(code: str, label: str, stage: str) -> Treatment:
    return Treatment(code, label, (), code, stage, "course" if stage == "conservative" else "procedure")


TREATMENT_CLASSES: tuple[Treatment, ...] = (
    _class("medication", "Medication", "conservative"),
    _class("physical_therapy", "Physical therapy", "conservative"),
    _class("heat_cold_therapy", "Heat or cold therapy", "conservative"),
    _class("lifestyle_modification", "Lifestyle modification", "conservative"),
    _class("epidural_steroid_injection", "Epidural steroid injection", "injection"),
    _class("other_injection", "Other injection", "injection"),
    _class("discectomy", "Discectomy", "surgery"),
    _class("laminectomy", "Laminectomy", "surgery"),
    _class("spinal_fusion", "Spinal fusion", "surgery"),
    _class("other_spine_surgery", "Other spine surgery", "surgery"),
)


def _course(code: str, label: str, treatment_class: str) -> Treatment:
    return replace(find(TREATMENT_CLASSES, treatment_class), code=code, label=label)


AnyTerm = TypeVar("AnyTerm", bound=Coded)


def find(terms: tuple[AnyTerm, ...], code: str) -> AnyTerm:
    """The entry with this code; KeyError when the list has none."""
    for term in terms:
        if term.code == code:
            return term
    raise KeyError(code)


def inside(label: str) -> str:
    """A label as it stands inside a sentence: only names and abbreviations keep their capital."""
    return label if label[:2].isupper() or label.startswith("Oswestry") else label[0].lower() + label[1:]


def codes(terms: tuple[AnyTerm, ...]) -> tuple[str, ...]:
    """The codes of a list, in clinical order."""
    return tuple(term.code for term in terms)


def position(terms: tuple[AnyTerm, ...], code: str) -> int:
    """The position of a code in its list, which the marts store; ValueError when the list has none."""
    return codes(terms).index(code)


TREATMENTS: tuple[Treatment, ...] = (
    _course("otc_analgesic", "Over-the-counter analgesic", "medication"),
    _course("anti_inflammatory", "Anti-inflammatory", "medication"),
    _course("muscle_relaxant", "Muscle relaxant", "medication"),
    _course("neuropathic_medication", "Neuropathic medication", "medication"),
    _course("physical_therapy", "Physical therapy", "physical_therapy"),
    _course("heat_therapy", "Heat therapy", "heat_cold_therapy"),
    _course("cold_therapy", "Cold therapy", "heat_cold_therapy"),
    _course("weight_management", "Weight management", "lifestyle_modification"),
    _course("posture_training", "Posture training", "lifestyle_modification"),
    _course("exercise_programme", "Exercise programme", "lifestyle_modification"),
    _course("ergonomic_adjustment", "Ergonomic adjustment", "lifestyle_modification"),
    *(term for term in TREATMENT_CLASSES if term.kind == "procedure"),
)
STRATEGIES: tuple[Strategy, ...] = (
    Strategy("injection_by_day_90", "Injection within 90 days", stage="injection", day=90, done=True),
    Strategy("no_injection_by_day_90", "No injection within 90 days", stage="injection", day=90, done=False),
    Strategy("surgery_by_day_180", "Surgery within 180 days", stage="surgery", day=180, done=True),
    Strategy("no_surgery_by_day_180", "No surgery within 180 days", stage="surgery", day=180, done=False),
)
INSTRUMENTS: tuple[Instrument, ...] = (
    Instrument("nrs_pain", "Pain (worst, last week)", (), 0, 10, 1, "lower"),
    Instrument("nrs_back", "Back pain", (), 0, 10, 1, "lower"),
    Instrument("nrs_buttock", "Buttock pain", (), 0, 10, 1, "lower"),
    Instrument("nrs_leg", "Leg pain", (), 0, 10, 1, "lower"),
    Instrument("odi", "Oswestry Disability Index", (), 0, 100, 2, "lower"),
    Instrument("eq5d5l_index", "EQ-5D-5L index (India value set)", (), -0.923, 1, 3, "higher"),
    Instrument("eq_vas", "EQ VAS", (), 0, 100, 0, "higher"),
)
# The largest difference between the values of two patients at the first visit (nearly always).
REACH = {"age_years": 90, "bmi": 50, "comorbidities": 10, "symptom_weeks": 520} | {
    f"baseline_{term.code}": term.reach for term in INSTRUMENTS
}
EVENTS: tuple[Term, ...] = (
    Term("dural_tear", "Dural tear"),
    Term("infection", "Infection"),
    Term("haematoma", "Haematoma"),
    Term("nerve_injury", "Nerve injury"),
    Term("thromboembolism", "Thromboembolism"),
    Term("readmission", "Readmission"),
    Term("other", "Other"),
)
UNKNOWN = "unknown"
SEXES = (Term("female", "Women"), Term("male", "Men"), Term("other", "Other sex"), Term(UNKNOWN, "Sex not known"))
OCCUPATIONS = (
    Term("sedentary", "Sedentary work"),
    Term("light", "Light work"),
    Term("heavy", "Heavy work"),
    Term("retired", "Retired"),
    Term("none", "No occupation"),
)
SIDES = (Term("left", "Left"), Term("right", "Right"), Term("both", "Both sides"))
STATUSES = (
    Term("open", "Open"),
    Term("resolved", "Resolved"),
    Term("discharged", "Discharged"),
    Term("referred", "Referred"),
    Term("lost", "Lost to follow-up"),
    Term("died", "Died"),
)
FINDINGS = (Term("confirmed", "Confirmed"), Term("not_confirmed", "Not confirmed"), Term("inconclusive", "Inconclusive"))
SEVERITIES = (Term("mild", "Mild"), Term("moderate", "Moderate"), Term("severe", "Severe"))
YES_NO = (Term("no", "No"), Term("yes", "Yes"))
END_STATES = (  # their colours are those of the verdicts, which differ by mode: figures/ends.py
    Term("resolved", "Resolved"),
    Term("improved", "Improved"),
    Term("unchanged", "About the same"),
    Term("worse", "Worse"),
    Term("in_treatment", "Still in treatment"),
    Term("lost", "Lost to follow-up"),
    Term("died", "Died"),
    Term("unknown", "Not known"),
)
VISITS = (
    Visit("baseline", "Baseline", 0, -60, 0),
    Visit("week_6", "6 weeks", 42, 28, 63),
    Visit("month_3", "3 months", 91, 64, 135),
    Visit("month_6", "6 months", 182, 136, 270),
    Visit("month_12", "12 months", 365, 271, 545),
    Visit("month_24", "24 months", 730, 546, 910),
)


def _band(low: int, high: int) -> Band:
    return Band(f"{low}-{high}", f"{low}-{high}", low, high)


AGE_BANDS = (_band(0, 17), _band(18, 39), _band(40, 64), _band(65, 90))
# The age bands of exported rows. "5 to 9", as a spreadsheet takes 5-9 for a day in September.
FIVE_YEAR_BANDS = (
    *(Band(f"{low} to {low + 4}", f"{low} to {low + 4}", low, low + 4) for low in range(0, 90, 5)),
    Band("90+", "90 or over", 90, None),
)
PAIN_BANDS = (_band(0, 3), _band(4, 6), _band(7, 10))
ODI_BANDS = (_band(0, 20), _band(21, 40), _band(41, 60), _band(61, 100))
BMI_BANDS = (
    Band("under_18.5", "under 18.5", None, 18.5),
    Band("18.5-24.9", "18.5-24.9", 18.5, 25),
    Band("25-29.9", "25-29.9", 25, 30),
    Band("30_and_over", "30 and over", 30, None),
)
SYMPTOM_BANDS = (
    Band("under_6_weeks", "under 6 weeks", None, 5),
    Band("6-12_weeks", "6-12 weeks", 6, 12),
    Band("3-12_months", "3-12 months", 13, 52),
    Band("over_1_year", "over 1 year", 53, None),
)
# Keep the smallest important change first in each family: `clear_change` reads the first.
PRESETS = (
    Preset("nrs_2", "at least 2 points", "nrs", "points", 2, "Ostelo 2008 consensus: minimal important change"),
    Preset("nrs_30pct", "at least 30 %", "nrs", "percent", 30, "Dworkin 2008 (IMMPACT): moderate improvement"),
    Preset("nrs_50pct", "at least 50 %", "nrs", "percent", 50, "Dworkin 2008 (IMMPACT): substantial improvement"),
    Preset("odi_10", "at least 10 points", "odi", "points", 10, "Ostelo 2008 consensus: minimal important change"),
    Preset("odi_20", "at least 20 points", "odi", "points", 20, "Solberg 2013 (n = 692): success after disc surgery; NORspine indicator"),
    Preset("odi_30pct", "at least 30 %", "odi", "percent", 30, "Ostelo 2008; NORspine indicator for stenosis"),
    Preset("odi_22", "ODI 22 or less", "odi", "state", 22, "NORspine good state (patient-acceptable symptom state)"),
    Preset("eq5d_03", "at least 0.3", "eq5d5l_index", "points", 0.3, "Solberg 2013 (n = 692): success after disc surgery"),
)
HEADLINE = "nrs_pain"
HEADLINE_FALLBACK = ("nrs_pain", "nrs_leg", "nrs_back", "odi")


def presets_of(instrument: str) -> tuple[Preset, ...]:
    """The responder rules that are defined for an instrument."""
    return tuple(preset for preset in PRESETS if instrument.startswith(preset.instrument_family))


def important_change(instrument: str) -> Preset | None:
    """The rule that says the smallest important change of an instrument in points: the first of its responder rules; None without rules."""
    return next(iter(presets_of(instrument)), None)


def clear_change(instrument: str) -> float:
    """Points of change from which an episode counts as improved or worse: those of the first responder rule (pain 2, ODI 10)."""
    return presets_of(instrument)[0].threshold


def scores_of(preset: Preset) -> tuple[str, ...]:
    """The labels of the instruments that a responder rule is defined for."""
    return tuple(term.label for term in INSTRUMENTS if preset in presets_of(term.code))
