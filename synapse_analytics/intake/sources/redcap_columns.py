"""An export with labels becomes the export without: names for the labels of its header, codes for the labels in its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.intake.sources.redcap_dictionary import Column, Dictionary, plain

ARM = "redcap_arm"  # a column that is added where a project has several arms: the number of the arm, out of the name of the event
_OF_ARM = r"_arm_(?P<name>\d+)$|\(Arm (?P<label>\d+):.*\)$"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T].*)?", re.ASCII)
_NUMBER = re.compile(r"[-+<>=]*\d+(?:[.,]\d+)?|\d{4}-\d{2}-\d{2}.*", re.ASCII)


def named(header: Sequence[str], known: Dictionary) -> list[str]:
    """The name of each column: as it stands where the dictionary has it, else that of its label; labels that repeat go by their order."""
    names, after = [], 0
    for words in (plain(one) for one in header):
        if words in known.by_name:
            names.append(words)
            continue
        at = _position(words, known.columns, after, set(names))
        after = after if at is None else at + 1
        names.append(words if at is None else known.columns[at].name)
    return _told_apart(names)


def _position(words: str, columns: Sequence[Column], after: int, used: set[str]) -> int | None:
    fitting = [at for at, column in enumerate(columns) if column.label == words and column.name not in used]
    return next((at for at in fitting if at >= after), fitting[0] if fitting else None)


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names without doubles: the second gets a number."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    counts: dict[str, int] = {}
    found = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        found.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return found


def coded(cells: pa.Array, column: Column) -> pa.Array:
    """The cells of a column with codes for labels, a decimal point for a comma, and dates without their time."""
    if column.has_decimal_comma:
        return pc.replace_substring(cells, ",", ".")
    if column.is_date and is_iso(cells):
        return pc.utf8_slice_codeunits(cells, 0, 10)
    return _replaced(cells, _codes(column)) if column.choices else cells


def _codes(column: Column) -> dict[str, str]:
    """Label -> code, for labels that stand for one code; a text that is a code already stays."""
    labels = list(column.choices.values())
    found = {label: code for code, label in column.choices.items() if labels.count(label) == 1 and label not in column.choices}
    return found | ({column.option: "1"} if column.option and column.option not in column.choices else {})


def _replaced(cells: pa.Array, codes: Mapping[str, str]) -> pa.Array:
    distinct = cells.dictionary_encode()
    texts = [codes.get(text, text) for text in distinct.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(distinct.indices)


def arms_of(events: pa.Array) -> pa.Array | None:
    """The number of the arm of each event; None where there is one arm only."""
    found = pc.extract_regex(events, _OF_ARM)
    name, label = (pc.struct_field(found, part) for part in ("name", "label"))
    arms = pc.if_else(pc.equal(name, ""), label, name)
    return arms if pc.count_distinct(arms).as_py() > 1 else None


def is_iso(cells: pa.Array) -> bool:
    """True if every date is written year-month-day, as REDCap exports them: a spreadsheet may have written them anew."""
    return all(_ISO.fullmatch(text) for text in pc.unique(cells).to_pylist() if text)


def is_prose(cells: pa.Array) -> bool:
    """True if a column of texts holds anything but numbers and dates."""
    return any(not _NUMBER.fullmatch(text) for text in pc.unique(cells).to_pylist() if text)
