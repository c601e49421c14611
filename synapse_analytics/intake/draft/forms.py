"""The forms of a REDCap project: in one table stand rows of the person and rows of each repeated form, told apart by two columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.mapping.model import RowRule
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.redcap_columns import ARM

EVENT, FORM, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
_LINKS = (EVENT, ARM, FORM, INSTANCE, "redcap_data_access_group")


def forms_of(table: RawTable) -> list[RawTable]:
    """The table once for each repeated form, with the rows and columns of that form alone; as it is when nothing repeats."""
    if FORM not in table.cells.column_names:
        return [table]
    form = pc.fill_null(table.column(FORM), "")
    linking = [table.cells.column_names[0], *(name for name in _LINKS if name in table.cells.column_names)]
    columns: dict[str, list[str]] = defaultdict(list)
    for name in table.cells.column_names:
        if name not in linking:
            filled = pc.unique(form.filter(pc.is_valid(table.column(name)))).to_pylist()
            columns[min(filled, default="")].append(name)  # one that is filled in several forms is of the person
    return [_part(table, pc.equal(form, one), [*linking, *names]) for one, names in sorted(columns.items())]


def _part(table: RawTable, chosen: pa.Array, names: list[str]) -> RawTable:
    kept = [name for name in table.cells.column_names if name in names]
    return replace(table, cells=table.cells.select(kept).filter(chosen), rows=table.rows[np.asarray(chosen)])


def on_its_rows(rule: RowRule, table: RawTable) -> RowRule:
    """The rule on those rows of the whole table alone, by event and form, in which its columns are filled."""
    used = [column for one in (*rule.fields.values(), *rule.scores.values()) for column in one.columns if column not in _LINKS]
    telling = [name for name in used if name != table.cells.column_names[0]] or list(rule.where)
    where = dict(rule.where)
    if not telling and FORM in table.cells.column_names:  # nothing but questions: the rows of the person
        return rule.model_copy(update={"where": {FORM: ("",)}})
    there = any_filled(table, telling)
    for name in (EVENT, FORM):
        if name in table.cells.column_names:
            texts = pc.fill_null(table.column(name), "")
            these = pc.unique(texts.filter(there)).to_pylist()
            if 0 < len(these) < pc.count_distinct(texts).as_py():
                where[name] = tuple(sorted(these))
    return rule.model_copy(update={"where": where})


def any_filled(table: RawTable, names: Sequence[str]) -> pa.Array:
    """In which rows at least one of these columns is filled; every row when no column is named."""
    there = np.zeros(table.n, bool)
    for name in names:
        there |= np.asarray(pc.is_valid(table.column(name)))
    return pa.array(there if len(names) else ~there)
