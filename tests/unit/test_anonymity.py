"""k-anonymity: every combination that leaves is shared by five patients, and no other row of a patient gives a blank back."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.anonymity import SMALLEST_CLASS, Units, blanks
from tests.examples import tried

NAMES = ("age_band", "sex", "diagnosis", "year", "site")
OF_PATIENT = frozenset({"age_band", "sex"})


@st.composite
def drawn_units(draw: st.DrawFn) -> Units:
    """Clinics of 5 to 150 patients with one to three episodes, in combinations from common to unique."""
    seed, patients, most = draw(st.integers(0, 10**6)), draw(st.integers(SMALLEST_CLASS, 150)), draw(st.sampled_from([1, 2, 3]))
    kinds = {name: draw(st.integers(1, 8)) for name in NAMES}
    rng = np.random.default_rng(seed)
    owner = np.concatenate([np.arange(patients), rng.integers(0, patients, patients * (most - 1))])
    codes = {
        name: rng.integers(0, count, patients)[owner] if name in OF_PATIENT else rng.integers(0, count, len(owner))
        for name, count in kinds.items()
    }
    return Units(owner, codes, OF_PATIENT)


def classes(units: Units, blank: dict[str, np.ndarray]) -> dict[tuple, set[int]]:
    found: dict[tuple, set[int]] = defaultdict(set)
    for unit, patient in enumerate(units.patients):
        found[tuple(None if blank[name][unit] else int(units.codes[name][unit]) for name in units.codes)].add(int(patient))
    return found


@tried(60)
@given(units=drawn_units())
def test_every_combination_is_shared_by_five(units: Units) -> None:
    assert min(len(patients) for patients in classes(units, blanks(units)).values()) >= SMALLEST_CLASS


@tried(30)
@given(units=drawn_units())
def test_no_other_row_gives_a_blank_back(units: Units) -> None:
    blank = blanks(units)
    for name in OF_PATIENT:
        for patient in np.unique(units.patients):
            assert len(set(blank[name][units.patients == patient])) == 1


def test_common_rows_keep_everything() -> None:
    units = Units(np.arange(10), {name: np.zeros(10, dtype=int) for name in NAMES})
    assert not any(cells.any() for cells in blanks(units).values())


def test_least_needed_cell_goes_first() -> None:
    """Ten women at one site, ten at another, one at a third: her site goes, her diagnosis stays."""
    site = np.array([0] * 10 + [1] * 10 + [2] + [3] * 4)
    blank = blanks(Units(np.arange(25), {"diagnosis": np.zeros(25, dtype=int), "site": site}))
    assert blank["site"].sum() == 5
    assert not blank["diagnosis"].any()


def test_episodes_of_one_patient_are_one_patient() -> None:
    """Five rows of one patient are no crowd."""
    units = Units(np.array([0] * 5 + list(range(1, 11))), {"site": np.array([7] * 5 + [1] * 10)})
    assert blanks(units)["site"][:5].all()


def test_last_rare_rows_are_joined() -> None:
    """Two patients that nothing makes common are joined by a whole class, never left alone as the blank ones."""
    units = Units(np.arange(12), {"sex": np.array([0] * 10 + [1, 2])})
    sizes = {key: len(patients) for key, patients in classes(units, blanks(units)).items()}
    assert min(sizes.values()) >= SMALLEST_CLASS


def test_of_fewer_patients_than_a_class_everything_is_blank() -> None:
    assert all(cells.all() for cells in blanks(Units(np.arange(4), {"sex": np.zeros(4, dtype=int)})).values())
