"""The vocabulary as DuckDB's SQL: lists of treatments, bands, bit masks, and values that carry their order."""

from __future__ import annotations

from collections.abc import Iterable

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import VALUE_ROOM, VALUE_SHIFT

THOUSAND = 1000  # scores and BMI are stored in thousandths
STAGE_OF = "CASE treatment {} END".format(
    " ".join(f"WHEN {place} THEN {v.position(v.STAGES, term.stage)}" for place, term in enumerate(v.TREATMENTS))
)


def of_stage(code: str) -> tuple[int, ...]:
    """Positions of the treatments of a stage."""
    return tuple(place for place, term in enumerate(v.TREATMENTS) if term.stage == code)


def listed(places: Iterable[int]) -> str:
    """Positions as the inside of a list: "0, 3, 5"."""
    return ", ".join(map(str, places))


COURSES = listed(place for place, term in enumerate(v.TREATMENTS) if term.kind == "course")
PROCEDURES = listed(place for place, term in enumerate(v.TREATMENTS) if term.kind == "procedure")
CONSERVATIVE, INJECTIONS, SURGERIES = (listed(of_stage(stage)) for stage in ("conservative", "injection", "surgery"))


def mask_of(places: Iterable[int]) -> int:
    """The set of these positions as a bit mask."""
    return sum(1 << place for place in places)


def set_of(column: str) -> str:
    """Aggregate: the positions in a column as a bit mask."""
    return f"bit_or(1::INTEGER << {column}::INTEGER)"


def band(value: str, bands: tuple[v.Band, ...], *, unit: int = 1) -> str:
    """Position of the band a value falls in: a value below the next band's low belongs to the band (pain 3.5 to 0-3)."""
    upwards = (
        f"WHEN {value} < {round(following.low * unit)} THEN {place}"
        for place, following in enumerate(bands[1:])
        if following.low is not None
    )
    return f"CASE WHEN {value} IS NOT NULL THEN CASE {' '.join(upwards)} ELSE {len(bands) - 1} END END"


def ordered_value(order: str, value: str) -> str:
    """One number that sorts by `order` (not negative) and carries `value`; functions.ordered_value says the same in SQLAlchemy."""
    return f"(({order})::BIGINT * {VALUE_ROOM} + {value} + {VALUE_SHIFT})"


def value_of(packed: str) -> str:
    """The value that `ordered_value` carries."""
    return f"({packed} % {VALUE_ROOM} - {VALUE_SHIFT})::INTEGER"
