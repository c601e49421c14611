"""What the answers about scores share: which instrument, index, preset and month are meant, and how values are summed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Options
from synapse_analytics.analyses.cells import Row, in_points, limit_cells
from synapse_analytics.analyses.headline import stands_in
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Joined
from synapse_analytics.counts import Counts, Key
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.estimates.descriptive import mean_interval, sd
from synapse_analytics.estimates.quantiles import group_quantiles
from synapse_analytics.queries.outcomes import FIRST_VISIT, Scored, Values

MONTHS = (3, 6, 12, 24)
QUARTILES = (0.25, 0.5, 0.75)
PROCEDURES = tuple(term.code for term in v.TREATMENTS if term.kind == "procedure")

NO_COMPARISON = (
    "Groups by the care received are not a comparison of treatments: patients who have more care were worse before it and are more likely to "
    "come back. The page Compare treatments takes that into account as far as it is recorded."
)
INSTRUMENT = Option("instrument", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the main score of the data")
INDEX = Option(
    "index",
    FIRST_VISIT,
    (FIRST_VISIT, *v.codes(v.TREATMENTS)),
    "the day from which time is counted: the first visit, or the first start of a treatment",
)
MONTH = Option("month", 12, MONTHS, "which reference visit, in months from the index")
PRESET = Option("preset", None, (None, *v.codes(v.PRESETS)), "what counts as improved; default: the first preset of the instrument")


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of one group lie: n, sums of whole numbers (so that nothing is rounded) and quartiles."""

    n: int = 0
    total: int = 0
    squares: int = 0
    quartiles: tuple[float | None, ...] = (None, None, None)
    change: int = 0
    change_squares: int = 0

    def average(self) -> Row:
        """The mean and its limits, in the instrument's own unit."""
        return in_points(limit_cells(mean_interval(self.n, self.total, self.squares), ("mean", "low", "high")))

    def cells(self) -> Row:
        """Mean, limits, SD and quartiles, in the instrument's own unit."""
        quartiles = dict(zip(("q1", "median", "q3"), self.quartiles, strict=True))
        return self.average() | in_points({"sd": sd(self.n, self.total, self.squares)} | quartiles)

    def change_cells(self) -> Row:
        """The mean change and its limits, in the instrument's own unit."""
        change = mean_interval(self.n, self.change, self.change_squares)
        return in_points(limit_cells(change, ("change", "change_low", "change_high")))


def spreads(found: Values) -> dict[Key, Spread]:
    """The spread of the values of each key, all of them in one pass."""
    quartiles = group_quantiles(found.place, found.value, found.n, QUARTILES, len(found.keys))
    columns = {"n": found.n, "total": found.n * found.value, "squares": found.n * found.value**2} | found.sums
    sums = {name: _add_up(found.place, column, len(found.keys)) for name, column in columns.items()}
    return {
        key: Spread(**{name: column[k] for name, column in sums.items()}, quartiles=tuple(quartiles[k].tolist()))
        for k, key in enumerate(found.keys)
    }


def baseline_spreads(found: Counts) -> dict[Key, Spread]:
    """The spread of the baselines by group, out of counts by group and baseline."""
    place: dict[Key, int] = {}
    owner = np.array([place.setdefault(key[:-1], len(place)) for key in found.keys], dtype=np.int64)
    return spreads(Values(list(place), owner, np.array([key[-1] for key in found.keys], dtype=np.int64), found.episodes(), {}))


def _add_up(place: np.ndarray, column: np.ndarray, size: int) -> list[int]:
    total = np.zeros(size, dtype=np.int64)  # bincount adds in floating point, which is not exact for squares
    np.add.at(total, place, column)
    return total.tolist()


def in_force(clinic: Clinic, chosen: Options) -> Options:
    """The options with the headline score where no instrument was chosen."""
    return chosen | {"instrument": chosen["instrument"] or clinic.generation.headline} if "instrument" in chosen else chosen


def scored(clinic: Clinic, cohort: Cohort, instrument: str, index: str, by: str | None = None) -> Scored:
    """The scores that are asked for; NotAllowed where the index is too fine for the policy.

    This comes after the filters and the split of the cohort were judged, so that a page names first what it shows first.
    """
    if clinic.policy.name == "publish" and index not in (FIRST_VISIT, *PROCEDURES):
        legal = f"{FIRST_VISIT}, {', '.join(PROCEDURES)}"
        raise NotAllowed(f"The policy 'publish' does not allow the index {index}. Allowed: {legal}.", drop=["index"])
    return Scored(clinic, cohort, v.find(v.INSTRUMENTS, instrument), index, by)


def joined_by(asked: Scored, count: Callable[[Scored], Counts], *facts: str) -> Scored:
    """The same question with the groups of its split joined as the policy wants it, by the patients with these facts."""
    if not isinstance(asked.by, str):
        return asked
    return replace(asked, by=joined(asked.by, count(asked), asked.clinic.policy, *facts))


def chosen_preset(clinic: Clinic, instrument: str | None, preset: str | None) -> tuple[str, v.Preset]:
    """Instrument and preset that belong together; what is not given follows from the other."""
    if preset is None:
        instrument = instrument or clinic.generation.headline
        legal = v.presets_of(instrument)
        if not legal:
            known = ", ".join(term.code for term in v.INSTRUMENTS if v.presets_of(term.code))
            raise UsageError(f"There is no definition of improved for {instrument}. Scores with one: {known}.")
        return instrument, legal[0]
    found = v.find(v.PRESETS, preset)
    if instrument is None:
        headline = clinic.generation.headline
        fitting = [code for code in (headline, *v.codes(v.INSTRUMENTS)) if code.startswith(found.instrument_family)]
        return fitting[0], found
    if found not in v.presets_of(instrument):
        legal_codes = ", ".join(v.codes(v.presets_of(instrument))) or "none"
        raise UsageError(f"Preset {preset} does not belong to {instrument}. Allowed for it: {legal_codes}.")
    return instrument, found


def visit_of(month: int) -> int:
    """The position of the reference visit so many months from the index."""
    return v.position(v.VISITS, f"month_{month}")


def notes(asked: Scored) -> tuple[str, ...]:
    """What must be said about the choice of instrument and of groups."""
    by = asked.by.by if isinstance(asked.by, Joined) else asked.by
    return (*stands_in(asked.clinic, asked.instrument.code), *([NO_COMPARISON] if by in ("highest_stage", "first_treatment") else []))
