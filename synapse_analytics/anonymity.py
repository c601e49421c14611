"""k-anonymity of exported rows: blank the least needed cells until every combination is shared by enough patients.

It is done once for all episodes of a generation, at load (store/marts/anonymous.py): blanked anew for each export, a cell
that one export hides would stand in another, and the two could be joined.

Global recoding would coarsen everybody for the sake of a few; here only the rare rows lose cells, one at a time.
Arrays in, arrays out; a blank counts as a value of its own, so that rows with the same blanks form a class as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

SMALLEST_CLASS = 5  # k of the privacy policy
# The cell an analysis needs least is blanked first; a set of cells costs the sum.
COSTS = {"site": 2, "year": 3, "age_band": 4, "sex": 5, "diagnosis": 7}


@dataclass(frozen=True, slots=True)
class Units:
    """The rows to make anonymous: one unit per episode (or patient) with its patient and its attributes as codes from 0."""

    patients: np.ndarray  # of each unit, 0 .. number of patients - 1
    codes: dict[str, np.ndarray]
    of_patient: frozenset[str] = frozenset()  # attributes that are the same in all units of a patient


@dataclass(frozen=True, slots=True)
class Selection:
    """Counts of some rows of the anonymous table, made before the rows are read."""

    rows: int
    patients: int
    episodes: int | None  # null for a table of patients
    smallest: int  # distinct patients that share the rarest combination of cells
    blanked: Mapping[str, int]  # cells, by column
    left_out: int = 0  # rows whose blanked cells leave open whether they belong here

    @property
    def too_few(self) -> bool:
        """True if the rows, or one combination of their cells, belong to fewer than SMALLEST_CLASS patients."""
        return min(self.patients, self.smallest) < SMALLEST_CLASS


def rare_units(units: Units, blank: Mapping[str, np.ndarray]) -> np.ndarray:
    """True for units whose combination of attributes is shared by fewer than SMALLEST_CLASS distinct patients."""
    return _rare(_combined(units, blank), units.patients)


def blanks(units: Units) -> dict[str, np.ndarray]:
    """True for the cells to blank so that every remaining combination is shared by at least SMALLEST_CLASS distinct patients.

    If there are fewer patients than that, every cell is blank.
    """
    names = list(units.codes)
    blank = {name: np.zeros(len(units.patients), dtype=bool) for name in names}
    if not names:
        return blank
    if np.count_nonzero(np.bincount(units.patients)) < SMALLEST_CLASS:
        return {name: ~cells for name, cells in blank.items()}
    rare = rare_units(units, blank)
    while rare.any():  # each round blanks more cells, so it ends, at the latest with everything blank
        _blank_rare(units, blank, rare)
        _spread_to_patients(units, blank)
        rare = rare_units(units, blank)
    return blank


def _combined(units: Units, blank: Mapping[str, np.ndarray]) -> np.ndarray:
    """One whole number per unit for its combination of attributes; a blank is 0."""
    combined = np.zeros(len(units.patients), dtype=np.int64)
    for name, codes in units.codes.items():
        combined = combined * (int(codes.max(initial=0)) + 2) + np.where(blank[name], 0, codes.astype(np.int64) + 1)
    return combined


def _rare(combined: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Units whose combination is shared by fewer than SMALLEST_CLASS distinct patients."""
    most = int(np.bincount(patients).max(initial=1))  # units of one patient
    classes = combined
    if combined.max(initial=0) > 4 * len(combined) + 1_000_000:
        classes = np.unique(combined, return_inverse=True)[1]
    rare = np.bincount(classes)[classes] < SMALLEST_CLASS * most
    doubtful = np.flatnonzero(rare)  # all others surely have enough patients; a distinct count of all costs a sort
    _, few = np.unique(classes[doubtful], return_inverse=True)
    width = int(patients.max(initial=0)) + 1
    pairs = np.unique(few.astype(np.int64) * width + patients[doubtful])
    rare[doubtful] = (np.bincount(pairs // width) < SMALLEST_CLASS)[few] if len(doubtful) else False
    return rare


def _choices(names: list[str]) -> list[tuple[str, ...]]:
    """The sets of cells that may be blanked, cheapest first."""
    sets = [tuple(name for name, chosen in zip(names, bits, strict=True) if chosen) for bits in product((False, True), repeat=len(names))]
    return sorted((chosen for chosen in sets if chosen), key=lambda chosen: (sum(COSTS[name] for name in chosen), chosen))


def _blank_rare(units: Units, blank: dict[str, np.ndarray], rare: np.ndarray) -> None:
    """Give every rare unit the cheapest set of blanks that makes it common; the units that stay rare are blanked wholly."""
    open_ = np.flatnonzero(rare)
    for chosen in _choices(list(units.codes)):
        if not len(open_):
            return
        partly = np.any([*blank.values()], axis=0)
        partly[open_] = False
        pool = np.concatenate([open_, np.flatnonzero(partly)])  # only units with blanks can share a combination with blanks
        part = Units(units.patients[pool], {name: codes[pool] for name, codes in units.codes.items()})
        trial = {name: cells[pool] for name, cells in blank.items()}
        for name in chosen:
            trial[name][: len(open_)] = True
        still_rare = rare_units(part, trial)[: len(open_)]
        for name in chosen:
            blank[name][open_[~still_rare]] = True
        open_ = open_[still_rare]
    if len(open_):
        _fill_last_class(units, blank, open_)


def _fill_last_class(units: Units, blank: dict[str, np.ndarray], left: np.ndarray) -> None:
    """Units that stay rare when all their cells are blank are joined by the smallest other class."""
    combined = _combined(units, blank)
    blank_already = np.all([*blank.values()], axis=0)
    others = np.ones(len(combined), dtype=bool)
    others[left] = False
    values, classes, sizes = np.unique(combined[others & ~blank_already], return_inverse=True, return_counts=True)
    joined = np.flatnonzero(others & ~blank_already)[classes == np.argmin(sizes)] if len(values) else left
    for cells in blank.values():
        cells[left] = True
        cells[joined] = True


def _spread_to_patients(units: Units, blank: dict[str, np.ndarray]) -> None:
    """A cell that is blank in one row of a patient is blank in all: another row would show it."""
    for name in units.of_patient & set(blank):
        hidden = np.zeros(int(units.patients.max(initial=0)) + 1, dtype=bool)
        hidden[units.patients[blank[name]]] = True
        blank[name][:] = hidden[units.patients]
