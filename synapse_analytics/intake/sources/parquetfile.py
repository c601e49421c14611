"""Parquet: every column becomes text by the same conventions as a spreadsheet."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.footers import sort_out
from synapse_analytics.intake.sources.headers import check_names
from synapse_analytics.intake.sources.members import GIGABYTE, Member
from synapse_analytics.intake.sources.texts import is_nested, table_of_texts

MOST_BYTES = GIGABYTE
MOST_CELLS = 200_000_000


def read_parquet(member: Member, faults: Faults) -> RawTable | None:
    """The table of a Parquet file; None when it cannot be read, and the reasons are then in the faults."""
    spot = Spot(member.name)
    if member.size > MOST_BYTES:
        sentence = f"The file is larger than {MOST_BYTES // GIGABYTE} GB, which is more than is read at once."
        faults.add(sentence, "Export it in parts, such as one file for each year.", [spot])
        return None
    try:
        with member.open() as handle:
            source = parquet.ParquetFile(pa.BufferReader(handle.read()))
        names, kinds = source.schema_arrow.names, source.schema_arrow.types
        usable = check_names(names, spot, faults) and not _is_too_large(source, spot, faults)
        nested = [name for name, kind in zip(names, kinds, strict=True) if is_nested(kind)]
        if nested:
            sentence = "A column holds lists, structures or bytes, which cannot be read as text."
            faults.add(sentence, "Export it with one value in each cell.", [Spot(member.name, column=name) for name in nested])
        if nested or not usable:
            return None
        done = sort_out(table_of_texts(source.read()), np.arange(1, source.metadata.num_rows + 1))
    except (pa.ArrowException, OSError, ValueError):
        faults.add("The file cannot be read as Parquet: it is damaged or not of this kind.", "Export it again.", [spot])
        return None
    return RawTable(member.name, member.name, done.cells, done.rows, how="Parquet, columns with their types", left=done.left)


def _is_too_large(source: parquet.ParquetFile, spot: Spot, faults: Faults) -> bool:
    count = source.metadata.num_rows * source.metadata.num_columns
    if count > MOST_CELLS:
        sentence = f"The table has {count:,} cells. Allowed: {MOST_CELLS:,} at most."
        faults.add(sentence, "Export it in parts, with only the columns that are needed.", [spot])
    return count > MOST_CELLS
