"""Files and columns of a bundle in words. A data officer finds them by their names in the file, which stand in the table of the answer."""

from __future__ import annotations

# Columns whose name does not read as words; the others do once their underscores are spaces.
_WORDS = {
    "patient_id": "Patient number",
    "episode_id": "Episode number",
    "treatment_id": "Treatment number",
    "age_years": "Age in years",
    "bmi": "Body mass index",
    "icd10": "ICD-10 code",
    "comorbidities": "Number of other conditions",
    "side": "Side of the pain",
    "symptom_weeks": "Weeks with symptoms",
    "start_day": "First day",
    "end_day": "Last day",
    "closed_day": "Day the episode closed",
    "first_visit_month": "Month of the first visit",
    "reoperation": "Further operation",
    "sessions": "Sessions attended",
    "finding": "Result of the investigation",
}


def file_label(file: str) -> str:
    """A file in words: `adverse_events.csv` is "Adverse events"."""
    return file.rsplit(".", 1)[0].replace("_", " ").capitalize()


def column_label(column: str) -> str:
    """A column in words: `icd10` is "ICD-10 code"."""
    return _WORDS.get(column) or column.replace("_", " ").capitalize()
