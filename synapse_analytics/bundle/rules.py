"""Every rule that a bundle must keep, in one place: its name, its class and its sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

STRUCTURE, VALUES, IDENTITY, WARNING = "structure", "values", "identity", "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to refuse a bundle (or to warn); the name is stable, the sentence is for people."""

    name: str
    kind: str
    sentence: str


_SENTENCES: dict[str, dict[str, str]] = {
    STRUCTURE: {
        "not_a_bundle": "There is no folder here, nor a zip file that can be read.",
        "missing_file": "A file of the bundle is missing.",
        "extra_file": "The bundle holds a file that does not belong in it.",
        "duplicate_file": "The file is in the bundle twice: two files have this name, or it is there as CSV and as Parquet.",
        "unreadable_file": "The file cannot be read.",
        "path_trick": "A file name leads outside the bundle, or is a link.",
        "zip_bomb": "The zip would unpack to more than a bundle may hold, or is packed more tightly than records can be.",
        "packed_too_tightly": "The file is small but would unpack to more rows or longer values than records have.",
        "too_many_row_groups": "The file is cut into thousands of small row groups. Write it with the default size of pandas or pyarrow.",
        "large_parquet_in_zip": "The Parquet file is too large to be read from a zip. Give the bundle as a folder.",
        "unreadable_column": "A column of the Parquet file holds lists, records or bytes. Each row must hold one text, one number, or yes or no.",
        "encrypted_zip": "The zip is locked with a password.",
        "empty_file": "The file holds nothing, not even a header.",
        "no_rows": "The file has a header and no rows.",
        "not_a_csv": "The file is not CSV (it is an HTML page, a spreadsheet, or a packed or binary file).",
        "not_a_parquet": "The file cannot be read as Parquet with texts, numbers and yes or no in an encoding that pandas or pyarrow writes.",
        "wrong_delimiter": "The columns are not separated by commas.",
        "missing_header": "The first line names none of the columns of this file.",
        "missing_column": "A required column is missing.",
        "extra_column": "The column does not belong in this file.",
        "duplicate_column": "The header names this column twice.",
        "too_many_columns": "The file has a thousand columns or more. Its rows were not read.",
        "short_row": "The row has fewer fields than the header. The column named is the first that is missing.",
        "long_row": "The row has more fields than the header. The column named is the first that does not fit.",
        "blank_line": "The line is empty.",
        "line_too_long": "A line is longer than any row can be.",
        "stray_quote": "A quotation mark stands inside a field that is not quoted, or text follows a closing quotation mark.",
        "unclosed_quote": "A quotation mark is opened and not closed on the same line. No field may hold a line break.",
        "stray_carriage_return": "A carriage return stands alone. Lines must end with LF or CRLF.",
        "nul_byte": "The line holds a NUL byte.",
        "not_utf8": "The text is not encoded as UTF-8.",
        "repeated_header": "The header is repeated among the rows.",
        "row_count": "The file does not have the number of rows that the manifest gives.",
        "sha256": "The file is not the one that the manifest describes: its sha256 differs.",
        "manifest_not_json": "The manifest is not a single JSON object.",
        "manifest_missing_key": "The manifest lacks a required entry.",
        "manifest_unknown_key": "The manifest has an entry that does not belong in it.",
        "manifest_wrong_type": "An entry of the manifest has the wrong type, is empty or is too long.",
        "manifest_format": "The format in the manifest is not synapse-bundle/1.",
    },
    VALUES: {
        "missing_value": "A required value is missing.",
        "wrong_type": "The value is not a number of the kind that this column needs.",
        "missing_word": "A word such as NaN or NULL stands for a missing value. Leave the field empty.",
        "other_digits": "The number is not written with the digits 0 to 9.",
        "padding": "There are spaces before or after the value.",
        "out_of_range": "The number is outside the range that is allowed here.",
        "unknown_code": "This code is not used in this column.",
        "spreadsheet_damage": "A spreadsheet has turned the code into a date or a number (`MAR24` into `Mar-24`), or has left an error in its place.",
        "wrong_form": "The value does not have the form that this column needs (an id, a short code, an ICD-10 code or a month YYYY-MM).",
        "duplicate_key": "An earlier row has the same key.",
        "orphan": "The row names a patient, an episode or a treatment that is not in the bundle.",
        "other_episode": "The row names a treatment of another episode.",
        "end_before_start": "The course of treatment ends before it starts.",
        "after_data_until": "The day lies after the last month with complete data (data_until in the manifest).",
        "closed_before_opened": "The episode closes before its first visit.",
        "missing_closed_day": "The episode is not open, but closed_day is empty.",
        "closed_day_while_open": "The episode is open, but closed_day is filled in.",
        "conflicting_scores": "The same score was answered twice on one day, with different values.",
    },
    IDENTITY: {
        "identity_column": "By its name, the column identifies people, or holds calendar dates or free text.",
        "identity_name": "The value looks like a person's name.",
        "identity_phone": "The value looks like a phone number.",
        "identity_email": "The value looks like an e-mail address.",
        "identity_aadhaar": "The values in this column look like Aadhaar numbers.",
        "identity_pan": "The value looks like a tax number (PAN).",
        "identity_voter": "The value looks like a voter id.",
        "identity_health_id": "The value looks like a health id (ABHA).",
        "identity_document": "The value looks like the number of a passport or driving licence.",
        "identity_record_number": "The value looks like a hospital record number.",
        "identity_address": "The value looks like an address or map coordinates.",
        "identity_network": "The value looks like an IP or device address.",
        "identity_url": "The value looks like a web address.",
        "identity_date": "The value looks like a calendar date.",
        "age_over_90": "The age is over 90. Write 90 for everybody aged 90 or over.",
        "digit_only_id": "The id holds no letter, so it may be a hospital record number.",
        "formula_cell": "The value begins like a spreadsheet formula.",
    },
    WARNING: {
        "implausible_jump": "Two answers within 7 days differ by at least 80 % of the range of the score.",
        "treatment_outside_episode": "The treatment ended before the first visit or began after the episode closed.",
        "low_follow_up": "At one site, fewer than 60 of 100 expected answers to the main score are there for one follow-up visit.",
        "diagnosis_unlike_icd10": "The ICD-10 code belongs to another diagnosis.",
        "small_cell": "Fewer than 5 patients share this patient's age band, sex, diagnosis, year and site.",
        "repeated_score": "The same answer is in the file more than once.",
    },
}
RULES: dict[str, Rule] = {name: Rule(name, kind, text) for kind, group in _SENTENCES.items() for name, text in group.items()}
