"""One field of the mapping on the rows of one table: every distinct text is judged once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.headings import is_number_of_somebody
from synapse_analytics.bundle.identity import identity_rule, is_name
from synapse_analytics.bundle.problems import mask
from synapse_analytics.intake.faults import LISTED, Faults, spot_of
from synapse_analytics.intake.ledger import UNUSABLE, Ledger
from synapse_analytics.intake.mapping.model import FieldRule
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.values import EMPTY, Judge, Judged

BETWEEN_PARTS = "\x1f"  # of a composed id: no text holds it
SHOWN_FROM = 5  # patients that must have a code before it is shown in full
_LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one table, and where faults and accounts of them go."""

    table: RawTable
    index: int  # of the table among the tables of the source
    rows: np.ndarray  # positions in the table
    faults: Faults
    ledger: Ledger
    who: str = ""  # the column that says whose a row is


def texts_of(rule: FieldRule, rows: Rows) -> pa.Array:
    """The texts that a field is read from: a constant, a column, or several columns together; null where any part is empty."""
    if rule.value is not None:
        return pa.repeat(pa.scalar(rule.value, pa.string()), len(rows.rows))
    parts = [_filled(rows.table.column(name), rule).take(pa.array(rows.rows)) for name in rule.from_]
    if not parts:
        return pa.nulls(len(rows.rows), pa.string())
    texts = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*(_recorded(part, rule) for part in parts), BETWEEN_PARTS)
    if rule.empty is not None:
        return pc.fill_null(texts, EMPTY + rule.empty)
    return pc.fill_null(texts, "") if "" in rule.codes else texts


def _recorded(part: pa.Array, rule: FieldRule) -> pa.Array:
    """A part of a composed id, null where it means not recorded."""
    return pc.if_else(pc.is_in(part, value_set=pa.array(rule.missing, pa.string())), None, part) if rule.missing else part


def one_array(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts that pandas or Arrow hold in several pieces, or in none, as one array."""
    if not isinstance(texts, pa.ChunkedArray):
        return texts
    return texts.chunk(0) if texts.num_chunks == 1 else pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], texts.type)


def _filled(column: pa.Array, rule: FieldRule) -> pa.Array:
    return pc.fill_null_forward(column) if rule.fill == "down" else column


@dataclass(frozen=True, slots=True)
class Judgements:
    """The distinct texts of a column with what each was judged to be, and for each row the place of its text (behind the last: empty)."""

    texts: list[str]
    judged: list[Judged]
    at: np.ndarray


def read_numbers(texts: pa.Array, judge: Judge, rule: FieldRule, rows: Rows) -> np.ndarray:
    """A column of numbers (or of dates, as days since 1970-01-01) as float; NaN where there is none, or none that can be used."""
    found = _judgements(texts, judge)
    _tell_wrong(found, rule, rows)
    return np.array([np.nan if one.value is None else float(one.value) for one in found.judged] + [np.nan])[found.at]


def read_texts(texts: pa.Array, judge: Judge, rule: FieldRule, rows: Rows) -> pa.Array:
    """A column of codes, ids or other short texts; null where there is none, or none that can be used."""
    found = _judgements(texts, judge)
    _tell_wrong(found, rule, rows)
    return pa.array([one.value for one in found.judged] + [None], pa.string()).take(pa.array(found.at))


def are_wrong(texts: pa.Array, judge: Judge) -> np.ndarray:
    """For each row whether its text cannot be used."""
    found = _judgements(texts, judge)
    return np.array([bool(one.wrong) for one in found.judged] + [False])[found.at]


def _judgements(texts: pa.Array, judge: Judge) -> Judgements:
    encoded = texts.dictionary_encode()
    known = encoded.dictionary.to_pylist()
    return Judgements(known, [judge(text) for text in known], np.asarray(pc.fill_null(encoded.indices, len(known))))


def _tell_wrong(found: Judgements, rule: FieldRule, rows: Rows) -> None:
    """Rows that hold a text that cannot be used are faults, or left out and counted, as the rule says."""
    is_wrong = np.array([bool(one.wrong) for one in found.judged] + [False])
    if not is_wrong.any():
        return
    times, people = np.bincount(found.at, minlength=is_wrong.size), _people(found, rows)
    groups: dict[str, list[int]] = {}
    for place in np.flatnonzero(is_wrong).tolist():
        code = shown_code(found.texts[place], int(people[place]))
        if found.judged[place].is_unmapped and rule.otherwise == "leave_out":
            rows.ledger.unmapped[rows.index, " + ".join(rule.columns), code, found.judged[place].nearest] += int(times[place])
        groups.setdefault(_sentence(found, place, code, rule), []).append(place)
    for sentence, places in groups.items():
        chosen = np.zeros(is_wrong.size, bool)
        chosen[places] = True
        tell(sentence, found.judged[places[0]].advice, np.flatnonzero(chosen[found.at]), rule, rows)


def _people(found: Judgements, rows: Rows) -> np.ndarray:
    """How many patients have each text; how many rows, where no column names the patients."""
    if not rows.who:
        return np.bincount(found.at, minlength=len(found.texts) + 1)
    whose = rows.table.column(rows.who).take(pa.array(rows.rows)).dictionary_encode().indices
    pairs = np.unique(np.column_stack([found.at, np.asarray(pc.fill_null(whose, -1))]), axis=0)
    return np.bincount(pairs[:, 0], minlength=len(found.texts) + 1)


def _sentence(found: Judgements, place: int, code: str, rule: FieldRule) -> str:
    """What is wrong; a code that the mapping does not name is named (rare ones together, as they are masked)."""
    one = found.judged[place]
    if not one.is_unmapped or rule.otherwise == "leave_out":
        return one.wrong
    if code == found.texts[place]:
        return one.wrong.replace("this code", f"'{code}'")
    return (
        f"The mapping does not say what a rare code like {one.nearest} means."
        if one.nearest
        else "The mapping does not say what these rare codes mean."
    )


def shown_code(text: str, people: int) -> str:
    """A code as it may be shown: whole if several patients have it and it identifies nobody, else masked."""
    is_short_and_frequent = len(text) <= _LONGEST_CODE and people >= SHOWN_FROM and text.isprintable()
    identifies = identity_rule(text) is not None or is_name(text) or is_number_of_somebody(text)
    return text if is_short_and_frequent and not identifies else mask(text)


def tell(sentence: str, advice: str, at: np.ndarray, rule: FieldRule, rows: Rows) -> None:
    """Report that these of the rows (by their place among them) cannot be used: a fault with its first places, or values that are left out."""
    column = " + ".join(rule.columns)
    if rule.otherwise == "leave_out":
        rows.ledger.values[rows.index, column, sentence] += int(at.size)
        rows.ledger.drop(rows.index, rows.rows[at], UNUSABLE)
        return
    table, first = rows.table, rows.rows[at[:LISTED]]
    texts = table.column(rule.columns[0]).take(pa.array(first)).to_pylist() if rule.columns else [None] * len(first)
    spots = [spot_of(table.file, table.sheet, int(table.rows[row]), column, text) for row, text in zip(first.tolist(), texts, strict=True)]
    rows.faults.add(sentence, advice, spots, int(at.size))
