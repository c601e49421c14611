"""What is said of the diagnoses: which is the most frequent, and which differs most between groups."""

from __future__ import annotations

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


def by_size(rows: Sequence[Row]) -> list[Row]:
    """The rows of diagnoses that somebody has, the most frequent first; what is withheld and what is pooled stand last."""
    had = [row for row in rows if row["n"] != 0]
    return sorted(had, key=lambda row: (row["diagnosis"] == POOLED, -(row["share"] or 0), -(row["n"] or 0)))


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
        return "Every diagnosis is too rare to show."
    first, *others = [row for row in known if row["share"] == top]
    name = diagnosis(first["diagnosis"])
    if others:
        names = [name, *(diagnosis(row["diagnosis"]) for row in others)]
        return f"{' and '.join(names)} are the most common: {w.share(top)} each."
    if top == 1:
        count = "" if first["n"] is None else f" {first['n']:,}"
        return f"All{count} episodes have the diagnosis {w.inside(name)}."
    share = w.with_interval(top, first["low"], first["high"], w.share)
    return f"{name} is the most common: {share}, {w.part_of(first['n'], first['of'], 'episodes')}."


@finding("diagnosis_mix")
def mix_by(released: Released) -> Finding:
    """The diagnosis whose share differs most between the groups, and how to read their table."""
    if released.options.get("by") is None:
        return nothing("How do diagnoses differ between groups?", "The answer is not split into groups.")
    rows, by = mix_rows(released), released.options["by"]
    question = f"How do diagnoses differ by {w.inside(grouping(by).label)}?"
    if not rows:
        return nothing(question, "This is recorded for none of these patients.")
    if counts_only(rows):
        (code,) = {row["diagnosis"] for row in rows if row["n"] != 0}
        asked = f"How many episodes are there by {w.inside(grouping(by).label)}?"
        return Finding(asked, f"All have the diagnosis {w.inside(diagnosis(code))}; the table shows how many.")
    return Finding(question, _differs(rows, by), "Each column is one group and adds up to 100 %.")


def mix_rows(released: Released) -> list[Row]:
    """The rows of the groups that are compared: those that have the attribute recorded, without the rare sexes."""
    rows = [row for row in released.tables["diagnoses"] if not row["group"].startswith("not_")]
    kept, _ = f.without_rare_sexes(f.in_order(rows, "group"), released.options.get("by"))
    return [row for row in rows if row["group"] in kept]


def not_drawn(released: Released) -> str:
    """How many episodes the table of groups has no column for."""
    sizes = {row["group"]: row["of"] for row in released.tables["diagnoses"]}
    return f.not_drawn(released, {group: of for group, of in sizes.items() if group not in {row["group"] for row in mix_rows(released)}})


def counts_only(rows: Sequence[Row]) -> bool:
    """True if one diagnosis is left: its share of every group is 100 %, which says nothing."""
    return len({row["diagnosis"] for row in rows if row["n"] != 0}) == 1


def in_pool(rows: Sequence[Row], group: str) -> list[str]:
    """The diagnoses that have no row of their own in a group that pools its rare ones."""
    own = {row["diagnosis"] for row in rows if row["group"] == group}
    return [code for code in f.in_order(rows, "diagnosis") if code not in own] if POOLED in own else []


def _differs(rows: Sequence[Row], by: str) -> str:
    """The diagnosis whose share differs most between the groups that are large enough, and where."""
    groups = f.in_order(rows, "group")
    found = []
    for code in f.in_order(rows, "diagnosis"):
        known = f.compared([row for row in rows if row["diagnosis"] == code], by, "share", "of")
        if len(known.rows) > 1 and code != POOLED:  # what is pooled is not the same in every group
            found.append((known.most["share"] - known.least["share"], code, known))
    if not found:
        return f.Compared(by, "share", (), len(groups)).none if len(groups) > 1 else f.ONE_GROUP
    most, code, known = max(found, key=lambda part: part[0])
    if not most:
        return f"No diagnosis differs between the groups.{known.rest}"
    pools = sum(code in in_pool(rows, group) for group in groups)
    pooled = f" In {pools} {'group' if pools == 1 else 'groups'} it is pooled with other rare diagnoses." if pools else ""
    return f"{diagnosis(code)} differs most: {known.ends(w.share)}.{known.rest}{pooled}"
