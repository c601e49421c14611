"""What is said of injections before surgery: whether surgery came later or less often with one, and whether pain fell more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.estimates import side_of_zero
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing
from synapse_analytics.vocabulary.covariates import covariate_label

Row = Mapping[str, Any]
QUESTION = "Does an injection before surgery help or delay?"
WITH, WITHOUT = "With an injection", "Without one"
ADJUSTED, PLAIN, REGRESSION = "overlap", "crude", "ancova"
MEASURES = {"operated": "Surgery", "day_of_surgery": "Mean day of surgery"}
METHODS = {PLAIN: "Not adjusted", REGRESSION: "Adjusted by regression", ADJUSTED: "Among patients made alike"}
DISAGREE = "but the two ways of adjusting disagree, so no conclusion can be drawn"
NOT_SHOWN = "not shown"
APART = "Differences between the two groups in standard deviations: under 0.1 the groups are alike; above 0.2 they are not compared."
STEPS = {
    "all": "All episodes",
    "operated_by_then": "Left out: had surgery by then",
    "closed_by_then": "Left out: care had ended by then",
    "not_observed_so_long": "Left out: first seen too recently",
    "injected_before": "Left out: an injection before the first visit",
    "no_baseline": "Left out: no score at the first visit",
    "unlike": "Left out: too few comparable patients in one of the groups",
    "compared_with": "Compared: had an injection by then",
    "compared_without": "Compared: had no injection by then",
}


@finding("injection_before_surgery")
def strip(released: Released) -> Finding:
    """What followed for the first landmark that can be judged: how many were operated, when, and how pain went."""
    for landmark in landmarks(released):
        said = [text for text in (_operated(released, landmark), _day(released, landmark), _score(released, landmark)) if text]
        if said:
            alike = "The groups are made alike in what was recorded at the first visit. This shows what happened, not why."
            return Finding(
                QUESTION, f"{_neither(released, landmark)}Of patients without surgery by day {landmark}, {' '.join(said)}", beware=alike
            )
    return nothing(QUESTION, f"This cannot be answered for these patients. {_why(released)}")


def landmarks(released: Released) -> list[int]:
    """The landmark days of the answer."""
    return list(dict.fromkeys(row["landmark"] for row in released.tables["quality"]))


def estimate(released: Released, landmark: int, measure: str, method: str = ADJUSTED) -> Row | None:
    """The estimate of a measure at its latest time that may be shown; None where there is none."""
    rows = [
        row
        for row in released.tables["estimates"]
        if (row["landmark"], row["measure"], row["method"]) == (landmark, measure, method) and row["difference"] is not None
    ]
    return max(rows, key=lambda row: row["month"], default=None)


def side(row: Row) -> int:
    """On which side of no difference the interval lies; 0 where it holds none, or where there is no interval."""
    return 0 if row["low"] is None or row["high"] is None else side_of_zero(row["low"], row["high"])


def both_agree(released: Released, row: Row) -> bool:
    """True unless the regression puts the interval of this difference on another side of no difference than the weights do."""
    same = [
        other
        for other in released.tables["estimates"]
        if other["method"] == REGRESSION and all(other[name] == row[name] for name in ("landmark", "measure", "month"))
    ]
    return all(other["difference"] is None or side(other) == side(row) for other in same)


def _neither(released: Released, landmark: int) -> str:
    """The answer in two words, where all three comparisons are known and none of them is clear."""
    rows = [estimate(released, landmark, measure) for measure in (*MEASURES, released.options["outcome"])]
    return "Neither clearly. " if all(row is not None and side(row) == 0 and both_agree(released, row) for row in rows) else ""


def _operated(released: Released, landmark: int) -> str:
    row = estimate(released, landmark, "operated")
    if row is None:
        return ""
    both = f"{of_100(row['with_injection'])} of 100 with an injection and {of_100(row['without_injection'])} of 100 without one"
    apart = f"no clear difference ({unclear(row)})" if side(row) == 0 else difference(row)
    apart = apart if both_agree(released, row) else DISAGREE
    return f"{both} had surgery within {row['month']} months of the first visit: {apart}."


def _day(released: Released, landmark: int) -> str:
    row = estimate(released, landmark, "day_of_surgery")
    if row is None:
        return ""
    if side(row) == 0:
        return f"The day of surgery did not clearly differ ({unclear(row)})."
    return f"With an injection surgery came {difference(row)}."


def _score(released: Released, landmark: int) -> str:
    code = released.options["outcome"]
    row = estimate(released, landmark, code)
    if row is None:
        return ""
    thing = w.capital(w.thing(code))
    if not both_agree(released, row):
        return f"{thing} at {row['month']} months was {difference(row)} with an injection, {DISAGREE}."
    if side(row) == 0:
        return f"{thing} at {row['month']} months did not clearly differ ({unclear(row)})."
    return f"{thing} at {row['month']} months was {difference(row)} with an injection."


def _why(released: Released) -> str:
    return next((row["refused"] for row in released.tables["quality"] if row["refused"]), "Too few patients were followed for long enough.")


def of_100(share: float | None) -> str:
    """A share as patients of 100; one that is neither nought nor all is not written as either."""
    if share is None:
        return w.WITHHELD
    if 0 < share < 0.005:
        return "fewer than 1"
    return "more than 99" if 0.995 < share < 1 else f"{100 * share:.0f}"


def difference(row: Row) -> str:
    """With minus without in words: `2 of 100 fewer (7 fewer to 2 more)`, `42 days earlier (90 earlier to 7 later)`."""
    if row["difference"] is None:
        return w.WITHHELD if "difference" in row["withheld"] else "\u2013"
    value, limits = _in_words(row)
    return f"{value} ({limits})" if limits else value


def unclear(row: Row) -> str:
    """The same inside a sentence: `2 of 100 fewer; 7 fewer to 2 more`."""
    value, limits = _in_words(row)
    return f"{value}; {limits}" if limits else value


def _in_words(row: Row) -> tuple[str, str]:
    """The difference and its limits; a limit has its direction where the two differ in it."""
    unit, (less, more), scale = _scale(row["measure"])
    value, low, high = (None if row[name] is None else scale * row[name] for name in ("difference", "low", "high"))

    places = _decimals(row["measure"])
    places += w.hides_zero(places, value or 0, low, high)

    def size(number: float) -> str:
        return w.number(abs(number), places)

    def end(number: float) -> str:
        return size(number) if float(size(number)) == 0 else f"{size(number)} {less if number < 0 else more}"

    shown = f"{size(value or 0)}{unit}"
    text = shown if float(size(value or 0)) == 0 else f"{shown} {less if (value or 0) < 0 else more}"
    if low is None or high is None:
        return text, ""
    if low * high > 0:
        near, far = sorted((low, high), key=abs)
        return text, f"{size(near)} to {size(far)}"
    return text, f"{end(low)} to {end(high)}"


def _scale(measure: str) -> tuple[str, tuple[str, str], float]:
    if measure == "operated":
        return " of 100", ("fewer", "more"), 100
    if measure == "day_of_surgery":
        return " days", ("earlier", "later"), 1
    return " points", ("lower", "higher"), 1


def _decimals(measure: str) -> int:
    return 0 if measure in ("operated", "day_of_surgery") else w.decimals(measure)


@finding("injection_before_surgery", {"measure": "operated"}, {"measure": "day_of_surgery"})
def differences(released: Released, *, measure: str) -> Finding:
    """Whether both ways of adjusting and the plain difference say the same of a measure."""
    rows = shown(released, measure)
    if not rows:
        return nothing(_asked(released, measure), "Too few patients were followed for long enough to compare.")
    first = [row for row in rows if row["landmark"] == rows[0]["landmark"]]
    told = "; ".join(f"{METHODS[row['method']].lower()}: {difference(row)}" for row in first)
    return Finding(_asked(released, measure), f"Without surgery by day {rows[0]['landmark']}, {told}.")


def shown(released: Released, measure: str) -> list[Row]:
    """The estimates of a measure that may be shown: by landmark and method, at the latest time."""
    found = (estimate(released, landmark, measure, method) for landmark in landmarks(released) for method in METHODS)
    return [row for row in found if row is not None]


def withheld(released: Released, measure: str) -> list[Row]:
    """Of a landmark and method that has nothing to show, the estimate at the latest time that is withheld."""
    known = {(row["landmark"], row["method"]) for row in shown(released, measure)}
    rows = [row for row in released.tables["estimates"] if row["measure"] == measure and "difference" in row["withheld"]]
    latest = {(row["landmark"], row["method"]): row for row in sorted(rows, key=lambda row: row["month"])}
    return [row for key, row in latest.items() if key not in known]


def _asked(released: Released, measure: str) -> str:
    asked = {
        "operated": "Do more or fewer patients have surgery after an injection?",
        "day_of_surgery": "Does surgery come later after an injection?",
    }
    return asked.get(measure, f"Does {w.thing(released.options['outcome'])} fall more after an injection?")


def compared(released: Released) -> list[dict[str, str]]:
    """For each landmark a row for each number: both groups made alike, the difference with its 95 % interval, and that without adjustment."""
    lines = []
    for landmark in landmarks(released):
        sizes = next(row for row in released.tables["quality"] if row["landmark"] == landmark)
        lines.append(_line(f"Without surgery by day {landmark}: episodes", *(w.count(sizes[n]) for n in ("n_with", "n_without"))))
        for measure in ("operated", "day_of_surgery", released.options["outcome"]):
            row = estimate(released, landmark, measure)
            lines.append(_line(MEASURES.get(measure) or w.name(measure), NOT_SHOWN, NOT_SHOWN) if row is None else _compared(released, row))
    return lines


def refusals(released: Released) -> list[str]:
    """Why a landmark or a part of it is not compared, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for row in released.tables["quality"]:
        if row["refused"]:
            what = "surgery" if row["measure"] == "operated" else w.thing(row["measure"])
            reasons.setdefault(row["refused"], []).append(f"{what} from day {row['landmark']} on")
    return [f"Not compared: {', '.join(parts)}. {reason}" for reason, parts in reasons.items()]


def _compared(released: Released, row: Row) -> dict[str, str]:
    plain = estimate(released, row["landmark"], row["measure"], PLAIN)
    values = (_value(row, f"{group}_injection") for group in ("with", "without"))
    followed = f"{w.share(row['followed_with'])} and {w.share(row['followed_without'])}".replace(" ", "\u00a0")
    return _line(measure_name(row), *values, difference(row), difference(plain) if plain else "", followed)


def _line(*cells: str) -> dict[str, str]:
    """A row of the table; the last columns may be empty."""
    heads = ("Outcome", WITH, WITHOUT, "Difference, groups made alike (95 % interval)", "Difference, not adjusted", "Followed up")
    return dict(zip(heads, (*cells, *[""] * (len(heads) - len(cells))), strict=True))


def measure_name(row: Row) -> str:
    """What a row of the estimates measures, and by when."""
    if row["measure"] in MEASURES:
        return f"{MEASURES[row['measure']]} within {row['month']} months"
    return f"{w.name(row['measure'])}, change to {row['month']} months"


def _value(row: Row, column: str) -> str:
    if row[column] is None:
        return w.WITHHELD if column in row["withheld"] else "\u2013"
    if row["measure"] == "operated":
        return f"{of_100(row[column])} of 100"
    if row["measure"] == "day_of_surgery":
        return f"day {w.number(row[column], 0)}"
    return f"{w.number(row[column], w.decimals(row['measure']))} points"


def whom(released: Released, landmark: int) -> list[dict[str, str]]:
    """From all episodes to those compared; a reason that leaves out nobody has no row."""
    rows = [
        row
        for row in released.tables["whom"]
        if row["landmark"] == landmark and (row["n"] or "n" in row["withheld"] or not row["left_out"])
    ]
    return [{f"Without surgery by day {landmark}": STEPS[row["step"]], "Episodes": w.count(row["n"])} for row in rows]


def alike(released: Released, landmark: int) -> list[dict[str, str]]:
    """How far apart the groups are at the first visit, in standard deviations, before and after they are made alike."""

    def cell(row: Row, column: str) -> str:
        return w.number(abs(row[column]), 2) if row[column] is not None else w.WITHHELD if column in row["withheld"] else "\u2013"

    rows = [row for row in released.tables["balance"] if row["landmark"] == landmark]
    names = {"Before": "smd_before", "Made alike": "smd_after"}
    return [
        {f"Without surgery by day {landmark}": covariate_label(row["covariate"])}
        | {name: cell(row, column) for name, column in names.items()}
        for row in rows
    ]


def later(released: Released, landmark: int) -> str:
    """How many of those without an injection by then had one later."""
    row = next(row for row in released.tables["quality"] if row["landmark"] == landmark)
    if row["injected_later"] is None:
        return ""
    return f"Of those without an injection by day {landmark}, {w.share(row['injected_later'])} had one later."
