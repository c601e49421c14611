"""Attack 4, one patient's score: does the difference of two sums tell it?

Assumes that the stranger knows (from elsewhere) that the second of two nested cohorts lacks exactly one patient, which scores are
legal and that pain is answered in whole numbers. He narrows n by the limits and the SD, multiplies each mean with each possible n, keeps the sums that legal scores
can have, and subtracts. A score is found when a single legal one is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import ceil, floor, log10
from typing import Any, NamedTuple

from scipy.stats import t

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import PUBLISH, Kind, rounded
from synapse_analytics.disclosure.rounding import shortened, step_over
from tests.attacks.desk import Desk, Line, Seen
from tests.attacks.direct import DIGITS
from tests.attacks.finding import Finding, Result, asked_words
from tests.attacks.ledger import Ledger, What, Who, key_of

# (answer, table, the mean, how many answers it is of)
MEANS = (
    ("score_over_time", "visits", "mean", "n"),
    ("score_over_time", "visits", "change", "n"),
    ("score_by_week", "weeks", "mean", "n"),
    ("change_distribution", "by_baseline", "mean", "n"),
    ("baseline_table", "baseline_table", "mean", "n"),
    ("baseline_by_response", "baselines", "mean", "n"),
    ("escalation_response", "escalated", "pain_before", "scored"),
    ("escalation_response", "escalated", "improvement_before", "scored"),
    ("overview", "indicators", "value", "n"),
    ("overview", "periods", "value", "n"),
    ("indicators", "indicators", "value", "n"),
    ("control_chart", "points", "value", "n"),
    ("compare_treatments", "trajectories", "mean", "n"),
)
CHANGES = ("change", "improvement_before", "value")
HAIR = 1e-7


class Scale(NamedTuple):
    """The legal scores: whole multiples of the step from low to high."""

    step: float
    low: float
    high: float


class Mean(NamedTuple):
    """A shown mean with what it and its n can be, and the truth of both."""

    least: float
    most: float
    fewest: int
    many: int
    true_sum: float
    true_n: int
    scale: Scale
    shown: Any
    asked: str


def scores(desk: Desk) -> Result:
    """Every two nested cohorts that differ by one patient."""
    result = Result("one patient's score", desk.policy)
    book: dict[What, dict[Who, Mean]] = {}
    for seen in desk.seen():
        for what, who, mean in means_of(seen, desk.policy):
            book.setdefault(what, {}).setdefault(who, mean)
    for what, by_cohort in book.items():
        for who, inner in by_cohort.items():
            for wider in (tuple(item for item in who if item != left) for left in who):
                outer = by_cohort.get(wider)
                if outer is not None and outer.true_n - inner.true_n == 1:
                    _guess(what, outer, inner, result, desk.known.name)
    return result


def _guess(what: What, outer: Mean, inner: Mean, result: Result, clinic: str) -> None:
    result.tried += 1
    left = possible(outer, inner)
    if len(left) != 1:
        return
    truth, guess = outer.true_sum - inner.true_sum, left.pop() * outer.scale.step
    if abs(truth - guess) > outer.scale.step / 2:
        result.wrong += 1
        return
    where = f"{what[0]}.{what[2]}.{what[-1]}"
    asked = f"{outer.asked} - {inner.asked}"
    result.report(
        Finding("score found", clinic, where, asked, str(what[3]), (outer.shown, inner.shown), round(truth, 3), "difference of two sums")
    )


def possible(outer: Mean, inner: Mean) -> set[int]:
    """The legal scores (in steps) that the one patient can have; at most a few are told apart."""
    scale, left = outer.scale, set[int]()
    for n in range(outer.fewest, outer.many + 1):
        if not inner.fewest <= n - 1 <= inner.many:
            continue
        whole, part = _sums(outer, n), _sums(inner, n - 1)
        if not whole or not part:
            continue
        first, last = whole[0] - part[-1], whole[-1] - part[0]
        legal = range(max(first, ceil(scale.low / scale.step - HAIR)), min(last, floor(scale.high / scale.step + HAIR)) + 1)
        left |= set(legal[:3])
        if len(left) > 1:
            break
    return left


def _sums(mean: Mean, n: int) -> range:
    """The sums, in steps, that n legal scores with this mean can have."""
    step = mean.scale.step
    return range(ceil(n * mean.least / step - HAIR * n), floor(n * mean.most / step + HAIR * n) + 1)


def means_of(seen: Seen, policy: str) -> Iterator[tuple[What, Who, Mean]]:
    asked = asked_words(seen)
    for line in seen.lines:
        for answer, table, column, n_column in MEANS:
            if (seen.ask.name, line.table) != (answer, table):
                continue
            made = _mean(seen, line, column, n_column, policy, asked)
            if made is not None:
                who, what = key_of(seen, line)
                yield (*what, column), who, made


def _mean(seen: Seen, line: Line, column: str, n_column: str, policy: str, asked: str) -> Mean | None:
    told, shown, n = line.truth, line.row.get(column), line.row.get(n_column)
    if told is None or line.pooled or not isinstance(shown, int | float) or n is None:
        return None
    kinds = {measure.name: measure.kind for measure in told.rule.measures}
    true_mean, true_n = told.row.get(column), told.row.get(n_column)
    if kinds[column] is not Kind.MEAN or true_mean is None or not true_n:
        return None
    scale = scale_of(seen, line.row, column)
    if scale is None:
        return None
    half = off_by(line, column) if policy == "publish" else abs(shown) * 1e-12
    fewest, many = sizes_left(line, column, Ledger(exact=policy == "clinic").interval(n))
    return Mean(shown - half, shown + half, fewest, many, true_mean * true_n, true_n, scale, (shown, n), asked)


def off_by(line: Line, column: str) -> float:
    """By how much a shown number can be off: half a second digit, or half a step of the means, whichever is wider (both are published rules)."""
    step = _step_of(line, column) or 0.0
    return max(half_digit(line.row[column]), step / 2)


def limit_of(line: Line, column: str) -> tuple[float, float]:
    """Between what a limit can lie: a step outwards and then two digits are published rules, so every multiple that is shown so is possible."""
    shown, step = line.row[column], _step_of(line, column)
    if step is None:
        return shown - half_digit(shown), shown + half_digit(shown)
    first = last = round(shown / step)
    while shortened((first - 1) * step, PUBLISH) == shown:
        first -= 1
    while shortened((last + 1) * step, PUBLISH) == shown:
        last += 1
    return (first * step, (last + 1) * step) if column.endswith("low") else ((first - 1) * step, last * step)


def _step_of(line: Line, column: str) -> float | None:
    """The step of a mean or limit; none where it has none."""
    told = line.truth
    measure = next((one for one in told.rule.measures if one.name == column), None) if told else None
    if told is None or measure is None or not measure.reach or not told.row.get(measure.reach):
        return None
    return step_over(told.row[measure.reach] / (rounded(int(told.row[measure.patients] or 0), PUBLISH) or 1))


def sizes_left(line: Line, column: str, between: tuple[int, int]) -> tuple[int, int]:
    """The sizes of a group that its limits and its SD allow: half the width of the limits is t * SD / square root of n."""
    row = line.row
    low, high, spread = row.get("low"), row.get("high"), row.get("sd")
    if column != "mean" or not (isinstance(low, float) and isinstance(high, float) and isinstance(spread, float)) or not spread:
        return between
    (low_least, low_most), (high_least, high_most), spread_off = limit_of(line, "low"), limit_of(line, "high"), off_by(line, "sd")
    possible = [
        n
        for n in range(max(2, between[0]), between[1] + 1)
        if (high_least - low_most) / 2 <= _reach(n, spread + spread_off) and _reach(n, spread - spread_off) <= (high_most - low_least) / 2
    ]
    return (possible[0], possible[-1]) if possible else between


@lru_cache(maxsize=4096)
def _factor(n: int) -> float:
    return float(t.ppf(0.975, n - 1)) / n**0.5


def _reach(n: int, spread: float) -> float:
    return _factor(n) * spread


def half_digit(shown: float) -> float:
    """By how much a number of two significant digits can be off."""
    return 0.5 * 10.0 ** (floor(log10(abs(shown))) - DIGITS + 1) if shown else 0.0


def scale_of(seen: Seen, row: dict[str, Any], column: str) -> Scale | None:
    """The legal scores of what a mean is of."""
    options = seen.document["options"]
    name = str(row.get("variable") or row.get("name") or options.get("indicator") or "")
    if name == "baseline":
        name = ""
    plain = {"age_years": Scale(1, 0, 90), "symptom_weeks": Scale(1, 0, 2600), "comorbidities": Scale(1, 0, 30), "bmi": Scale(0.1, 10, 80)}
    if name in plain:
        return plain[name]
    code = name.removeprefix("baseline_")
    if code not in v.codes(v.INSTRUMENTS):
        family = {"pain": "nrs_pain", "odi": "odi"}.get(name.split("_")[0])
        code = family or options.get("instrument") or options.get("outcome") or v.HEADLINE
    instrument = v.find(v.INSTRUMENTS, code)
    step = 1.0 if code.startswith("nrs") else 10.0**-instrument.decimals
    span = instrument.high - instrument.low
    return Scale(step, -span, span) if column in CHANGES else Scale(step, instrument.low, instrument.high)


def sizes(desk: Desk) -> Result:
    """Exact sizes of groups: is a single n left of a rounded one, by the limits and the SD beside it?"""
    result = Result("exact size of a group", desk.policy)
    if desk.policy != "publish":
        return result
    for seen in desk.seen():
        for what, who, mean in means_of(seen, desk.policy):
            result.tried += 1
            if mean.fewest == mean.many == mean.true_n:
                where = f"{what[0]}.{what[2]}.n"
                cell = f"{what[3]} of {who}"
                result.report(Finding("size found", desk.known.name, where, mean.asked, cell, mean.shown, mean.true_n, "limits and SD"))
            elif mean.fewest == mean.many:
                result.wrong += 1
    return result
