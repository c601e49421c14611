"""Keys and references over whole tables: form of ids, ids that are people's numbers, duplicates and orphans."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.cells import read_cell
from synapse_analytics.bundle.column_shapes import check_shapes, report_sure
from synapse_analytics.bundle.disguises import ANY_SURE
from synapse_analytics.bundle.identity import PAN_PATTERN, VOTER_PATTERN, id_identity_rule
from synapse_analytics.bundle.problems import Report
from synapse_analytics.bundle.schema import Column, Kind
from synapse_analytics.bundle.table_reader import FileRead, report_rows, report_texts
from synapse_analytics.bundle.values import JUDGED_CLOSELY, rows_of

_WELL_FORMED = r"^[0-9_-]*[A-Za-z][A-Za-z0-9_-]*$"
_SUSPECT = r"^(?:[A-Za-z]+[_-][A-Za-z_-]+|(?i:MRN|UHID|IPD|OPD|CRNO|CR|HN|HOSP)[_-]*[0-9]{3,}|(?i:nan|null|none|nat))$"
_MAX_LENGTH = 64
_LOOSELY = 20  # numbers of a counter from which many were taken out lie no farther apart, on average
_ANY_ID = Column("id", Kind.ID, "any id")
Reads = Mapping[str, FileRead]
Indexes = dict[tuple[str, str], np.ndarray]


def check_ids(reads: Reads, report: Report) -> Indexes:
    """Judge every id; returns, for each reference, there or not, the row of the parent (-1 where there is none)."""
    indexes: Indexes = {}
    for read in reads.values():
        if read.table is None:
            continue
        for column in read.file.columns:
            if column.refers_to:
                indexes[read.file.name, column.name] = _check_reference(read, column, reads, report)
            elif column.kind is Kind.ID and column.name in read.columns:
                _check_own_ids(read, column, report)
            elif column.kind is Kind.UNIT and column.name in read.columns:
                check_shapes(read, column, report)
    return indexes


def _check_own_ids(read: FileRead, column: Column, report: Report) -> None:
    ids = read.typed.column(column.name)
    _report_ill_formed(read, column, np.flatnonzero(_true(_is_ill_formed(ids))), report)
    for rows, rule in _identities(ids):
        report_texts(report, rule, read, (column.name, rows, ""))
    check_shapes(read, column, report)
    rows = _repeats(ids)
    report_texts(report, "duplicate_key", read, (column.name, rows, ""))


def _check_reference(read: FileRead, column: Column, reads: Reads, report: Report) -> np.ndarray:
    """The parent's row of each row; a text is only judged when it is nobody's id."""
    ids = read.typed.column(column.name)
    if column.name not in read.columns:
        return np.full(len(ids), -1)
    parent_name, _, parent_column = str(column.refers_to).rpartition(".")
    parent = reads.get(parent_name)
    if parent is None or parent.table is None or parent_column not in parent.columns:
        _report_ill_formed(read, column, np.flatnonzero(_true(_is_ill_formed(ids))), report)
        return np.full(len(ids), -1)
    index = _rows_in(ids, parent.typed.column(parent_column).combine_chunks())
    lost = np.flatnonzero((index < 0) & _true(pc.is_valid(ids)))
    if lost.size:
        _report_lost(read, column, lost, parent, report)
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


def _report_lost(read: FileRead, column: Column, lost: np.ndarray, parent: FileRead, report: Report) -> None:
    ids = read.typed.column(column.name).take(pa.array(lost))
    ill = _true(_is_ill_formed(ids))
    _report_ill_formed(read, column, lost[ill], report)
    # Ids on broken lines of the parent are there all the same: reporting their rows as orphans would bury the cause.
    salvaged = parent.rows.salvaged()
    if salvaged is None:
        return
    if salvaged:
        ill |= _true(pc.is_in(ids, value_set=pa.array(sorted(salvaged), pa.string())))
    report_sure(read, column, lost[~ill & _true(pc.match_substring_regex(ids, ANY_SURE))], report)
    report_texts(report, "orphan", read, (column.name, lost[~ill], ""))


def _is_ill_formed(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    well = pc.match_substring_regex(ids, _WELL_FORMED)
    return pc.or_(pc.invert(well), pc.greater(pc.binary_length(ids), _MAX_LENGTH))


def _report_ill_formed(read: FileRead, column: Column, rows: np.ndarray, report: Report) -> None:
    if not rows.size:
        return
    read.rows.mark(column.name, rows)
    encoded = read.typed.column(column.name).take(pa.array(rows)).combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    told = min(len(encoded.dictionary), JUDGED_CLOSELY)
    for code, found in rows_of(codes, list(range(told)), len(encoded.dictionary)):
        text = encoded.dictionary[code].as_py()
        cell = read_cell(column, text)
        report_rows(report, cell.rule or "wrong_form", read, (column.name, rows[found], text, cell.hint))
    rest = rows[codes >= told]
    no_letter = _true(pc.match_substring_regex(read.typed.column(column.name).take(pa.array(rest)), "^[0-9_-]+$"))
    for rule, left in (("digit_only_id", rest[no_letter]), ("wrong_form", rest[~no_letter])):
        report_rows(report, rule, read, (column.name, left, "", ""))


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
    """Whether every id is greater than the one before: numbered ids are, and then nothing need be hashed."""
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
    """Rows of well-formed ids that are somebody's numbers or name."""
    found = []
    suspects = np.flatnonzero(_true(pc.match_substring_regex(ids, _SUSPECT)))
    by_rule: dict[str, list[int]] = {}
    for row, text in zip(suspects.tolist(), ids.take(pa.array(suspects)).to_pylist(), strict=True):
        if rule := read_cell(_ANY_ID, text).rule or id_identity_rule(text):
            by_rule.setdefault(rule, []).append(row)
    found += [(np.array(rows), rule) for rule, rows in by_rule.items()]
    for pattern, rule in ((PAN_PATTERN, "identity_pan"), (VOTER_PATTERN, "identity_voter")):
        rows = np.flatnonzero(_true(pc.match_substring_regex(ids, f"^(?:{pattern})$")))
        if rows.size and not _are_surrogates(ids, rows) and not (rule == "identity_voter" and _are_counters(ids, rows)):
            found.append((rows, rule))
    return found


def _are_counters(ids: pa.ChunkedArray, rows: np.ndarray) -> bool:
    """Whether the seven digits of nearly all ids run on (`BLR0000001`, `MUM0000002`); those of voters lie anywhere in ten million."""
    if rows.size < max(2, 0.5 * len(ids)):
        return False
    numbers = pc.utf8_slice_codeunits(ids.take(pa.array(rows)), -7, None).cast(pa.int64())
    span = pc.min_max(numbers).as_py()
    return bool(span["max"] - span["min"] < _LOOSELY * rows.size)


def _are_surrogates(ids: pa.ChunkedArray, rows: np.ndarray) -> bool:
    """Whether ids that match by form are just ids: one prefix for all, or a few of many random ids of the same length."""
    prefixes = set(pc.utf8_slice_codeunits(ids.take(pa.array(rows[:10_000])), 0, 3).to_pylist())
    if rows.size > 0.5 * len(ids):
        return len(prefixes) == 1 and rows.size > 1
    same_form = _true(pc.match_substring_regex(ids, "^[A-Z0-9]{10}$")).mean()
    return bool(same_form > 0.5)


def _true(mask: pa.ChunkedArray) -> np.ndarray:
    """An Arrow truth column as numpy, null as False."""
    return np.asarray(pc.fill_null(mask, fill_value=False), bool)
