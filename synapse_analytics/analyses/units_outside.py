"""Which clinician or site differs from the others by more than chance, in any indicator of the overview? Nobody is ranked."""

from __future__ import annotations

from collections.abc import Iterator

from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.funnel import Units, adjusted_funnel, crude_funnel, units_of
from synapse_analytics.analyses.measures import labels
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.values import Fetched
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.errors import NotAllowed
from synapse_analytics.estimates.funnel import Funnel
from synapse_analytics.indicators import OVERVIEW, Indicator, indicator

BY = ("clinician", "site")
FALSE_ALARM = 0.05  # chance that any unit at all lies outside where none differs (Bonferroni)
LOOKED_AT = tuple(declared for declared in map(indicator, OVERVIEW) if "funnel" in declared.charts)
OUTSIDE = TableRule("units", (*labels("indicator", "by", "group"), Measure("side", Kind.MEAN)))


def _inside_the_clinic(clinic: Clinic, chosen: Options) -> Options:
    if clinic.policy.rounds:
        raise NotAllowed("Sites and clinicians are compared inside the clinic only; the policy 'publish' does not allow it.")
    return chosen


@analysis(settle=_inside_the_clinic)
def units_outside(clinic: Clinic, cohort: Cohort) -> Found:
    """Which clinician or site lies outside its limits, in any indicator of the overview?

    A clinician or site is named if it lies outside both as it is and after adjustment for case mix. The limits are so wide that chance
    alone puts one outside in one clinic of twenty, however many clinicians, sites and indicators are looked at. Each is named once,
    with the first such indicator. A reason to look, not a judgement; nobody is ranked.
    """
    rows: list[Row] = []
    for by in BY:
        rows += _outside(Fetched.of(clinic, cohort, LOOKED_AT, by), by)
    return Found([(OUTSIDE, rows)])


def _outside(found: Fetched, by: str) -> Iterator[Row]:
    """A model of case mix takes its time, so one is made only where a unit that is not named yet lies outside without."""
    counted = [(asked, units_of(found, asked)) for asked in LOOKED_AT]
    tests = sum(int((units.counted.n > 0).sum()) for _, units in counted) * len(BY)
    level = 1 - FALSE_ALARM / max(tests, 1)
    named: set[str] = set()
    for asked, units in counted:
        crude = _sides(crude_funnel(asked, units), level)
        new = [code for code, side in zip(units.codes, crude, strict=False) if side is not None and code not in named]
        if new:
            adjusted = _sides(adjusted_funnel(found.clinic, found.cohort, asked, units, by), level) if asked.adjustable else crude
            rows = [*_both(asked, by, units, new, [one if one == other else None for one, other in zip(crude, adjusted, strict=False)])]
            named.update(str(row["group"]) for row in rows)
            yield from rows


def _sides(made: Funnel | None, level: float) -> list[str | None]:
    return [] if made is None else [side for _, side in made.verdicts((level,))]


def _both(asked: Indicator, by: str, units: Units, new: list[str], sides: list[str | None]) -> Iterator[Row]:
    for code, side, patients in zip(units.codes, sides, units.counted.patients.tolist(), strict=False):
        if side is not None and code in new:
            yield {"indicator": asked.name, "by": by, "group": code, "side": side, "patients": patients}
