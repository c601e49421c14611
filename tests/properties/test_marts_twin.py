"""The marts agree with their naive twin on random clinics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import vocabulary as v
from synapse_analytics.store import fetch_arrow, load, open_store, tables
from synapse_analytics.store.score_flags import score_flags
from tests.examples import tried
from tests.twins import marts as twin
from tests.twins.checked import checked

EPISODES = [f"E{number}" for number in range(8)]
DAYS = st.one_of(st.integers(-70, 40), st.sampled_from([-60, 0, 1, 28, 42, 63, 64, 91, 365, 545, 730, 734, 735]), st.integers(-70, 1000))
episode_ids = st.sampled_from(EPISODES)


@st.composite
def _episodes(draw: st.DrawFn) -> list[dict]:
    rows = []
    for episode in EPISODES:
        status = draw(st.sampled_from(v.codes(v.STATUSES)))
        rows.append(
            {
                "episode_id": episode,
                "patient_id": draw(st.sampled_from(["P0", "P1", "P2", f"P-{episode}"])),
                "first_visit_month": draw(st.sampled_from(["2020-01", "2020-02", "2021-12", "2022-03"])),
                "status": status,
                "closed_day": None if status == "open" else draw(st.integers(0, 900)),
                "symptom_weeks": draw(st.sampled_from([None, 0, 5, 6, 12, 13, 52, 53, 400])),
            }
        )
    return rows


@st.composite
def _treatments(draw: st.DrawFn) -> list[dict]:
    rows = []
    for _ in range(draw(st.integers(0, 30))):
        term = draw(st.sampled_from(v.TREATMENTS))
        start = draw(DAYS)
        end = None if term.kind == "procedure" or draw(st.booleans()) else start + draw(st.integers(0, 200))
        rows.append({"episode_id": draw(episode_ids), "treatment": term.code, "start_day": start, "end_day": end})
    return rows


@st.composite
def _scores(draw: st.DrawFn) -> list[dict]:
    named = st.sampled_from(["nrs_pain", "nrs_pain", "odi", "eq5d5l_index"])
    answers = draw(st.dictionaries(st.tuples(episode_ids, DAYS, named), st.integers(-900, 1000), max_size=60))
    return [{"episode_id": e, "day": day, "instrument": name, "value": _value(name, raw)} for (e, day, name), raw in answers.items()]


def _value(instrument: str, raw: int) -> float:
    return raw / 1000 if instrument == "eq5d5l_index" else abs(raw) / (100 if instrument == "nrs_pain" else 10)


clinics = st.fixed_dictionaries(
    {
        "patients": st.just([{"patient_id": "P0", "age_years": 39, "bmi": 18.49}, {"patient_id": "P1", "age_years": 65, "bmi": 30.0}]),
        "episodes": _episodes(),
        "treatments": _treatments(),
        "scores": _scores(),
        "symptoms": st.lists(
            st.builds(lambda e, s: {"episode_id": e, "symptom": s}, episode_ids, st.sampled_from(v.codes(v.SYMPTOMS))), max_size=6
        ),
        "investigations": st.lists(
            st.builds(
                lambda e, d, i, f: {"episode_id": e, "day": d, "investigation": i, "finding": f},
                episode_ids,
                DAYS,
                st.sampled_from(v.codes(v.INVESTIGATIONS)),
                st.sampled_from([None, *v.codes(v.FINDINGS)]),
            ),
            max_size=6,
        ),
        "other_diagnoses": st.lists(
            st.builds(lambda e, d: {"episode_id": e, "diagnosis": d}, episode_ids, st.sampled_from(v.codes(v.DIAGNOSES))), max_size=6
        ),
        "adverse_events": st.lists(
            st.builds(lambda e, d: {"episode_id": e, "day": d, "event": "infection"}, episode_ids, DAYS), max_size=6
        ),
    }
)


def _rows(engine: sa.Engine, table: sa.Table, *columns: str) -> Iterator[tuple]:
    found = fetch_arrow(engine, sa.select(*(table.c[name] for name in columns)))
    return zip(*(column.to_pylist() for column in found.columns), strict=True) if len(found) else iter(())


@given(rows=clinics)
@tried(4)
def test_marts_equal_their_twin(rows: dict, tmp_path: Path) -> None:
    check = checked(data_until="2022-12", **rows)
    load(check, f"duckdb:///{tmp_path}")
    engine, info = open_store(f"duckdb:///{tmp_path}")
    facts: pa.Table = fetch_arrow(engine, sa.select(tables.episode_facts).order_by(tables.episode_facts.c.episode_key))
    for found, expected in zip(facts.to_pylist(), twin.episode_facts(check, info.headline), strict=True):
        assert {name: found[name] for name in expected} == expected
    for table, expected_rows, columns in (
        (tables.index_days, twin.index_days(check), ("index_code", "episode_key", "index_day", "closed_visits")),
        (tables.visit_scores, twin.visit_scores(check), ("index_code", "instrument", "visit", "episode_key", "baseline", "value")),
        (tables.week_scores, twin.week_scores(check), ("index_code", "instrument", "week", "last_of", "episode_key", "value")),
        (tables.conservative_weeks, twin.conservative_weeks(check, info.headline), ("treatment_class", "period", "episode_key", "value")),
    ):
        assert sorted(_rows(engine, table, *columns)) == sorted(expected_rows), table.name
    answered: dict[tuple[int, int], int] = {}
    for place, period, episode, _ in twin.conservative_weeks(check, info.headline):
        answered[place, episode] = answered.get((place, episode), 0) | 1 << period
    found_periods = {row[:2]: row[2] for row in _rows(engine, tables.conservative_periods, "treatment_class", "episode_key", "periods")}
    assert found_periods == answered
    visits = v.codes(v.VISITS)[1:]
    wide = _rows(engine, tables.index_scores, "index_code", "instrument", "episode_key", "baseline", *visits, "flags")
    named = [(*row[:-1], _names(row[1], row[-1])) for row in wide]
    assert sorted(named, key=str) == sorted(twin.index_scores(check), key=str)
    patients = {episode.key: None if episode.only else episode.row["patient_id"] for episode in twin.episodes_of(check)}
    for table in (
        tables.episode_facts,
        tables.index_days,
        tables.index_scores,
        tables.visit_scores,
        tables.conservative_periods,
        tables.indicator_rows,
    ):
        owners: dict[int, set[str]] = {}
        for key, repeat in _rows(engine, table, "episode_key", "repeat_patient"):
            assert (repeat is None) == (patients[key] is None), table.name
            if repeat is not None:
                owners.setdefault(repeat, set()).add(patients[key])
        assert all(len(names) == 1 for names in owners.values()), table.name


@given(rows=clinics)
@tried(4)
def test_what_marts_carry_is_what_episode_facts_say(rows: dict, tmp_path: Path) -> None:
    load(checked(data_until="2022-12", **rows), f"duckdb:///{tmp_path}")
    engine, _info = open_store(f"duckdb:///{tmp_path}")
    for mart in tables.CARRIERS:
        both = [column.name for column in mart.columns if column.name in tables.episode_facts.c]
        assert {"episode_key", *tables.CARRIED} <= set(both)
        facts = {row[0]: row for row in _rows(engine, tables.episode_facts, "episode_key", *both)}
        carried = list(_rows(engine, mart, "episode_key", *both))
        assert carried == [facts[row[0]] for row in carried], mart.name


def _names(instrument: int, flags: int) -> tuple[str, ...]:
    return tuple(sorted(name for place, name in enumerate(score_flags(v.INSTRUMENTS[instrument].code)) if flags >> place & 1))


@pytest.mark.parametrize("headline", ["nrs_leg", "odi"])
def test_headline_falls_back_whole(tmp_path: Path, headline: str) -> None:
    scores = [{"episode_id": "E1", "day": day, "instrument": headline, "value": value} for day, value in ((0, 8), (100, 5))]
    info = load(checked(episodes=[{"episode_id": "E1", "patient_id": "P1"}], scores=scores), f"duckdb:///{tmp_path}")
    engine, _info = open_store(f"duckdb:///{tmp_path}")
    found = list(_rows(engine, tables.episode_facts, "headline_baseline", "headline_last", "end_state", "pain_band"))
    assert info.headline == headline
    assert found == [
        (8000, 5000, v.position(v.END_STATES, "improved" if headline == "nrs_leg" else "unchanged"), 2 if headline == "nrs_leg" else None)
    ]
