"""The data dictionary of a REDCap project: its fields, what their codes mean, and which of them identify people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# As the designer downloads it, and as the API names the same columns.
_NAMES = {
    "variable / field name": "name", "field_name": "name", "form name": "form", "form_name": "form", "field type": "kind", "field_type": "kind",
    "field label": "label", "field_label": "label", "choices, calculations, or slider labels": "choices",
    "select_choices_or_calculations": "choices", "text validation type or show slider number": "validation",
    "text_validation_type_or_show_slider_number": "validation", "identifier?": "identifier", "identifier": "identifier",
}  # fmt: skip
_YES_NO = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_CHECKED = {"0": "Unchecked", "1": "Checked"}
_COMPLETE = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
_IDENTIFY = ("email", "phone", "ssn", "mrn", "vmrn", "postalcode", "zipcode")  # validations that only such fields have
SYSTEM = {  # columns that REDCap adds, and what it calls them in an export with labels
    "redcap_event_name": "Event Name",
    "redcap_repeat_instrument": "Repeat Instrument",
    "redcap_repeat_instance": "Repeat Instance",
    "redcap_data_access_group": "Data Access Group",
    "redcap_survey_identifier": "Survey Identifier",
}
_TAG = re.compile(r"<[^>]*>")


def plain(words: str) -> str:
    """A label without the marks of HTML and with single spaces."""
    return " ".join(_TAG.sub(" ", words).split())


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export as the dictionary lays it down."""

    name: str
    label: str  # as the header of an export with labels has it
    choices: Mapping[str, str] = field(default_factory=dict)
    identifies: bool = False
    is_text: bool = False  # whatever somebody wrote, unless all of it is numbers
    is_notes: bool = False
    is_date: bool = False
    has_decimal_comma: bool = False
    option: str = ""  # of a checkbox: what is checked


@dataclass(frozen=True)
class Dictionary:
    """The columns of an export in their order."""

    columns: tuple[Column, ...]

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by their name."""
        return {column.name: column for column in self.columns}


def is_dictionary(header: Sequence[str]) -> bool:
    """True for the header of a data dictionary."""
    return {"name", "kind", "label"} <= {_NAMES.get(plain(name).lower(), "") for name in header}


def dictionary(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Dictionary:
    """The dictionary out of its file."""
    names = [_NAMES.get(plain(name).lower(), "") for name in header]
    fields = [{name: (cell or "").strip() for name, cell in zip(names, row, strict=True) if name} for row in rows]
    return Dictionary(tuple(_all_columns(fields)))


def _all_columns(fields: Sequence[dict[str, str]]) -> Iterator[Column]:
    yield from (Column(name, label, identifies=name == "redcap_survey_identifier") for name, label in SYSTEM.items())
    for number, one in enumerate(fields):
        yield from _columns(one, first=number == 0)
        last_of_form = number + 1 == len(fields) or fields[number + 1].get("form") != one.get("form")
        if last_of_form and one.get("form"):
            yield Column(f"{one['form']}_timestamp", "Survey Timestamp", is_date=True)
            yield Column(f"{one['form']}_complete", "Complete?", _COMPLETE)


def _columns(one: dict[str, str], *, first: bool) -> Iterator[Column]:
    kind, validation, label = one["kind"].lower(), one.get("validation", "").lower(), plain(one["label"])
    identifies = one.get("identifier", "").lower() == "y" or validation.startswith(_IDENTIFY)
    if kind == "checkbox":
        for code, words in choices_of(one.get("choices", "")).items():
            yield Column(f"{one['name']}___{_in_a_name(code)}", f"{label} (choice={words})", _CHECKED, identifies, option=words)
    elif kind != "descriptive" and one["name"]:
        is_coded = kind in {"radio", "dropdown"}
        choices = choices_of(one.get("choices", "")) if is_coded else _YES_NO.get(kind, {})
        yield Column(
            one["name"],
            label,
            choices,
            identifies,
            is_text=kind == "text" and not validation and not first,
            is_notes=kind in {"notes", "textarea", "file", "signature"},
            is_date=validation.startswith("date"),
            has_decimal_comma="comma_decimal" in validation,
        )


def choices_of(written: str) -> dict[str, str]:
    """Code -> label of `1, Left | 2, Right`."""
    pairs = (one.partition(",") for one in written.replace("\\n", "|").split("|"))
    return {code.strip(): plain(label) for code, comma, label in pairs if comma and code.strip()}


def _in_a_name(code: str) -> str:
    """A code as REDCap writes it into the name of a checkbox column: -9 becomes _9."""
    return re.sub(r"[^a-z0-9_.]", "_", code.lower())
