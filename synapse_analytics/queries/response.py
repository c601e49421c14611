"""Who improved enough: a responder preset as exact whole-number clauses, and the counts behind responder shares."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.queries.scored import Key, ScoreRows, counted

Clause = sa.ColumnElement[bool]
THOUSAND = 1000


def can_respond(preset: v.Preset, instrument: v.Instrument, baseline: sa.ColumnElement[int]) -> Clause:
    """Whether the best score of the scale would meet the preset; a state can be reached from everywhere."""
    room = baseline - _stored(instrument.low) if instrument.better == "lower" else _stored(instrument.high) - baseline
    if preset.kind == "points":
        return room >= _stored(preset.threshold)
    return room > 0 if preset.kind == "percent" else baseline.is_not(None)


def responded(preset: v.Preset, instrument: v.Instrument, baseline: sa.ColumnElement[int], value: sa.ColumnElement[int]) -> Clause:
    """Whether the score meets the preset; limits count as met."""
    improvement = baseline - value if instrument.better == "lower" else value - baseline
    if preset.kind == "points":
        return improvement >= _stored(preset.threshold)
    if preset.kind == "percent":
        return improvement * 100 >= baseline * round(preset.threshold)
    return value <= _stored(preset.threshold) if instrument.better == "lower" else value >= _stored(preset.threshold)


def _stored(number: float) -> int:
    return round(number * THOUSAND)


def response_counts(clinic: Clinic, rows: ScoreRows, preset: v.Preset, instrument: v.Instrument) -> dict[Key, dict[str, Any]]:
    """Answered episodes of a visit: `n` able to respond, `responders`, `others` and `cannot_respond`, with their patients."""
    able = can_respond(preset, instrument, rows.mart.c.baseline)
    met = responded(preset, instrument, rows.mart.c.baseline, rows.mart.c.value)
    conditions = {
        "n": able,
        "responders": sa.and_(able, met),
        "others": sa.and_(able, sa.not_(met)),
        "cannot_respond": sa.not_(able),
    }
    return counted(clinic, rows, {}, conditions)


def expected_counts(clinic: Clinic, rows: ScoreRows, preset: v.Preset, instrument: v.Instrument) -> dict[Key, dict[str, Any]]:
    """Expected episodes of a visit that are able to respond: `expected`, with their patients."""
    return counted(clinic, rows, {}, {"expected": can_respond(preset, instrument, rows.mart.c.baseline)})
