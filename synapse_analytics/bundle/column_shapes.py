"""Ids and codes judged by the shape of their column: one value may look like a date by chance, most values of a column do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.disguises import ANY_SURE, DISGUISES, MONTH_LIKE, is_like_month, sure_rule
from synapse_analytics.bundle.file_read import FileRead
from synapse_analytics.bundle.names_as_codes import NAME_FORM, are_names
from synapse_analytics.bundle.schema import Column, Kind

LONGEST = 64  # characters of an id, as ID_PATTERN says
_LOOKED_AT = 2_000  # values of a column, evenly spread: enough for a share, whatever the number of rows
_NAMES = {Kind.ID: (3, 0.5), Kind.UNIT: (2, 0.5)}  # at least so many names, and this share of the values
_NAMES_OF_SITES = (8, 0.8)  # places have names of two words as well (NAVI_MUMBAI)
_ADVICE = {
    Kind.ID: "Replace them with ids that say nothing about a person, such as P000001",
    Kind.UNIT: "Replace them with short codes, such as C07",
}
_RESTORE = "Restore the code from its source; if it passes through a spreadsheet, import the column as text"


def check_shapes(read: FileRead, column: Column) -> None:
    """Report ids or codes of one column that are dates, numbers or names of people, or that a spreadsheet has damaged."""
    texts = read.table.column(column.name)
    report_sure(read, column, np.flatnonzero(is_true(pc.match_substring_regex(texts, ANY_SURE))))
    values = texts if column.kind is Kind.ID else pc.unique(texts)  # ids are all different, or reported as repeated
    values = values.filter(pc.less_equal(pc.binary_length(values), LONGEST))  # a longer one is refused, and patterns must stay fast
    if len(values) and (found := _of_the_many(_spread(values), column)):
        rule, form = found
        (place,) = read.rows.places(column.name, np.array([np.argmax(is_true(pc.match_substring_regex(texts, form)))]))
        count = int(is_true(pc.match_substring_regex(values, form)).sum())
        read.rows.report.add(
            rule,
            place,
            hint=f"{count:,} of the {len(values):,} values of this column are of this kind; this is the first. {_ADVICE[column.kind]}",
        )


def report_sure(read: FileRead, column: Column, rows: np.ndarray) -> None:
    """Report those of the rows whose value breaks a rule by itself."""
    if not rows.size:
        return
    texts = read.table.column(column.name)
    alike = pc.unique(texts.filter(pc.match_substring_regex(texts, MONTH_LIKE))).to_pylist()
    is_scheme = any(map(is_like_month, alike))  # with `Del-01` beside it, `Mar-01` is a code, too
    rules = np.array([sure_rule(text, months_are_codes=is_scheme) for text in texts.take(pa.array(rows)).to_pylist()])
    for rule in sorted(set(rules.tolist()) - {""}):
        read.tell_each(rule, column.name, rows[rules == rule], _RESTORE if rule == "spreadsheet_damage" else _ADVICE[column.kind])


def _of_the_many(texts: Sequence[str], column: Column) -> tuple[str, str] | None:
    """The rule that the values break together, and the form of those that do."""
    for disguise in DISGUISES:
        if not (disguise.names_places and column.name == "site") and disguise.is_seen(texts):
            return disguise.rule, f"^(?:{disguise.form})$"
    least, share = _NAMES_OF_SITES if column.name == "site" else _NAMES[column.kind]
    return ("identity_name", f"^(?:{NAME_FORM})$") if are_names(texts, least, share) else None


def _spread(values: pa.ChunkedArray | pa.Array) -> list[str]:
    """A sample of the values, each once, without those that break a rule by themselves."""
    places = np.unique(np.linspace(0, len(values) - 1, _LOOKED_AT).astype(np.int64))
    return [text for text in dict.fromkeys(values.take(pa.array(places)).to_pylist()) if not sure_rule(text)]


def is_true(mask: pa.ChunkedArray) -> np.ndarray:
    """An Arrow truth column as numpy, null as False."""
    return np.asarray(pc.fill_null(mask, fill_value=False), bool)
