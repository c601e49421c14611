"""What each column of a table fills: by its name, its label and what it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from synapse_analytics.bundle.column_names import normalise
from synapse_analytics.intake.draft.boxes import Boxes, boxes_of, by_day, is_a_box
from synapse_analytics.intake.draft.dates import Dates, dates_of
from synapse_analytics.intake.draft.identities import identity_of, is_free_text, why_left_out
from synapse_analytics.intake.draft.looks import Look, looks_of
from synapse_analytics.intake.draft.names import field_named
from synapse_analytics.intake.draft.scores import ScoreColumn, items_by_section, score_column
from synapse_analytics.intake.draft.visits import visit_of
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.redcap_columns import ARM

DATED = frozenset({"date_of_birth", "first_visit_date", "date", "closed_date", "start_date", "end_date"})
_WHO = frozenset({"patient_id", "episode_id", "treatment_id"})
_NUMBERS = frozenset({"age_years", "bmi", "weight", "height", "comorbidities", "sessions", "symptom_weeks"})
_OF_BIRTH = re.compile("birth|dob")
_FORM = 4  # letters of the short word of a form
_DAY_OF_BOX = re.compile(r"(?:^date_(?:of_)?)|(?:_(?:done_)?(?:date|on|dt|day))$")


@dataclass
class Columns:
    """The columns of one table by what they fill."""

    table: RawTable
    fields: dict[str, list[Look]] = field(default_factory=dict)
    dates: dict[str, Dates] = field(default_factory=dict)  # by column
    dates_of_visits: dict[int, Look] = field(default_factory=dict)  # day of a visit -> the column with its date
    scores: list[ScoreColumn] = field(default_factory=list)
    boxes: list[Boxes] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)

    def first(self, *names: str) -> Look | None:
        """The first column that fills one of these fields."""
        return next((self.fields[name][0] for name in names if self.fields.get(name)), None)


def columns_of(table: RawTable) -> Columns:
    """What each column of a table fills; those that fill nothing are left out with the reason."""
    found = Columns(table)
    looks = looks_of(table)
    for look in looks:
        if look.name == ARM or look.name.startswith("redcap_repeat") or look.name.endswith("_complete"):
            found.left[look.name] = "it numbers or closes the forms or arms of the source"
        elif is_a_box(look) or not _taken(look, found):
            found.left[look.name] = why_left_out(look)
    _only_boxes(found, looks)
    _only_sections(found, looks)
    _only_dates(found, looks)
    return found


def _only_sections(found: Columns, looks: list[Look]) -> None:
    """Ten columns with the names of the sections of the ODI are its items, also where one of them is named like a score of its own."""
    free = {one.look.name for one in found.scores if not one.item} | set(found.left)
    items = items_by_section([look for look in looks if look.name in free and look.name not in found.table.identifiers])
    if items and not any(one.item and one.instrument == "odi" for one in found.scores):
        names = {one.look.name for one in items}
        found.scores = [one for one in found.scores if one.look.name not in names] + items
        found.left = {name: why for name, why in found.left.items() if name not in names}


def _only_dates(found: Columns, looks: list[Look]) -> None:
    """Where no name says when a row was written, the only column of dates says it."""
    if {"date", "first_visit_date", "start_date"} & set(found.fields) or found.dates_of_visits:
        return
    known = found.table.identifiers
    unknown = [
        look for look in looks if look.name in found.left and look.name not in known and look.filled and not _OF_BIRTH.search(look.words)
    ]
    dated = [(look, dates) for look in unknown if (dates := dates_of(look))]
    if len(dated) == 1:
        look, dates = dated[0]
        found.fields["date"], found.dates[look.name] = [look], replace(dates, why="it is the only column of dates")
        del found.left[look.name]


def _taken(look: Look, found: Columns) -> bool:
    if not look.filled:
        return False
    name = _field_of(look)
    if look.name in look.table.identifiers and name not in _WHO | DATED:
        return False
    score = None if name in _WHO | _NUMBERS | {"value"} else score_column(look)
    if score:
        found.scores.append(score)
        return True
    return _dated(look, name, found) or _named(look, name, found)


def _field_of(look: Look) -> str:
    """The field that name or label say; also without the short word of a form in front, as in `inv_finding`."""
    said = field_named(look.name) or field_named(look.label)
    form, _, rest = look.words.partition("_")
    if said or not rest or len(form) > _FORM:
        return said
    after = field_named(rest)
    coded = not look.is_numeric or look.name in look.table.choices
    return after if after not in _WHO | {"site", "visit", "value", "instrument"} and coded else ""


def _dated(look: Look, name: str, found: Columns) -> bool:
    visit = visit_of(look.name)
    base = field_named(visit[0]) if visit and not name else name
    if base not in DATED:
        return False
    dates = dates_of(look)
    if dates is None:
        return False
    found.dates[look.name] = dates
    if visit and base == "date" and visit[0]:
        found.dates_of_visits[visit[1]] = look
    else:
        found.fields.setdefault(base, []).append(look)
    return True


def _named(look: Look, name: str, found: Columns) -> bool:
    if not name or name in DATED or is_free_text(look) or (name in _NUMBERS | {"value"} and not look.is_numeric):
        return False
    if name not in _WHO | {"site", "clinician"} and (identity_of(look) and not look.codes and not _is_code(name)):
        return False
    found.fields.setdefault(name, []).append(look)
    return True


def _is_code(name: str) -> bool:
    """Diagnoses and treatments have many words, and capitals as names have."""
    return name in {"diagnosis", "treatment", "investigation", "symptom", "icd10"}


def _only_boxes(found: Columns, looks: list[Look]) -> None:
    """Boxes are what they are together; a column of dates that is named after a box says when."""
    free = [look for look in looks if look.name in found.left and look.name not in found.table.identifiers and is_a_box(look)]
    dates = {look.name: dates for look in looks if _DAY_OF_BOX.search(look.words) and (dates := dates_of(look))}
    for boxes in boxes_of(free):
        found.left = {name: why for name, why in found.left.items() if name not in {look.name for look in boxes.looks}}
        for part in by_day(boxes, {_DAY_OF_BOX.sub("", normalise(name)): name for name in dates}):
            found.boxes.append(part)
            if part.day:
                found.dates[part.day] = dates[part.day]
                found.left.pop(part.day, None)
                found.fields = {name: [one for one in taken if one.name != part.day] for name, taken in found.fields.items()}
