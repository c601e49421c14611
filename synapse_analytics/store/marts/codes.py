"""The vocabulary as SQL: which positions of the treatment list are courses, injections, surgery; and the bands."""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics import vocabulary as v

THOUSAND = 1000
STAGE_OF = {place: v.position(v.STAGES, term.stage) for place, term in enumerate(v.TREATMENTS)}
INJECTION, SURGERY = v.position(v.STAGES, "injection"), v.position(v.STAGES, "surgery")


def of_stage(code: str) -> tuple[int, ...]:
    """Positions of the treatments of a stage."""
    return tuple(place for place, term in enumerate(v.TREATMENTS) if term.stage == code)


COURSES = tuple(place for place, term in enumerate(v.TREATMENTS) if term.kind == "course")
PROCEDURES = tuple(place for place, term in enumerate(v.TREATMENTS) if term.kind == "procedure")


def band(value: sa.ColumnElement[int], bands: tuple[v.Band, ...], *, unit: int = 1) -> sa.ColumnElement[int]:
    """Position of the band a value falls in: a value below the next band's low belongs to the band (pain 3.5 to 0-3)."""
    upwards = [(value < round(following.low * unit), place) for place, following in enumerate(bands[1:]) if following.low is not None]
    return sa.case((value.is_(None), sa.null()), *upwards, else_=len(bands) - 1)


def status(code: str) -> int:
    """Position of a status."""
    return v.position(v.STATUSES, code)


def end_state(code: str) -> int:
    """Position of an end state."""
    return v.position(v.END_STATES, code)
