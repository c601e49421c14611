"""Every number that the made-up clinic rests on, with its source or the word assumption.

Tables follow the vocabulary: one entry or one line per diagnosis (herniated disc, stenosis, disc disease, sacroiliac, piriformis, other),
one column per code. Where an array is of pain and ODI, pain is its first line. Sources: Swespine, NORspine, SPORT, INSITE, MarketScan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synapse_analytics import vocabulary as v

NONE = -99_999  # an integer that is not recorded; written as an empty field
SITES = ("S01", "S02", "S03")
CLINICIANS = tuple(f"C{number:02d}" for number in range(1, 13))
SITE_OF_CLINICIAN = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
CLINICIAN_SHARE = np.array([11, 10, 9, 9, 8, 9, 8, 8, 8, 7, 7, 6]) / 100
DATA_UNTIL = "2025-12"  # fixed, so that the same seed gives the same bytes next year
# Two codes per diagnosis, a usual and a rarer one; other_spinal: spondylolisthesis, low back pain.
ICD10 = ("M51.1", "M51.2", "M48.0", "M48.0", "M51.3", "M51.3", "M53.3", "M46.1", "G57.0", "G57.0", "M43.1", "M54.5")
LISTS = {"site": SITES, "clinician": CLINICIANS, "icd10": ICD10}  # the legal values of columns without a closed list

# The patients. Proposal for a referred clinic; ages and sexes: Swespine, NORspine, INSITE; piriformis sex ratio is an assumption.
DIAGNOSIS_SHARE = np.array([0.375, 0.208, 0.238, 0.108, 0.058, 0.013])
AGE_MEAN = np.array([45.5, 67.4, 46.0, 51.0, 42.0, 52.0])
AGE_SD = np.array([13.0, 10.5, 10.8, 13.0, 11.0, 15.0])
FEMALE_SHARE = np.array([0.43, 0.52, 0.50, 0.70, 0.63, 0.50])
SMOKER_SHARE = np.array([0.22, 0.14, 0.20, 0.18, 0.16, 0.18])  # assumption, between NORspine and Swespine
SYMPTOM_WEEKS_MEDIAN = np.array([16.0, 60.0, 70.0, 45.0, 30.0, 40.0])  # assumption
RED_FLAG_SHARE = np.array([0.035, 0.03, 0.015, 0.01, 0.008, 0.10])  # assumption
CANDIDATE_FOR_SECOND_EPISODE = 0.135  # about half of them fall after the cut-off: 6 to 8 % come back
MONTHS_TO_SECOND_EPISODE = (8, 40)

# First visit: a little milder than the operated patients of the registries, from whom the spread is taken.
MEAN = np.array([[6.5, 6.3, 6.1, 7.0, 6.3, 6.0], [42.0, 36.5, 35.0, 44.0, 36.0, 36.0]])
SD = np.array([[1.6, 1.5, 1.5, 1.3, 1.5, 1.6], [15.5, 13.0, 11.8, 13.0, 12.0, 13.0]])  # between patients, without the noise of one answer
PAIN_ODI_CORRELATION = 0.55  # assumption
NOISE = np.array([1.3, 8.0])  # within-person: pain 1.3 to 1.5 (assumption); ODI from two answers without treatment between (Hatakka)
NOISE_CORRELATION = 0.35  # assumption
PEAK = np.array([0.35, 2.5])  # people come at a bad time: this much of the first answers is gone at the next one

# Natural course: the part that goes by itself and how fast. SPORT: herniation improves much without surgery, stenosis hardly.
EXCESS = np.array([[2.2, 0.6, 0.8, 0.8, 1.4, 1.0], [15.0, 3.0, 4.0, 4.0, 8.0, 6.0]])
NATURAL_DAYS = 95.0
SHIFT_DAYS = 60.0  # the shift of a clinician or of the change point builds up like this. Assumption
LINEAR_PER_YEAR = np.array([-0.8, -5.0])  # the simple course of the scenarios without hidden causes
LINEAR_DAYS = 1_100.0

# Where it hurts, against the worst pain: back, buttock, leg. Swespine: leg pain 3.8 in disc disease.
SITE_OF_PAIN = np.array(
    [[-1.3, -2.5, -0.3], [-0.5, -2.5, -0.6], [-0.3, -2.5, -2.6], [-1.2, -0.3, -3.0], [-2.8, -0.2, -1.6], [-0.8, -2.0, -2.2]]
)

# Symptoms at first visit (v.SYMPTOMS across) and investigations (v.INVESTIGATIONS across): assumptions.
SYMPTOM_SHARE = np.array(
    [
        [0.26, 0.26, 0.16, 0.18, 0.58, 0.02, 0.02],
        [0.05, 0.18, 0.12, 0.05, 0.20, 0.62, 0.36],
        [0.05, 0.05, 0.03, 0.62, 0.08, 0.03, 0.16],
        [0.12, 0.03, 0.01, 0.58, 0.06, 0.06, 0.04],
        [0.24, 0.18, 0.03, 0.58, 0.30, 0.04, 0.03],
        [0.16, 0.16, 0.08, 0.40, 0.16, 0.12, 0.10],
    ]
)
WEAKNESS = v.position(v.SYMPTOMS, "leg_weakness")
INVESTIGATION_SHARE = np.array(
    [
        [0.25, 0.12, 0.48, 0.03, 0.06, 0.05],
        [0.25, 0.26, 0.50, 0.06, 0.04, 0.03],
        [0.25, 0.34, 0.32, 0.03, 0.02, 0.01],
        [0.25, 0.38, 0.20, 0.08, 0.01, 0.01],
        [0.25, 0.10, 0.26, 0.02, 0.12, 0.10],
        [0.25, 0.30, 0.40, 0.08, 0.03, 0.02],
    ]
)
CONFIRMED_SHARE = np.array([0.72, 0.42, 0.78, 0.70, 0.52, 0.48])

# Courses (the first eleven treatments): share by diagnosis, days to start, days of duration. Assumptions.
COURSE_SHARE = np.array(
    [
        [0.22, 0.44, 0.12, 0.20, 0.50, 0.05, 0.03, 0.02, 0.04, 0.10, 0.03],
        [0.26, 0.30, 0.04, 0.20, 0.44, 0.05, 0.01, 0.05, 0.05, 0.14, 0.01],
        [0.24, 0.38, 0.12, 0.06, 0.52, 0.08, 0.01, 0.05, 0.08, 0.16, 0.06],
        [0.22, 0.36, 0.10, 0.03, 0.55, 0.07, 0.04, 0.02, 0.07, 0.14, 0.03],
        [0.18, 0.34, 0.18, 0.09, 0.62, 0.08, 0.04, 0.01, 0.10, 0.16, 0.06],
        [0.40, 0.40, 0.16, 0.12, 0.50, 0.10, 0.04, 0.06, 0.10, 0.18, 0.06],
    ]
)
COURSE_START_MEDIAN = np.array([3, 4, 6, 14, 14, 5, 4, 35, 20, 30, 18.0])
COURSE_DAYS_MEDIAN = np.array([45, 35, 20, 85, 62, 40, 18, 150, 55, 95, 60.0])
UNTREATED_SHARE = 0.05
PHYSICAL_THERAPY = v.position(v.TREATMENTS, "physical_therapy")
ANTI_INFLAMMATORY = v.position(v.TREATMENTS, "anti_inflammatory")
REPEATED_COURSE_SHARE = 0.12

# Procedures. Ever-surgery within a year, proposal: 22, 18, 6, 3, < 1 %; the intercepts below give it (checked by a test).
INJECTION_LOGIT = np.array([-1.05, -1.15, -2.15, -0.95, -1.15, -2.1])
SURGERY_LOGIT = np.array([-2.0, -2.25, -3.7, -4.6, -6.5, -3.4])
SURGERY_LOG_ODDS = {"pain": 0.55, "odi": 0.5, "weakness": 0.8, "injection": 0.25, "red_flags": 1.6, "age_over_80": -0.9}
HIDDEN_LOG_ODDS = 0.45  # what surgeons see and the file does not hold
EARLY_SURGERY_SHARE = 0.12  # operated without six weeks of conservative care, without red flags
LATE_SURGERY_SHARE = 0.13  # decided after the first year; SPORT, Peul: crossover goes on
FIRST_PROCEDURE = v.position(v.TREATMENTS, "epidural_steroid_injection")
OTHER_INJECTION, DISCECTOMY = FIRST_PROCEDURE + 1, FIRST_PROCEDURE + 2  # from discectomy on, treatments are operations
EPIDURAL_SHARE = np.array([0.94, 0.93, 0.75, 0.08, 0.06, 0.5])
SURGERY_MIX = np.array(  # discectomy, laminectomy, fusion, other
    [[0.85, 0.08, 0.04, 0.03], [0.02, 0.78, 0.17, 0.03], [0.08, 0.07, 0.73, 0.12], [0, 0, 0.85, 0.15], [0, 0, 0, 1], [0.1, 0.3, 0.3, 0.3]]
)
REOPERATION_SHARE = np.array([0.140, 0.110, 0.110, 0.10])  # within five years: Korea 13.4 %, SPORT 10 to 15 %
REOPERATION_DAYS_MEDIAN, REOPERATION_SPREAD = 330.0, 1.3  # half of them within the first year, 15 % within 90 days

# Complications of surgery by kind (v.EVENTS across; discectomy, laminectomy, fusion, other): NORspine, Norway n = 34,639, reviews.
COMPLICATION_SHARE = np.array(
    [
        [0.020, 0.014, 0.004, 0.003, 0.002, 0.020, 0.004],
        [0.045, 0.018, 0.005, 0.004, 0.004, 0.024, 0.005],
        [0.035, 0.026, 0.006, 0.006, 0.006, 0.030, 0.008],
        [0.020, 0.020, 0.005, 0.005, 0.004, 0.024, 0.008],
    ]
)
INJECTION_EVENT_SHARE = 0.004


@dataclass(frozen=True, slots=True)
class Effect:
    """Points that one treatment adds to pain and ODI: a lasting part that builds up and a passing part that wears off (in days)."""

    pain: float = 0.0
    odi: float = 0.0
    builds_up_days: float = 45.0
    passing_pain: float = 0.0
    passing_odi: float = 0.0
    wears_off_days: float = 60.0

    def at(self, days: np.ndarray) -> np.ndarray:
        """Added pain and ODI (two lines) so many days after the start, 0 before it: negative is better."""
        since = np.maximum(days, 0.0)
        lasting = 1.0 - np.exp(-since / self.builds_up_days)
        passing = (1.0 - np.exp(-since / 7.0)) * np.exp(-since / self.wears_off_days)
        return np.outer((self.pain, self.odi), lasting) + np.outer((self.passing_pain, self.passing_odi), passing)


# In the order of v.TREATMENTS. SPORT: surgery against none about 13 ODI points; Chou 2015: injections help early and not for long.
EFFECTS = (
    Effect(passing_pain=-0.3, passing_odi=-1.5),
    Effect(passing_pain=-0.5, passing_odi=-2.5),
    Effect(passing_pain=-0.3, passing_odi=-1.0, wears_off_days=30),
    Effect(pain=-0.15, odi=-0.5, passing_pain=-0.3, passing_odi=-1.0, wears_off_days=90),
    Effect(pain=-0.6, odi=-4.0),
    Effect(passing_pain=-0.2, passing_odi=-0.5),
    Effect(passing_pain=-0.2, passing_odi=-0.5, wears_off_days=30),
    Effect(pain=-0.2, odi=-2.0, builds_up_days=120),
    Effect(pain=-0.1, odi=-0.8),
    Effect(pain=-0.3, odi=-2.5, builds_up_days=60),
    Effect(pain=-0.1, odi=-0.8),
    Effect(passing_pain=-1.4, passing_odi=-6.0, wears_off_days=55),
    Effect(passing_pain=-1.3, passing_odi=-5.0, wears_off_days=55),
    Effect(pain=-2.5, odi=-15.5, builds_up_days=30),
    Effect(pain=-1.8, odi=-9.5, builds_up_days=40),
    Effect(pain=-2.2, odi=-12.5, builds_up_days=80),
    Effect(pain=-1.5, odi=-9.0, builds_up_days=60),
)
RESPONSE_SHAPE = 4.0  # patients answer to treatment differently: gamma with mean 1 and SD 0.5
NO_EFFECTS = tuple(Effect() for _ in EFFECTS)
FLARE = {"injection": np.array([1.2, 6.0]), "surgery": np.array([0.9, 7.0])}  # procedures are done at a bad time, which passes by itself
FLARE_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Which causes are at work; the three named ones are in SCENARIOS."""

    name: str
    effects: tuple[Effect, ...] = EFFECTS
    hidden: bool = True  # hidden severity, flares and bad days decide who is treated when
    drop_out_by_outcome: bool = True  # and by age and smoking; else at random
    surgery_log_odds: tuple[tuple[str, float], ...] = (("C05", 1.0),)
    outcome_shift: tuple[tuple[str, float, float], ...] = (("C09", 1.0, 7.0),)  # clinician, pain, ODI
    change_point: tuple[float, float] | None = (-0.6, -4.0)  # pain, ODI of all who come from that month on


SCENARIOS = {
    "default": Scenario("default"),
    "null": Scenario("null", NO_EFFECTS, hidden=False, drop_out_by_outcome=False, surgery_log_odds=(), outcome_shift=(), change_point=None),
    "measured": Scenario("measured", hidden=False, drop_out_by_outcome=False, surgery_log_odds=(), outcome_shift=(), change_point=None),
}
CHANGE_POINT_AT = 0.5  # of the months: a year of closed 12-month windows follows it

# Answers. Registries reach 70 to 80 %; those who stay away are younger, smoke more and do a little worse (Kaur 2023).
FIRST_VISIT_ANSWERS = ((42, 7), (91, 12), (182, 22), (365, 30), (730, 45))  # target day, usual deviation
ANSWER_LOGIT = np.array([1.75, 1.65, 1.50, 1.45, 1.30])
ANSWER_SPREAD = 0.9  # some answer always, some never
BASELINE_SHARE = 0.96
AFTER_INJECTION = ((30, 7), (91, 12))
AFTER_SURGERY = ((42, 7), (91, 10), (365, 25), (730, 45))
FRESH_BASELINE_SHARE = 0.92
ANSWER_LOG_ODDS = {"age_per_10_years": 0.20, "smoker": -0.40, "odi_per_10": -0.09}
LONG_FORM_SHARE = 0.07  # answer the long form (sites of pain, EQ-5D) at first visit and later; all operated do
MISSING_ITEM_SHARE = 0.04  # one ODI item left out
HALF_POINT_SHARE = 0.04  # a cross between two numbers

# EQ-5D-5L, India value set (Jyani 2022), in tenths of a millionth: mobility, self-care, activities, pain, anxiety by level 1 to 5.
EQ5D_LOSS = np.array(
    [
        [0, 496_623, 988_915, 2_541_657, 3_874_732],
        [0, 512_558, 1_305_876, 3_014_405, 3_798_653],
        [0, 454_892, 886_009, 2_415_260, 3_239_096],
        [0, 513_593, 1_255_064, 3_897_716, 5_842_377],
        [0, 162_728, 626_321, 1_635_654, 2_470_492],
    ]
)

# How episodes end. Assumptions.
CLOSE_DAYS_MEDIAN, CLOSE_SPREAD = 260.0, 0.65
LOST_SHARE = 0.09
DEATHS_PER_YEAR_AT_60, DEATH_DOUBLES_IN_YEARS = 0.004, 9.0
