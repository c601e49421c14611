"""How much a cohort chosen by its baseline would move back to the middle with no effect at all."""

from __future__ import annotations

from dataclasses import replace

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.headline import is_pain
from synapse_analytics.analyses.measures import N, labels, means_of
from synapse_analytics.analyses.scoring import Spread, baseline_spreads
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.estimates.descriptive import regression_to_the_mean
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.outcomes import FIRST_VISIT, Scored

# Spread of one person's answers without any change: ODI from two scores before treatment (Hatakka, lumbar stenosis:
# SD of the difference 11.6, so 8.2 of one answer); for pain, 1.3 to 1.5 points is an assumption.
WITHIN_PERSON_SD = {"nrs": 1.4, "odi": 8.0}
BANDS = {"pain_band": v.PAIN_BANDS, "odi_band": v.ODI_BANDS}

EXPECTED_CHANGE = Measure("expected_change", Kind.INTERVAL)
REGRESSION = TableRule("regression_to_the_mean", (*labels("filter", "band"), N, *means_of("mean", "sd"), EXPECTED_CHANGE))


def regression_rows(asked: Scored) -> list[Row]:
    """Per chosen band: mean and SD of the baselines of the same cohort without that filter, and the change to expect."""
    name = _filter_of(asked)
    if name is None or not getattr(asked.cohort, name) or asked.index != FIRST_VISIT:
        return []
    everybody = replace(asked, cohort=Cohort(**asked.cohort.in_use() | {name: ()}), by=None)
    counts = q.followed(everybody)
    found = baseline_spreads(counts).get((), Spread())
    shown = found.cells()
    if shown["mean"] is None or not shown["sd"]:
        return []
    within = next(size for family, size in WITHIN_PERSON_SD.items() if asked.instrument.code.startswith(family))
    known = {"filter": name, "n": found.n, "patients": int(counts.whole().patients()[0]), "reach": asked.instrument.reach} | shown
    return [known | {"band": code, "expected_change": _expected(known, within, BANDS[name], code)} for code in getattr(asked.cohort, name)]


def _filter_of(asked: Scored) -> str | None:
    """The filter that chooses by the baseline of the instrument asked for."""
    if asked.instrument.code == "odi":
        return "odi_band"
    headline = asked.clinic.generation.headline
    return "pain_band" if asked.instrument.code == headline and is_pain(asked.clinic) else None


def _expected(known: Row, within: float, bands: tuple[v.Band, ...], code: str) -> float:
    """Change (follow-up minus baseline) to expect in a band; the outer bands have no outer limit."""
    place = v.position(bands, code)
    low = None if place == 0 else bands[place].low
    high = None if place == len(bands) - 1 else bands[place + 1].low
    return -regression_to_the_mean(known["mean"], known["sd"], min(within, known["sd"]), (low, high))
