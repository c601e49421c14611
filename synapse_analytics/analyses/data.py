"""Answers about the data themselves: which patients a cohort leaves out, what is loaded and how complete it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.measures import labels
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, TableRule
from synapse_analytics.queries import population as people
from synapse_analytics.queries.population import Step

WHOLE = ("This answer covers all loaded data. The filters do not apply to it.",)
STEPS = TableRule("steps", (*labels("filter"), *(Measure(name, Kind.COUNT, "shown") for name in ("patients", "episodes"))))
WARNINGS = TableRule("warnings", (*labels("rule", "file"), Measure("n", Kind.COUNT, "n")))
MISSING = Measure("share", Kind.SHARE, "rows", "missing", "recorded", "missing", "rows")  # rows of a file, not patients
MISSINGNESS = TableRule("missingness", (*labels("file", "column"), MISSING))
LOADED = ("clinic", "generation", "loaded_at", "sha256", "synthetic", "data_until", "first_month", "last_month", "headline")
GENERATION = TableRule("generation", labels(*LOADED))
ROWS = TableRule("rows", (*labels("file"), Measure("rows", Kind.COUNT, "rows")))


@analysis()
def attrition(clinic: Clinic, cohort: Cohort) -> Found:
    """How many patients are left after each filter of the cohort?

    Filters apply in the order of the rows. Under the policy publish a step that drops only a few patients is merged with the next.
    """
    return Found([(STEPS, merged_steps(people.attrition(clinic, cohort), clinic.policy.counted))])


def merged_steps(steps: Sequence[Step], smallest: int) -> list[Row]:
    """The steps that may be shown one by one: none touches, or leaves, 1 to `smallest` - 1 patients.

    The last row is the cohort itself and always stands: a small last drop is merged with the steps before it, and where
    not even "all" differs enough from the cohort, the count of "all" is not shown.
    """
    shown = [steps[:1]]
    waiting: list[Step] = []
    for step in steps[1:]:
        waiting.append(step)
        if _is_clear(shown[-1], waiting, smallest):
            shown.append(waiting)
            waiting = []
    while waiting and len(shown) > 1:
        waiting = [*shown.pop(), *waiting]
        if _is_clear(shown[-1], waiting, smallest):
            shown.append(waiting)
            waiting = []
    rows = [_row(merged) for merged in (*shown, waiting) if merged]
    return [rows[0] | {"shown": 1}, *rows[1:]] if waiting else rows


def _row(steps: Sequence[Step]) -> Row:
    last = steps[-1]
    names = " + ".join(step.name for step in steps)
    return {"filter": names, "patients": last.patients, "episodes": last.episodes, "shown": last.patients}


def _is_clear(before: Sequence[Step], steps: Sequence[Step], smallest: int) -> bool:
    """True if neither the patients these steps touched (at least so many) nor those left are a few."""
    left = steps[-1].patients
    touched = max(before[-1].patients - left, *(step.touched for step in steps))
    return not 0 < touched < smallest and not 0 < left < smallest


@analysis(of_cohort=False)
def data_quality(clinic: Clinic, _cohort: Cohort) -> Found:
    """What did the checks warn of, and what is not recorded?

    n counts the rows of a file that a warning concerns; share is the part of the rows of a file in which a column is empty.
    """
    loaded = clinic.generation
    warnings = [{"rule": warning["rule"], "file": warning["file"], "n": warning["n"]} for warning in loaded.warnings]
    missing = [_missing(entry, loaded.rows) for entry in loaded.missingness]
    return Found([(WARNINGS, warnings), (MISSINGNESS, missing)], WHOLE)


def _missing(entry: Mapping[str, Any], rows: Mapping[str, int]) -> Row:
    total = rows.get(entry["file"].removesuffix(".csv"), 0)
    missing = round(entry["share"] * total)
    return {**entry, "rows": total, "missing": missing, "recorded": total - missing}


@analysis(of_cohort=False)
def generation_summary(clinic: Clinic, _cohort: Cohort) -> Found:
    """What is loaded?

    The data version, its clinic, how far its data are complete, whether they are synthetic, and the rows of each file.
    """
    loaded = clinic.generation
    first, last = loaded.months
    names = {"generation": loaded.id, "first_month": first, "last_month": last}
    about = {name: names[name] if name in names else getattr(loaded, name) for name in LOADED}
    rows = [{"file": file.name, "rows": loaded.rows.get(file.name.removesuffix(".csv"), 0)} for file in FILES]
    return Found([(GENERATION, [about]), (ROWS, rows)], WHOLE)
