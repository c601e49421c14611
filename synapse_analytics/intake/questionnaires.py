"""The score of one instrument from the rows of a table: from its items, from a profile, or from the column that states it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from synapse_analytics import vocabulary as v
from synapse_analytics.intake.columns import Rows, read_numbers, read_texts, tell, texts_of
from synapse_analytics.intake.ledger import UNUSABLE
from synapse_analytics.intake.mapping.model import FieldRule
from synapse_analytics.intake.scoring.eq5d import eq5d5l_index, levels_of_profiles
from synapse_analytics.intake.scoring.odi import answered_items, odi
from synapse_analytics.intake.scoring.scale import rescaled
from synapse_analytics.intake.scoring.scored import Scored
from synapse_analytics.intake.scoring.stated import stated_against_computed, why_they_differ
from synapse_analytics.intake.values import EMPTY, OTHERWISE, Judge, Judged, by_codes, decimal_of, folded

_LONG = " (below `scales`, for the code of these rows)"
TOO_FEW = "too few items are answered for a score"
STATED_ALONE = "a stated score without a calculated one is not used"
_ITEM_ADVICE = "Write how the items are coded (`coded: 0-5` or `coded: 1-6`), and texts that mean not answered into `missing`."
_ANSWER_ADVICE = f"Write the number of each answer into `codes`, such as `The pain is moderate: 2`. {_ITEM_ADVICE}"


def read_score(instrument: v.Instrument, rule: FieldRule, rows: Rows) -> np.ndarray:
    """The scores of the rows, NaN where there is none. Of items beside a stated score the calculated one counts; conflicts are counted."""
    if rule.items or (instrument.code == "eq5d5l_index" and rule.coded):
        return _beside_stated(instrument, rule, rows, _from_items(instrument, rule, rows))
    return _stated(instrument, rule, rows)


def _stated(instrument: v.Instrument, rule: FieldRule, rows: Rows) -> np.ndarray:
    return read_numbers(texts_of(rule, rows), _score_judge(instrument, rule, rows.table.decimal), rule, rows)


def _score_judge(instrument: v.Instrument, rule: FieldRule, decimal: str) -> Judge:
    raw = rule.scale or (instrument.low, instrument.high)
    outside = f"The score is outside {min(raw):g} to {max(raw):g}."
    advice = f"Write `scale: [lowest, highest]` for {instrument.code} if it is measured on another scale{_LONG * bool(rule.scales)}, or {OTHERWISE}"

    def judge(text: str) -> Judged:
        if text in rule.missing:
            return Judged()
        return read(text.removeprefix(EMPTY))

    def number(text: str) -> Judged:
        written = decimal_of(text, decimal)
        if written is None:
            return Judged(None, "The text is no number.", OTHERWISE[0].upper() + OTHERWISE[1:])
        scored = rescaled(np.array([float(written)]), raw, instrument.code)
        return Judged(None, outside, advice) if scored.out_of_range[0] else Judged(float(scored.values[0]))

    read = by_codes(rule, number)
    return judge


def _from_items(instrument: v.Instrument, rule: FieldRule, rows: Rows) -> tuple[Scored, np.ndarray]:
    """The calculated scores, and how many items each row answers; items outside their coding are faults."""
    items = _items(rule, rows) if rule.items else levels_of_profiles(_profiles(rule, rows))
    scored = odi(items, coded="1-6" if rule.coded == "1-6" else "0-5") if instrument.code == "odi" else eq5d5l_index(items)
    rows.ledger.values[rows.index, instrument.code, TOO_FEW] += int(scored.too_few.sum())
    rows.ledger.drop(rows.index, rows.rows[scored.too_few], UNUSABLE)
    if scored.out_of_range.any():
        one = rule.model_copy(update={"from_": rule.items or rule.from_, "items": ()})
        tell("An item is outside its coding.", _ITEM_ADVICE, np.flatnonzero(scored.out_of_range), one, rows)
    return scored, answered_items(items)


def _profiles(rule: FieldRule, rows: Rows) -> pa.Array:
    judge = by_codes(rule, Judged)
    return read_texts(texts_of(rule, rows), lambda text: Judged() if text in rule.missing else judge(text.removeprefix(EMPTY)), rule, rows)


def _items(rule: FieldRule, rows: Rows) -> np.ndarray:
    said = {folded(text): number for text, number in rule.codes.items()}

    def judge(text: str) -> Judged:
        text = text.removeprefix(EMPTY)
        if text in rule.missing or said.get(folded(text), "") is None:
            return Judged()
        number = decimal_of(said.get(folded(text)) or text, rows.table.decimal)
        return Judged(float(number)) if number is not None else Judged(None, "The item is no number.", _ANSWER_ADVICE)

    columns = []
    for name in rule.items:
        one = rule.model_copy(update={"from_": (name,), "items": (), "stated": None})
        columns.append(read_numbers(texts_of(one, rows), judge, one, rows))
    return np.column_stack(columns)


def _beside_stated(instrument: v.Instrument, rule: FieldRule, rows: Rows, found: tuple[Scored, np.ndarray]) -> np.ndarray:
    scored, answered = found
    if not rule.stated:
        return scored.values
    beside = rule.model_copy(update={"from_": (rule.stated,), "items": (), "stated": None, "codes": {}})
    stated = _stated(instrument, beside, rows)
    alone = ~np.isnan(stated) & np.isnan(scored.values)
    rows.ledger.values[rows.index, rule.stated, STATED_ALONE] += int(alone.sum())
    rows.ledger.drop(rows.index, rows.rows[alone], UNUSABLE)
    n = int(stated_against_computed(stated, scored.values, instrument.code).sum())
    if n:
        why = why_they_differ(stated, scored.values, instrument.code, answered)
        done = f"the calculated score is used. {why}".strip()
        rows.ledger.conflicts[rows.index, instrument.code, "the stated score is not the one calculated from the items", done] += n
    return scored.values
