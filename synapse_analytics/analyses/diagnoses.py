"""Answers about diagnoses: how they are distributed, their symptoms, their investigations and which occur together.

All count episodes. `of` is the denominator: the episodes of the group (of the group and primary diagnosis for co_diagnoses).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import OF, N, label, outside, share_cells, share_measures
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, group_label, group_order
from synapse_analytics.disclosure import Kind, Measure, Released, TableRule, release
from synapse_analytics.estimates.descriptive import quantile_from_counts, wilson
from synapse_analytics.queries.diagnoses import any_diagnoses, primary_diagnoses, symptoms_present
from synapse_analytics.queries.grouped import EVERY, Counted
from synapse_analytics.queries.investigations import CODES, first_days, investigations_done
from synapse_analytics.queries.population import population

MIX = TableRule("diagnoses", (label("group"), label("diagnosis"), N, *share_measures()))
SYMPTOMS = TableRule("symptoms", (label("group"), label("symptom"), N, OF, *share_measures()))
CO_DIAGNOSES = TableRule(
    "co_diagnoses",
    (label("group"), label("diagnosis"), label("other_diagnosis"), N, OF, *share_measures()),
)
CONFIRMED = Measure("confirmed", Kind.COUNT, "confirmed_patients")
YIELD = Measure("yield", Kind.SHARE, "patients", part="confirmed_patients", count="confirmed", of="n", outside="unconfirmed_patients")
INVESTIGATIONS = TableRule(
    "investigations",
    (
        label("group"),
        label("investigation"),
        N,
        OF,
        *share_measures(),
        Measure("median_day", Kind.MEDIAN),
        Measure("order", Kind.MEDIAN),
        CONFIRMED,
        YIELD,
        replace(YIELD, name="yield_low"),
        replace(YIELD, name="yield_high"),
    ),
)


@analysis(split_by())
def diagnosis_mix(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which primary diagnoses do the patients have?

    n counts episodes; share is of the episodes of the group, with Wilson limits.
    """
    people = population(clinic, cohort, by=by)
    counted = in_order(by, primary_diagnoses(clinic, cohort, by))
    rows = [{"group": group, "diagnosis": code} | _cells(found, code) for group, found in counted for code in v.codes(v.DIAGNOSES)]
    return release(question(clinic, "diagnosis_mix", cohort, by=by), people, [(MIX, rows)])


@analysis(split_by("diagnosis"))
def symptoms(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which symptoms do the patients have at the first visit?

    n counts episodes with the symptom, of all episodes of the group. A bundle without symptoms gives no rows.
    """
    people = population(clinic, cohort, by=by)
    asked = question(clinic, "symptoms", cohort, by=by)
    if not clinic.generation.rows.get("symptoms"):
        return release(asked, people, [(SYMPTOMS, [])], notes=("No symptoms are recorded in this bundle.",))
    counted = in_order(by, symptoms_present(clinic, cohort, by))
    rows = [{"group": group, "symptom": code} | _cells(found, code) for group, found in counted for code in v.codes(v.SYMPTOMS)]
    return release(asked, people, [(SYMPTOMS, rows)])


@analysis(split_by("diagnosis"))
def investigations(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which investigations are done, when, and how often do they confirm the diagnosis?

    n counts episodes that had it, of all episodes of the group; median_day is the median first day, `order` its rank in
    the group; confirmed counts episodes in which it confirmed the diagnosis, yield = confirmed / n.
    """
    people = population(clinic, cohort, by=by)
    asked = question(clinic, "investigations", cohort, by=by)
    if not clinic.generation.rows.get("investigations"):
        return release(asked, people, [(INVESTIGATIONS, [])], notes=("No investigations are recorded in this bundle.",))
    days = first_days(clinic, cohort, by)
    rows: list[dict[str, Any]] = []
    for group, found in in_order(by, investigations_done(clinic, cohort, by)):
        medians = {code: quantile_from_counts(*days[found.group[0], code], 0.5) for code in CODES if (found.group[0], code) in days}
        rows += _investigated(group, found, medians)
    return release(asked, people, [(INVESTIGATIONS, rows)])


@analysis(split_by())
def co_diagnoses(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which diagnoses occur together?

    A matrix of primary diagnosis by any diagnosis (the diagonal is the primary itself): n counts episodes that have the
    other diagnosis, of the episodes with the primary diagnosis.
    """
    people = population(clinic, cohort, by=by)
    rows = []
    for group, found in in_order(by, any_diagnoses(clinic, cohort, by)):
        primary = v.DIAGNOSES[found.group[1]].code
        rows += [{"group": group, "diagnosis": primary, "other_diagnosis": code} | _cells(found, code) for code in v.codes(v.DIAGNOSES)]
    recorded = clinic.generation.rows.get("other_diagnoses")
    notes = () if recorded else ("No secondary diagnoses are recorded in this bundle.",)
    return release(question(clinic, "co_diagnoses", cohort, by=by), people, [(CO_DIAGNOSES, rows)], notes=notes)


def in_order(by: str | None, counted: Sequence[Counted]) -> list[tuple[str, Counted]]:
    """(code of the group, counts) in clinical order of the groups, then of what else they are counted by."""
    ranks = {value: rank for rank, value in enumerate(group_order(by, {found.group[0] for found in counted}))}
    ordered = sorted(counted, key=lambda found: (ranks[found.group[0]], *found.group[1:]))
    return [(group_label(by, found.group[0]), found) for found in ordered]


def _cells(found: Counted, name: str) -> dict[str, Any]:
    return share_cells(found.episodes[name], found.episodes[EVERY], found.patients[name], found.patients[EVERY])


def _investigated(group: str, found: Counted, medians: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """The rows of one group: every kind, those nobody had as zero."""
    by_day = sorted(medians, key=lambda code: (medians[code], CODES.index(code)))
    order = {code: rank for rank, code in enumerate(by_day, start=1)}
    return [
        {"group": group, "investigation": code, "median_day": medians.get(code), "order": order.get(code)}
        | _cells(found, code)
        | _confirmed(found, code)
        for code in CODES
    ]


def _confirmed(found: Counted, code: str) -> dict[str, Any]:
    name = f"{code}:confirmed"
    n, confirmed, patients = found.episodes[code], found.episodes[name], found.patients[name]
    estimate = wilson(confirmed, n)
    return {
        "confirmed": confirmed,
        "yield": estimate.value,
        "yield_low": estimate.low,
        "yield_high": estimate.high,
        "confirmed_patients": patients,
        "unconfirmed_patients": outside(patients, found.patients[code], n=confirmed, of=n),
    }
