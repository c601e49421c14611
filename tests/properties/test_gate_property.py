"""The gate on drawn clinics: real SQL, every registered analysis with drawn options and cohorts.

What leaves is checked cell by cell against the numbers it rests on, which are caught on their way into the gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH, Kind, Measure, Policy, Released, TableRule, gate
from synapse_analytics.disclosure.cells import Need
from synapse_analytics.errors import NotAllowed, UnsafeAnswer, UsageError
from tests.examples import tried
from tests.twins.clinic_rows import drawn_clinic
from tests.twins.drawn_cohorts import cohorts
from tests.twins.open_policy import frank_clinic

SETTINGS = tried(3)
ABOUT_FILES = ("data_quality", "generation_summary")  # count rows of files, not patients


@dataclass(frozen=True)
class Caught:
    """One table on its way through the gate."""

    rule: TableRule
    policy: Policy
    given: Sequence[Mapping[str, Any]]
    shown: Sequence[Mapping[str, Any]]

    def measures(self, *kinds: Kind) -> list[Measure]:
        return [measure for measure in self.rule.measures if measure.kind in kinds]


@contextmanager
def watched_gate() -> Iterator[list[Caught]]:
    """Every table that passes the gate, as it came and as it left."""
    caught: list[Caught] = []
    inner = gate._release_table

    def watching(rule: TableRule, rows: Sequence[Mapping[str, Any]], policy: Policy) -> tuple[Mapping[str, Any], ...]:
        shown = inner(rule, rows, policy)
        caught.append(Caught(rule, policy, rows, shown))
        return shown

    gate._release_table = watching
    try:
        yield caught
    finally:
        gate._release_table = inner


@pytest.fixture(scope="session", params=[(11, 45), (12, 400)], ids=["few", "many"])
def clinic(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """A small clinic, where nearly every cell is small, and a larger one, where complements are."""
    seed, patients = request.param
    return frank_clinic(tmp_path_factory.mktemp("gate"), drawn_clinic(seed, patients=patients))


@pytest.fixture(scope="session")
def busy_clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Six patients with many episodes each: whoever counts episodes for patients is found out."""
    files = drawn_clinic(13, patients=90)
    for row in files["episodes"]:
        row["patient_id"] = f"P{int(row['patient_id'][1:]) % 6}"
    files["patients"] = files["patients"][:6]
    return frank_clinic(tmp_path_factory.mktemp("busy"), files)


def options_of(data: st.DataObject, name: str) -> dict[str, Any]:
    """Legal options of an analysis; those with any text stay at their default."""
    declared = analyses.answers()[name].options
    return {option.name: data.draw(st.sampled_from(list(option.legal))) for option in declared if option.legal}


def ask(clinic: Clinic, name: str, cohort: Cohort, options: Mapping[str, Any]) -> Released | None:
    try:
        return analyses.answer(clinic, name, cohort, **options)
    except UnsafeAnswer:  # an analysis breaks the policy: never the asker's doing
        raise
    except (NotAllowed, UsageError):  # not under this policy; or options that do not go together
        return None


def few(patients: Any, enough: int) -> bool:
    return 0 < int(patients or 0) < enough


def hidden(row: Mapping[str, Any], name: str) -> bool:
    """A cell that says nothing: withheld, or a number that there cannot be."""
    return row[name] is None


def check_cells(caught: Caught) -> None:
    limits = {
        Kind.COUNT: caught.policy.counted,
        Kind.SHARE: caught.policy.group,
        Kind.MEAN: caught.policy.mean,
        Kind.INTERVAL: caught.policy.interval,
        Kind.MEDIAN: caught.policy.median,
        Kind.QUARTILE: caught.policy.quartile,
        Kind.TAIL: caught.policy.tail,
        Kind.RATE: caught.policy.arm,
        Kind.CURVE: caught.policy.at_risk,
        Kind.AT_RISK: caught.policy.at_risk,
    }
    for row, shown in zip(caught.given, caught.shown, strict=True):
        for measure in caught.measures(*limits):
            if measure.name in shown["withheld"]:
                assert hidden(shown, measure.name)
            if not hidden(shown, measure.name):
                assert not 0 < int(row[measure.patients] or 0) < limits[measure.kind], (caught.rule.name, measure.name, row)


def check_shares(caught: Caught) -> None:
    """Neither the numerator nor the complement of a shown share is a count the policy hides."""
    for row, shown in zip(caught.given, caught.shown, strict=True):
        for measure in caught.measures(Kind.SHARE):
            if not hidden(shown, measure.name):
                for support in (measure.part, measure.outside):
                    assert support is None or not few(row[support], caught.policy.counted), (caught.rule.name, measure.name, row)


def check_rounding(caught: Caught) -> None:
    """Under a policy that rounds every count is a multiple of its step, and no other number is finer than its digits."""
    if not caught.policy.rounds:
        return
    for shown in caught.shown:
        for measure in caught.measures(*set(Kind) - {Kind.LABEL}):
            value = shown[measure.name]
            if value is None or isinstance(value, str):
                continue
            if measure.kind in (Kind.COUNT, Kind.AT_RISK):
                assert value % caught.policy.count_step == 0, (caught.rule.name, measure.name, value)
            else:
                assert value == float(f"{value:.{caught.policy.digits}g}"), (caught.rule.name, measure.name, value)


def check_support(caught: Caught) -> None:
    """Nobody can stand inside and outside of more patients than there are; the complement is counted where it decides."""
    if not caught.policy.rounds:
        return
    for row in caught.given:
        for measure in caught.measures(Kind.SHARE):
            if measure.part is not None and measure.outside is not None and row[measure.name] is not None:
                assert int(row[measure.part] or 0) + int(row[measure.outside] or 0) >= int(row[measure.patients] or 0), (measure.name, row)


def check_values(released: Released) -> None:
    for rows in released.tables.values():
        for row in rows:
            for value in row.values():
                assert value is None or isinstance(value, str | int | float | bool | tuple)
                assert not isinstance(value, float) or isfinite(value)


@pytest.mark.parametrize("name", analyses.answers())
@pytest.mark.parametrize("policy", [CLINIC, PUBLISH], ids=["clinic", "publish"])
@SETTINGS
@given(data=st.data())
def test_no_small_cell_leaves(clinic: Clinic, policy: Policy, name: str, data: st.DataObject) -> None:
    cohort = data.draw(st.one_of(st.just(Cohort()), cohorts(filters=1)))
    with watched_gate() as tables:
        released = ask(clinic.under(policy), name, cohort, options_of(data, name))
    if released is None:
        return
    check_values(released)
    assert released.n is None or not 0 < released.n < policy.group // policy.count_step * policy.count_step
    check_all(tables)


@pytest.mark.parametrize("name", [name for name in analyses.answers() if name not in ABOUT_FILES])
@SETTINGS
@given(data=st.data())
def test_patients_are_counted_not_episodes(busy_clinic: Clinic, name: str, data: st.DataObject) -> None:
    """With six patients nothing rests on more than six, however many episodes they have."""
    with watched_gate() as tables:
        ask(busy_clinic.under(CLINIC), name, Cohort(), options_of(data, name))
    for caught in tables:
        for measure in caught.measures(*set(Kind) - {Kind.LABEL}):
            supports = [name for name in (measure.patients, measure.part, measure.outside) if name]
            for row in caught.given:
                assert all(int(row[support] or 0) <= 6 for support in supports), (caught.rule.name, measure, row)


def check_all(tables: Sequence[Caught]) -> None:
    for caught in tables:
        check_cells(caught)
        check_shares(caught)
        check_rounding(caught)
        check_support(caught)


def test_open_gate_is_noticed(clinic: Clinic) -> None:
    """The guard itself: through a gate that lets everything pass, the checks must fail."""
    with watched_gate() as tables:
        analyses.answer(clinic, "diagnosis_mix", Cohort(), by="clinician")
        analyses.answer(clinic, "symptoms", Cohort(), by="age_sex")
    with pytest.raises(AssertionError):
        check_all([replace(caught, policy=PUBLISH) for caught in tables])


HALVES = {"_needs_of": lambda rule, _policy: [Need(measure.name, ()) for measure in rule.measures], "round_rows": lambda *_: None}


@pytest.mark.parametrize("part", HALVES)
def test_sabotaged_gate_is_noticed(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Without either half of the gate, the checks must fail too; the gate's own second look is off, or nothing would be answered."""
    monkeypatch.setattr(gate, "check_answer", lambda *_: None)
    monkeypatch.setattr(gate, part, HALVES[part])
    with watched_gate() as tables:
        for by in ("diagnosis", "age_sex"):
            analyses.answer(clinic.under(PUBLISH), "symptoms", Cohort(), by=by)
        for name in ("symptoms", "completeness"):
            analyses.answer(clinic.under(PUBLISH), name, Cohort(), by=None)
        analyses.answer(clinic.under(PUBLISH), "branching")
    with pytest.raises(AssertionError):
        check_all(tables)
