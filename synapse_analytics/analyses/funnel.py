"""Does a unit differ by more than chance? Crude and adjusted for case mix side by side; nobody is ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import THOUSAND, Row
from synapse_analytics.analyses.measures import counts_of, labels, patients_of, share_of
from synapse_analytics.analyses.options import Option
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.values import Fetched, Numbers, not_recorded, notes, numbers
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import POOLED_UNITS, UNIT_NOT_RECORDED
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.errors import NotAllowed
from synapse_analytics.estimates import case_mix as mix
from synapse_analytics.estimates import funnel as f
from synapse_analytics.indicators import INDICATORS, SMALLEST_N, Indicator, Measured, amount_column
from synapse_analytics.indicators import indicator as declared_indicator
from synapse_analytics.queries import indicators as q

WITH_FUNNEL = tuple(declared.name for declared in INDICATORS if "funnel" in declared.charts)
INDICATOR = Option("indicator", "pain_improvement_12_months", WITH_FUNNEL, "which indicator")
BY = Option("by", "clinician", ("clinician", "site"), "clinicians or sites")
UNFITTED = "Not adjusted for case mix: too few episodes, or all or none of them had the event."
OF_ITSELF = "Not adjusted for case mix: weakness, red flags and leg pain define the event itself."
CURVE = 60  # points of a limit's curve
ROUND = [step * 10**power for power in range(1, 10) for step in (1, 1.5, 2, 3, 5, 7)]
TINY = 1e-9  # a size is a quotient of sums: what is 15 may read a hair more
ENDS = {"low_95": (0.95, "low"), "high_95": (0.95, "high"), "low_998": (0.998, "low"), "high_998": (0.998, "high")}
LIMITS = TableRule("limits", (*labels("version", "n"), *(Measure(name, Kind.MEAN) for name in ENDS)))
ESTIMATED = ("method", "centre", "phi", "tau2", "adjusted_phi", "adjusted_tau2")
SUMMARY = TableRule(
    "summary",
    (*labels("name", "title", "unit", "direction", "units", "pooled", "model"), *(Measure(name, Kind.MEAN) for name in ESTIMATED)),
)
MODEL = (
    "Adjusted for case mix by {kind} on diagnosis, age band, sex, duration of symptoms, red flags, leg weakness, and pain and ODI before, "
    "over the whole cohort; a missing value is a category of its own. An adjusted value is the overall {value}, moved by the difference "
    "between what was observed and what was expected of these patients."
)


@dataclass(frozen=True, slots=True)
class Units:
    """The units by name, then the small ones together, then not recorded: their codes and members, and what was counted in each."""

    codes: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]
    counted: Numbers
    total: np.ndarray  # of a mean the sum of the changes in thousandths, and of their squares
    squares: np.ndarray


def _inside_the_clinic(clinic: Clinic, chosen: Options) -> Options:
    if clinic.policy.name == "publish":  # there is nothing to drop: the units are the question
        raise NotAllowed(
            f"The policy 'publish' does not allow a split by {chosen['by']}: sites and clinicians are compared inside the clinic only."
        )
    return chosen


@analysis(INDICATOR, BY, settle=_inside_the_clinic)
def funnel(clinic: Clinic, cohort: Cohort, *, indicator: str, by: str) -> Found:
    """Does a clinician or a site differ by more than chance, as it is and after adjustment for case mix?

    Limits of 95 and 99.8 % around the overall value: exact binomial for shares, z for means. Both are widened where there are ten or
    more clinicians or sites and they differ by more than chance. adjusted compares what was observed with what a model of case mix
    expects; adjusted_n is the number of episodes that would be as precise. Those with fewer than 10 patients are pooled. Outside the
    limits means: look into it. Nobody is ranked.
    """
    asked = declared_indicator(indicator)
    found = Fetched.of(clinic, cohort, [asked], by)
    units = units_of(found, asked)
    crude, adjusted = crude_funnel(asked, units), adjusted_funnel(clinic, cohort, asked, units, by)
    rows = [
        {"group": code} | row | _judged("crude", crude, place, code) | _judged("adjusted", adjusted, place, code)
        for place, (code, row) in enumerate(zip(units.codes, units.counted.rows(), strict=True))
    ]
    everybody = {"patients": int(numbers(found, asked, found.by_key(asked).whole(), asked.plain).patients[0])}
    end = _end(crude, adjusted)
    limits = [row | everybody for row in (*_curves("crude", crude, end), *_curves("adjusted", adjusted, end))]
    summary = _summary(asked, units, crude, adjusted) | everybody
    return Found([(_units(asked.measured), rows), (LIMITS, limits), (SUMMARY, [summary])], notes(clinic, asked))


def units_of(found: Fetched, asked: Indicator) -> Units:
    """Units by name, then the units under ten patients as one unit of distinct patients, then the episodes without a recorded unit."""
    counts = found.by_key(asked)
    by_unit = numbers(found, asked, counts, asked.plain)
    patients = {key[0]: int(by_unit.patients[place]) for place, key in enumerate(counts.keys) if by_unit.n[place]}
    small = {code for code, n in patients.items() if n < SMALLEST_N and code != UNIT_NOT_RECORDED}
    codes = sorted(code for code in patients if code not in small and code != UNIT_NOT_RECORDED)
    codes += [POOLED_UNITS] * bool(small) + [UNIT_NOT_RECORDED] * (UNIT_NOT_RECORDED in patients)
    pooled = counts.fold(lambda key: None if key[0] not in patients else (POOLED_UNITS,) if key[0] in small else key)
    counted = numbers(found, asked, pooled, asked.plain)
    order = np.array([pooled.place[(code,)] for code in codes], dtype=np.int64)
    chosen = counted.take(order)
    nothing = np.zeros(len(order))
    total, squares = nothing, nothing
    if asked.measured is Measured.MEAN:
        name = amount_column(asked)
        total, squares = pooled.total(name)[order], pooled.total(name + q.SQUARES)[order]
    members = tuple(tuple(sorted(small)) if code == POOLED_UNITS else (code,) for code in codes)
    return Units(tuple(codes), members, chosen, total, squares)


def crude_funnel(asked: Indicator, units: Units) -> f.Funnel | None:
    """The funnel of the units as they are; None without any."""
    n = units.counted.n.astype(float)
    if asked.measured is not Measured.MEAN:
        events = units.counted.events
        return f.crude_shares((np.zeros(0) if events is None else events).astype(float), n)
    return f.crude_means(n, -units.total / THOUSAND, units.squares / THOUSAND**2)


def adjusted_funnel(clinic: Clinic, cohort: Cohort, asked: Indicator, units: Units, by: str) -> f.Funnel | None:
    """The funnel of observed against expected; None where no model of case mix can be fitted."""
    mean = asked.measured is Measured.MEAN
    place = {code: number for number, members in enumerate(units.members) for code in members}
    if not place or not asked.adjustable or not_recorded(clinic, asked):
        return None
    cells = q.case_mix(clinic, cohort, asked, by=by)
    unit = np.array([place[code] for code in cells["unit"]])
    n, hits = cells["n"].astype(float), cells["hits"].astype(float)
    design = mix.design_matrix(_coded(cells, q.CODED), _measured(cells, q.MEASURED), n, None if mean else hits)

    def per_unit(values: np.ndarray) -> np.ndarray:
        return np.bincount(unit, values, len(units.codes))

    if mean:
        improvement, squares = -cells["total"] / THOUSAND, cells["squares"] / THOUSAND**2
        fitted = mix.expected_mean(design, n, improvement, squares)
        return None if fitted is None else f.adjusted_means(per_unit(n), per_unit(improvement), per_unit(n * fitted[0]), fitted[1])
    share = mix.expected_share(design, n, hits)
    if share is None:
        return None
    return f.adjusted_shares(per_unit(hits), per_unit(n * share), per_unit(n * share * (1 - share)), per_unit(n))


def _coded(cells: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    columns = _measured(cells, names)
    return np.where(np.isnan(columns), -1, columns).astype(int)


def _measured(cells: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    return np.column_stack([cells[name].astype(float) for name in names])


def _judged(version: str, made: f.Funnel | None, place: int, code: str) -> Row:
    """The limits that a unit exceeds in one version of the funnel, also as a sentence; the adjusted version adds the unit's value and n."""
    prefix = "" if version == "crude" else "adjusted_"
    own = () if version == "crude" else ("adjusted", "adjusted_n")
    if made is None or made.values[place] is None:
        return dict.fromkeys((f"{prefix}verdict", f"{prefix}side", f"{prefix}sentence", *own))
    level, side = made.verdicts()[place]
    words = "within" if level is None else f"outside {100 * level:g} %"
    how = "not adjusted" if version == "crude" else "adjusted for case mix"
    sentence = None if level is None else f"{_named(code)} is {side} the {100 * level:g} % limits, {how}: worth a review."
    cells = {f"{prefix}verdict": words, f"{prefix}side": side, f"{prefix}sentence": sentence}
    return cells | ({"adjusted": made.values[place], "adjusted_n": float(made.n[place])} if own else {})


def _units(measured: Measured) -> TableRule:
    mean = measured is Measured.MEAN
    part = None if mean else patients_of("events")
    value = Measure("value", Kind.MEAN) if mean else share_of("events", name="value")
    judged = [f"{prefix}{name}" for prefix in ("", "adjusted_") for name in ("verdict", "side", "sentence")]
    follows = (Measure(name, Kind.MEAN, part=part) for name in ("adjusted", "adjusted_n", *judged))
    events = Measure("events", Kind.COUNT, part or "patients")
    return TableRule("units", (*labels("group"), *counts_of("n"), events, value, *follows))


def _sizes(made: f.Funnel | None) -> list[float]:
    return [] if made is None else [float(n) for n, value in zip(made.n, made.values, strict=True) if value is not None]


def _end(crude: f.Funnel | None, adjusted: f.Funnel | None) -> float:
    """A round number above the largest unit of both versions, so that they share their axis and the end shows no unit's size."""
    largest = max([*_sizes(crude), *_sizes(adjusted)], default=0.0)
    return next(end for end in ROUND if end >= largest - TINY)


def _curves(version: str, made: f.Funnel | None, end: float) -> list[Row]:
    """The limits by n, from half the smallest unit to the end."""
    if made is None or not _sizes(made):
        return []
    n = np.geomspace(SMALLEST_N / 2, end, CURVE)
    bands = {level: made.limits(n, level) for level in f.LEVELS}
    ends = {name: getattr(bands[level], end) for name, (level, end) in ENDS.items()}
    return [
        {"version": version, "n": float(at)} | {name: float(column[place]) for name, column in ends.items()} for place, at in enumerate(n)
    ]


def _summary(asked: Indicator, units: Units, crude: f.Funnel | None, adjusted: f.Funnel | None) -> Row:
    mean = asked.measured is Measured.MEAN
    kind, value = ("least squares", "mean") if mean else ("a logistic regression", "share")
    about = {"name": asked.name, "title": asked.title, "unit": asked.unit, "direction": asked.direction}
    pooled = next((len(members) for code, members in zip(units.codes, units.members, strict=True) if code == POOLED_UNITS), 0)
    found = dict.fromkeys(ESTIMATED)
    if crude is not None:
        found |= {name: getattr(crude, name) for name in ("method", "centre", "phi", "tau2")}
    if adjusted is not None:
        found |= {"adjusted_phi": adjusted.phi, "adjusted_tau2": adjusted.tau2}
    model = MODEL.format(kind=kind, value=value) if adjusted is not None else (UNFITTED if asked.adjustable else OF_ITSELF)
    return about | {"units": len(units.codes), "pooled": pooled, "model": model} | found


def _named(code: str) -> str:
    return {POOLED_UNITS: "Smaller ones together", UNIT_NOT_RECORDED: "Not recorded"}.get(code, code)
