"""Control charts and funnels of clinics in which nothing differs and nothing changes: how often do they cry wolf? And if something does?"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synapse_analytics.estimates import case_mix as mix
from synapse_analytics.estimates import control_charts as spc
from synapse_analytics.estimates import funnel as f
from truth.tables import percent, table

Array = NDArray[np.float64]
MONTHS = (24, 36, 60)
A_MONTH = 30  # patients, on average
MEAN, SD = 3.0, 2.5  # improvement in NRS points
SHARE, RARE, RATE = 0.6, 0.05, 0.15
CHANGE, CHANGED_MONTHS = 0.6, 60
UNITS, PATIENTS, SIZE_SPREAD = 12, 800, 0.5
SEVERITY, MIX_SPREAD = 0.8, 0.6  # log odds per SD of severity; SD between units of their patients' severity
ODD_UNIT = 1.0  # log odds by which one unit is truly better
# Of independent points and known limits: beyond 3 SD; in the outer third and not beyond, on one side.
BEYOND, OUTER = 0.0026998, 0.0214


def report(seeds: int) -> str:
    """The three tables: charts without a change, funnels without a difference, and what is found where there is one."""
    text = f"{seeds:,} seeds, printed by `make truth`. **Charts in which nothing changes**: about {A_MONTH} patients a month; share of "
    text += "points outside, and of charts with any point marked by each rule. `implied` holds for independent points and known limits.\n\n"
    header = ["chart", "months", "points outside", *(f"any {rule}" for rule in spc.Rule), "any mark", "last point marked"]
    text += table(header, [row for months in MONTHS for row in charts(months, seeds)]) + "\n\n"
    text += (
        f"**Funnels in which no unit differs**: {UNITS} units, {PATIENTS} patients; share of units outside, and of clinics with any unit "
    )
    text += "outside 99.8 %. Patients of some units are more severe where the case mix differs.\n\n"
    header = ["measure", "limits", "outside 95 %", "outside 99.8 %", "any unit outside 99.8 %"]
    text += table(header, [IMPLIED_FUNNEL, *funnels(seeds)]) + "\n\n"
    text += "**What is found**: one unit truly better (log odds "
    text += f"+{ODD_UNIT:g}, about {PATIENTS / UNITS:.0f} patients); improvement higher by {CHANGE:g} points from the middle of {CHANGED_MONTHS} months on.\n\n"
    return text + table(["difference", "found by", "found", "marked where there is none"], [*odd_unit(seeds), *change(seeds)]) + "\n"


def charts(months: int, seeds: int) -> list[list[str]]:
    """What theory says of so many months, and the three charts."""
    return [implied(months), *(_chart_row(kind, months, seeds) for kind in ("XmR", "p", "u"))]


def implied(months: int) -> list[str]:
    """Chances of a false mark with independent points and known limits; of a trend the upper bound, a window of seven 2 / 7!."""
    runs, thirds = chance_of_run(months), chance_of_two_of_three(months)
    words = [
        percent(BEYOND, 2),
        percent(1 - (1 - BEYOND) ** months),
        f"< {percent((months - 6) * 2 / 5040)}",
        percent(thirds),
        percent(runs),
    ]
    return ["implied", str(months), *words, "", ""]


def chance_of_run(months: int) -> float:
    """P(some seven in a row on one side), by the length of the run so far."""
    lengths = np.zeros(spc.RUN)  # of a run of 1, 2 .. 6 points; the last place: seven, which is for good
    lengths[0] = 1.0
    for _ in range(months - 1):
        new = np.zeros(spc.RUN)
        new[0] = lengths[:-1].sum() / 2
        new[1:] = lengths[:-1] / 2
        new[-1] += lengths[-1]
        lengths = new
    return float(lengths[-1])


def chance_of_two_of_three(months: int) -> float:
    """P(some three in a row on one side, two of them in the outer third), by the zones of the last two points."""
    zones = {1: 0.5 - OUTER - BEYOND / 2, 2: OUTER, 3: BEYOND / 2}
    chance = {sign * zone: share for zone, share in zones.items() for sign in (1, -1)}
    unmarked = {(a, b): chance[a] * chance[b] for a in chance for b in chance}
    for _ in range(months - 2):
        new = dict.fromkeys(unmarked, 0.0)
        for (a, b), share in unmarked.items():
            for c, next_share in chance.items():
                three = [a, b, c]
                marked = abs(sum(np.sign(three))) == 3 and sum(abs(zone) == 2 for zone in three) >= 2
                new[b, c] += 0.0 if marked else share * next_share
        unmarked = new
    return 1 - sum(unmarked.values())


def simulated_chart(kind: str, months: int, draw: np.random.Generator) -> spc.Variation:
    """One chart in which nothing changes."""
    n = np.maximum(draw.poisson(A_MONTH, months), 1).astype(float)
    if kind == "XmR":
        return _judged(values := draw.normal(MEAN, SD / np.sqrt(n)), spc.xmr(values))
    if kind == "u":
        events = draw.poisson(RATE * n)
        return _judged(events / n, spc.u_chart(events, n))
    events = draw.binomial(n.astype(int), SHARE)
    return _judged(events / n, spc.p_chart(events, n))


def _judged(values: Array, limits: spc.Limits) -> spc.Variation:
    return spc.variation(values, limits, "higher")


def _chart_row(kind: str, months: int, seeds: int) -> list[str]:
    sys.stderr.write(f"{kind} charts of {months} months\n")
    made = [simulated_chart(kind, months, np.random.default_rng([seed, months, ord(kind[0])])) for seed in range(seeds)]
    outside = np.mean([rule is spc.Rule.OUTSIDE for chart in made for rule in chart.rules])
    by_rule = [np.mean([rule in chart.rules for chart in made]) for rule in spc.Rule]
    any_mark = np.mean([any(chart.rules) for chart in made])
    last = np.mean([chart.state != "usual" for chart in made])
    name = f"{kind} (p' in {percent(np.mean([chart.limits.kind != 'p' for chart in made]), 0)})" if kind == "p" else kind
    return [name, str(months), percent(float(outside), 2), *(percent(float(share)) for share in (*by_rule, any_mark, last))]


@dataclass(frozen=True, slots=True)
class Clinic:
    """Patients of twelve units: what they are like, and what becomes of them."""

    unit: NDArray[np.intp]
    severity: Array
    events: Array
    scores: Array


def simulated_clinic(
    share: float, draw: np.random.Generator, *, spread: float = 0.0, odd: float = 0.0, sizes: float = SIZE_SPREAD
) -> Clinic:
    """Units of different `sizes`; `spread` between their patients' severity; the first one better by `odd` log odds."""
    weight = draw.lognormal(0, sizes, UNITS)
    unit = draw.choice(UNITS, PATIENTS, p=weight / weight.sum())
    severity = draw.normal(0, 1, PATIENTS) + draw.normal(0, spread, UNITS)[unit]
    drive = SEVERITY * severity
    log_odds = np.log(share / (1 - share)) - drive + odd * (unit == 0)
    events = (draw.random(PATIENTS) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return Clinic(unit, severity, events, MEAN - drive + draw.normal(0, SD, PATIENTS))


def made_funnel(clinic: Clinic, measure: str, *, adjusted: bool) -> f.Funnel | None:
    """The funnel of one clinic, as the dashboard makes it."""
    one = np.ones(PATIENTS)

    def per_unit(values: Array) -> Array:
        return np.bincount(clinic.unit, values, UNITS)

    n, scores = per_unit(one), clinic.scores
    if not adjusted and measure == "mean":
        return f.crude_means(n, per_unit(scores), per_unit(scores**2))
    if not adjusted:
        return f.crude_shares(per_unit(clinic.events), n)
    codes = np.zeros((PATIENTS, 0), dtype=np.int64)
    if measure == "mean":
        fitted = mix.expected_mean(mix.design_matrix(codes, clinic.severity[:, None], one), one, scores, scores**2)
        return None if fitted is None else f.adjusted_means(n, per_unit(scores), per_unit(fitted[0]), fitted[1])
    share = mix.expected_share(mix.design_matrix(codes, clinic.severity[:, None], one, clinic.events), one, clinic.events)
    return None if share is None else f.adjusted_shares(per_unit(clinic.events), per_unit(share), per_unit(share * (1 - share)), n)


IMPLIED_FUNNEL = ["implied", "", "5.0 %", "0.20 %", percent(1 - 0.998**UNITS)]
MEASURES = (("share of 60 %", SHARE), ("share of 5 %", RARE), ("mean", SHARE))


def funnels(seeds: int) -> list[list[str]]:
    """False alarms of crude funnels where all units have like patients, and of crude and adjusted ones where they have not."""
    rows = []
    for place, (name, share) in enumerate(MEASURES):
        sys.stderr.write(f"funnels, {name}\n")
        like = [simulated_clinic(share, np.random.default_rng([seed, place, 1])) for seed in range(seeds)]
        unlike = [simulated_clinic(share, np.random.default_rng([seed, place, 2]), spread=MIX_SPREAD) for seed in range(seeds)]
        crude = [made_funnel(clinic, name, adjusted=False) for clinic in like]
        mixed = [made_funnel(clinic, name, adjusted=False) for clinic in unlike]
        adjusted = [made_funnel(clinic, name, adjusted=True) for clinic in unlike]
        rows += [
            [name, "crude, like patients, never widened", *_alarms(_never_widened(crude))],
            [name, "crude, like patients, as used", *_alarms(crude)],
            [name, "crude, case mix differs, as used", *_alarms(mixed)],
            [name, "adjusted, case mix differs, never widened", *_alarms(_never_widened(adjusted))],
            [name, "adjusted, case mix differs, as used", *_alarms(adjusted)],
        ]
    return rows


def _never_widened(made: Iterable[f.Funnel | None]) -> list[f.Funnel | None]:
    return [None if funnel is None else replace(funnel, spread=f.AS_BY_CHANCE) for funnel in made]


def _alarms(made: Iterable[f.Funnel | None]) -> list[str]:
    levels = np.array([[level or 0.0 for level, _ in funnel.verdicts()] for funnel in made if funnel is not None])
    outer = levels >= f.LEVELS[1]
    return [percent(float((levels > 0).mean())), percent(float(outer.mean()), 2), percent(float(outer.any(axis=1).mean()))]


def odd_unit(seeds: int) -> list[list[str]]:
    """How often the one unit that is truly better lies above the limits, and how often it would if it were like the others."""
    rows = []
    for adjusted, spread in ((False, 0.0), (True, MIX_SPREAD)):
        found, by_chance = (_above(seeds, odd, spread, adjusted=adjusted) for odd in (ODD_UNIT, 0.0))
        name = "adjusted funnel, case mix differs" if adjusted else "crude funnel, like patients"
        rows += [
            ["one unit", f"{name}: {100 * level:g} %", percent(found[place]), percent(by_chance[place])]
            for place, level in enumerate(f.LEVELS)
        ]
    return rows


def _above(seeds: int, odd: float, spread: float, *, adjusted: bool) -> Array:
    """How often the first of twelve equally large units lies above the limits of each level."""
    found = np.zeros((seeds, len(f.LEVELS)))
    for seed in range(seeds):
        draw = np.random.default_rng([seed, 7, int(adjusted)])
        made = made_funnel(simulated_clinic(SHARE, draw, spread=spread, odd=odd, sizes=0.0), "share", adjusted=adjusted)
        level, side = made.verdicts()[0] if made is not None else (None, None)
        found[seed] = [side == "above" and (level or 0) >= limit for limit in f.LEVELS]
    return found.mean(axis=0)


def change(seeds: int) -> list[list[str]]:
    """How often a lasting change is marked as an improvement: anywhere since it, and at the last month, which decides."""
    found, by_chance = (_marked_better(seeds, by) for by in (CHANGE, 0.0))
    names = ("XmR chart: any month since", "XmR chart: last month")
    return [["change", name, percent(found[place]), percent(by_chance[place])] for place, name in enumerate(names)]


def _marked_better(seeds: int, by: float) -> Array:
    marked = np.zeros((seeds, 2))
    for seed in range(seeds):
        draw = np.random.default_rng([seed, 8])
        n = np.maximum(draw.poisson(A_MONTH, CHANGED_MONTHS), 1)
        after = np.arange(CHANGED_MONTHS) >= CHANGED_MONTHS // 2
        values = draw.normal(MEAN + by * after, SD / np.sqrt(n))
        better = [meaning is spc.Meaning.IMPROVEMENT for meaning in _judged(values, spc.xmr(values)).meanings]
        marked[seed] = any(mark and since for mark, since in zip(better, after, strict=True)), better[-1]
    return marked.mean(axis=0)
