"""One full example of a mapping, for the reference page; a test reads it."""

from __future__ import annotations

EXAMPLE = """\
format: synapse-mapping/1
clinic: Example Spine Clinic
data_until: 2026-06
deidentified_by: the data officer

files:
  visits.csv: {encoding: windows-1252, separator: ";", decimal: ","}

episode:
  is: gap          # a patient who comes again after a year has a new episode
  days: 365
day_zero: first_visit

rows:
- from: patients.xlsx#Patients
  into: patients
  fields:
    patient_id: [Site, Hospital no]      # hospital numbers repeat between the sites
    sex:
      from: Gender
      codes: {M: male, F: female, T: other, U: unknown}
    date_of_birth: {from: DOB, format: day/month/year, missing: [01/01/1900]}
    bmi: {from: [Weight, Height], unit: cm, missing: ["999", "-"]}      # or `bmi: BMI`
    smoker: {from: Smoking, codes: {"1": yes, "0": no, "9": null}}

- from: patients.xlsx#Patients
  into: episodes
  fields:
    patient_id: [Site, Hospital no]
    first_visit_date: {from: First seen, format: day/month/year}
    site: Site
    clinician: Consultant
    diagnosis: {from: Diagnosis, concept_set: diagnoses, codes: {PIVD L4-5: herniated_disc, LCS: spinal_stenosis}}
    symptom_weeks: {from: Duration, unit: months}
    red_flags: {from: Red flags, codes: {Y: yes, N: no}}
    status: {from: Outcome, codes: {Under care: open, Discharged: discharged, LTFU: lost}}
    closed_date: {from: Closed on, format: day/month/year}

- from: patients.xlsx#Patients
  into: investigations
  fields:
    patient_id: [Site, Hospital no]
    date: {from: Imaged on, format: day/month/year}
    investigation: {boxes: {MRI done: mri, X-ray done: xray}}

- from: visits.csv
  into: scores
  where: {Attended: [Y, Yes]}
  fields:
    patient_id: [Site, Hospital no]
    date: {from: Visit date, format: [day/month/year, day-Mon-year]}
  scores:
    nrs_leg: {from: VAS leg mm, scale: [0, 100]}
    nrs_back: VAS back
    odi:
      items: [ODI1, ODI2, ODI3, ODI4, ODI5, ODI6, ODI7, ODI8, ODI9, ODI10]
      coded: 0-5
      stated: ODI total
      missing: ["9"]
    eq5d5l_index: {items: [EQ mobility, EQ selfcare, EQ activity, EQ pain, EQ anxiety], coded: 1-5}

- from: treatments.csv
  into: treatments
  fields:
    patient_id: [Site, Hospital no]
    treatment: {from: Procedure, concept_set: treatments}
    start_date: {from: Date, format: year-month-day}
    clinician: Surgeon

left_out:
  patients.xlsx#Patients:
    Name: identifies people
    Remarks: free text
"""
