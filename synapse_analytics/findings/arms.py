"""The two treatments of a comparison in words: their names, how a sentence speaks of them, and on which side of zero a difference lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.estimates import side_of_zero
from synapse_analytics.findings import care
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
ARMS = ("a", "b")
START = "baseline"  # the row of the repeated measures that holds where both begin
NO_DIFFERENCE = "no clear difference"
# How a sentence begins of what is counted or was not done; of all others with "after" and the name.
AFTER = {
    "otc_analgesic": "after an over-the-counter analgesic",
    "anti_inflammatory": "after an anti-inflammatory",
    "muscle_relaxant": "after a muscle relaxant",
    "neuropathic_medication": "after neuropathic medication",
    "exercise_programme": "after an exercise programme",
    "ergonomic_adjustment": "after an ergonomic adjustment",
    "epidural_steroid_injection": "after an epidural steroid injection",
    "other_injection": "after another kind of injection",
    "discectomy": "after a discectomy",
    "laminectomy": "after a laminectomy",
    "spinal_fusion": "after a spinal fusion",
    "other_spine_surgery": "after another kind of spine surgery",
    "injection_by_day_90": "with an injection within 90 days",
    "no_injection_by_day_90": "without an injection within 90 days",
    "surgery_by_day_180": "with surgery within 180 days",
    "no_surgery_by_day_180": "without surgery within 180 days",
}


def name(released: Released, arm: str) -> str:
    """The label of arm a or b."""
    return care.treatment(released.options[arm])


def inside(released: Released, arm: str) -> str:
    """The label of arm a or b inside a sentence."""
    return v.inside(name(released, arm))


def after(code: str) -> str:
    """A treatment or strategy as a sentence speaks of it: `after a discectomy`, `without surgery within 180 days`."""
    return AFTER.get(code) or f"after {v.inside(care.treatment(code))}"


def shown_as(released: Released) -> Callable[[float | None], str]:
    """How differences and means of this outcome are written; a further decimal only where the usual ones would hide a side of zero."""
    decimals = w.decimals(released.options["outcome"])

    def write(value: float | None) -> str:
        hides = bool(value) and not float(f"{value:.{decimals}f}")
        return w.number(value, decimals + hides)

    return write


def has_row(row: Row) -> bool:
    """Whether a difference has a row of its own: it is known, or it may not be told."""
    return row.get("visit") != START and (row["difference"] is not None or "difference" in row["withheld"])


def refused(released: Released) -> str:
    """Why no difference is shown; a general word where the answer gives none."""
    quality = released.tables["quality"]
    return str(quality[0]["refused"] or "") if quality and quality[0]["refused"] else "There are too few answers for any of the methods."


def is_refused(released: Released) -> bool:
    """True if the comparison cannot be made."""
    quality = released.tables.get("quality", ())
    return not quality or quality[0]["verdict"] == "refused"


def over_visits(released: Released) -> str:
    """What the repeated measures say at each visit, and which visits they cannot judge."""
    text = f"All visits together (repeated measures): {'; '.join(f'{said} at {listed(at)}' for said, at in _by_finding(released).items())}."
    return f"{text} {not_known(released)}".strip()


def not_known(released: Released) -> str:
    """Which visits between those that are judged are not; empty where all are."""
    rows = {row["visit"]: row for row in released.tables["mmrm"]}
    unknown = [visit.label for visit in visits_judged(released) if side_of(rows.get(visit.code)) is None]
    return f"Not known at {listed(unknown)}: too few answers in one group." if unknown else ""


def visits_judged(released: Released) -> Sequence[v.Visit]:
    """The visits from the first that the repeated measures judge to the time asked for, with those between that they cannot judge."""
    judged = {row["visit"] for row in released.tables["mmrm"]} - {START}
    last = [visit.label for visit in v.VISITS].index(horizon(released))
    first = next((place for place, visit in enumerate(v.VISITS) if visit.code in judged), last)
    return v.VISITS[first : last + 1]


def horizon(released: Released) -> str:
    """The time asked for: `12 months`."""
    return f"{released.options['month']} months"


def listed(texts: Sequence[str]) -> str:
    """`6 weeks`, `6 weeks and 3 months`, `6 weeks, 3 months and 6 months`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def side_of(row: Row | None) -> int | None:
    """On which side of zero the interval of a row lies, 0 if it holds zero; None where there is no interval."""
    return None if row is None or row["low"] is None or row["high"] is None else side_of_zero(row["low"], row["high"])


def _by_finding(released: Released) -> dict[str, list[str]]:
    """Finding -> the visits it holds at, in order."""
    lower = w.instrument(released.options["outcome"]).better == "lower"
    better = {arm: f"patients who had {inside(released, arm)} did better" for arm in ARMS}
    said = {0: NO_DIFFERENCE, -1: better["a" if lower else "b"], 1: better["b" if lower else "a"]}
    found: dict[str, list[str]] = {}
    for row in released.tables["mmrm"]:
        if (side := side_of(row)) is not None:
            found.setdefault(said[side], []).append(w.visit(row["visit"]))
    return found
