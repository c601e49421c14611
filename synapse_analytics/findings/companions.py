"""What is said of what goes with each diagnosis: other diagnoses, symptoms, investigations, and scores at the first visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]


@finding("co_diagnoses")
def co_diagnoses(released: Released) -> Finding:
    """The pair of diagnoses that is most often recorded together."""
    question, rows = "Which diagnoses occur together?", pairs(released)
    if not any(row["n"] for row in rows):
        return nothing(question, "No secondary diagnoses are recorded for this cohort, or too few to show.")
    known = f.compared(rows, None, "share", "of")
    said = known.none
    if known.rows:
        one, other = (w.inside(v.find(v.DIAGNOSES, known.most[column]).label) for column in ("diagnosis", "other_diagnosis"))
        said = f"Most common: {one} with {other}, {_share_of(known.most)}."
    return Finding(question, said, "Rows: primary diagnosis; columns: other diagnosis recorded.")


def pairs(released: Released) -> list[Row]:
    """The rows of two different diagnoses."""
    return [row for row in released.tables["co_diagnoses"] if row["diagnosis"] != row["other_diagnosis"]]


@finding("symptoms")
def symptoms(released: Released) -> Finding:
    """The symptom that most have, and in which group."""
    return _most(released, "Which symptoms go with which diagnosis?", "symptoms", "symptom", v.SYMPTOMS)


@finding("investigations")
def investigations(released: Released) -> Finding:
    """The investigation that confirmed the diagnosis most often, of those done; of groups the one that most had, and where."""
    rows = released.tables["investigations"]
    if released.options.get("by") is not None:
        return _most(released, "Which investigations do patients have?", "investigations", "investigation", v.INVESTIGATIONS)
    question = "Which investigations are done, and how often do they confirm the diagnosis?"
    if not any(row["n"] for row in rows):
        return nothing(question, " ".join(released.notes) or "No investigation was done often enough to show.")
    return Finding(question, _confirms(rows))


def _confirms(rows: Sequence[Row]) -> str:
    """What is done most often, and of those done what confirms most often."""
    done, known = f.compared(rows, None, "share", "of"), f.compared(rows, None, "yield", "n")
    most = f"Most common: {w.inside(_name(done.most))}, {_share_of(done.most)}. " if done.rows else ""
    if not known.rows:
        return (
            f"{most}Every investigation was done in fewer than {f.ENOUGH} episodes: too few to say which confirms the diagnosis most often."
        )
    top = known.most
    share = w.with_interval(top["yield"], top["yield_low"], top["yield_high"], w.share)
    return (
        f"{most}{_name(top)} confirms the diagnosis most often: {share}, {w.count(top['confirmed'])} of {w.count(top['n'])} investigations."
    )


def _name(row: Row) -> str:
    return v.find(v.INVESTIGATIONS, row["investigation"]).label


def _most(released: Released, question: str, table: str, column: str, terms: tuple[v.Term, ...]) -> Finding:
    rows, by = released.tables[table], released.options.get("by")
    if not rows:
        return nothing(question, " ".join(released.notes) or "Nothing is recorded.")
    known = f.compared(rows, by, "share", "of")
    if not known.rows:
        return Finding(question, known.none)
    top = known.most
    where = "" if by is None or by in f.UNITS else f" in {w.inside(w.group(by, top['group']))}"
    return Finding(question, f"Most common: {w.inside(v.find(terms, top[column]).label)}{where}, {_share_of(top)}.")


def _share_of(row: Row) -> str:
    """A share with its interval and both counts: `59 % (54 to 63 %), 262 of 445 episodes`."""
    return f"{w.with_interval(row['share'], row['low'], row['high'], w.share)}, {w.part_of(row['n'], row['of'], 'episodes')}"


@finding("baseline_table", {"variable": "baseline_nrs_pain"}, {"variable": "baseline_odi"})
def baseline_score(released: Released, *, variable: str) -> Finding:
    """The mean of a score at the first visit; of groups the most severe. The variable is `baseline_` and the code of the score."""
    instrument, rows = variable.removeprefix("baseline_"), recorded(released, variable)
    question = f"{w.name(instrument)} at the first visit"
    if not rows:
        return nothing(question, "This score was not recorded at the first visit.")
    return Finding(question, _severest(rows, released.options.get("by"), w.instrument(instrument)))


def recorded(released: Released, variable: str) -> list[Row]:
    """The rows of the groups that have a variable of the baseline table recorded."""
    return [row for row in released.tables["baseline_table"] if row["variable"] == variable and row["n"] != 0]


def _severest(rows: Sequence[Row], by: str | None, instrument: v.Instrument) -> str:
    if len(rows) == 1 and rows[0]["mean"] is not None:
        return f"Mean {_mean(rows[0])}."
    known = f.compared(rows, by, "mean", "n")
    if not known.may_be_said:
        return known.none
    if by in f.UNITS:
        return f"Mean {known.ends(w.number)}.{known.rest}"
    top = known.most if instrument.better == "lower" else known.least
    return f"Most severe: {w.inside(w.group(by, top['group']))}, mean {_mean(top)}.{known.rest}"


def _mean(row: Row) -> str:
    return f"{w.with_interval(row['mean'], row['low'], row['high'])}, {w.n_of(row['n'])}"
