"""Bundles whose values are whole but cannot be right: ranges, codes, keys, references and order in time."""

from __future__ import annotations

from tests.faults.drawn import Case, line, manifest, swap

PATIENTS, SCORES, EPISODES, TREATMENTS, EVENTS = "patients.csv", "scores.csv", "episodes.csv", "treatments.csv", "adverse_events.csv"

SEMANTIC: dict[str, Case] = {
    "odi over 100": Case(line(SCORES, 3, "E1,0,odi,101"), "out_of_range", SCORES, 3, "value"),
    "odi a hair over 100": Case(line(SCORES, 3, "E1,0,odi,100.0001"), "out_of_range", SCORES, 3, "value", "100.0001"),
    "negative pain": Case(line(SCORES, 2, "E1,0,nrs_pain,-1"), "out_of_range", SCORES, 2, "value"),
    "pain of eleven": Case(line(SCORES, 2, "E1,0,nrs_pain,11"), "out_of_range", SCORES, 2, "value"),
    "quality of life below the value set": Case(line(SCORES, 5, "E2,0,eq5d5l_index,-0.924"), "out_of_range", SCORES, 5, "value", "-0.924"),
    "day before the range": Case(line(SCORES, 2, "E1,-3651,nrs_pain,8"), "out_of_range", SCORES, 2, "day", "-3651"),
    "day after the range": Case(line(SCORES, 2, "E1,7301,nrs_pain,8"), "out_of_range", SCORES, 2, "day", "7301"),
    "negative age": Case(line(PATIENTS, 3, "P2,male,-1,,no,2,retired"), "out_of_range", PATIENTS, 3, "age_years"),
    "bmi of 81": Case(line(PATIENTS, 3, "P2,male,61,81,no,2,retired"), "out_of_range", PATIENTS, 3, "bmi"),
    "twenty-one comorbidities": Case(line(PATIENTS, 3, "P2,male,61,,no,21,retired"), "out_of_range", PATIENTS, 3, "comorbidities"),
    "month thirteen": Case(swap(EPISODES, "2020-02", "2020-13"), "out_of_range", EPISODES, 3, "first_visit_month", "2020-13"),
    "unknown sex": Case(line(PATIENTS, 3, "P2,mal,61,,no,2,retired"), "unknown_code", PATIENTS, 3, "sex"),
    "misspelt diagnosis": Case(
        swap(EPISODES, "spinal_stenosis", "spinal_stenois"), "unknown_code", EPISODES, 3, "diagnosis", "spinal_stenois"
    ),
    "code in capitals": Case(swap(SCORES, "odi", "ODI"), "unknown_code", SCORES, 3, "instrument"),
    "yes as a number": Case(line(PATIENTS, 3, "P2,male,61,,1,2,retired"), "unknown_code", PATIENTS, 3, "smoker"),
    "odd icd10": Case(swap(EPISODES, "M48.0", "stenosis"), "wrong_form", EPISODES, 3, "icd10", "stenosis"),
    "missing required value": Case(line(PATIENTS, 3, "P2,,61,,no,2,retired"), "missing_value", PATIENTS, 3, "sex"),
    "missing id": Case(line(SCORES, 2, ",0,nrs_pain,8"), "missing_value", SCORES, 2, "episode_id"),
    "site that a spreadsheet made a month": Case(swap(EPISODES, "S2", "Mar-24"), "spreadsheet_damage", EPISODES, 4, "site", "Mar-24"),
    "id that a spreadsheet made a number": Case(
        swap(PATIENTS, "P3", "1.2E+07"), "spreadsheet_damage", PATIENTS, 4, "patient_id", "1.2E+07"
    ),
    "id with a blank": Case(swap(PATIENTS, "P3", "P 3"), "wrong_form", PATIENTS, 4, "patient_id"),
    "id of 65 characters": Case(swap(PATIENTS, "P3", "P" * 65), "wrong_form", PATIENTS, 4, "patient_id", "P" * 30),
    "patient twice": Case(line(PATIENTS, 4, "P2,male,61,,no,2,retired"), "duplicate_key", PATIENTS, 4, "patient_id"),
    "episode twice": Case(swap(EPISODES, "E3,", "E2,"), "duplicate_key", EPISODES, 4, "episode_id"),
    "treatment twice": Case(swap(TREATMENTS, "T3", "T1"), "duplicate_key", TREATMENTS, 4, "treatment_id"),
    "symptom twice": Case(swap("symptoms.csv", "radiating_leg_pain", "leg_weakness"), "duplicate_key", "symptoms.csv", 3, "symptom"),
    "secondary diagnosis twice": Case(
        line("other_diagnoses.csv", 3, "E1,degenerative_disc_disease,"), "duplicate_key", "other_diagnoses.csv", 3, "diagnosis"
    ),
    "episode of nobody": Case(swap(EPISODES, "E3,P3", "E3,P777X"), "orphan", EPISODES, 4, "patient_id", "P777X"),
    "orphan score": Case(line(SCORES, 7, "E999X,0,eq_vas,60"), "orphan", SCORES, 7, "episode_id", "E999X"),
    "orphan treatment": Case(swap(TREATMENTS, "T3,E2", "T3,E999X"), "orphan", TREATMENTS, 4, "episode_id", "E999X"),
    "orphan symptom": Case(line("symptoms.csv", 2, "E999X,leg_weakness"), "orphan", "symptoms.csv", 2, "episode_id", "E999X"),
    "orphan investigation": Case(line("investigations.csv", 2, "E999X,3,mri,"), "orphan", "investigations.csv", 2, "episode_id", "E999X"),
    "complication of no treatment": Case(swap(EVENTS, "T2", "T999X"), "orphan", EVENTS, 2, "treatment_id", "T999X"),
    "complication of another's treatment": Case(swap(EVENTS, "T2", "T3"), "other_episode", EVENTS, 2, "treatment_id"),
    "end before start": Case(swap(TREATMENTS, "7,60", "60,7"), "end_before_start", TREATMENTS, 2, "end_day"),
    "score after the cut-off": Case(line(SCORES, 4, "E1,1828,nrs_pain,3"), "after_data_until", SCORES, 4, "day"),
    "end after the cut-off": Case(swap(TREATMENTS, "7,60", "7,1828"), "after_data_until", TREATMENTS, 2, "end_day"),
    "first visit after the cut-off": Case(swap(EPISODES, "2020-01", "2025-01"), "after_data_until", EPISODES, 2, "first_visit_month"),
    "cut-off before the data": Case(manifest(data_until="2019-12"), "after_data_until", EPISODES, 2, "first_visit_month"),
    "closed before opened": Case(swap(EPISODES, "resolved,400", "resolved,-4"), "closed_before_opened", EPISODES, 3, "closed_day"),
    "resolved without a day": Case(swap(EPISODES, "resolved,400", "resolved,"), "missing_closed_day", EPISODES, 3, "closed_day"),
    "open with a closed day": Case(swap(EPISODES, "no,open,", "no,open,30"), "closed_day_while_open", EPISODES, 2, "closed_day"),
    "two answers on one day": Case(line(SCORES, 4, "E1,0,nrs_pain,3"), "conflicting_scores", SCORES, 4, "value"),
}
