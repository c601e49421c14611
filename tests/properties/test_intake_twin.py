"""The rules of a mapping against a naive twin in plain Python: drawn messy tables, the same records and the same account of every row."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from synapse_analytics.intake.accounted import accounted
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.taking import taken
from tests.raw_tables import DAY_FIRST, mapping, register, rule

END = date(2025, 12, 31)
ids = st.sampled_from(["1", "2", "3", "4"])
days = st.one_of(st.none(), st.dates(date(2023, 1, 1), date(2026, 3, 1)), st.dates(date(2010, 1, 1), date(2012, 1, 1)))
registers = st.lists(
    st.tuples(st.one_of(st.none(), ids), days, st.sampled_from(["PIVD", "LCS", None])), min_size=1, max_size=6, unique_by=lambda row: row[0]
)
vas = st.one_of(st.none(), st.sampled_from(["0", "5", "45", "73", "100", "999"]))
answers = st.lists(st.tuples(st.one_of(st.none(), ids, st.just("9")), days, vas), max_size=12)


def _table(name: str, columns: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> RawTable:
    cells = pa.table({column: pa.array([row[i] for row in rows], pa.string()) for i, column in enumerate(columns)})
    return RawTable(name, name, cells, np.arange(2, len(rows) + 2))


def _written(day: date | None) -> str | None:
    return None if day is None else f"{day.day}/{day.month}/{day.year}"


def _fate_of_episode(who: str | None, first: date | None, dx: str | None) -> str:
    if who is None:
        return "no patient id"
    if first is None and dx is None:
        return "the patient has no episode in the bundle"
    if first is None:
        return "nothing says which day is day 0 of its episode"
    if first > END:
        return "after the last month with complete data"
    return "kept" if dx else "no diagnosis"


def _fate_of_answer(who: str | None, day: date | None, people: dict[str | None, date | str]) -> str:
    if who is None:
        return "no patient id"
    if who not in people:
        return "no row describes its patient"
    start = people[who]
    if not isinstance(start, date):
        return start or "its episode was left out"
    if day is None:
        return "no date"
    if not -3650 <= (day - start).days <= 7300:
        return "its day is outside -3650 to 7300"
    return "after the last month with complete data" if day > END else "kept"


def _without(fate: str) -> str:
    return "its patient has no episode" if "patient has no episode" in fate else ""


def _twin(people: list[Any], told: list[Any]) -> tuple[dict[str, Counter[str]], list[tuple[str, int, float]]]:
    """What becomes of each row, and the scores: told slowly, row by row."""
    fates = [_fate_of_episode(*row) for row in people]
    starts = {who: first if fate == "kept" else _without(fate) for (who, first, _), fate in zip(people, fates, strict=True) if who}
    of_answers: Counter[str] = Counter()
    seen: dict[tuple[str, int], float] = {}
    for who, day, value in told:
        fate = "nothing is recorded in the columns that are used" if value in {None, "999"} else _fate_of_answer(who, day, starts)
        if fate == "kept":
            key, score = (who, (day - starts[who]).days), int(value) / 10
            if key in seen:
                fate = "merged" if seen[key] == score else "another value of the same score on the same day was used"
            seen.setdefault(key, score)
        of_answers[fate] += 1
    return {"register": Counter(fates), "answers": of_answers}, sorted((*key, score) for key, score in seen.items())


@settings(max_examples=25)
@given(registers, answers)
def test_records_and_account_are_those_of_the_twin(people: list[Any], told: list[Any]) -> None:
    tables = [
        _table(
            "register", ("mrn", "sex", "dob", "first", "dx"), [(who, "M", "1/2/1960", _written(first), dx) for who, first, dx in people]
        ),
        _table("answers", ("mrn", "on", "vas"), [(who, _written(day), value) for who, day, value in told]),
        _table("treatments", ("mrn", "what", "start"), [("1", "discectomy", "1/2/2025")]),
    ]
    how = mapping(
        [
            *register(),
            rule("treatments", "treatments", patient_id="mrn", treatment="what", start_date={"from": "start", **DAY_FIRST}),
            rule(
                "answers",
                "scores",
                {"nrs_leg": {"from": "vas", "scale": [0, 100], "missing": "999"}},
                patient_id="mrn",
                date={"from": "on", **DAY_FIRST},
            ),
        ],
        same_day="first",
    )
    frames, work = taken(tables, how)
    account = {one.table: one for one in accounted(frames, work).tables}
    fate, scores = _twin(people, told)
    for name in ("register", "answers"):
        table = account[name]
        found = Counter({"kept": table.kept, "merged": table.merged} | table.dropped)
        assert +found == +fate[name]
        assert table.read == table.kept + table.merged + sum(table.dropped.values())
    frame = frames["scores"]
    assert sorted(zip(frame["patient_id"], frame["day"].astype(int), frame["value"], strict=True)) == scores
