"""episode_facts: every attribute of an episode that a page filters, groups or counts by, one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store import tables
from synapse_analytics.store.characteristics import BITS, LEVELS
from synapse_analytics.store.functions import bit, bits, int_div
from synapse_analytics.store.marts.codes import THOUSAND, band, of_stage
from synapse_analytics.store.tables import episodes, patients


@dataclass(frozen=True, slots=True)
class Pieces:
    """What was laid out before, one row per episode that has any."""

    follow_up: sa.TableClause
    summary: sa.TableClause
    surgery: sa.TableClause
    conservative: sa.TableClause
    exits: sa.TableClause
    before: sa.TableClause
    baselines: sa.TableClause
    outcomes: sa.TableClause
    answers: sa.TableClause
    sets: sa.TableClause
    pathways: sa.TableClause


def listed_sets() -> sa.Select:
    """Symptoms, other diagnoses and investigations of each episode as bit masks, and the first day of each investigation."""
    pieces = {
        "symptoms": _listed(tables.symptoms, bits(tables.symptoms.c.symptom, len(v.SYMPTOMS)).label("symptoms")),
        "other_diagnoses": _listed(
            tables.other_diagnoses, bits(tables.other_diagnoses.c.diagnosis, len(v.DIAGNOSES)).label("other_diagnoses")
        ),
        "investigations": _listed(tables.investigations, *_investigated()),
    }
    columns = [
        (sa.func.coalesce(column, 0) if not column.name.endswith("_day") else column).label(column.name)
        for piece in pieces.values()
        for column in piece.c
        if column.name != "episode_key"
    ]
    statement = sa.select(episodes.c.episode_key, *columns)
    for piece in pieces.values():
        statement = statement.outerjoin(piece, piece.c.episode_key == episodes.c.episode_key)
    return statement


def _listed(table: sa.Table, *aggregates: sa.ColumnElement) -> sa.Subquery:
    """One row per episode that has rows in the table."""
    return sa.select(table.c.episode_key, *aggregates).group_by(table.c.episode_key).subquery()


def _investigated() -> list[sa.ColumnElement]:
    """What was done, what of it confirmed the diagnosis, and when each was done first: no question has to join the rows again."""
    done, size = tables.investigations.c, len(v.INVESTIGATIONS)
    confirmed = sa.case((done.finding == v.position(v.FINDINGS, "confirmed"), done.investigation))
    days = [
        sa.func.min(sa.case((done.investigation == place, done.day))).label(f"first_{term.code}_day")
        for place, term in enumerate(v.INVESTIGATIONS)
    ]
    return [bits(done.investigation, size).label("investigations"), bits(confirmed, size).label("confirmed_investigations"), *days]


def in_order() -> sa.Select:
    """The base rows of the episodes in the order of the mart: to sort them before they are joined takes a tenth of the time."""
    return sa.select(episodes).order_by(episodes.c.diagnosis, episodes.c.first_visit_month, episodes.c.episode_key)


def episode_facts(given: sa.FromClause, pieces: Pieces, headline: int) -> sa.Select:
    """All pieces side by side, in the columns of the mart; `given` are the base rows, whose order they keep."""
    known = _computed(given, pieces, headline)
    laid_out = [getattr(pieces, field.name) for field in fields(pieces) if field.name != "sets"]
    columns = []
    for column in tables.episode_facts.columns:
        value = known.get(column.name)
        if value is None:
            value = _found(column.name, (*laid_out, given, patients))
        columns.append(sa.cast(value, column.type).label(column.name))
    statement = sa.select(*columns).select_from(given).join(patients, patients.c.patient_key == given.c.patient_key)
    for field in fields(pieces):
        piece = getattr(pieces, field.name)
        statement = statement.outerjoin(piece, piece.c.episode_key == given.c.episode_key)
    return statement


def _found(name: str, sources: tuple[sa.FromClause, ...]) -> sa.ColumnElement:
    return next(source.c[name] for source in sources if name in source.c)


def _computed(given: sa.FromClause, pieces: Pieces, headline: int) -> Mapping[str, sa.ColumnElement]:
    """The columns that are not simply carried over."""
    summary, sets = pieces.summary, pieces.sets
    nrs = v.INSTRUMENTS[headline].code.startswith("nrs")
    return {
        "episode_key": given.c.episode_key,
        "patient_key": given.c.patient_key,
        "age_band": band(patients.c.age_years, v.AGE_BANDS),
        "age_sex": band(patients.c.age_years, v.AGE_BANDS) * len(v.SEXES) + patients.c.sex,
        "comorbidities_band": sa.case((patients.c.comorbidities >= 3, 3), else_=patients.c.comorbidities),
        "year": int_div(given.c.first_visit_month, 12),
        "highest_stage": sa.func.coalesce(summary.c.highest_stage, 0),
        # The pain bands are points of a 0-10 scale; a headline of another kind has none.
        "pain_band": band(pieces.outcomes.c.headline_baseline, v.PAIN_BANDS, unit=THOUSAND) if nrs else sa.null(),
        "odi_band": band(pieces.baselines.c.baseline_odi, v.ODI_BANDS, unit=THOUSAND),
        "bmi_band": band(patients.c.bmi, v.BMI_BANDS, unit=THOUSAND),
        "symptom_band": band(given.c.symptom_weeks, v.SYMPTOM_BANDS),
        "diagnoses": bit(given.c.diagnosis, len(v.DIAGNOSES)).bitwise_or(sets.c.other_diagnoses),
        "symptoms": sets.c.symptoms,
        "investigations": sets.c.investigations,
        "confirmed_investigations": sets.c.confirmed_investigations,
        **{f"first_{term.code}_day": sets.c[f"first_{term.code}_day"] for term in v.INVESTIGATIONS},
        "treatments": sa.func.coalesce(summary.c.treatments, 0),
        "injected_before_day_0": sa.func.coalesce(summary.c.injected_before_day_0, sa.false()),
        "operated_before_day_0": sa.func.coalesce(summary.c.operated_before_day_0, sa.false()),
        "characteristics": _characteristics(given, pieces.baselines),
        "care": _care(summary.c.treatments),
        "pathway": sa.func.coalesce(pieces.pathways.c.pathway, 0),
    }


def _characteristics(given: sa.FromClause, baselines: sa.TableClause) -> sa.ColumnElement[int]:
    """The bits of store/characteristics.py."""
    bits = []
    for name, place in BITS.items():
        variable, _, level = name.partition(":")
        column = next(source.c[variable] for source in (baselines, patients, given) if variable in source.c)
        held: sa.ColumnElement[bool] = column.is_not(None)
        if variable in LEVELS:
            held = column.in_([place for place, term in enumerate(LEVELS[variable]) if level in {"", term.code}])
        elif level:
            held = column.is_(True)
        bits.append(sa.case((held, 1 << place), else_=0))
    return sum(bits[1:], bits[0])


def _care(treatments: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The stages of a set of treatments as a bit mask."""
    bits = []
    for place, stage in enumerate(v.STAGES):
        mask = sum(1 << treatment for treatment in of_stage(stage.code))
        bits.append(sa.case((treatments.bitwise_and(mask) != 0, 1 << place), else_=0))
    return sum(bits[1:], bits[0])
