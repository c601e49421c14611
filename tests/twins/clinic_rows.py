"""Made-up clinics for comparing SQL with plain Python: small, full of edges (ties, nulls, several episodes), legal bundles."""

from __future__ import annotations

from random import Random
from typing import Any

from synapse_analytics import vocabulary as v

Row = dict[str, Any]
MONTHS = ("2019-12", "2020-01", "2020-06", "2021-02", "2022-12")
LAST_DAY = 300  # every drawn day lies before the cut-off of tests.builders


def drawn_clinic(seed: int, *, patients: int = 45) -> dict[str, list[Row]]:
    """The rows of every file of a bundle; a third of the patients have a second episode."""
    draw = Random(seed)
    files: dict[str, list[Row]] = {
        name: [] for name in ("patients", "episodes", "other_diagnoses", "symptoms", "investigations", "treatments", "scores")
    }
    for number in range(patients):
        files["patients"].append(_patient(draw, f"P{number}"))
        for episode in range(draw.choice((1, 1, 2))):
            _episode(draw, files, f"P{number}", f"E{number}-{episode}")
    return files


def _maybe(draw: Random, value: Any) -> Any:
    return "" if draw.random() < 0.2 else value


def _patient(draw: Random, name: str) -> Row:
    return {
        "patient_id": name,
        "sex": draw.choice(v.codes(v.SEXES)),
        "age_years": draw.choice((0, 17, 18, 39, 40, 55, 64, 65, 90)),
        "bmi": _maybe(draw, draw.choice((17.3, 18.5, 24.9, 24.95, 25, 29.99, 30, 44.2))),
        "smoker": _maybe(draw, draw.choice(("yes", "no"))),
        "comorbidities": _maybe(draw, draw.choice((0, 1, 2, 3, 7))),
        "occupation": _maybe(draw, draw.choice(v.codes(v.OCCUPATIONS))),
    }


def _episode(draw: Random, files: dict[str, list[Row]], patient: str, episode: str) -> None:
    status = draw.choice(v.codes(v.STATUSES))
    primary = draw.choice(v.codes(v.DIAGNOSES))
    files["episodes"].append(
        {
            "episode_id": episode,
            "patient_id": patient,
            "first_visit_month": draw.choice(MONTHS),
            "site": draw.choice(("S01", "S02")),
            "clinician": draw.choice(("C01", "C02", "C03")),
            "diagnosis": primary,
            "side": _maybe(draw, draw.choice(v.codes(v.SIDES))),
            "symptom_weeks": _maybe(draw, draw.choice((0, 5, 6, 12, 13, 52, 53, 400))),
            "red_flags": draw.choice(("no", "no", "yes")),
            "status": status,
            "closed_day": "" if status == "open" else draw.randint(1, LAST_DAY),
        }
    )
    others = [code for code in v.codes(v.DIAGNOSES) if code != primary and draw.random() < 0.2]
    files["other_diagnoses"] += [{"episode_id": episode, "diagnosis": code} for code in others]
    files["symptoms"] += [{"episode_id": episode, "symptom": code} for code in v.codes(v.SYMPTOMS) if draw.random() < 0.4]
    files["investigations"] += [_investigation(draw, episode) for _ in range(draw.choice((0, 0, 1, 3, 5)))]
    files["treatments"] += [_treatment(draw, episode, f"{episode}-T{number}") for number in range(draw.choice((0, 1, 2, 4)))]
    for instrument in v.INSTRUMENTS:
        days = {
            draw.randint(-70, LAST_DAY) if draw.random() < 0.5 else draw.choice((-61, -60, -1, 0, 1)) for _ in range(draw.choice((0, 1, 2)))
        }
        files["scores"] += [
            {"episode_id": episode, "day": day, "instrument": instrument.code, "value": _score(draw, instrument)} for day in sorted(days)
        ]


def _investigation(draw: Random, episode: str) -> Row:
    return {
        "episode_id": episode,
        "day": draw.choice((-20, 0, 0, 3, 14, 90)),
        "investigation": draw.choice(v.codes(v.INVESTIGATIONS)),
        "finding": _maybe(draw, draw.choice(v.codes(v.FINDINGS))),
    }


def _treatment(draw: Random, episode: str, name: str) -> Row:
    term = draw.choice(v.TREATMENTS)
    start = draw.choice((-90, -5, 0, 0, 7, 30, 120))
    end = _maybe(draw, start + draw.choice((0, 4, 5, 60))) if term.kind == "course" else ""
    return {"treatment_id": name, "episode_id": episode, "treatment": term.code, "start_day": start, "end_day": end}


def _score(draw: Random, instrument: v.Instrument) -> float:
    value = instrument.low + (instrument.high - instrument.low) * draw.choice((0, 0.05, 0.2, 0.35, 0.4, 0.605, 0.61, 0.65, 0.7, 1))
    return round(value, instrument.decimals)
