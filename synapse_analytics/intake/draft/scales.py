"""Rows that each name their score: the scale of every code of the source that may be written on two, stated where the values prove it, else asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.column_names import normalise
from synapse_analytics.intake.draft.codes import missing_of
from synapse_analytics.intake.draft.looks import Look, look_of

FEW_VALUES = 30  # of a visual analogue scale: as many that are all 10 or less are on a scale to 10
_TEN, _HUNDRED = (0, 10), (0, 100)
_SUM = 50  # of ten items of the ODI, at most
_VISUAL = re.compile("vas|visual|mm")
_PAIN = "nrs_"
_ASK = "These values fit two scales ({}). Is each scale below as it is written in the source? Correct it, such as [0, 100]."
_INDEX = "With which value set was the index {} calculated? Only the one of India may stay; otherwise write null for its code."


def scales_of(value: Look, of: str, scores: Mapping[str, str], words: Mapping[str, str]) -> dict[str, Any]:
    """The scales of the codes in the column `of`, texts that mean not recorded, and what is asked. `scores`: code -> score; `words`: its label."""
    codes = value.table.column(of)
    parts = {code: _part(value, pc.equal(codes, code)) for code in scores}
    read = {code: _read(parts[code], score) for code, score in scores.items()}
    others = _part(value, pc.invert(pc.is_in(codes, value_set=pa.array(list(scores), pa.string()))))
    valid = {*others.counts, *(text for _, numbers in read.values() for text in numbers)}
    missing = sorted({text for texts, _ in read.values() for text in texts} - valid)
    scales: dict[str, tuple[int, int]] = {}
    asked = []
    for code, score in scores.items():
        scale, unsure = _scale(score, list(read[code][1].values()), normalise(f"{code} {words.get(code, '')}"), parts[code].filled)
        scales |= {code: scale} if scale else {}
        asked += [f"'{code}' has {unsure}"] if unsure else []
    index = [f"'{code}'" for code, score in scores.items() if score == "eq5d5l_index"]
    ask = " ".join(([_ASK.format(", ".join(asked))] if asked else []) + ([_INDEX.format(", ".join(index))] if index else []))
    return {name: one for name, one in {"scales": scales, "missing": missing, "ask": ask}.items() if one}


def _part(value: Look, chosen: pa.Array) -> Look:
    """The values of some rows."""
    there = pc.fill_null(chosen, False)  # noqa: FBT003 - of pyarrow
    return look_of(replace(value.table, cells=value.table.cells.filter(there), rows=value.table.rows[np.asarray(there)]), value.name)


def _read(look: Look, score: str) -> tuple[tuple[str, ...], dict[str, float]]:
    """The texts that mean not recorded, and the numbers that are left, on the scale that fits."""
    tops = (10, 100) if score.startswith(_PAIN) else (100,)
    for top in tops:
        missing = missing_of(look, -1 if score == "eq5d5l_index" else 0, top)
        numbers = {text: number for text, number in look.numbers.items() if text not in missing}
        if all(number <= top for number in numbers.values()):
            break
    return missing, numbers


def _scale(score: str, values: list[float], words: str, n: int) -> tuple[tuple[int, int] | None, str]:
    """The scale that a code seems to have where it may have two, and what is not certain about it."""
    if score != "odi" and not score.startswith(_PAIN):
        return None, ""
    highest = max(values, default=None)
    said = "no value" if highest is None else f"no value above {highest:g}"
    if score == "odi":
        return _HUNDRED, said if highest is None or highest <= _SUM else ""
    if highest is not None and highest > _TEN[1]:
        return _HUNDRED, ""
    unsure = highest is None or highest <= 1 or (n < FEW_VALUES and bool(_VISUAL.search(words)))
    return _TEN, said if unsure else ""
