"""The one way of counting agrees with plain Python: episodes, exact patients, complements and sums, under any keys put together."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import remembered
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import SQUARES, Counts, Distribution, Relation, count, distribution, rows
from synapse_analytics.remembered import forget_all
from synapse_analytics.store.tables import episode_facts
from tests.examples import tried
from tests.properties.drawn import Drawn
from tests.twins.cohort import Episode, kept, patients_of
from tests.twins.drawn_cohorts import cohorts

FACTS = episode_facts.c
ASKED = tried(20)
SYMPTOMS = v.codes(v.SYMPTOMS)
NAMED = st.sampled_from(SYMPTOMS)
BITS = {code: place for place, code in enumerate(SYMPTOMS)}
TARGETS = st.lists(st.sampled_from([None, 0, 1, 2]), min_size=len(v.DIAGNOSES), max_size=len(v.DIAGNOSES))
KEYS = {"diagnosis": v.codes(v.DIAGNOSES), "sex": v.codes(v.SEXES)}


def symptoms_by(*keys: str, names: Iterable[str] = SYMPTOMS) -> Relation:
    """Symptoms by diagnosis and sex, with the sum of the ages."""
    bits = {name: BITS[name] for name in names}
    columns = tuple(FACTS[key] for key in keys)
    return Relation(("test", *keys), keys=columns, flags=FACTS.symptoms, bits=bits, sums={"age": FACTS.age_years})


def groups(episodes: Sequence[Episode], keys: Sequence[str]) -> dict[tuple[int, ...], list[Episode]]:
    """The same episodes by the positions of their codes."""
    found: dict[tuple[int, ...], list[Episode]] = {}
    for episode in episodes:
        found.setdefault(tuple(KEYS[key].index(episode[key]) for key in keys), []).append(episode)
    return found


def check(found: Counts, expected: dict[tuple[int, ...], list[Episode]], one: str, other: str) -> None:
    """Every number of every key is that of the naive twin."""
    assert set(found.keys) == set(expected)
    for key, members in expected.items():
        place = found.place[key]
        with_one = [episode for episode in members if one in episode["symptoms"]]
        with_both = [episode for episode in with_one if other in episode["symptoms"]]
        without = [episode for episode in members if one not in episode["symptoms"]]
        assert (found.episodes()[place], found.patients()[place]) == (len(members), patients_of(members))
        assert (found.episodes(one)[place], found.patients(one)[place]) == (len(with_one), patients_of(with_one))
        assert (found.episodes(one, other)[place], found.patients(one, other)[place]) == (len(with_both), patients_of(with_both))
        assert found.outside(one)[place] == patients_of(without)
        assert found.outside(other, one)[place] == patients_of([episode for episode in with_one if other not in episode["symptoms"]])
        ages = [episode["age_years"] for episode in members]
        assert (found.total("age")[place], found.total("age" + SQUARES)[place]) == (sum(ages), sum(age * age for age in ages))


@ASKED
@given(cohort=cohorts(filters=2), keys=st.sampled_from([(), ("sex",), ("diagnosis", "sex")]), one=NAMED, other=NAMED)
def test_counts_agree(drawn: Drawn, cohort: Cohort, keys: tuple[str, ...], one: str, other: str) -> None:
    check(count(drawn.clinic, cohort, symptoms_by(*keys)), groups(kept(drawn.episodes, cohort), keys), one, other)


@ASKED
@given(cohort=cohorts(filters=1), target=TARGETS, one=NAMED, other=NAMED)
def test_keys_may_be_put_together(drawn: Drawn, cohort: Cohort, target: list[int | None], one: str, other: str) -> None:
    """Patients stay distinct, whatever keys are joined, in whatever order, and whichever are left out."""
    found = count(drawn.clinic, cohort, symptoms_by("diagnosis", "sex")).fold(
        lambda key: None if target[key[0]] is None else (target[key[0]],)
    )
    expected: dict[tuple[int, ...], list[Episode]] = {}
    for (diagnosis,), members in groups(kept(drawn.episodes, cohort), ("diagnosis",)).items():
        if (new := target[diagnosis]) is not None:
            expected.setdefault((new,), []).extend(members)
    check(found, expected, one, other)


@ASKED
@given(cohort=cohorts(filters=2), one=NAMED, other=NAMED)
def test_the_whole_is_one_key(drawn: Drawn, cohort: Cohort, one: str, other: str) -> None:
    check(count(drawn.clinic, cohort, symptoms_by("diagnosis")).whole(), {(): kept(drawn.episodes, cohort)}, one, other)


@pytest.mark.parametrize("dense", [0, 10**9])
def test_both_ways_of_adding_up_agree(drawn: Drawn, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "DENSE", dense)
    forget_all()
    found = count(drawn.clinic, Cohort(), symptoms_by("diagnosis"))
    for key, members in groups(drawn.episodes, ("diagnosis",)).items():
        for name in SYMPTOMS:
            assert found.episodes(name)[found.place[key]] == sum(name in episode["symptoms"] for episode in members)


def test_nobody_is_no_fault(drawn: Drawn) -> None:
    nobody = count(drawn.clinic, Cohort(site=("S99",)), symptoms_by("diagnosis"))
    assert nobody.keys == ()
    whole = nobody.whole()
    assert (whole.keys, whole.episodes()[0], whole.patients(SYMPTOMS[0])[0], whole.outside(SYMPTOMS[0])[0]) == (((),), 0, 0, 0)
    assert whole.total("age")[0] == 0
    assert count(drawn.clinic, Cohort(site=("S99",)), symptoms_by()).keys == ()


def test_what_is_absent_comes_last(drawn: Drawn) -> None:
    columns = (FACTS.diagnosis, sa.case((FACTS.sex == 0, sa.null()), else_=FACTS.age_years))
    found = count(drawn.clinic, Cohort(), Relation(("absent",), keys=columns)).keys
    assert found == tuple(sorted(found, key=lambda key: (key[0], key[1] is None, key[1])))
    assert {key[1] is None for key in found} == {True, False}


def test_the_sum_of_nothing_is_nought(drawn: Drawn) -> None:
    known = sa.case((FACTS.sex == 0, sa.null()), else_=FACTS.age_years)
    found = count(drawn.clinic, Cohort(), Relation(("unknown",), keys=(FACTS.sex,), sums={"age": known}))
    assert (found.total("age")[found.place[(0,)]], found.total("age" + SQUARES)[found.place[(0,)]]) == (0, 0)
    assert found.total("age").sum() > 0


def test_a_fact_may_take_the_last_bit() -> None:
    bits = {"first": 0, "second": 60, "third": 61}
    held = [0, 1, 1 << 60, 1 << 61]
    four = rows.Rows(*(np.array(column, dtype=np.int64) for column in ([0, 0, 1, 1], held, [8, 4, 2, 1], [])), singles=4)
    counts = Counts([("a",), ("b",)], four, bits, {}).uniting("either", ["first", "third"])
    assert [counts.episodes(name).tolist() for name in ("first", "second", "third", "either")] == [[4, 0], [0, 2], [0, 1], [4, 1]]
    assert counts.patients("first", "either").tolist() == [4, 0]


def test_a_patient_of_keys_apart_that_become_one_is_one_patient() -> None:
    """The first key and the last become one, and the second stands between them."""
    of_one = rows.Rows(*(np.array(column, dtype=np.int64) for column in ([0, 1, 2], [0, 0, 0], [1, 1, 1], [7, 7, 7])), singles=0)
    found = Counts([("a",), ("b",), ("c",)], of_one, {}, {}).fold(lambda key: ("b",) if key == ("b",) else ("others",))
    assert (found.keys, found.episodes().tolist(), found.patients().tolist()) == ((("others",), ("b",)), [2, 1], [1, 1])


def test_sums_that_are_missing_are_fetched(drawn: Drawn) -> None:
    forget_all()
    assert count(drawn.clinic, Cohort(), replace(symptoms_by("diagnosis"), sums={})).keys
    assert count(drawn.clinic, Cohort(), symptoms_by("diagnosis")).total("age").sum() == sum(one["age_years"] for one in drawn.episodes)


def test_a_distribution_has_every_value(drawn: Drawn) -> None:
    relation = Relation(
        ("ages",), keys=(FACTS.diagnosis, FACTS.age_years), flags=FACTS.symptoms, bits={"leg_weakness": BITS["leg_weakness"]}
    )
    found = distribution(drawn.clinic, Cohort(), relation)
    found_rows = zip(found.key.tolist(), found.value.tolist(), found.having("leg_weakness").tolist(), found.n.tolist(), strict=True)
    expected: dict[tuple[int, int, bool], int] = {}
    for (diagnosis,), members in groups(drawn.episodes, ("diagnosis",)).items():
        for episode in members:
            key = (diagnosis, episode["age_years"], "leg_weakness" in episode["symptoms"])
            expected[key] = expected.get(key, 0) + 1
    assert {(key, value, weak): n for key, value, weak, n in found_rows} == expected


@pytest.fixture
def statements(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every statement that is run from here on."""
    run: list[Any] = []
    inner = Clinic.arrow
    monkeypatch.setattr(Clinic, "arrow", lambda clinic, statement: run.append(statement) or inner(clinic, statement))
    forget_all()
    return run


def test_counts_are_remembered(drawn: Drawn, statements: list[Any]) -> None:
    """The same question and a smaller one are not asked again; another cohort, another fact and other keys are."""
    women = Cohort(sex=("female",))
    first = count(drawn.clinic, women, symptoms_by("diagnosis", names=SYMPTOMS[:3]))
    asked = len(statements)
    assert count(drawn.clinic, women, symptoms_by("diagnosis", names=SYMPTOMS[:2])) is first
    assert len(statements) == asked
    for cohort, relation in (
        (Cohort(), symptoms_by("diagnosis", names=SYMPTOMS[:3])),
        (women, symptoms_by("diagnosis")),
        (women, symptoms_by("sex", names=SYMPTOMS[:3])),
    ):
        before = len(statements)
        count(drawn.clinic, cohort, relation)
        assert len(statements) > before


def test_little_is_kept(drawn: Drawn, statements: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the room there is, what was used longest ago is forgotten."""
    monkeypatch.setattr(remembered, "KEPT_BYTES", 1)
    count(drawn.clinic, Cohort(), symptoms_by("diagnosis"))
    count(drawn.clinic, Cohort(), symptoms_by("sex"))
    before = len(statements)
    count(drawn.clinic, Cohort(), symptoms_by("diagnosis"))
    assert len(statements) > before


def test_eight_who_ask_at_once_fetch_once(drawn: Drawn, statements: list[Any]) -> None:
    count(drawn.clinic, Cohort(), symptoms_by("diagnosis"))
    alone = len(statements)
    forget_all()
    statements.clear()
    ready = threading.Barrier(8)

    def ask(_visitor: int) -> Counts:
        ready.wait()
        return count(drawn.clinic, Cohort(), symptoms_by("diagnosis"))

    with ThreadPoolExecutor(8) as visitors:
        found = list(visitors.map(ask, range(8)))
    assert len(statements) == alone
    assert all(one is found[0] for one in found)


def test_a_fault_is_not_waited_for(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who fails leaves nothing behind: the next one fetches."""
    forget_all()
    with monkeypatch.context() as patched:
        patched.setattr(Clinic, "arrow", lambda *_asked: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            count(drawn.clinic, Cohort(), symptoms_by("diagnosis"))
    assert count(drawn.clinic, Cohort(), symptoms_by("diagnosis")).keys


def test_what_is_derived_takes_room(drawn: Drawn, statements: list[Any]) -> None:
    found = count(drawn.clinic, Cohort(), symptoms_by("diagnosis", "sex"))
    before = found.nbytes
    by_sex = found.view("sex", lambda: found.fold(lambda key: key[1:]))
    assert found.nbytes == before + by_sex.nbytes


def test_the_bytes_of_a_distribution_are_those_of_its_columns() -> None:
    assert Distribution(*(np.zeros(size, dtype=np.int64) for size in (5, 4, 3, 2)), {}).nbytes == 8 * (5 + 4 + 3 + 2)


def test_the_bytes_of_rows_are_those_of_their_columns() -> None:
    of_one = rows.Rows(*(np.zeros(size, dtype=np.int64) for size in (5, 4, 3, 2)), singles=3)
    assert of_one.nbytes == 8 * (5 + 4 + 3 + 2)
