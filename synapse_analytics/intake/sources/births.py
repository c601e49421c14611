"""Dates of birth that lack a day or a month, so that an age in whole years can be said."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

MIDDLE = "where a date of birth lacks its day or month, birth_date has the middle of the month or year"
_ENDS = {4: "-07-01", 7: "-15"}  # letters that are there -> what is added


def birth_dates(dates: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """`1950` becomes 1950-07-01 and `1950-10` becomes 1950-10-15: an age in whole years is then wrong by one year at most."""
    length = pc.utf8_length(dates)
    for letters, end in _ENDS.items():
        dates = pc.if_else(pc.equal(length, letters), pc.binary_join_element_wise(dates, end, ""), dates)
    return dates


def composed(person: pa.Table) -> pa.Array | pa.ChunkedArray | None:
    """The dates of birth of an OMOP table `person`: birth_datetime, else out of year, month and day; None without any of them."""
    names = person.column_names
    if "year_of_birth" not in names:
        return person["birth_datetime"] if "birth_datetime" in names else None
    year = person["year_of_birth"]
    parts = [pc.utf8_lpad(person[name], 2, "0") for name in ("month_of_birth", "day_of_birth") if name in names]
    made = year
    for number in range(len(parts)):
        longer = pc.binary_join_element_wise(year, *parts[: number + 1], "-")
        made = pc.coalesce(longer, made)
    made = birth_dates(made)
    return pc.coalesce(person["birth_datetime"], made) if "birth_datetime" in names else made
