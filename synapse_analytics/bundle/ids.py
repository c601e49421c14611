"""Keys and references over whole tables: the form of ids, ids that identify people, duplicates, and references to rows that do not exist."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.cells import ID_MISSING_WORDS, read_cell
from synapse_analytics.bundle.column_shapes import LONGEST, check_shapes, is_true, report_sure
from synapse_analytics.bundle.disguises import ANY_SURE
from synapse_analytics.bundle.file_read import FileRead
from synapse_analytics.bundle.identity import ID_NAME, PAN_PATTERN, RECORD_NUMBER, VOTER_PATTERN, id_identity_rule
from synapse_analytics.bundle.schema import Column, Kind
from synapse_analytics.bundle.values import JUDGED_CLOSELY, rows_of

_WELL_FORMED = r"^[0-9_-]*[A-Za-z][A-Za-z0-9_-]*$"
# Every well-formed id that breaks a rule of its own, for Arrow to find among millions; Python names the rule of these alone.
_BREAKS_A_RULE = rf"^(?:{ID_NAME}|{RECORD_NUMBER}|(?i:{'|'.join(sorted(ID_MISSING_WORDS))}))$"
_WIDEST_GAP = 20  # how far apart, on average, the numbers of a counter may lie when most of its patients were left out
_ANY_ID = Column("id", Kind.ID, "any id")
Reads = Mapping[str, FileRead]
Indexes = dict[tuple[str, str], np.ndarray]


def check_ids(reads: Reads) -> Indexes:
    """Judge every id; returns for each reference, by file and column, the parent's row of each row (-1 where there is none)."""
    indexes: Indexes = {}
    for read in reads.values():
        for column in read.file.columns:
            if column.refers_to:
                indexes[read.file.name, column.name] = _check_reference(read, column, reads)
            elif column.name in read.columns and column.kind is Kind.ID:
                _check_own_ids(read, column)
            elif column.name in read.columns and column.kind is Kind.UNIT:
                check_shapes(read, column)
    return indexes


def _check_own_ids(read: FileRead, column: Column) -> None:
    ids = read.table.column(column.name)
    _report_ill_formed(read, column, np.flatnonzero(is_true(_is_ill_formed(ids))))
    for rows, rule in _identities(ids):
        read.tell_each(rule, column.name, rows)
    check_shapes(read, column)
    read.tell_each("duplicate_key", column.name, _repeats(ids))


def _check_reference(read: FileRead, column: Column, reads: Reads) -> np.ndarray:
    """The parent's row of each row. A text is only judged when no parent has it as its id: the parent's id was judged already."""
    ids = read.table.column(column.name)
    parent_name, _, parent_column = str(column.refers_to).rpartition(".")
    parent = reads[parent_name]
    if parent_column not in parent.columns:
        _report_ill_formed(read, column, np.flatnonzero(is_true(_is_ill_formed(ids))))
        return np.full(len(ids), -1)
    index = _rows_in(ids, parent.table.column(parent_column).combine_chunks())
    lost = np.flatnonzero((index < 0) & is_true(pc.is_valid(ids)))
    if lost.size:
        _report_lost(read, column, lost, parent)
    return index


def _rows_in(ids: pa.ChunkedArray, parents: pa.Array) -> np.ndarray:
    """The parent's row of each id, -1 where there is none; rows of one parent mostly stand together, so runs are looked up once."""
    firsts, lengths = [], []
    for chunk in ids.chunks:
        starts = _run_starts(chunk)
        firsts.append(chunk.take(pa.array(starts)))
        lengths.append(np.diff(starts, append=len(chunk)))
    if not firsts:
        return np.empty(0, np.int32)
    found = pc.index_in(pa.chunked_array(firsts), value_set=parents, skip_nulls=True)
    return np.repeat(np.asarray(pc.fill_null(found, -1)), np.concatenate(lengths))


def _run_starts(chunk: pa.Array) -> np.ndarray:
    if len(chunk) < 2:
        return np.arange(len(chunk))
    changes = pc.fill_null(pc.not_equal(chunk[1:], chunk[:-1]), fill_value=True)  # a null never continues a run
    return np.concatenate(([0], np.flatnonzero(np.asarray(changes)) + 1))


def _report_lost(read: FileRead, column: Column, lost: np.ndarray, parent: FileRead) -> None:
    ids = read.table.column(column.name).take(pa.array(lost))
    ill = is_true(_is_ill_formed(ids))
    _report_ill_formed(read, column, lost[ill])
    # Ids on broken lines of the parent are there all the same: reporting their rows as orphans would bury the cause.
    salvaged = parent.rows.salvaged()
    if salvaged is None:
        return
    if salvaged:
        ill |= is_true(pc.is_in(ids, value_set=pa.array(sorted(salvaged), pa.string())))
    report_sure(read, column, lost[~ill & is_true(pc.match_substring_regex(ids, ANY_SURE))])
    read.tell_each("orphan", column.name, lost[~ill])


def _is_ill_formed(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    well = pc.match_substring_regex(ids, _WELL_FORMED)
    return pc.or_(pc.invert(well), pc.greater(pc.binary_length(ids), LONGEST))


def _report_ill_formed(read: FileRead, column: Column, rows: np.ndarray) -> None:
    """Report each distinct text by the rule it breaks; after the first JUDGED_CLOSELY only whether it holds letters."""
    if not rows.size:
        return
    read.rows.mark(column.name, rows)
    encoded = read.table.column(column.name).take(pa.array(rows)).combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    judged = min(len(encoded.dictionary), JUDGED_CLOSELY)
    for code, found in rows_of(codes, list(range(judged)), len(encoded.dictionary)):
        text = encoded.dictionary[code].as_py()
        cell = read_cell(column, text)
        read.rows.tell(cell.rule or "wrong_form", column.name, rows[found], text, cell.hint)
    rest = rows[codes >= judged]
    no_letter = is_true(pc.match_substring_regex(read.table.column(column.name).take(pa.array(rest)), "^[0-9_-]+$"))
    read.rows.tell("digit_only_id", column.name, rest[no_letter])
    read.rows.tell("wrong_form", column.name, rest[~no_letter])


def _repeats(ids: pa.ChunkedArray) -> np.ndarray:
    """Rows whose id was used in an earlier row."""
    if _is_ascending(ids) or pc.count_distinct(ids, mode="only_valid").as_py() == len(ids) - ids.null_count:
        return np.empty(0, np.int64)
    codes = pc.fill_null(ids.combine_chunks().dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    _, first = np.unique(codes, return_index=True)
    repeated = np.ones(codes.size, bool)
    repeated[first] = False
    return np.flatnonzero(repeated & (codes >= 0))


def _is_ascending(ids: pa.ChunkedArray) -> bool:
    """True if every id is greater than the one before: numbered ids are, and then nothing need be hashed."""
    last = None
    for chunk in ids.chunks:
        if not len(chunk):
            continue
        rises = pc.all(pc.greater(chunk[1:], chunk[:-1]), skip_nulls=False).as_py()
        if rises is not True and len(chunk) > 1 or (last is not None and not (chunk[0].as_py() or "") > last):
            return False
        last = chunk[-1].as_py() or ""
    return True


def _identities(ids: pa.ChunkedArray) -> list[tuple[np.ndarray, str]]:
    """Rows of well-formed ids that are a person's number or name, with the rule they break."""
    suspects = np.flatnonzero(is_true(pc.match_substring_regex(ids, _BREAKS_A_RULE)))
    by_rule: dict[str, list[int]] = {}
    for row, text in zip(suspects.tolist(), ids.take(pa.array(suspects)).to_pylist(), strict=True):
        if rule := read_cell(_ANY_ID, text).rule or id_identity_rule(text):
            by_rule.setdefault(rule, []).append(row)
    found = [(np.array(rows), rule) for rule, rows in by_rule.items()]
    for pattern, rule in ((PAN_PATTERN, "identity_pan"), (VOTER_PATTERN, "identity_voter")):
        rows = np.flatnonzero(is_true(pc.match_substring_regex(ids, f"^(?:{pattern})$")))
        if rows.size and not _are_surrogates(ids, rows) and not (rule == "identity_voter" and _are_counters(ids, rows)):
            found.append((rows, rule))
    return found


def _are_counters(ids: pa.ChunkedArray, rows: np.ndarray) -> bool:
    """True if the seven digits of these, most ids of the column, run on (`BLR0000001`, `MUM0000002`); those of voter ids lie anywhere."""
    if rows.size < max(2, 0.5 * len(ids)):
        return False
    numbers = pc.utf8_slice_codeunits(ids.take(pa.array(rows)), -7, None).cast(pa.int64())
    span = pc.min_max(numbers).as_py()
    return bool(span["max"] - span["min"] < _WIDEST_GAP * rows.size)


def _are_surrogates(ids: pa.ChunkedArray, rows: np.ndarray) -> bool:
    """True if ids only look like PANs or voter ids: all share one prefix, or most of the column is random ids of ten characters."""
    prefixes = set(pc.utf8_slice_codeunits(ids.take(pa.array(rows[:10_000])), 0, 3).to_pylist())
    if rows.size > 0.5 * len(ids):
        return len(prefixes) == 1 and rows.size > 1
    same_form = is_true(pc.match_substring_regex(ids, "^[A-Z0-9]{10}$")).mean()
    return bool(same_form > 0.5)
