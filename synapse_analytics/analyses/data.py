"""Answers about the data themselves: whom a cohort leaves out, what is loaded and how complete it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.analyses.asking import question
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import label
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.queries import population as people
from synapse_analytics.records import FILES

ALL = "all"
WHOLE = ("This answer is about everything that is loaded; the cohort is not applied.",)
STEPS = TableRule("steps", (label("filter"), Measure("patients", Kind.COUNT, "shown"), Measure("episodes", Kind.COUNT, "shown")))
WARNINGS = TableRule("warnings", (label("rule"), label("file"), Measure("n", Kind.COUNT, "n")))
MISSINGNESS = TableRule("missingness", (label("file"), label("column"), Measure("share", Kind.SHARE, "rows", part="missing")))
LOADED = ("clinic", "generation", "loaded_at", "sha256", "synthetic", "data_until", "first_month", "last_month", "headline")
GENERATION = TableRule("generation", tuple(label(name) for name in LOADED))
ROWS = TableRule("rows", (label("file"), Measure("rows", Kind.COUNT, "rows")))


@analysis()
def attrition(clinic: Clinic, cohort: Cohort) -> Released:
    """How many patients are left after each filter of the cohort?

    Filters apply in the order of the rows. A step that touches only a few patients is shown merged with the next.
    """
    steps = people.attrition(clinic, cohort)
    rows = merged_steps(steps, clinic.policy.count)
    last = steps[-1]
    return release(question(clinic, "attrition", cohort), (last["patients"], last["episodes"]), [(STEPS, rows)])


def merged_steps(steps: Sequence[Mapping[str, Any]], smallest: int) -> list[dict[str, Any]]:
    """The steps that may be shown one by one: none touches, or leaves, 1 to `smallest` - 1 patients.

    The last row is the cohort itself and always stands: a small last drop is merged with the steps before it, and where
    not even "all" differs enough from the cohort, the count of "all" is not shown.
    """
    shown = [_step(steps[0])]
    waiting: list[Mapping[str, Any]] = []
    for step in steps[1:]:
        waiting.append(step)
        if _is_clear(shown[-1], waiting, smallest):
            shown.append(_step(*waiting))
            waiting = []
    while waiting and len(shown) > 1:
        before = shown.pop()
        waiting = [*before["steps"], *waiting]
        if _is_clear(shown[-1], waiting, smallest):
            shown.append(_step(*waiting))
            waiting = []
    if waiting:
        shown = [shown[0] | {"shown": 1}, _step(*waiting)]
    return [{name: row[name] for name in ("filter", "patients", "episodes", "shown")} for row in shown]


def _step(*steps: Mapping[str, Any]) -> dict[str, Any]:
    last = steps[-1]
    return {
        "filter": " + ".join(step["filter"] for step in steps),
        "patients": last["patients"],
        "episodes": last["episodes"],
        "shown": last["patients"],
        "steps": steps,
    }


def _is_clear(before: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], smallest: int) -> bool:
    """Neither the patients these steps touched (at least so many) nor those left are a few."""
    touched = max(before["patients"] - steps[-1]["patients"], *(step["touched"] for step in steps))
    return not 0 < touched < smallest and not 0 < steps[-1]["patients"] < smallest


@analysis()
def data_quality(clinic: Clinic, _cohort: Cohort) -> Released:
    """What did the checks warn of, and what is not recorded?

    n counts rows of the file that a warning concerns; share is of the rows of the file whose column is empty.
    """
    loaded = clinic.generation
    warnings = [{"rule": warning["rule"], "file": warning["file"], "n": warning["n"]} for warning in loaded.warnings]
    missing = [_missing(entry, loaded.rows) for entry in loaded.missingness]
    asked = question(clinic, "data_quality", Cohort())
    return release(asked, people.population(clinic, Cohort()), [(WARNINGS, warnings), (MISSINGNESS, missing)], notes=WHOLE)


def _missing(entry: Mapping[str, Any], rows: Mapping[str, int]) -> dict[str, Any]:
    total = rows.get(entry["file"].removesuffix(".csv"), 0)
    return {**entry, "rows": total, "missing": round(entry["share"] * total)}


@analysis()
def generation_summary(clinic: Clinic, _cohort: Cohort) -> Released:
    """What is loaded?

    The generation, its clinic, cut-off and kind, and the rows of each file.
    """
    loaded = clinic.generation
    first, last = loaded.months
    names = {"generation": loaded.id, "first_month": first, "last_month": last}
    about = {name: names[name] if name in names else getattr(loaded, name) for name in LOADED}
    rows = [{"file": file.name, "rows": loaded.rows.get(file.name.removesuffix(".csv"), 0)} for file in FILES]
    asked = question(clinic, "generation_summary", Cohort())
    return release(asked, people.population(clinic, Cohort()), [(GENERATION, [about]), (ROWS, rows)], notes=WHOLE)
