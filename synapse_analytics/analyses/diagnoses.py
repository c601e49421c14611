"""Answers about diagnoses: how they are distributed, their symptoms, their investigations and which occur together.

All count episodes. `of` is the denominator: the episodes of the group (of the group and primary diagnosis for co_diagnoses).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import question, split_by
from synapse_analytics.analyses.pooling import joined, rare_names
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.shares import OF, N, counted_share, in_order, label, share_measures
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, Split
from synapse_analytics.cohort.groups import POOLED
from synapse_analytics.counts import Counts
from synapse_analytics.disclosure import Kind, Measure, Policy, Released, TableRule, release
from synapse_analytics.estimates.descriptive import quantile_from_counts, wilson
from synapse_analytics.queries.diagnoses import (
    CONFIRMED,
    any_diagnoses,
    first_days,
    investigations_done,
    primary_diagnoses,
    symptoms_present,
)
from synapse_analytics.queries.diagnoses import INVESTIGATIONS as CODES
from synapse_analytics.queries.population import population

MIX = TableRule("diagnoses", (label("group"), label("diagnosis"), N, *share_measures()))
SYMPTOMS = TableRule("symptoms", (label("group"), label("symptom"), N, OF, *share_measures()))
CO_DIAGNOSES = TableRule(
    "co_diagnoses",
    (label("group"), label("diagnosis"), label("other_diagnosis"), N, OF, *share_measures()),
)
HAD_CONFIRMED = Measure("confirmed", Kind.COUNT, "confirmed_patients")
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
        HAD_CONFIRMED,
        YIELD,
        replace(YIELD, name="yield_low"),
        replace(YIELD, name="yield_high"),
    ),
)


@analysis(split_by())
def diagnosis_mix(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which primary diagnoses do the patients have?

    n counts episodes; share is of the episodes of the group, with Wilson limits. Under the policy publish rare diagnoses
    of a group are pooled.
    """
    people = population(clinic, cohort, by=by)
    split = joined(by, primary_diagnoses(clinic, cohort, by), clinic.policy)
    rows = _mix(split, primary_diagnoses(clinic, cohort, split), clinic.policy)
    return release(question(clinic, "diagnosis_mix", cohort, by=by), people, [(MIX, rows)])


@analysis(split_by("diagnosis"))
def symptoms(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which symptoms do the patients have at the first visit?

    n counts episodes with the symptom, of all episodes of the group. A bundle without symptoms gives no rows. An episode may
    have several symptoms, so that rare ones are not pooled: a row of several would say nothing.
    """
    people = population(clinic, cohort, by=by)
    asked = question(clinic, "symptoms", cohort, by=by)
    if not clinic.generation.rows.get("symptoms"):
        return release(asked, people, [(SYMPTOMS, [])], notes=("No symptoms are recorded in this bundle.",))
    split = joined(by, symptoms_present(clinic, cohort, by), clinic.policy)
    rows = _rows(split, symptoms_present(clinic, cohort, split), "symptom", v.codes(v.SYMPTOMS))
    return release(asked, people, [(SYMPTOMS, rows)])


@analysis(split_by("diagnosis"))
def investigations(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which investigations are done, when, and how often do they confirm the diagnosis?

    n counts episodes that had it, of all episodes of the group; median_day is the median first day, `order` its rank in
    the group; confirmed counts episodes in which it confirmed the diagnosis, yield = confirmed / n. An episode may have
    several, so that rare ones are not pooled.
    """
    people = population(clinic, cohort, by=by)
    asked = question(clinic, "investigations", cohort, by=by)
    if not clinic.generation.rows.get("investigations"):
        return release(asked, people, [(INVESTIGATIONS, [])], notes=("No investigations are recorded in this bundle.",))
    split = joined(by, investigations_done(clinic, cohort, by), clinic.policy)
    days, found = first_days(clinic, cohort, split), investigations_done(clinic, cohort, split)
    rows: list[dict[str, Any]] = []
    for group, place in in_order(split, found):
        value = found.keys[place][0] if by else 0
        medians = {code: quantile_from_counts(*days[value, code], 0.5) for code in CODES if (value, code) in days}
        rows += _investigated(group, found, place, medians)
    return release(asked, people, [(INVESTIGATIONS, rows)])


@analysis(split_by())
def co_diagnoses(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Released:
    """Which diagnoses occur together?

    A matrix of primary diagnosis by any diagnosis (the diagonal is the primary itself): n counts episodes that have the
    other diagnosis, of the episodes with the primary diagnosis. An episode may have several, so that rare ones are not pooled.
    """
    people = population(clinic, cohort, by=by)
    split = joined(by, any_diagnoses(clinic, cohort, by), clinic.policy)
    found = any_diagnoses(clinic, cohort, split)
    rows = [
        {"group": group, "diagnosis": v.DIAGNOSES[found.keys[place][-1]].code, "other_diagnosis": code} | counted_share(found, place, code)
        for group, place in in_order(split, found)
        for code in v.codes(v.DIAGNOSES)
    ]
    recorded = clinic.generation.rows.get("other_diagnoses")
    notes = () if recorded else ("No secondary diagnoses are recorded in this bundle.",)
    return release(question(clinic, "co_diagnoses", cohort, by=by), people, [(CO_DIAGNOSES, rows)], notes=notes)


def _mix(by: Split, found: Counts, policy: Policy) -> list[dict[str, Any]]:
    """One row for each group and diagnosis; where the policy rounds, one for the rare diagnoses of a group together."""
    rows: list[dict[str, Any]] = []
    for group, place in in_order(by, found):
        patients = {code: int(found.patients(code)[place]) for code in v.codes(v.DIAGNOSES)}
        few = rare_names(patients, policy)
        with_pool = found.uniting(POOLED, few) if few else found
        codes = [*(code for code in patients if code not in few), *([POOLED] if few else [])]
        rows += [{"group": group, "diagnosis": code} | counted_share(with_pool, place, code) for code in codes]
    return rows


def _rows(by: Split, found: Counts, name: str, codes: tuple[str, ...]) -> list[dict[str, Any]]:
    """One row for each group and code of a closed list."""
    return [{"group": group, name: code} | counted_share(found, place, code) for group, place in in_order(by, found) for code in codes]


def _investigated(group: str, found: Counts, place: int, medians: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """The rows of one group: every kind, those nobody had as zero."""
    by_day = sorted(medians, key=lambda code: (medians[code], CODES.index(code)))
    order = {code: rank for rank, code in enumerate(by_day, start=1)}
    return [
        {"group": group, "investigation": code, "median_day": medians.get(code), "order": order.get(code)}
        | counted_share(found, place, code)
        | _confirmed(found, place, code)
        for code in CODES
    ]


def _confirmed(found: Counts, place: int, code: str) -> dict[str, Any]:
    name = f"{code}{CONFIRMED}"
    confirmed = int(found.episodes(name)[place])
    estimate = wilson(confirmed, int(found.episodes(code)[place]))
    return {
        "confirmed": confirmed,
        "yield": estimate.value,
        "yield_low": estimate.low,
        "yield_high": estimate.high,
        "confirmed_patients": int(found.patients(name)[place]),
        "unconfirmed_patients": int(found.outside(name, code)[place]),
    }
