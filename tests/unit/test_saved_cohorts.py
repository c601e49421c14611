"""Saved cohorts: their YAML, the file beside the store, and what is said of what changed since."""

from __future__ import annotations

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort import saved_file as file
from synapse_analytics.cohort.saved import Saved, SavedCohort, as_of_today, check_name, from_yaml, to_share, to_yaml
from synapse_analytics.cohort.saved_file import remove_cohort, save_cohorts, saved_cohort, saved_cohorts
from synapse_analytics.cohort.since import what_changed
from synapse_analytics.errors import StoreError, UsageError

FIRST, SECOND = "20261101T080000000000-0a0a0a0a", "20261122T080000000000-0b0b0b0b"
WOMEN = Cohort(sex=("female",), age_band=("40-64",), month_from="2023-01")
THEN = Saved(date(2026, 11, 2), FIRST, 412, "clinic")
ENTRY = SavedCohort(WOMEN, THEN)


def test_entry_comes_back() -> None:
    entries = {"Women": ENTRY, "withheld: \u00e4": SavedCohort(WOMEN, replace(THEN, patients=None)), "plain": SavedCohort(Cohort())}
    assert from_yaml(to_yaml(entries)) == entries


def test_hand_written_entry_is_understood() -> None:
    text = f"Women:\n  sex: female\n  saved: {{on: 2026-11-02, generation: {FIRST}, patients: 412, policy: clinic}}\n"
    assert from_yaml(text) == {"Women": SavedCohort(Cohort(sex=("female",)), THEN)}


def test_limits_of_an_entry_are_legal_themselves() -> None:
    assert check_name("x" * 60) == "x" * 60
    for policy, patients in (("clinic", 0), ("clinic", 5), ("publish", 0), ("publish", 13)):
        (entry,) = from_yaml(known(generation="g" * 60, policy=policy, patients=str(patients))).values()
        assert entry.saved == Saved(date(2026, 11, 2), "g" * 60, patients, policy)


def test_codes_of_units_are_text() -> None:
    assert from_yaml("a: {site: [S01, 'NO'], clinician: C1}") == {"a": SavedCohort(Cohort(site=("NO", "S01"), clinician=("C1",)))}


def known(**changed: str) -> str:
    parts = {"on": "2026-11-02", "generation": FIRST, "patients": "412", "policy": "clinic"} | changed
    return f"a: {{saved: {{{', '.join(f'{name}: {value}' for name, value in parts.items())}}}}}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: {saved: 3}", "'a': 'saved' is incomplete"),
        ("a: {saved: {on: 2026-11-02}}", "Allowed: lines for each of on, generation, patients, policy"),
        (known(name="x"), "Allowed: lines for each of on"),
        (known(on="soon"), "'saved.on' is not a day"),
        (known(on="2026-11-02 10:00:00"), "'saved.on' is not a day"),
        (known(on="2026-13-02"), "Line 1: There is no such number, day or time"),
        (known(generation="''"), "'saved.generation' is not the id"),
        (known(generation="7"), "'saved.generation' is not the id"),
        (known(generation="x" * 61), "'saved.generation' is not the id"),
        (known(policy="open"), "Allowed: clinic, publish"),
        (known(policy="[clinic]"), "Allowed: clinic, publish"),
        (known(patients="4"), "Allowed: 0, a number from 5 on, or null"),
        (known(patients="10", policy="publish"), "Allowed: 0, a number from 13 on"),
        (known(patients="-1"), "is not a number that may be shown"),
        (known(patients="many"), "is not a number that may be shown"),
        (known(patients="yes"), "is not a number that may be shown"),
        ("a: {sex: [[female]]}", "Sex .sex. is nested. Allowed: a value or a list"),
        ("a: {age_from: [40]}", "Age from .age_from. is nested. Allowed: one value"),
        ("a: &a {sex: [*a]}", "Line 1: A text here begins with &, which YAML takes for a reference"),
        ("a: {site: [S01, NO]}", "Site .site. must be text"),
        ("[" * 20_000, "nested too deep"),
    ],
)
def test_wrong_entries_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        from_yaml(text)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines", "\x1b[31mred", "\u202egnp"])
def test_such_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="1 to 60 characters"):
        check_name(name)


def test_names_may_be_of_any_language() -> None:
    assert check_name(" R\u00fcckenschmerz \u2265 60, n\u00b0 1 ") == "R\u00fcckenschmerz \u2265 60, n\u00b0 1"


def now(**changed: object) -> Saved:
    return replace(THEN, on=date(2026, 11, 22), **changed)  # type: ignore[arg-type]


ANEW = f"Since then newer data were loaded (data version {SECOND});"
ROLLED_BACK = f"Since then an earlier data version was taken into use again ({FIRST});"
PUBLISHED = replace(THEN, policy="publish")


@pytest.mark.parametrize(
    ("then", "state", "said"),
    [
        (THEN, now(), "Saved on 2026-11-02 with 412 patients. Nothing has changed since."),
        (THEN, now(generation=SECOND, patients=431), f"Saved on 2026-11-02 with 412 patients. {ANEW} now 431 patients."),
        (THEN, now(generation=SECOND), f"Saved on 2026-11-02 with 412 patients. {ANEW} still 412 patients."),
        (THEN, now(generation=SECOND, patients=0), f"Saved on 2026-11-02 with 412 patients. {ANEW} now no patients."),
        (replace(THEN, patients=0), now(patients=0), "Saved on 2026-11-02 with no patients. Nothing has changed since."),
        # inside the clinic one patient more is told as well
        (THEN, now(generation=SECOND, patients=413), f"Saved on 2026-11-02 with 412 patients. {ANEW} now 413 patients."),
        (THEN, now(generation=SECOND, patients=408), f"Saved on 2026-11-02 with 412 patients. {ANEW} now 408 patients."),
        (THEN, now(generation=SECOND, patients=407), f"Saved on 2026-11-02 with 412 patients. {ANEW} now 407 patients."),
        # withheld on either side, or on both
        (
            THEN,
            now(generation=SECOND, patients=None),
            f"Saved on 2026-11-02. {ANEW} the number of patients is withheld, so it cannot be compared.",
        ),
        (
            replace(THEN, patients=None),
            now(generation=SECOND),
            f"Saved on 2026-11-02. {ANEW} the number of patients is withheld, so it cannot be compared.",
        ),
        (replace(THEN, patients=None), now(patients=None), "Saved on 2026-11-02. Nothing has changed since."),
        # another policy: what one released is not told under the other
        (
            THEN,
            now(policy="publish", patients=410),
            "Saved on 2026-11-02. Since then the policy changed from clinic to publish; numbers under two different policies are not compared.",
        ),
        (
            PUBLISHED,
            now(generation=SECOND),
            f"Saved on 2026-11-02. {ANEW[:-1]} and the policy changed from publish to clinic; numbers under two different policies are not compared.",
        ),
        # rounded numbers are told as such; a step of rounding or two may be one patient
        (
            replace(PUBLISHED, patients=410),
            now(policy="publish", generation=SECOND, patients=430),
            f"Saved on 2026-11-02 with about 410 patients. {ANEW} now about 430 patients.",
        ),
        (
            replace(PUBLISHED, patients=410),
            now(policy="publish", generation=SECOND, patients=420),
            f"Saved on 2026-11-02. {ANEW} the number of patients has changed by a few.",
        ),
        # rolled back; and a number that somebody edited
        (
            replace(THEN, generation=SECOND),
            now(),
            f"Saved on 2026-11-02 with 412 patients. {ROLLED_BACK} still 412 patients.",
        ),
        (THEN, now(patients=500), "Saved on 2026-11-02 with 412 patients. Now 500 patients."),
        (None, now(), "This cohort does not say when it was saved, so what has changed since is not known."),
    ],
)
def test_what_changed_is_told(then: Saved | None, state: Saved, said: str) -> None:
    assert what_changed(then, state) == said


@pytest.mark.parametrize("patients", range(401, 424))
def test_every_difference_is_told_inside_the_clinic(patients: int) -> None:
    said = what_changed(THEN, now(generation=SECOND, patients=patients))
    assert "with 412 patients" in said
    assert f"{'still' if patients == 412 else 'now'} {patients} patients" in said


@pytest.mark.parametrize("patients", range(385, 440, 5))
def test_few_patients_are_never_a_published_difference(patients: int) -> None:
    said = what_changed(replace(PUBLISHED, patients=410), now(policy="publish", generation=SECOND, patients=patients))
    few = 0 < abs(patients - 410) < 11
    assert ("410" in said) is not few
    assert ("few" in said) is few


def test_number_of_another_policy_is_not_shared() -> None:
    assert to_share(ENTRY, "clinic") == ENTRY
    assert to_share(ENTRY, "publish") == SavedCohort(WOMEN, replace(THEN, patients=None))
    assert to_share(SavedCohort(WOMEN), "publish") == SavedCohort(WOMEN)


def test_today_is_known_through_the_gate(sample_clinic: Clinic) -> None:
    state = as_of_today(analyses.answer(sample_clinic, "attrition", Cohort()))
    assert state == Saved(datetime.now(UTC).date(), sample_clinic.generation.id, 2_000, "clinic")


def test_small_cohort_is_saved_without_its_count(sample_clinic: Clinic) -> None:
    few = Cohort(diagnosis=("piriformis_syndrome",), age_from=18, age_to=20)
    released = next(
        answer
        for age in range(20, 91)
        if (answer := analyses.answer(sample_clinic, "attrition", replace(few, age_from=age, age_to=age))).refused
    )
    assert as_of_today(released).patients is None


def test_saved_cohort_is_found_again(tmp_path: Path) -> None:
    assert saved_cohorts(tmp_path) == {}
    save_cohorts({" Women ": ENTRY}, tmp_path)
    save_cohorts({"all": SavedCohort(Cohort())}, tmp_path)
    assert list(saved_cohorts(tmp_path)) == ["all", "Women"]
    assert saved_cohort("Women", tmp_path) == ENTRY
    remove_cohort("Women", tmp_path)
    assert list(saved_cohorts(tmp_path)) == ["all"]
    remove_cohort("all", tmp_path)
    assert saved_cohorts(tmp_path) == {}


def test_store_home_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "home"))
    save_cohorts({"Women": ENTRY})
    assert saved_cohorts(tmp_path / "home") == {"Women": ENTRY}


def test_taken_names_are_refused(tmp_path: Path) -> None:
    save_cohorts({"Women": ENTRY}, tmp_path)
    with pytest.raises(UsageError, match=r"already a saved cohort 'Women'. Remove it first or choose another name"):
        save_cohorts({"new": ENTRY, "Women": SavedCohort(Cohort())}, tmp_path)
    assert saved_cohorts(tmp_path) == {"Women": ENTRY}


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no saved cohort 'x'. Saved: none yet"):
        saved_cohort("x", tmp_path)
    save_cohorts({"Women": ENTRY}, tmp_path)
    with pytest.raises(UsageError, match="Nearest: Women"):
        remove_cohort("women", tmp_path)
    with pytest.raises(UsageError, match="Saved: Women"):
        saved_cohort("x", tmp_path)


def test_list_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MOST", 2)
    save_cohorts({"a": ENTRY}, tmp_path)
    with pytest.raises(UsageError, match="At most 2 cohorts can be saved, and 1"):
        save_cohorts({"b": ENTRY, "c": ENTRY}, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_file_is_for_its_owner_only(tmp_path: Path) -> None:
    save_cohorts({"Women": ENTRY}, tmp_path)
    assert stat.S_IMODE((tmp_path / "cohorts.yaml").stat().st_mode) == 0o600


def test_two_can_save_at_once(tmp_path: Path) -> None:
    names = [f"cohort {number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: save_cohorts({name: ENTRY}, tmp_path), names))
    assert set(saved_cohorts(tmp_path)) == set(names)


def test_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "cohorts.yaml"
    path.write_text("Women: {colour: red}", encoding="utf-8")
    with pytest.raises(StoreError, match=r"cohorts.yaml' cannot be used. .* unknown filters: colour.*Correct the file"):
        save_cohorts({"new": ENTRY}, tmp_path)
    assert path.read_text(encoding="utf-8") == "Women: {colour: red}"
    path.write_bytes(b"\xff")
    with pytest.raises(StoreError, match="This is not UTF-8 text"):
        saved_cohorts(tmp_path)


def test_failing_write_keeps_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_cohorts({"Women": ENTRY}, tmp_path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file.os, "fsync", full)
    with pytest.raises(StoreError, match=r"cannot be written \(No space left on device\), so nothing was changed"):
        remove_cohort("Women", tmp_path)
    assert saved_cohorts(tmp_path) == {"Women": ENTRY}
