"""Random right bundles as texts, the way to write them, and what each text must be stored as."""

from __future__ import annotations

import csv
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.cells import ID_MISSING_WORDS
from synapse_analytics.bundle.identity import id_identity_rule, identity_rule
from synapse_analytics.bundle.names_as_codes import are_names
from synapse_analytics.bundle.schema import Column, Kind, record_file
from tests.faults.drawn import MANIFEST

Row = dict[str, str]
_CHARACTERS = "ABCXYZabcxyz0123456789_-"
IDS = st.text(_CHARACTERS, min_size=1, max_size=64).filter(
    lambda text: (
        any(c.isalpha() for c in text)
        and not identity_rule(text)
        and not id_identity_rule(text)
        and text.casefold() not in ID_MISSING_WORDS
        and not text.casefold().startswith(("dr", "mr", "ms", "prof"))
    )
)


def _ids(least: int, most: int) -> st.SearchStrategy[list[str]]:
    """Ids of one file; letters drawn at random may make names of three."""
    return st.lists(IDS, min_size=least, max_size=most, unique=True).filter(lambda ids: not are_names(ids, 3, 0.5))


_LAST_DAY = 300  # the drawn episodes begin in 2023 and data end with 2024


def _optional(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), texts)


def _texts(column: Column) -> st.SearchStrategy[str]:
    if column.kind is Kind.CODE:
        return st.sampled_from(v.codes(column.terms))
    by_kind = {
        Kind.UNIT: st.sampled_from(["S1", "north", "C07", "x-9"]),
        Kind.YES_NO: st.sampled_from(["yes", "no"]),
        Kind.MONTH: st.sampled_from(["2023-01", "2023-12"]),
        Kind.ICD10: st.sampled_from(["M51", "M51.1", "G570", "M99.33"]),
        Kind.DAY: st.integers(-100, _LAST_DAY).map(str),
        Kind.NUMBER: st.decimals(10, 80, places=4).map(lambda number: f"{number:f}"),
    }
    if column.kind is Kind.COUNT:
        return st.integers(int(column.low or 0), int(column.high or 0)).map(str)
    return by_kind[column.kind]


@st.composite
def _row(draw: st.DrawFn, name: str, known: Row) -> Row:
    row = dict(known)
    for column in record_file(name).columns:
        if column.name not in row:
            row[column.name] = draw(_texts(column) if column.required else _optional(_texts(column)))
    return row


@st.composite
def bundles(draw: st.DrawFn) -> dict[str, list[Row]]:
    """A right bundle: stem -> rows of texts."""
    patients = [draw(_row("patients", {"patient_id": name})) for name in draw(_ids(1, 4))]
    episodes = [draw(_episode(name, patients)) for name in draw(_ids(1, 5))]
    names = st.sampled_from([row["episode_id"] for row in episodes])
    treatments = [draw(_treatment(name, names)) for name in draw(_ids(0, 4))]
    bundle = {"patients": patients, "episodes": episodes, "treatments": treatments}
    for stem, key in (("other_diagnoses", "diagnosis"), ("symptoms", "symptom"), ("investigations", "day")):
        rows = [draw(_row(stem, {"episode_id": draw(names)})) for _ in range(draw(st.integers(0, 3)))]
        bundle[stem] = list({(row["episode_id"], row[key]): row for row in rows}.values())
    scores = [draw(_score(names)) for _ in range(draw(st.integers(0, 6)))]
    bundle["scores"] = list({(row["episode_id"], row["day"], row["instrument"]): row for row in scores}.values())
    bundle["adverse_events"] = [draw(_row("adverse_events", {"episode_id": draw(names), "treatment_id": ""}))]
    return bundle


@st.composite
def _episode(draw: st.DrawFn, name: str, patients: list[Row]) -> Row:
    status = draw(st.sampled_from(v.codes(v.STATUSES)))
    closed = "" if status == "open" else str(draw(st.integers(0, _LAST_DAY)))
    patient = draw(st.sampled_from(patients))["patient_id"]
    return draw(_row("episodes", {"episode_id": name, "patient_id": patient, "status": status, "closed_day": closed}))


@st.composite
def _treatment(draw: st.DrawFn, name: str, episodes: st.SearchStrategy[str]) -> Row:
    start = draw(st.integers(-50, _LAST_DAY))
    end = draw(_optional(st.integers(start, _LAST_DAY).map(str)))
    return draw(_row("treatments", {"treatment_id": name, "episode_id": draw(episodes), "start_day": str(start), "end_day": end}))


@st.composite
def _score(draw: st.DrawFn, episodes: st.SearchStrategy[str]) -> Row:
    term = draw(st.sampled_from(v.INSTRUMENTS))
    value = draw(st.decimals(Decimal(str(term.low)), Decimal(str(term.high)), places=3))
    return draw(_row("scores", {"episode_id": draw(episodes), "instrument": term.code, "value": f"{value:f}"}))


def write_rows(folder: Path, bundle: dict[str, list[Row]], *, quoting: int, end: str) -> Path:
    """The bundle as CSV files."""
    for stem, rows in bundle.items():
        with (folder / f"{stem}.csv").open("w", newline="", encoding="utf-8") as handle:
            names = [column.name for column in record_file(stem).columns]
            writer = csv.DictWriter(handle, names, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
            writer.writeheader()
            writer.writerows(rows)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    return folder


def stored(stem: str, row: Row) -> dict[str, Any]:
    """What a row of texts must be in the typed table, worked out without the code under test."""
    return {column.name: _stored(column, row[column.name]) for column in record_file(stem).columns}


def _stored(column: Column, text: str) -> Any:
    if not text:
        return None
    if column.kind is Kind.CODE:
        return v.position(column.terms, text)
    if column.kind is Kind.MONTH:
        return int(text[:4]) * 12 + int(text[5:]) - 1
    by_kind = {
        Kind.YES_NO: lambda: text == "yes",
        Kind.DAY: lambda: int(text),
        Kind.COUNT: lambda: int(text),
        Kind.NUMBER: lambda: int((Decimal(text) * 1000).quantize(Decimal(1), ROUND_HALF_UP)),
        Kind.SCORE: lambda: int((Decimal(text) * 1000).quantize(Decimal(1), ROUND_HALF_UP)),
    }
    return by_kind.get(column.kind, lambda: text)()
