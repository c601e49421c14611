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
        "not_a_bundle": "The path is neither a folder nor a zip file that can be read.",
        "missing_file": "A file of the bundle is missing.",
        "extra_file": "A file that is not part of a bundle lies in it.",
        "duplicate_file": "A file is there twice (two members of one name, or both CSV and Parquet).",
        "unreadable_file": "The file cannot be read.",
        "path_trick": "A name leads outside the bundle, or is a link.",
        "zip_bomb": "The zip unpacks to more than a bundle may hold, or is packed too tightly to be one.",
        "packed_too_tightly": "The file is small and would unpack to more rows or longer values than records have.",
        "too_many_row_groups": "The file is cut into thousands of small row groups; write it with the default size of pandas or pyarrow.",
        "large_parquet_in_zip": "The Parquet file is too large to be read out of a zip; give the bundle as a folder.",
        "unreadable_column": "A column of the Parquet file holds lists, records or bytes; it must hold one text, number or yes or no in a row.",
        "encrypted_zip": "The zip is locked with a password.",
        "empty_file": "The file holds nothing, not even a header.",
        "no_rows": "The file has a header and no rows.",
        "not_a_csv": "The content is not CSV (an HTML page, a spreadsheet, a packed or binary file).",
        "not_a_parquet": "The content cannot be read as Parquet of texts, numbers and yes or no in an encoding that pandas or pyarrow writes.",
        "wrong_delimiter": "The columns are separated by something other than commas.",
        "missing_header": "The first line names none of the columns of this file.",
        "missing_column": "A required column is missing.",
        "extra_column": "A column is not part of this file.",
        "duplicate_column": "A column is named twice in the header.",
        "too_many_columns": "The file has a thousand columns or more; its rows were not read.",
        "short_row": "The row has fewer fields than the header; the column is the first that does not fit.",
        "long_row": "The row has more fields than the header; the column is the first that does not fit.",
        "blank_line": "The line is empty.",
        "line_too_long": "A line is longer than any row can be.",
        "stray_quote": "A quote stands inside an unquoted field, or text follows a closing quote.",
        "unclosed_quote": "A quote is opened and not closed before the end of the line (no field holds a line break).",
        "stray_carriage_return": "A carriage return stands alone; lines end with LF or CRLF.",
        "nul_byte": "The line holds a NUL byte.",
        "not_utf8": "The text is not UTF-8.",
        "repeated_header": "The header is repeated among the rows.",
        "row_count": "The number of rows is not the one the manifest gives.",
        "sha256": "The content is not the one the manifest's sha256 was made of.",
        "manifest_not_json": "The manifest is not one JSON object.",
        "manifest_missing_key": "The manifest lacks a required entry.",
        "manifest_unknown_key": "The manifest has an entry that is not part of it.",
        "manifest_wrong_type": "An entry of the manifest is of the wrong type, empty or too long.",
        "manifest_format": "The manifest's format is not synapse-bundle/1.",
    },
    VALUES: {
        "missing_value": "A required value is missing.",
        "wrong_type": "The value is not a number of the form this column takes.",
        "missing_word": "A word such as NaN or NULL stands for a missing value; leave the field empty.",
        "other_digits": "The digits are not 0-9.",
        "padding": "Blanks stand before or after the value.",
        "out_of_range": "The number is outside the legal range.",
        "unknown_code": "The code is not in the closed list.",
        "spreadsheet_damage": "A spreadsheet has made a date or a number of the code (`MAR24` becomes `Mar-24`), or left an error in its place.",
        "wrong_form": "The value does not have the form of this column (an id, a short code, an ICD-10 code or a month YYYY-MM).",
        "duplicate_key": "The key of this row was used before.",
        "orphan": "The row belongs to a row that does not exist.",
        "other_episode": "The treatment named by this row belongs to another episode.",
        "end_before_start": "The course ends before it starts.",
        "after_data_until": "The day lies after the last month with complete data.",
        "closed_before_opened": "The episode closes before its first visit.",
        "missing_closed_day": "The episode is not open and has no closed_day.",
        "closed_day_while_open": "The episode is open and has a closed_day.",
        "conflicting_scores": "Two answers of one instrument on one day have different values.",
    },
    IDENTITY: {
        "identity_column": "The column's name says that it identifies people, holds calendar dates or free text.",
        "identity_name": "The value looks like a person's name.",
        "identity_phone": "The value looks like a phone number.",
        "identity_email": "The value looks like an e-mail address.",
        "identity_aadhaar": "The values of this column look like Aadhaar numbers.",
        "identity_pan": "The value looks like a PAN.",
        "identity_voter": "The value looks like a voter id.",
        "identity_health_id": "The value looks like a health id (ABHA).",
        "identity_document": "The value looks like the number of a passport or driving licence.",
        "identity_record_number": "The value looks like a hospital's record number.",
        "identity_address": "The value looks like an address or a position on the map.",
        "identity_network": "The value looks like an IP or device address.",
        "identity_url": "The value looks like a web address.",
        "identity_date": "The value looks like a calendar date.",
        "age_over_90": "The age is over 90; the contract top-codes ages at 90.",
        "digit_only_id": "The id holds no letter, so it may be a record number.",
        "formula_cell": "The value starts like a spreadsheet formula.",
    },
    WARNING: {
        "implausible_jump": "Two answers at most 7 days apart differ by 80 % of the instrument's range or more.",
        "treatment_outside_episode": "The treatment ended before the first visit or began after the episode closed.",
        "low_follow_up": "Site and visit pairs with under 60 % of the expected answers of the headline score.",
        "diagnosis_unlike_icd10": "The ICD-10 code belongs to another diagnosis.",
        "small_cell": "Patients in a cell of fewer than 5 by age band, sex, diagnosis, year and site.",
        "repeated_score": "The same answer is there more than once.",
    },
}
RULES: dict[str, Rule] = {name: Rule(name, kind, text) for kind, group in _SENTENCES.items() for name, text in group.items()}
