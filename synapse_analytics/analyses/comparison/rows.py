"""The tables of a comparison as rows, with the patients each cell rests on."""

from __future__ import annotations

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import Row, count_cells, limit_cells, ratio, share_support
from synapse_analytics.analyses.comparison.design import Covariate
from synapse_analytics.analyses.comparison.models import SUBGROUPS, Analysed, Compared, members, subgroups
from synapse_analytics.analyses.comparison.study import ARMS, Study
from synapse_analytics.analyses.measures import patients_of
from synapse_analytics.analyses.pooling import neighbours
from synapse_analytics.disclosure import Policy, rounded
from synapse_analytics.estimates import SAME, Estimate
from synapse_analytics.estimates.balance import Shift, shifted_difference
from synapse_analytics.estimates.descriptive import mean_interval

Array = np.ndarray
BINS = 10  # of the propensity
DELTAS = {"nrs": (0.5, 1.0, 2.0), "odi": (5.0, 10.0, 15.0), "eq5d5l_index": (0.05, 0.1, 0.2), "eq_vas": (5.0, 10.0, 15.0)}
METHODS = ("crude", "ancova", "overlap", "mmrm")
NOTHING = {"difference": None, "low": None, "high": None}


def arm_support(study: Study, chosen: Array, name: str = "n") -> Row:
    """n_a, n_b and the patients behind them; or other counts of both arms."""
    cells: Row = {}
    for arm, side in study.sides.items():
        cells |= count_cells(f"{name}_{arm}", study.counted(chosen & side))
    return cells


def difference_cells(estimate: Estimate | None) -> Row:
    """difference, low, high; the last digits of a zero are zero."""
    if estimate is None:
        return NOTHING
    ends = limit_cells(estimate, ("difference", "low", "high"))
    return {name: 0.0 if end is not None and abs(end) < SAME else end for name, end in ends.items()}


def estimate_rows(study: Study, found: Compared | None) -> list[Row]:
    """One row per method; without results (refused) they hold the numbers of patients alone."""
    here = arm_support(study, study.analysed)
    repeated = found.repeated if found else None
    everyone = arm_support(study, repeated.chosen) if repeated else here
    shown: dict[str, Estimate | None] = dict.fromkeys(METHODS)
    if found:
        shown = {
            "crude": found.crude,
            "ancova": found.ancova,
            "overlap": found.weighted.difference if found.weighted else None,
            "mmrm": repeated.differences[-1] if repeated else None,
        }
    return [{"method": method} | difference_cells(shown[method]) | (everyone if method == "mmrm" else here) for method in METHODS]


def balance_rows(study: Study, pairs: dict[str, tuple[float | None, float | None]], policy: Policy) -> list[Row]:
    """One row per covariate, with the episodes of each arm that have it recorded: its means rest on those."""
    support: dict[str, Row] = {}
    recorded: dict[str, Row] = {}
    for covariate in study.covariates:
        code = covariate.of or covariate.code
        known = study.analysed if covariate.missing is None else study.analysed & ~covariate.missing
        recorded[code] = arm_support(study, known, "recorded")
        fewest = {patients_of(f"n_{arm}"): _fewest(study, side & known, covariate, policy.group) for arm, side in study.sides.items()}
        support[code] = {name: min(count, support.get(code, fewest)[name]) for name, count in fewest.items()}
    return [
        {"covariate": code, "smd_before": before, "smd_after": after} | support[code] | recorded[code]
        for code, (before, after) in pairs.items()
    ]


def _fewest(study: Study, known: Array, covariate: Covariate, few: int) -> int:
    """The fewest patients a mean of an arm rests on: those of either answer to a yes/no question, if there are any."""
    everybody = study.patients.count(known)
    if not covariate.is_flag:
        return everybody
    sides = [study.patients.count(known & (covariate.stored == level)) for level in (0, 1)]
    return min((everybody, *(count for count in sides if 0 < count < few)))


def overlap_rows(study: Study, propensity: Array | None, policy: Policy) -> list[Row]:
    """Histogram of the propensity by arm; where the policy rounds, neighbouring bins together until they hold enough patients."""
    if propensity is None:
        return []
    place = np.full(len(study.analysed), -1)
    place[study.analysed] = np.minimum((propensity * BINS).astype(int), BINS - 1)
    rows = []
    for arm, side in study.sides.items():
        span = np.arange(BINS)
        if policy.rounds:
            span = neighbours(np.array([study.patients.count(side & (place == number)) for number in range(BINS)]), policy.counted)
        for number in np.unique(span):
            bins = np.flatnonzero(span == number)
            inside = side & np.isin(place, bins)
            ends = {"from": int(bins[0]) / BINS, "to": (int(bins[-1]) + 1) / BINS}
            rows.append({"arm": arm} | ends | count_cells("n", study.counted(inside)))
    return rows


def subgroup_rows(study: Study, analysed: Analysed) -> list[Row]:
    """Two rows per attribute: its members and the others, with the test that the difference is the same in both."""
    rows: list[Row] = []
    member_of = members(study, analysed)
    fits = subgroups(analysed, member_of)
    for attribute, member in member_of.items():
        found = fits.get(attribute)
        sides = []
        for level in (1, 0):
            here = np.zeros(len(study.analysed), dtype=bool)
            here[analysed.rows] = member == level
            sides.append(arm_support(study, here))
        # The test of interaction rests on both sides.
        fewest = {patients_of(f"fewest_{arm}"): min(side[patients_of(f"n_{arm}")] for side in sides) for arm in ARMS}
        estimates = (found.inside, found.outside) if found else (None, None)
        for code, estimate, side in zip(SUBGROUPS[attribute], estimates, sides, strict=True):
            p = found.p if found else None
            rows.append({"subgroup": code, "attribute": attribute, "interaction_p": p} | side | difference_cells(estimate) | fewest)
    return rows


def trajectory_rows(study: Study) -> list[Row]:
    """Observed means by arm: the baseline of all that are eligible, then who answered each visit."""
    columns = [("baseline", study.baseline)]
    columns += [(v.VISITS[visit].code, study.scores(k)) for k, visit in enumerate(study.visits)]
    rows = []
    for arm, side in study.sides.items():
        for visit, values in columns:
            here = side & ~np.isnan(values)
            own = values[here]
            mean = limit_cells(mean_interval(len(own), float(own.sum()), float(np.square(own).sum())), ("mean", "low", "high"))
            rows.append({"arm": arm, "visit": visit} | mean | count_cells("n", study.counted(here)))
    return rows


def start_row(study: Study, found: Compared, reach: float) -> list[Row]:
    """The mean baseline of all who are in the repeated measures: where both begin, by adjustment."""
    repeated = found.repeated
    if repeated is None:
        return []
    means = {f"mean_{arm}": float(study.baseline[repeated.chosen].mean()) for arm in ARMS}
    limits = {f"{name}_{arm}": None for arm in ARMS for name in ("low", "high")}
    return [{"visit": "baseline", "reach": reach} | NOTHING | means | limits | arm_support(study, repeated.chosen)]


def mmrm_rows(study: Study, found: Compared) -> list[Row]:
    """Adjusted means with limits and their difference at every visit of the model."""
    repeated = found.repeated
    if repeated is None:
        return []
    rows = []
    for k, visit in enumerate(repeated.visits):
        answered = ~np.isnan(study.answers[:, study.visits.index(visit)])
        row: Row = {"visit": v.VISITS[visit].code} | difference_cells(repeated.differences[k]) | arm_support(study, answered)
        for arm in ARMS:
            row |= limit_cells(repeated.means[arm][k], (f"mean_{arm}", f"low_{arm}", f"high_{arm}"))
        rows.append(row)
    return rows


def sensitivity_rows(study: Study, found: Compared, instrument: v.Instrument, policy: Policy) -> list[Row]:
    """The MMRM difference if the unanswered of both arms, or of one, were worse by delta than the model expects.

    Of the counts as the policy shows them: from one delta to the next the difference moves by the share that did not answer.
    """
    if found.repeated is None:
        return []
    missing = {arm: 1 - share for arm, share in completeness(study, policy).items()}
    worse = 1 if instrument.better == "lower" else -1
    deltas = next(steps for family, steps in DELTAS.items() if instrument.code.startswith(family))
    here, difference = arm_support(study, study.analysed), found.repeated.differences[-1]
    rows = []
    for who in ("both", *ARMS):
        for delta in deltas:
            shift = Shift(worse * delta if who != "b" else 0.0, worse * delta if who != "a" else 0.0)
            shown = shifted_difference(difference, missing["a"], missing["b"], shift)
            rows.append({"arm": who, "delta": delta} | difference_cells(shown) | here)
    return rows


def completeness(study: Study, policy: Policy) -> dict[str, float]:
    """Share of the expected that answered at the horizon, by arm, from the counts as the policy shows them."""
    shares = {}
    for arm, side in study.sides.items():
        expected = study.expected[:, -1] & side
        answered, asked = (rounded(int(chosen.sum()), policy) or 0 for chosen in (study.analysed & expected, expected))
        shares[arm] = min(answered / asked, 1.0) if asked else 0.0
    return shares


def quality_row(study: Study, found: Compared | None, horizon_day: int) -> Row:
    """Who was there, who answered, who crossed over, and how much information is left."""
    weighted = found.weighted if found else None
    row: Row = {
        "ess_a": weighted.effective_a if weighted else None,
        "ess_b": weighted.effective_b if weighted else None,
        "e_value": found.e_value if found else None,
        "e_value_limit": found.e_value_limit if found else None,
    }
    for arm in ARMS:
        row |= _arm_cells(study, arm, horizon_day)
    a, b = (study.analysed & side for side in study.sides.values())
    both = a & np.isin(study.people.episode, study.people.episode[b])
    return row | count_cells("both_arms", study.counted(both))


def _arm_cells(study: Study, arm: str, horizon_day: int) -> Row:
    number, own = study.people.numbers, study.sides[arm]
    expected, answered = own & study.expected[:, -1], own & study.analysed
    eligible = own & (number["closed_visits"] >= study.visits[-1])
    crossed = eligible & (number["crossover_day"] - number["index_day"] <= horizon_day)  # NaN: never
    days = number["index_day"][answered]
    row: Row = {f"start_day_{arm}": float(np.median(days)) if len(days) else None}
    for name, share, part, of in (("answered", "completeness", answered, expected), ("crossed", "crossover", crossed, eligible)):
        whole = "expected" if name == "answered" else "eligible"
        counted, everybody = study.counted(part), study.counted(of)
        row |= share_support(f"{name}_{arm}", f"{whole}_{arm}", counted, everybody, study.patients.count(of & ~part))
        row[f"{share}_{arm}"] = ratio(counted.episodes, everybody.episodes)
    return row
