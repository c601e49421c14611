"""Which month may be the last complete one: the newest date of a visit or score says it, the clinic decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow.compute as pc

from synapse_analytics.intake.dates import date_reader
from synapse_analytics.intake.mapping.model import OPEN, Mapping
from synapse_analytics.intake.raw import RawTable

_EPOCH = date(1970, 1, 1).toordinal()
_DATES = ("first_visit_date", "date")  # of a visit or a score; an end that is planned says nothing


def note_on_months(mapping: Mapping, tables: Sequence[RawTable], today: date) -> str:
    """What helps to answer `data_until`, in one line; "" where no date can be read. A date after `today` is a slip and does not count."""
    newest = max((day for day in _days(mapping, tables) if day <= today.toordinal() - _EPOCH), default=None)
    if newest is None:
        return ""
    month = date.fromordinal(newest + _EPOCH).replace(day=1)
    before = date.fromordinal(month.toordinal() - 1)
    return f"The newest visit or score is in {month:%Y-%m}. Write {month:%Y-%m} if that month is complete, otherwise {before:%Y-%m}."


def _days(mapping: Mapping, tables: Sequence[RawTable]) -> Iterator[int]:
    """Days since 1970-01-01 of the visits and scores, each distinct text read once; dates whose form is open are not read."""
    known = {table.name: table for table in tables}
    for rule in mapping.rows:
        if rule.into not in {"episodes", "scores"}:
            continue
        for field in (rule.fields[name] for name in _DATES if name in rule.fields):
            if field.format and OPEN not in field.format and len(field.from_) == 1:
                read = date_reader(field.format)
                texts = pc.unique(known[rule.from_].column(field.from_[0]).drop_null()).to_pylist()
                yield from (day for text in texts if (day := read(text)) is not None)
