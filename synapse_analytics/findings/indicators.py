"""How all indicators stand at once: which cell of the matrix (course over time by target) each is in, and the counts in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings.arms import listed
from synapse_analytics.findings.finding import Finding, finding
from synapse_analytics.findings.verdicts import MET, MISSED, NO_TARGET, TOO_FEW, UNJUDGED, UNRELIABLE, USUAL

Row = Mapping[str, Any]
COURSES = {  # what is said of one and of several indicators
    USUAL: ("is as usual", "are as usual"),
    "improvement": ("is better", "are better"),
    "concern": ("is worse", "are worse"),
    "change": ("has changed, neither better nor worse", "have changed, neither better nor worse"),
}
TARGETS = {
    MET: ("reliably meets it", "reliably meet it"),
    UNRELIABLE: ("does not reliably meet it", "do not reliably meet it"),
    MISSED: ("reliably misses it", "reliably miss it"),
    UNJUDGED: ("cannot be judged yet", "cannot be judged yet"),
}


def course_of(row: Row) -> str:
    """The row of the matrix, a key of the courses of verdicts.py; a course that is withheld rests on too few."""
    return str(row["course"] or TOO_FEW)


def target_of(row: Row) -> str:
    """The column of the matrix, a key of the targets of verdicts.py."""
    if row["target"] is None:
        return NO_TARGET
    return str(row["assurance"] or UNJUDGED)


@finding("indicators")
def standing(released: Released) -> Finding:
    """How many indicators are better, usual and worse, and how many reach their target."""
    rows = released.tables.get("indicators", ())
    told = [row for row in rows if course_of(row) != TOO_FEW]
    question = "How are the indicators doing?"
    if not told:
        return Finding(
            question,
            f"{'The indicator has' if len(rows) == 1 else f'All {len(rows)} indicators have'} too few patients or periods to be judged over time.",
        )
    courses = [_many(told, course_of, code, COURSES) for code in COURSES if code != "change" or _number(told, course_of, code)]
    few = len(rows) - len(told)
    said = f"Of {len(rows)} indicators, {listed(courses)}." + (
        f" {few} {'has' if few == 1 else 'have'} too few patients or periods to judge." if few else ""
    )
    return Finding(question, f"{said} {_targets(told)}")


def _targets(rows: Sequence[Row]) -> str:
    aimed = [row for row in rows if row["target"] is not None]
    if not aimed:
        return "No indicator that can be judged has a target."
    judged = [_many(aimed, target_of, code, TARGETS) for code in TARGETS if _number(aimed, target_of, code)]
    return f"Of {len(aimed)} with a target, {listed(judged)}."


def _number(rows: Sequence[Row], of: Callable[[Row], str], code: str) -> int:
    return sum(of(row) == code for row in rows)


def _many(rows: Sequence[Row], of: Callable[[Row], str], code: str, words: Mapping[str, tuple[str, str]]) -> str:
    number, (one, several) = _number(rows, of, code), words[code]
    return f"none {one}" if not number else f"{number} {one if number == 1 else several}"
