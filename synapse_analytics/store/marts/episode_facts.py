"""episode_facts: every attribute of an episode that a page filters, groups or counts by, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store import tables
from synapse_analytics.store.functions import bit, bits, int_div
from synapse_analytics.store.marts.codes import THOUSAND, band
from synapse_analytics.store.marts.months import month_of_event
from synapse_analytics.store.tables import episodes, patients


@dataclass(frozen=True, slots=True)
class Pieces:
    """What was laid out before, one row per episode that has any."""

    follow_up: sa.TableClause
    summary: sa.TableClause
    surgery: sa.TableClause
    conservative: sa.TableClause
    baselines: sa.TableClause
    outcomes: sa.TableClause
    answers: sa.TableClause
    sets: sa.TableClause
    pathways: sa.TableClause


def listed_sets() -> sa.Select:
    """Symptoms, investigations and other diagnoses of each episode as bit masks."""
    lists = (
        ("symptoms", tables.symptoms, "symptom", v.SYMPTOMS),
        ("investigations", tables.investigations, "investigation", v.INVESTIGATIONS),
        ("other_diagnoses", tables.other_diagnoses, "diagnosis", v.DIAGNOSES),
    )
    masks = []
    for name, table, column, terms in lists:
        mask = bits(table.c[column], len(terms))
        masks.append((name, sa.select(table.c.episode_key, mask.label("mask")).group_by(table.c.episode_key).subquery()))
    columns = [sa.func.coalesce(mask.c.mask, 0).label(name) for name, mask in masks]
    statement = sa.select(episodes.c.episode_key, *columns)
    for _name, mask in masks:
        statement = statement.outerjoin(mask, mask.c.episode_key == episodes.c.episode_key)
    return statement


def episode_facts(pieces: Pieces, headline: int) -> sa.Select:
    """All pieces side by side, in the columns of the mart."""
    known = _computed(pieces, headline)
    laid_out = [getattr(pieces, field.name) for field in fields(pieces) if field.name != "sets"]
    columns = []
    for column in tables.episode_facts.columns:
        value = known.get(column.name)
        if value is None:
            value = _found(column.name, (*laid_out, episodes, patients))
        columns.append(sa.cast(value, column.type).label(column.name))
    statement = sa.select(*columns).select_from(episodes).join(patients, patients.c.patient_key == episodes.c.patient_key)
    for field in fields(pieces):
        piece = getattr(pieces, field.name)
        statement = statement.outerjoin(piece, piece.c.episode_key == episodes.c.episode_key)
    return statement


def _found(name: str, sources: tuple[sa.FromClause, ...]) -> sa.ColumnElement:
    return next(source.c[name] for source in sources if name in source.c)


def _computed(pieces: Pieces, headline: int) -> Mapping[str, sa.ColumnElement]:
    """The columns that are not simply carried over."""
    summary, sets = pieces.summary, pieces.sets
    nrs = v.INSTRUMENTS[headline].code.startswith("nrs")
    return {
        "episode_key": episodes.c.episode_key,
        "patient_key": episodes.c.patient_key,
        "age_band": band(patients.c.age_years, v.AGE_BANDS),
        "year": int_div(episodes.c.first_visit_month, 12),
        "highest_stage": sa.func.coalesce(summary.c.highest_stage, 0),
        # The pain bands are points of a 0-10 scale; a headline of another kind has none.
        "pain_band": band(pieces.outcomes.c.headline_baseline, v.PAIN_BANDS, unit=THOUSAND) if nrs else sa.null(),
        "odi_band": band(pieces.baselines.c.baseline_odi, v.ODI_BANDS, unit=THOUSAND),
        "bmi_band": band(patients.c.bmi, v.BMI_BANDS, unit=THOUSAND),
        "symptom_band": band(episodes.c.symptom_weeks, v.SYMPTOM_BANDS),
        "diagnoses": bit(episodes.c.diagnosis, len(v.DIAGNOSES)).bitwise_or(sets.c.other_diagnoses),
        "symptoms": sets.c.symptoms,
        "investigations": sets.c.investigations,
        "treatments": sa.func.coalesce(summary.c.treatments, 0),
        "injected_before_day_0": sa.func.coalesce(summary.c.injected_before_day_0, sa.false()),
        "operated_before_day_0": sa.func.coalesce(summary.c.operated_before_day_0, sa.false()),
        "first_surgery_month": month_of_event(episodes.c.first_visit_month, summary.c.first_surgery_day),
        "pathway": sa.func.coalesce(pieces.pathways.c.pathway, 0),
    }
