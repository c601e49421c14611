"""Answers about diagnoses: how they are distributed, their symptoms, their investigations and which occur together.

All count episodes. `of` is the denominator: the episodes of the group (of the group and primary diagnosis for co_diagnoses).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row
from synapse_analytics.analyses.groups import Group, joined_groups
from synapse_analytics.analyses.measures import counts_of, labels, medians_of, shares_of
from synapse_analytics.analyses.options import split_by
from synapse_analytics.analyses.pooling import rare_names
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import POOLED
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.estimates.descriptive import quantile_from_counts
from synapse_analytics.queries import diagnoses as q
from synapse_analytics.queries.diagnoses import INVESTIGATIONS as CODES

YIELD = ("yield", "yield_low", "yield_high")
SHARE_OF_GROUP = (*counts_of("n", "of"), *shares_of("n", "of"))
MIX = TableRule("diagnoses", (*labels("group", "diagnosis"), *SHARE_OF_GROUP))
SYMPTOMS = TableRule("symptoms", (*labels("group", "symptom"), *SHARE_OF_GROUP))
CO_DIAGNOSES = TableRule("co_diagnoses", (*labels("group", "diagnosis", "other_diagnosis"), *SHARE_OF_GROUP))
INVESTIGATIONS = TableRule(
    "investigations",
    (
        *labels("group", "investigation"),
        *SHARE_OF_GROUP,
        *medians_of("median_day", "order"),
        *counts_of("confirmed"),
        *shares_of("confirmed", names=YIELD),
    ),
)


@analysis(split_by())
def diagnosis_mix(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Found:
    """Which primary diagnoses do the patients have?

    n counts episodes, of all episodes of the group; share is n / of, with Wilson limits. Under the policy publish rare diagnoses
    of a group are pooled.
    """
    _, groups = joined_groups(by, clinic.policy, lambda split: q.primary_diagnoses(clinic, cohort, split))
    return Found([(MIX, [row for group in groups for row in _mix(group, clinic.policy)])])


@analysis(split_by("diagnosis"))
def symptoms(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Found:
    """Which symptoms do the patients have at the first visit?

    n counts episodes with the symptom, of all episodes of the group. A bundle without symptoms gives no rows. An episode may
    have several symptoms, so that rare ones are not pooled: a row of several would say nothing.
    """
    if not clinic.generation.rows.get("symptoms"):
        return Found([(SYMPTOMS, [])], ("No symptoms are recorded in this bundle.",))
    _, groups = joined_groups(by, clinic.policy, lambda split: q.symptoms_present(clinic, cohort, split))
    codes = v.codes(v.SYMPTOMS)
    return Found(
        [(SYMPTOMS, [{"group": group.code, "symptom": code} | group.share("n", "of", code) for group in groups for code in codes])]
    )


@analysis(split_by("diagnosis"))
def investigations(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Found:
    """Which investigations are done, when, and how often do they confirm the diagnosis?

    n counts episodes that had it, of all episodes of the group; median_day is the median first day, `order` its rank in
    the group; confirmed counts episodes in which it confirmed the diagnosis, yield = confirmed / n. An episode may have
    several, so that rare ones are not pooled.
    """
    if not clinic.generation.rows.get("investigations"):
        return Found([(INVESTIGATIONS, [])], ("No investigations are recorded in this bundle.",))
    split, groups = joined_groups(by, clinic.policy, lambda split: q.investigations_done(clinic, cohort, split))
    days = q.first_days(clinic, cohort, split)
    rows: list[Row] = []
    for group in groups:
        value = group.key[0] if by else 0
        medians = {code: quantile_from_counts(*days[value, code], 0.5) for code in CODES if (value, code) in days}
        rows += _investigated(group, medians)
    return Found([(INVESTIGATIONS, rows)])


@analysis(split_by())
def co_diagnoses(clinic: Clinic, cohort: Cohort, *, by: str | None) -> Found:
    """Which diagnoses occur together?

    A matrix of primary diagnosis by any diagnosis (the diagonal is the primary itself): n counts episodes that have the
    other diagnosis, of the episodes with the primary diagnosis. An episode may have several, so that rare ones are not pooled.
    """
    _, groups = joined_groups(by, clinic.policy, lambda split: q.any_diagnoses(clinic, cohort, split))
    rows = [
        {"group": group.code, "diagnosis": v.DIAGNOSES[group.key[-1]].code, "other_diagnosis": code} | group.share("n", "of", code)
        for group in groups
        for code in v.codes(v.DIAGNOSES)
    ]
    recorded = clinic.generation.rows.get("other_diagnoses")
    return Found([(CO_DIAGNOSES, rows)], () if recorded else ("No secondary diagnoses are recorded in this bundle.",))


def _mix(group: Group, policy: Policy) -> Iterator[Row]:
    """One row for each diagnosis; where the policy rounds, the rare diagnoses of the group together are one."""
    patients = {code: group.patients(code) for code in v.codes(v.DIAGNOSES)}
    few = rare_names(patients, policy)
    if few:
        group = Group(group.code, group.counts.uniting(POOLED, few), group.place)
    for code in (*(code for code in patients if code not in few), *([POOLED] if few else [])):
        yield {"group": group.code, "diagnosis": code} | group.share("n", "of", code)


def _investigated(group: Group, medians: Mapping[str, float | None]) -> Iterator[Row]:
    """One row for every kind of investigation, with 0 for a kind that nobody had."""
    by_day = sorted(medians, key=lambda code: (medians[code], CODES.index(code)))
    order = {code: rank for rank, code in enumerate(by_day, start=1)}
    for code in CODES:
        row = {"group": group.code, "investigation": code, "median_day": medians.get(code), "order": order.get(code)}
        confirmed = group.share("confirmed", "n", f"{code}{q.CONFIRMED}", code, names=YIELD)
        yield row | group.share("n", "of", code) | confirmed
