"""How much a cohort chosen by its baseline would move back to the middle with no effect at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.headline import is_pain
from synapse_analytics.analyses.scoring import THOUSAND, Spread, baseline_spreads
from synapse_analytics.analyses.shares import label
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.estimates.descriptive import mean_interval, regression_to_the_mean, sd
from synapse_analytics.queries import outcomes as q
from synapse_analytics.queries.outcomes import FIRST_VISIT, Scored

# Spread of one person's answers without any change: ODI from two scores before treatment (Hatakka, lumbar stenosis,
# clinical-reference 3); for pain an assumption of the same place, 1.3 to 1.5 points.
WITHIN_PERSON_SD = {"nrs": 1.4, "odi": 8.0}
BANDS = {"pain_band": v.PAIN_BANDS, "odi_band": v.ODI_BANDS}

REGRESSION = TableRule(
    "regression_to_the_mean",
    (
        label("filter"),
        label("band"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN, reach="reach"),
        Measure("sd", Kind.MEAN, reach="reach"),
        Measure("expected_change", Kind.INTERVAL),
    ),
)


def regression_rows(asked: Scored) -> list[dict[str, Any]]:
    """Per chosen band: mean and SD of the baselines of the same cohort without that filter, and the change to expect."""
    name = _filter_of(asked)
    if name is None or not getattr(asked.cohort, name) or asked.index != FIRST_VISIT:
        return []
    everybody = replace(asked, cohort=Cohort(**asked.cohort.in_use() | {name: ()}), by=None)
    counts = q.followed(everybody)
    found = baseline_spreads(counts).get((), Spread())
    mean, spread = mean_interval(found.n, found.total, found.squares).value, sd(found.n, found.total, found.squares)
    if mean is None or not spread:
        return []
    within = next(size for family, size in WITHIN_PERSON_SD.items() if asked.instrument.code.startswith(family))
    known = {"filter": name, "n": found.n, "patients": int(counts.whole().patients()[0]), "mean": mean / THOUSAND, "sd": spread / THOUSAND}
    known["reach"] = asked.instrument.reach
    return [known | {"band": code, "expected_change": _expected(known, within, BANDS[name], code)} for code in getattr(asked.cohort, name)]


def _filter_of(asked: Scored) -> str | None:
    """The filter that chooses by the baseline of the instrument asked for."""
    if asked.instrument.code == "odi":
        return "odi_band"
    headline = asked.clinic.generation.headline
    return "pain_band" if asked.instrument.code == headline and is_pain(asked.clinic) else None


def _expected(known: dict[str, Any], within: float, bands: tuple[v.Band, ...], code: str) -> float:
    """Change (follow-up minus baseline) to expect in a band; the outer bands have no outer limit."""
    place = v.position(bands, code)
    low = None if place == 0 else bands[place].low
    high = None if place == len(bands) - 1 else bands[place + 1].low
    return -regression_to_the_mean(known["mean"], known["sd"], min(within, known["sd"]), (low, high))
