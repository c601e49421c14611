"""The gate under attack: drawn clinics, real SQL, every registered analysis with drawn options and cohorts.

What leaves is checked cell by cell against the numbers it rests on, which are caught on their way into the gate, and
by an attacker who only sees what leaves: no shown count is 1 to 4, no subtraction gives one back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import CLINIC, PUBLISH, Kind, Measure, Policy, Released, TableRule, gate
from synapse_analytics.disclosure.cells import Verdict
from synapse_analytics.errors import NotAllowed, UsageError
from tests.twins.clinic_rows import drawn_clinic
from tests.twins.drawn_cohorts import cohorts
from tests.twins.open_policy import frank_clinic

SETTINGS = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
ABOUT_FILES = ("data_quality", "generation_summary")  # count rows of files, not patients
SPLIT = [name for name, answer in analyses.answers().items() if any(option.name == "by" for option in answer.options)]


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

    def watching(rule: TableRule, verdicts: Sequence[Verdict], policy: Policy) -> tuple[Mapping[str, Any], ...]:
        shown = inner(rule, verdicts, policy)
        caught.append(Caught(rule, policy, [verdict.row for verdict in verdicts], shown))
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
    except (NotAllowed, UsageError):  # not under this policy; or options that do not go together
        return None


def few(patients: Any, policy: Policy) -> bool:
    return 0 < int(patients or 0) < policy.smallest_count


def hidden(row: Mapping[str, Any], name: str) -> bool:
    return name in row["withheld"]


def check_cells(caught: Caught) -> None:
    limits = {
        Kind.COUNT: caught.policy.smallest_count,
        Kind.SHARE: caught.policy.smallest_count,
        Kind.MEAN: caught.policy.mean,
        Kind.INTERVAL: caught.policy.interval,
        Kind.MEDIAN: caught.policy.median,
        Kind.QUARTILE: caught.policy.quartile,
        Kind.TAIL: caught.policy.tail,
        Kind.RATE: caught.policy.arm,
        Kind.CURVE: caught.policy.at_risk,
    }
    for row, shown in zip(caught.given, caught.shown, strict=True):
        for measure in caught.measures(*limits):
            if hidden(shown, measure.name):
                assert shown[measure.name] is None
            else:
                assert not 0 < int(row[measure.patients] or 0) < limits[measure.kind], (caught.rule.name, measure.name, row)


def check_shares(caught: Caught) -> None:
    for row, shown in zip(caught.given, caught.shown, strict=True):
        for measure in caught.measures(Kind.SHARE):
            if measure.part is None or hidden(shown, measure.name):
                continue
            whole, part = int(row[measure.patients] or 0), int(row[measure.part] or 0)
            assert not few(part, caught.policy), (caught.rule.name, measure.name, row)
            assert not few(row[measure.rest] if measure.rest else whole - part, caught.policy), (caught.rule.name, measure.name, row)


def check_subtraction(caught: Caught) -> None:
    """Within every breakdown the withheld cells hide each other: at least two that sum to enough, or nothing else is shown."""
    labels = [measure.name for measure in caught.measures(Kind.LABEL)]
    ways = [] if caught.rule.within is None else [list(caught.rule.within)]
    if "group" in labels:
        ways.append([name for name in labels if name != "group"])
    for way in ways:
        breakdowns: dict[tuple, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
        for row, shown in zip(caught.given, caught.shown, strict=True):
            breakdowns.setdefault(tuple(str(shown[name]) for name in way), []).append((row, shown))
        for members in breakdowns.values():
            check_breakdown(caught, members)


def check_breakdown(caught: Caught, members: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    for measure in caught.measures(Kind.COUNT):
        filled = [(row, shown) for row, shown in members if int(row[measure.patients] or 0) > 0]
        away = [int(row[measure.patients]) for row, shown in filled if hidden(shown, measure.name)]
        if len(members) > 1 and away and len(away) < len(filled):
            assert len(away) > 1, (caught.rule.name, measure.name, members)
            assert sum(away) >= caught.policy.smallest_count, (caught.rule.name, measure.name, members)


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
        released = ask(replace(clinic, policy=policy), name, cohort, options_of(data, name))
    if released is None:
        return
    check_values(released)
    assert released.n is None or not 0 < released.n < policy.smallest_count // policy.count_step
    check_all(tables)


@pytest.mark.parametrize("name", [name for name in analyses.answers() if name not in ABOUT_FILES])
@SETTINGS
@given(data=st.data())
def test_patients_are_counted_not_episodes(busy_clinic: Clinic, name: str, data: st.DataObject) -> None:
    """With six patients nothing rests on more than six, however many episodes they have."""
    with watched_gate() as tables:
        ask(replace(busy_clinic, policy=CLINIC), name, Cohort(), options_of(data, name))
    for caught in tables:
        for measure in caught.measures(*set(Kind) - {Kind.LABEL}):
            supports = [name for name in (measure.patients, measure.part, measure.rest) if name]
            for row in caught.given:
                assert all(int(row[support] or 0) <= 6 for support in supports), (caught.rule.name, measure, row)


@pytest.mark.parametrize("name", SPLIT)
@SETTINGS
@given(data=st.data())
def test_splits_do_not_give_back_what_is_withheld(clinic: Clinic, name: str, data: st.DataObject) -> None:
    """The attacker asks of everybody, then by group, and subtracts what is shown from the total."""
    options = options_of(data, name)
    if options["by"] is None:
        return
    asked = replace(clinic, policy=CLINIC)
    with watched_gate() as tables:
        whole = ask(asked, name, Cohort(), options | {"by": None})
        split = ask(asked, name, Cohort(), options)
    if whole is None or split is None:
        return
    counts = {caught.rule.name: [measure.name for measure in caught.measures(Kind.COUNT)] for caught in tables}
    labels = {caught.rule.name: [m.name for m in caught.measures(Kind.LABEL) if m.name != "group"] for caught in tables}
    for table, rows in whole.tables.items():
        for total in rows:
            same = [row for row in split.tables[table] if all(row[name] == total[name] for name in labels[table])]
            for count in counts[table]:
                if total[count] is not None and any(row[count] is None for row in same):
                    left = total[count] - sum(row[count] or 0 for row in same)
                    assert not 0 < left < CLINIC.smallest_count, (table, count, total, same)


def check_all(tables: Sequence[Caught]) -> None:
    for caught in tables:
        check_cells(caught)
        check_shares(caught)
        check_subtraction(caught)


def test_open_gate_is_noticed(clinic: Clinic) -> None:
    """The guard itself: through a gate that lets everything pass, the checks must fail."""
    with watched_gate() as tables:
        analyses.answer(clinic, "diagnosis_mix", Cohort(), by="clinician")
        analyses.answer(clinic, "symptoms", Cohort(), by="age_sex")
    with pytest.raises(AssertionError):
        check_all([replace(caught, policy=CLINIC) for caught in tables])


@pytest.mark.parametrize("part", ["close_recoverable", "is_withheld"])
def test_sabotaged_gate_is_noticed(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Without either half of the gate, the checks must fail too."""
    monkeypatch.setattr(gate, part, lambda *_: False)
    with watched_gate() as tables:
        for by in ("clinician", "age_sex", "diagnosis"):
            analyses.answer(replace(clinic, policy=CLINIC), "diagnosis_mix", Cohort(), by=by)
    with pytest.raises(AssertionError):
        check_all(tables)
