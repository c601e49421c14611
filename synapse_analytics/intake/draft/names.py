"""What the name of a column says that it is, by the conventions of English registries. Names with a typo are found, too."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz, process

from synapse_analytics.bundle.column_names import normalise

_LAST = frozenset({"last", "final"})
_ALIKE = 88  # of 100: one letter in a word of eight

# The field that a column fills -> what such columns are called. `date` is the day of a visit or an answer.
PHRASES = MappingProxyType(
    {
        "patient_id": "mrn, uhid, hospital no, hospital number, hosp no, record id, study id, patient id, patientid, pid, subject id, subject,"
        " participant id, cr no, crno, registration no, reg no, ip no, op no, patient no, patient number, case no, usubjid, id, person id",
        "episode_id": "episode id, episode, episode no, case id, problem id, referral id, encounter id, ref no, referral no, referral number, ref id",
        "site": "site, centre, center, hospital, clinic, location, branch, unit, site code, redcap data access group",
        "clinician": "clinician, consultant, doctor, surgeon, physician, provider, treating doctor, clinician code, therapist, dr, given by, done by,"
        " operated by, prescribed by, seen by",
        "sex": "sex, gender, sex at birth, m f, patient sex",
        "date_of_birth": "dob, date of birth, birth date, birthdate, d o b, birth dt",
        "age_years": "age, age years, age yrs, age at visit, age at first visit, age in years, age at enrolment, patient age",
        "bmi": "bmi, body mass index, bmi kg m2",
        "weight": "weight, weight kg, weight in kg, weight kgs, wt, wt kg, wt in kg, body weight, body weight kg, patient weight",
        "height": "height, height cm, height in cm, height cms, height m, height in m, height metres, height meters, height mtr, ht, ht cm, ht m,"
        " ht in cm, body height, patient height",
        "smoker": "smoker, smoking, smokes, current smoker, smoking status, tobacco",
        "comorbidities": "comorbidities, comorbidity count, number of comorbidities, no of comorbidities, other conditions,"
        " co morb, comorb, co morbidities, no of co morbidities",
        "occupation": "occupation, work, job, employment, type of work, occupation type",
        "first_visit_date": "first visit date, date of first visit, first visit, first seen, first seen on, date first seen, first consultation,"
        " enrolment date, enrollment date, baseline date, date of enrolment, referral date, date of referral, registration date, visit1 date, date of 1st visit,"
        " 1st visit date, first visit on, 1st visit, date enrolled, enrolled on, enrolled, enrollment, date of consent, consent date,"
        " date randomised, date randomized, randomisation date, randomization date, date of randomisation, date of randomization",
        "date": "date, visit date, date of visit, assessment date, date of assessment, follow up date, fu date, questionnaire date,"
        " completed on, date completed, review date, score date, prom date, survey date, form date",
        "diagnosis": "diagnosis, primary diagnosis, dx, diagnosis text, provisional diagnosis, final diagnosis, condition, problem",
        "icd10": "icd10, icd, icd 10, icd code, icd10 code, diagnosis code",
        "side": "side, laterality, side of pain, pain side, affected side",
        "symptom_weeks": "symptom duration, duration, duration of symptoms, duration weeks, symptom weeks, pain duration, duration of pain,"
        " duration months, symptoms months, symptom duration weeks, symptom duration months, symptom duration days",
        "red_flags": "red flags, red flag, redflag, redflags, any red flag",
        "status": "status, outcome, episode status, discharge status, disposition, final status, state, case status",
        "closed_date": "closed date, date closed, closed on, discharge date, date of discharge, discharged on, end of care, closure date",
        "symptom": "symptom, symptoms, presenting symptom, complaint, presenting complaint",
        "investigation": "investigation, imaging, test, investigation type, investigation done, modality",
        "finding": "finding, result of imaging, confirmed, investigation result, imaging result, report, finding",
        "treatment": "treatment, procedure, surgery, operation, medication, drug, intervention, therapy, treatment given, procedure name,"
        " surgery type, injection, injection type, operation performed, treatment type, modality of treatment, arm, treatment arm, group",
        "treatment_id": "treatment id, treatment no, procedure id, bill no, treatment number",
        "start_date": "start date, date started, treatment date, procedure date, surgery date, date of surgery, operation date, injection date,"
        " started on, treatment start, treatment start date, date treatment started, tx start, tx date, rx date, dose start, date of procedure, date of injection, date of operation, start",
        "end_date": "end date, stop, stopped, end, treatment end date, tx end, date stopped, stopped on, treatment end, stop date, ended on, date ended",
        "sessions": "sessions, number of sessions, no of sessions, sessions attended, pt sessions",
        "reoperation": "reoperation, re operation, redo surgery, revision, revision surgery, redo",
        "event": "complication, adverse event, complications, event, ae, ae term, complication type",
        "severity": "severity, grade, ae severity, complication severity",
        "visit": "visit, visit name, time point, timepoint, redcap event name, event name, follow up, followup, visit code, avisit, fu, period",
        "instrument": "instrument, questionnaire, scale, score name, measure, prom, test name, instrument name, score type, param,"
        " paramcd, parameter",
        "value": "value, score, result, score value, answer, response, total score, points, aval",
    }
)
_FIELD = {" ".join(phrase.split()): field for field, phrases in PHRASES.items() for phrase in phrases.split(",")}

_JOINED = {phrase.replace(" ", ""): field for phrase, field in _FIELD.items()}  # `studyid`, `visitdate`


@lru_cache(maxsize=4096)
def field_named(name: str) -> str:
    """The field that a column of this name fills; "" when the name says nothing."""
    words = normalise(name).replace("_", " ")
    if words in _FIELD:
        return _FIELD[words]
    if words in _JOINED:
        return _JOINED[words]
    found = process.extractOne(words, list(_FIELD), scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE) if len(words) > 4 else None
    return _FIELD[found[0]] if found and _may_be(words, found[0]) else ""


def _may_be(words: str, phrase: str) -> bool:
    """False for names that are nearly alike and mean different things: the last visit is not the 1st, and visit 4 is not visit 1."""
    return re.findall(r"\d", words) in ([], re.findall(r"\d", phrase)) and not _LAST & (set(words.split()) - set(phrase.split()))
