"""What the answers about scores share: which instrument, index, preset and month are meant, and whole numbers into units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.registry import Option
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed, group_label, group_order
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.queries.scored import ScoreRows

THOUSAND = 1000
FIRST_VISIT = "first_visit"
MONTHS = (3, 6, 12, 24)
PROCEDURES = tuple(term.code for term in v.TREATMENTS if term.kind == "procedure")

INSTRUMENT = Option("instrument", None, (None, *v.codes(v.INSTRUMENTS)), "which score; default: the headline score of the data")
INDEX = Option(
    "index",
    FIRST_VISIT,
    (FIRST_VISIT, *v.codes(v.TREATMENTS)),
    "what time is counted from: the first visit, or the first start of a treatment",
)
MONTH = Option("month", 12, MONTHS, "which reference visit, in months from the index")
PRESET = Option("preset", None, (None, *v.codes(v.PRESETS)), "what counts as improved; default: the first preset of the instrument")


@dataclass(frozen=True, slots=True)
class Scored:
    """Whose scores are asked for: the clinic and cohort, the instrument, what time is counted from, and the split."""

    clinic: Clinic
    cohort: Cohort
    instrument: v.Instrument
    index: str = FIRST_VISIT
    by: str | None = None

    def rows(self, mart: Any, *where: Any, any_instrument: bool = False) -> ScoreRows:
        """The rows of a mart that are meant."""
        code = 0 if self.index == FIRST_VISIT else v.position(v.TREATMENTS, self.index) + 1
        instrument = None if any_instrument else v.position(v.INSTRUMENTS, self.instrument.code)
        return ScoreRows(mart, self.cohort, code, instrument, self.by, where)

    def groups(self, keys: Iterable[tuple[Any, ...]]) -> list[tuple[Any, str]]:
        """(fetched value, code) of the groups among these keys, in clinical order; without a split always "all"."""
        found = {key[0] for key in keys} or ({0} if self.by is None else set())
        return [(value, group_label(self.by, value)) for value in group_order(self.by, found)]

    def notes(self) -> tuple[str, ...]:
        """What has to be said about the choice of instrument."""
        headline = self.clinic.generation.headline
        if self.instrument.code != headline or headline == v.HEADLINE:
            return ()
        return (f"These data hold no {v.find(v.INSTRUMENTS, v.HEADLINE).label}; {self.instrument.label} stands in for it.",)


def scored(clinic: Clinic, cohort: Cohort, instrument: str | None, index: str = FIRST_VISIT, by: str | None = None) -> Scored:
    """What is meant, once the policy allows it; no instrument means the headline score of the data."""
    check_allowed(cohort, clinic.policy.name, by=by)
    if clinic.policy.name == "publish" and index not in (FIRST_VISIT, *PROCEDURES):
        raise NotAllowed(f"The policy 'publish' does not allow the index {index}. Legal: {FIRST_VISIT}, {', '.join(PROCEDURES)}.")
    return Scored(clinic, cohort, v.find(v.INSTRUMENTS, instrument or clinic.generation.headline), index, by)


def presets_of(instrument: str) -> tuple[v.Preset, ...]:
    """The presets that are defined for an instrument."""
    return tuple(preset for preset in v.PRESETS if instrument.startswith(preset.instrument_family))


def chosen_preset(clinic: Clinic, instrument: str | None, preset: str | None) -> tuple[str, v.Preset]:
    """Instrument and preset that belong together; what is not given follows from the other."""
    if preset is None:
        instrument = instrument or clinic.generation.headline
        legal = presets_of(instrument)
        if not legal:
            raise UsageError(f"No preset says what improved means on {instrument}. Instruments with presets: {', '.join(_with_presets())}.")
        return instrument, legal[0]
    found = v.find(v.PRESETS, preset)
    if instrument is None:
        headline = clinic.generation.headline
        fitting = [code for code in (headline, *v.codes(v.INSTRUMENTS)) if code.startswith(found.instrument_family)]
        return fitting[0], found
    if found not in presets_of(instrument):
        legal_codes = ", ".join(v.codes(presets_of(instrument))) or "none"
        raise UsageError(f"Preset {preset} does not belong to {instrument}. Legal for it: {legal_codes}.")
    return instrument, found


def _with_presets() -> list[str]:
    return [term.code for term in v.INSTRUMENTS if presets_of(term.code)]


def visit_of(month: int) -> int:
    """The position of the reference visit so many months from the index."""
    return v.position(v.VISITS, f"month_{month}")


def patients_outside(episodes: tuple[int, int], patients: tuple[int, int]) -> int:
    """Fewest patients outside a numerator, from (whole, part) of both; one at least where an episode is outside.

    A patient may have one episode inside and one outside, so that the difference of the patients is a lower limit.
    """
    return max(patients[0] - patients[1], 1 if episodes[0] > episodes[1] else 0)


def in_units(cells: Mapping[str, float | None]) -> dict[str, float | None]:
    """Thousandths as the instrument's own unit; what is absent stays absent."""
    return {name: None if value is None else value / THOUSAND for name, value in cells.items()}
