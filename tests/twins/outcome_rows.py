"""Made-up clinics in which much is followed up: answers around every window's edge, surgery, complications, deaths."""

from __future__ import annotations

from random import Random
from typing import Any

from synapse_analytics import vocabulary as v
from tests.twins.clinic_rows import drawn_clinic

Row = dict[str, Any]
# The edges of the reference windows, their middle, ties around a target, and days far outside.
DAYS = (-61, -60, -10, 0, 1, 27, 28, 40, 44, 63, 64, 90, 92, 135, 136, 200, 271, 364, 366, 545, 546, 730, 910, 911)
MONTHS = ("2019-12", "2020-01", "2020-02", "2022-12", "2024-01", "2024-11")
SURGERIES = ("discectomy", "laminectomy", "spinal_fusion")
SCORED = ("nrs_pain", "odi", "eq5d5l_index")


def followed_clinic(seed: int) -> dict[str, list[Row]]:
    """A drawn clinic with scores, surgery and adverse events over three years."""
    draw = Random(seed)
    files = drawn_clinic(seed, patients=60)
    files["scores"], files["adverse_events"] = [], []
    for row in files["episodes"]:
        row["first_visit_month"] = draw.choice(MONTHS)
        if row["status"] != "open":
            row["closed_day"] = draw.choice((0, 30, 90, 200, 365, 366, 500, 900))
        episode = row["episode_id"]
        files["scores"] += [answer for code in (*SCORED, "nrs_leg") for answer in _answers(draw, episode, v.find(v.INSTRUMENTS, code))]
        operations = sorted(draw.choice((-5, 0, 30, 100, 364, 365, 366, 700)) for _ in range(draw.choice((0, 0, 1, 1, 2))))
        files["treatments"] += [
            {"treatment_id": f"{episode}-S{number}", "episode_id": episode, "treatment": draw.choice(SURGERIES), "start_day": day}
            for number, day in enumerate(operations)
        ]
        if operations and draw.random() < 0.4:
            day = operations[0] + draw.choice((-1, 0, 10, 90, 91))
            files["adverse_events"].append({"episode_id": episode, "day": day, "event": draw.choice(v.codes(v.EVENTS))})
    return files


def _answers(draw: Random, episode: str, instrument: v.Instrument) -> list[Row]:
    days = {draw.choice((-60, -10, 0))} if draw.random() < 0.85 else set()
    days |= {day for day in DAYS if draw.random() < 0.25}
    return [{"episode_id": episode, "day": day, "instrument": instrument.code, "value": _value(draw, instrument)} for day in sorted(days)]


def _value(draw: Random, instrument: v.Instrument) -> float:
    """A tenth of the scale, now and then between two tenths: many ties, and changes of exactly a preset."""
    step = draw.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 3.5, 6.3))
    return round(instrument.low + (instrument.high - instrument.low) * step / 10, instrument.decimals)
