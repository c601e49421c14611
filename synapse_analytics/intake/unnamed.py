"""Codes of the source that the mapping does not name, for whoever maps: whole, as they stand in the clinic's own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.boxes import one_by_one
from synapse_analytics.intake.columns import Rows, texts_of
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.ledger import Ledger
from synapse_analytics.intake.mapping.fields import Reads, answered, record_kind
from synapse_analytics.intake.mapping.leaves import Leaf, about
from synapse_analytics.intake.mapping.model import OPEN, FieldRule, Mapping
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.records import chosen
from synapse_analytics.intake.values import EMPTY, judge_of

_CODED = (Reads.CODE, Reads.YES_NO)


def unnamed_codes(tables: Sequence[RawTable], mapping: Mapping) -> list[Leaf]:
    """An open answer for each code that would be refused. They hold values of the source: show them to nobody but who brought it."""
    return list(_unnamed({table.name: table for table in tables}, mapping))


def _unnamed(tables: dict[str, RawTable], mapping: Mapping) -> Iterator[Leaf]:
    for number, rule in enumerate(mapping.rows):
        table = tables.get(rule.from_)
        if table is None:
            continue
        rows = Rows(table, 0, chosen(rule, table), Faults(), Ledger([table]))
        for name, one in rule.fields.items():
            field = next((field for field in record_kind(rule.into).fields if field.name == name), None)
            if field is None or not (field.reads in _CODED or one.boxes) or one.otherwise != "refuse":
                continue
            judge = judge_of(answered(field) if one.boxes else field, one, table.decimal)
            for text in _distinct(one, rows):
                judged = judge(text)
                if judged.is_unmapped:
                    place = ("rows", number, "fields", name, "codes", text)
                    yield Leaf(place, about(place, mapping), OPEN, why=f"It is like {judged.nearest}." if judged.nearest else "")


def _distinct(rule: FieldRule, rows: Rows) -> list[str]:
    if rule.boxes:
        return sorted({text for box in one_by_one(rule) for text in _distinct(box, rows)})
    texts = texts_of(rule, rows)
    if rule.split:
        texts = pc.utf8_trim_whitespace(pc.list_flatten(pc.split_pattern(texts, rule.split)))
    found: pa.Array = pc.unique(texts)
    return [text for text in found.to_pylist() if text and not text.startswith(EMPTY)]
