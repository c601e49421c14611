"""Can two treatments be compared, and of whom does the comparison speak: three checks, and the way from all patients to those compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.estimates.weighting import LEAST_EFFECTIVE
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import ARMS, after, horizon, name
from synapse_analytics.findings.compared import NOTABLE
from synapse_analytics.findings.early_and_late import thing_of
from synapse_analytics.vocabulary.covariates import covariate_label

Row = Mapping[str, Any]
LARGEST = 0.2  # standardised difference above which a comparison is refused
WELL_USED = 0.5  # of the patients of a group: the information that is left once they are weighted
FLOW = {
    "cohort": "All episodes",
    "neither": "had neither treatment",
    "either": "Started one of the two treatments, or both",
    "twice": "started both: counted once in each group",
    "started": "Starts of the two treatments",
    "had_other_before": "had the other treatment, or more intensive care, first",
    "no_baseline": "no score in the 60 days before the start",
    "unlike": "diagnosis or red flags too rare in one of the groups",
    "window_open": "{period} follow-up period not complete yet",
    "died": "died before the {period} follow-up period was complete",
    "crossed_over": "switched treatment before the follow-up at {at}",
    "expected": "Expected to answer at {at}",
    "answered_late": "answered only after they had switched treatment",
    "not_answered": "did not answer",
    "answered": "Answered, and are compared",
}
ONCE = {"started": "Started one of the two treatments"}  # where nobody started both


def checks(released: Released) -> list[dict[str, str]]:
    """Alike after weighting, overlap, followed up: each with its answer and what stands behind it."""
    quality = released.tables["quality"][0]
    rows = [("Alike after weighting", *_alike(released)), ("Enough similar patients", *_enough(quality)), *_followed(released, quality)]
    return [dict(zip(("Condition", "Answer", "In detail"), row, strict=True)) for row in rows]


def _alike(released: Released) -> tuple[str, str]:
    """Whether any characteristic still differs once the patients are weighted, and which most."""
    every = released.tables["balance"]
    rows = [row for row in every if row["smd_after"] is not None]
    if not rows:
        return "not known", "too few answers to weight the patients"
    most = max(rows, key=lambda row: abs(row["smd_after"]))
    largest = abs(most["smd_after"])
    hidden = sum("smd_before" in row["withheld"] for row in every)
    among = f"{len(rows)} characteristics{' that may be shown' if hidden else ''}"
    if largest < 0.005:
        return "yes", f"no difference remains in any of {among}"
    said = f"largest difference of {among}: {v.inside(covariate_label(most['covariate']))}, {w.share(largest)} of the usual spread between patients"
    return ("yes" if largest <= NOTABLE else "nearly" if largest <= LARGEST else "no"), said


def _enough(quality: Row) -> tuple[str, str]:
    """How much information is left once only similar patients count."""
    sizes = [(quality[f"ess_{arm}"], quality[f"answered_{arm}"]) for arm in ARMS]
    if any(size is None for size, _ in sizes):
        return "not known", "too few answers to say who could have had either treatment"
    worth, given = " and ".join(w.number(size, 0) for size, _ in sizes), " and ".join(w.count(n) for _, n in sizes)
    said = f"after weighting, {given} answers carry as much information as {worth} unweighted ones"
    if any(size < LEAST_EFFECTIVE for size, _ in sizes):
        return "no", said
    return ("yes" if all(n is None or size >= WELL_USED * n for size, n in sizes) else "barely"), said


def _followed(released: Released, quality: Row) -> list[tuple[str, str, str]]:
    """How many answered, and how far the difference could move if those who did not fared worse."""
    shares = [quality[f"completeness_{arm}"] for arm in ARMS]
    rows = [row for row in released.tables["sensitivity"] if row["difference"] is not None]
    said = "of those expected to answer"
    if rows:
        ends = (min(row["difference"] for row in rows), max(row["difference"] for row in rows))
        far, places = max(row["delta"] for row in rows), w.decimals(released.options["outcome"])

        def write(value: float) -> str:
            number = w.number(abs(value), places)
            return f"{number} {'lower' if value < 0 else 'higher'}" if float(number) else number

        thing, treatment = thing_of(released.options["outcome"]), after(released.options["a"])
        said = f"if those who did not answer did worse by up to {far:g} points, {thing} would be {write(ends[0])} to {write(ends[1])} {treatment}"
    return [(f"Followed up at {horizon(released)}", "\u00a0and ".join(w.share(share).replace(" ", "\u00a0") for share in shares), said)]


def who_is_compared(released: Released) -> list[dict[str, Any]]:
    """One row per step from all episodes to those compared: how many are there, or are left out and why.

    Each kept row is the one before it without those left out between; a step that nobody takes has no row.
    """
    at = horizon(released)
    strategy = next((term for term in v.STRATEGIES if term.code == released.options["a"]), None)
    rows = {row["step"]: row for row in released.tables["flow"]}
    twice = rows.get("twice", {"n": 0})["n"] != 0
    texts = FLOW | ({} if twice else ONCE) | (_of_strategy(strategy) if strategy else {})
    hidden = set() if twice else {"either", "twice"}  # the starts are the episodes
    titles = {"n": "All"} | {f"n_{arm}": name(released, arm) for arm in ARMS}
    return [
        {"Episodes": _sign(row) + texts[row["step"]].format(at=at, period=at.replace(" months", "-month"))}
        | {title: "" if row[column] is None else row[column] for column, title in titles.items()}
        | {"withheld": tuple(titles[column] for column in titles if column in row["withheld"])}
        for row in rows.values()
        if row["step"] not in hidden and (not row["left_out"] or any(row[column] or column in row["withheld"] for column in titles))
    ]


def _of_strategy(strategy: v.Strategy) -> dict[str, str]:
    return {
        "neither": f"not under care on day {strategy.day}, or had the treatment before the first visit",
        "either": f"Under care on day {strategy.day}",
        "started": f"Under care on day {strategy.day}",
    }


def _sign(row: Row) -> str:
    """What is left out is taken away, what counts twice is added."""
    return "\u2212 " if row["left_out"] else "+ " if row["step"] == "twice" else ""


def particulars(released: Released) -> list[dict[str, str]]:
    """How complete the answers are, how often care changed, when it began and how much information is left, for each treatment."""
    quality, at = released.tables["quality"][0], horizon(released)
    is_strategy = released.options["a"] in v.codes(v.STRATEGIES)

    def line(text: str, code: str, write: Callable[[float], str]) -> dict[str, str]:
        return {"Patients compared": text} | {name(released, arm): _cell(quality, f"{code}_{arm}", write) for arm in ARMS}

    lines = [line(f"Followed up at {at}", "completeness", w.share), line(f"Switched treatment by {at}", "crossover", w.share)]
    if not is_strategy:
        lines.append(line("Median day on which treatment started", "start_day", _whole))
    return [*lines, line("Effective number of patients after weighting", "ess", _whole)]


def _whole(value: float) -> str:
    return w.number(value, 0)


def _cell(row: Row, column: str, write: Callable[[float], str]) -> str:
    if row[column] is not None:
        return write(row[column])
    return w.WITHHELD if column in row["withheld"] else "\u2013"
