"""What is said of the diagnoses: which is the most frequent, and which differs most between groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort.groups import POOLED, grouping
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import SPLIT, Finding, finding, nothing

Row = Mapping[str, Any]


def diagnosis(code: str) -> str:
    """What people read for a diagnosis, or for the rare ones put together."""
    return "Other diagnoses, pooled" if code == POOLED else v.find(v.DIAGNOSES, code).label


@finding("diagnosis_mix")
def mix(released: Released) -> Finding:
    """The most frequent diagnosis with its share, interval and n; all of them where several are as frequent."""
    question = "Which diagnoses do our patients have?"
    if released.options.get("by") is not None:
        return nothing(question, SPLIT)
    return Finding(question, _most_frequent(released.tables["diagnoses"]))


def _most_frequent(rows: Sequence[Row]) -> str:
    known = [row for row in rows if row["share"] is not None and row["diagnosis"] != POOLED]
    top = max((row["share"] for row in known), default=None)
    if not top:
        return "Every diagnosis is too rare to be shown."
    first, *others = [row for row in known if row["share"] == top]
    name = diagnosis(first["diagnosis"])
    if others:
        names = [name, *(diagnosis(row["diagnosis"]) for row in others)]
        return f"{' and '.join(names)} are the most frequent: {w.share(top)} each."
    if top == 1:
        return f"Every episode is of {w.inside(name)}, {w.n_of(first['n'])}."
    return f"{name} is the most frequent: {w.with_interval(top, first['low'], first['high'], w.share)}, {w.n_of(first['n'])}."


@finding("diagnosis_mix", {}, {"only": "_female"}, {"only": "_male"})
def mix_by(released: Released, *, only: str = "") -> Finding:
    """The diagnosis whose share differs most between the groups; `only` as in mix_rows."""
    if released.options.get("by") is None:
        return nothing("How do diagnoses differ between groups?", "The answer is not split into groups.")
    rows, by = mix_rows(released, only)
    question = f"How do diagnoses differ by {w.inside(grouping(by).label)}?"
    if only:
        question = f"{v.find(v.SEXES, only.removeprefix('_')).label}: {w.inside(question)}"
    if not rows:
        return nothing(question, "No patients of this sex in the cohort.")
    return Finding(question, _differs(rows, by))


def mix_rows(released: Released, only: str) -> tuple[list[Row], str]:
    """The rows of the groups that have the attribute recorded, and by what they are split.

    `only` keeps the groups of one sex where the split is by age and sex together: "_female" leaves a split by age, of women.
    """
    rows = [row for row in released.tables["diagnoses"] if row["group"].endswith(only) and not row["group"].startswith("not_")]
    if only:
        return [{**row, "group": row["group"].removesuffix(only)} for row in rows], "age_band"
    return rows, released.options["by"]


def in_pool(rows: Sequence[Row], group: str) -> list[str]:
    """The diagnoses that have no row of their own in a group that pools its rare ones."""
    own = {row["diagnosis"] for row in rows if row["group"] == group}
    return [code for code in f.in_order(rows, "diagnosis") if code not in own] if POOLED in own else []


def _differs(rows: Sequence[Row], by: str) -> str:
    """The diagnosis whose share differs most between the groups that are large enough, and where."""
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row["group"]] += row["n"] or 0
    found = []
    for code in f.in_order(rows, "diagnosis"):
        mine = [row for row in rows if row["diagnosis"] == code]
        known = f.compared(mine, by, "share", lambda row: sizes[row["group"]])
        if len(known.rows) > 1 and code != POOLED:  # what is pooled is not the same in every group
            found.append((known.most["share"] - known.least["share"], code, known))
    if not found:
        return f.Compared(by, "share", (), len(sizes)).none if len(sizes) > 1 else f.ONE_GROUP
    most, code, known = max(found, key=lambda part: part[0])
    if not most:
        return f"No diagnosis differs between the groups.{known.rest}"
    pools = sum(code in in_pool(rows, group) for group in sizes)
    pooled = f" In {pools} {'group' if pools == 1 else 'groups'} it is pooled with other rare diagnoses." if pools else ""
    return f"{diagnosis(code)} differs most: {known.ends(w.share)}.{known.rest}{pooled}"
