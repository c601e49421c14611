"""The families of indicators: which episodes are counted together, from which month on, and what is true of each.

A family is one scan; an indicator is a few names out of it (queries.indicators counts them by month, quarter or unit).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.queries.escalation import at_risk_on_day_0
from synapse_analytics.queries.response import can_respond, responded
from synapse_analytics.queries.tallies import Case
from synapse_analytics.store.functions import smaller
from synapse_analytics.store.marts.months import month_of_event
from synapse_analytics.store.tables import adverse_events, episode_facts, index_baselines, index_days, visit_scores
from synapse_analytics.vocabulary.indicators import PROCEDURES, SAFETY_DAYS, YEAR

FACTS = episode_facts.c
Number = sa.ColumnElement[Any]
CONSERVATIVE_DAYS = 42  # of conservative care before the first injection or surgery
LITTLE_LEG_PAIN = 3_500  # thousandths of a point; NORspine's limit
LOOKED_BACK = ("headline", "odi")


@dataclass(frozen=True, slots=True)
class Family:
    """`month` (year * 12 + month - 1) of its index, what is true of each episode, what is summed, and its scores before the index."""

    month: Number
    cases: tuple[Case, ...]
    sums: Mapping[str, Number] = field(default_factory=dict)
    where: tuple[sa.ColumnElement[bool], ...] = ()
    source: sa.FromClause = episode_facts
    baselines: tuple[Number, Number] = (FACTS.headline_baseline, FACTS.baseline_odi)  # pain (or what stands in for it) and ODI
    exact: tuple[str, ...] = ()  # whose patients are shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """A score with its responder presets: answers by months, and the baseline they are held against."""

    name: str  # pain | odi
    instrument: v.Instrument
    presets: Mapping[str, v.Preset]  # what the hits are called -> preset
    baseline: Number
    answers: Mapping[int, Number]  # months -> answer in the window, null when there is none


@functools.cache
def families(headline: str) -> Mapping[str, Family]:
    """Every family by name; `headline` is the score that stands for pain in these data. Made once: it is thousands of expressions."""
    made = {
        "first_visit": _first_visit(headline),
        "conservative_only": _conservative_only(headline),
        "escalated": _escalated(smaller_known(FACTS.first_injection_day, FACTS.first_surgery_day), "before_escalation"),
        "injected": _escalated(FACTS.first_injection_day, "before_injection"),
        "operated": _operated(),
        **{code: _after(code, headline) for code in PROCEDURES},
    }
    return MappingProxyType(made)


def lost_before(day: Number | int) -> sa.ColumnElement[bool]:
    """Whether the episode left observation (lost or referred) before a day."""
    away = [v.position(v.STATUSES, code) for code in ("lost", "referred")]
    return sa.and_(FACTS.status.in_(away), FACTS.closed_day < day)


def operated() -> sa.ColumnElement[bool]:
    """Operated before the episode closed: what queries.escalation says of surgery, shorter because follow-up never ends before."""
    return sa.and_(FACTS.first_surgery_day.is_not(None), sa.or_(FACTS.closed_day.is_(None), FACTS.first_surgery_day <= FACTS.closed_day))


def smaller_known(left: Number, right: Number) -> Number:
    """The smaller of two days, where one is null the other."""
    return sa.func.coalesce(smaller(left, right), left, right)


def _outcomes(headline: str, baselines: tuple[Number, Number], answers: Mapping[str, Number]) -> tuple[Outcome, ...]:
    """Pain (the headline score) and ODI with what counts as clearly improved, and the registries' own rules for ODI."""
    odi = {"able_hit": "odi_10", "good": "odi_22", "twenty": "odi_20", "third": "odi_30pct"}
    pain = next(preset for preset in v.PRESETS if headline.startswith(preset.instrument_family))
    named = (("pain", headline, {"able_hit": pain}), ("odi", "odi", {name: v.find(v.PRESETS, code) for name, code in odi.items()}))
    return tuple(
        Outcome(name, v.find(v.INSTRUMENTS, code), presets, baseline, {m: answers[f"{column}_month_{m}"] for m in (3, 12)})
        for (name, code, presets), baseline, column in zip(named, baselines, LOOKED_BACK, strict=True)
    )


def _score_cases(outcome: Outcome, months: int, counted: sa.ColumnElement[bool]) -> list[Case]:
    """Expected, answered or missing, and by preset able, improved or not."""
    value, stem = outcome.answers[months], f"{outcome.name}_{months}"
    cases: list[Case] = [
        [
            (sa.not_(counted), ()),
            (value.is_(None), (f"{stem}_expected", f"{stem}_missing")),
            (sa.true(), (f"{stem}_expected", f"{stem}_n")),
        ]
    ]
    for name, preset in outcome.presets.items():
        prefix = stem if name == "able_hit" else f"{stem}_{name}"
        able = can_respond(preset, outcome.instrument, outcome.baseline)
        met = responded(preset, outcome.instrument, outcome.baseline, value)
        cases.append(
            [
                (sa.or_(sa.not_(counted), value.is_(None), sa.not_(able)), ()),
                (met, (f"{prefix}_able", f"{prefix}_hit")),
                (sa.true(), (f"{prefix}_able", f"{prefix}_miss")),
            ]
        )
    return cases


def _expected(outcome: Outcome, months: int, closed_visits: Number) -> sa.ColumnElement[bool]:
    return sa.and_(outcome.baseline.is_not(None), closed_visits >= v.position(v.VISITS, f"month_{months}"))


def _scored(
    outcomes: tuple[Outcome, ...], closed_visits: Number, also: Mapping[int, sa.ColumnElement[bool]] | None = None
) -> tuple[list[Case], dict[str, Number]]:
    """Cases and change sums of the scores at 3 and 12 months; `also` is what else must hold to be counted at all."""
    cases: list[Case] = []
    sums: dict[str, Number] = {}
    for outcome in outcomes:
        for months, value in outcome.answers.items():
            counted = _expected(outcome, months, closed_visits)
            change = value - outcome.baseline
            if also is not None:
                counted, change = sa.and_(counted, also[months]), sa.case((also[months], change))
            cases += _score_cases(outcome, months, counted)
            sums[f"{outcome.name}_{months}_change"] = change
    return cases, sums


def _first_visit(headline: str) -> Family:
    answers = {f"{column}_month_{m}": FACTS[f"{column}_month_{m}"] for column in LOOKED_BACK for m in (3, 12)}
    scored, sums = _scored(_outcomes(headline, (FACTS.headline_baseline, FACTS.baseline_odi), answers), FACTS.closed_visits)
    cases: list[Case] = [
        [(FACTS.first_treatment_day.is_not(None), ("seen", "treated")), (sa.true(), ("seen",))],
        *_operated_within_a_year(),
        [
            (FACTS.investigations == 0, ()),
            (FACTS.confirmed_investigations != 0, ("investigated_n", "investigated_hit")),
            (sa.true(), ("investigated_n", "investigated_miss")),
        ],
        *scored,
    ]
    return Family(FACTS.first_visit_month, tuple(cases), sums, exact=("seen",))


def _operated_within_a_year() -> tuple[Case, Case]:
    """Who is waiting on day 0 and was operated by day 365 (for the curve, which censors); and the same of those whose year is surely over."""
    waiting = sa.and_(*at_risk_on_day_0("surgery"))
    by_then = sa.and_(FACTS.first_surgery_day <= YEAR, operated())
    curve: Case = [(sa.not_(waiting), ()), (by_then, ("surgery_n", "surgery_hit")), (sa.true(), ("surgery_n", "surgery_miss"))]
    over: Case = [
        (sa.or_(sa.not_(waiting), FACTS.days_surely_observed < YEAR), ()),
        (by_then, ("year_n", "year_hit", "year_watched")),
        (lost_before(YEAR), ("year_n", "year_miss")),
        (sa.true(), ("year_n", "year_miss", "year_watched")),
    ]
    return curve, over


def _conservative_only(headline: str) -> Family:
    """Treated conservatively and, until the window of the visit ended, neither injected nor operated."""
    mask = sum(1 << place for place, term in enumerate(v.TREATMENTS) if term.stage == "conservative")
    answers = {f"{column}_month_{m}": FACTS[f"{column}_month_{m}"] for column in LOOKED_BACK for m in (3, 12)}
    untouched = [FACTS.treatments.bitwise_and(mask) != 0, FACTS.injected_before_day_0.is_(False), FACTS.operated_before_day_0.is_(False)]
    also = {}
    for months in (3, 12):
        end = v.find(v.VISITS, f"month_{months}").last
        later = [sa.or_(day.is_(None), day > end) for day in (FACTS.first_injection_day, FACTS.first_surgery_day)]
        also[months] = sa.and_(*untouched, *later)
    cases, sums = _scored(_outcomes(headline, (FACTS.headline_baseline, FACTS.baseline_odi), answers), FACTS.closed_visits, also)
    return Family(FACTS.first_visit_month, tuple(cases), sums)


def _stepped_case(days: Number) -> Case:
    return [
        (sa.or_(days.is_(None), FACTS.red_flags.is_(True)), ()),
        (days >= CONSERVATIVE_DAYS, ("stepped_n", "stepped_hit")),
        (sa.true(), ("stepped_n", "stepped_miss")),
    ]


def _escalated(day: Number, what: str) -> Family:
    """By month of the escalation: by month of the first visit the last months would only hold those who escalated soon."""
    days = FACTS[f"conservative_days_{what}"]
    return Family(month_of_event(FACTS.first_visit_month, day), (_stepped_case(days),), where=(day.is_not(None),))


def _operated() -> Family:
    """By month of the first surgery: what came before it, what followed, and whether there was a clear reason."""
    event_rows, leg = _events_in_90_days(), _leg_pain_before_surgery()
    source = episode_facts.outerjoin(event_rows, event_rows.c.episode_key == FACTS.episode_key).outerjoin(
        leg, leg.c.episode_key == FACTS.episode_key
    )
    closed = FACTS.days_surely_observed >= FACTS.first_surgery_day + SAFETY_DAYS
    weakness = FACTS.symptoms.bitwise_and(1 << v.position(v.SYMPTOMS, "leg_weakness")) != 0
    disc = FACTS.diagnosis == v.position(v.DIAGNOSES, "herniated_disc")
    plain = sa.and_(leg.c.leg_pain < LITTLE_LEG_PAIN, sa.not_(weakness), FACTS.red_flags.is_not(True))
    cases: tuple[Case, ...] = (
        _after_surgery_case("complications_90", FACTS.complication_days, SAFETY_DAYS),
        _after_surgery_case("reoperation_90", FACTS.next_surgery_days, SAFETY_DAYS),
        _after_surgery_case("reoperation_365", FACTS.next_surgery_days, YEAR),
        _stepped_case(FACTS.conservative_days_before_surgery),
        [
            (sa.or_(sa.not_(disc), leg.c.leg_pain.is_(None)), ()),
            (plain, ("reason_n", "reason_hit")),
            (sa.true(), ("reason_n", "reason_miss")),
        ],
    )
    sums = {"adverse_events": sa.case((closed, sa.func.coalesce(event_rows.c.events, 0)))}
    return Family(FACTS.first_surgery_month, cases, sums, (FACTS.first_surgery_day.is_not(None),), source)


def _after_surgery_case(name: str, days: Number, window: int) -> Case:
    end = FACTS.first_surgery_day + window
    return [
        (FACTS.days_surely_observed < end, ()),
        (days <= window, (f"{name}_n", f"{name}_hit", f"{name}_watched")),
        (lost_before(end), (f"{name}_n", f"{name}_miss")),
        (sa.true(), (f"{name}_n", f"{name}_miss", f"{name}_watched")),
    ]


def _events_in_90_days() -> sa.Subquery:
    """Adverse events on days 0 to 90 after the first surgery, one row per episode that has any."""
    since = adverse_events.c.day - FACTS.first_surgery_day
    rows = adverse_events.join(episode_facts, FACTS.episode_key == adverse_events.c.episode_key)
    counted = sa.select(adverse_events.c.episode_key, sa.func.count().label("events")).select_from(rows)
    return counted.where(since.between(0, SAFETY_DAYS)).group_by(adverse_events.c.episode_key).subquery("events_in_90_days")


def _leg_pain_before_surgery() -> sa.Subquery:
    """The last leg pain within 60 days before the first surgery, one row per operated episode that has it."""
    codes = [place + 1 for place, term in enumerate(v.TREATMENTS) if term.stage == "surgery"]
    same = sa.and_(index_baselines.c.episode_key == index_days.c.episode_key, index_baselines.c.index_code == index_days.c.index_code)
    rows = index_days.join(index_baselines, same).join(episode_facts, FACTS.episode_key == index_days.c.episode_key)
    kept = [
        index_days.c.index_code.in_(codes),
        index_days.c.index_day == FACTS.first_surgery_day,
        index_baselines.c.instrument == v.position(v.INSTRUMENTS, "nrs_leg"),
    ]
    chosen = sa.select(index_days.c.episode_key, sa.func.max(index_baselines.c.baseline).label("leg_pain")).select_from(rows)
    return chosen.where(*kept).group_by(index_days.c.episode_key).subquery("leg_pain_before_surgery")


def _after(procedure: str, headline: str) -> Family:
    """By month of the first start of a procedure: scores counted from that day, with a fresh baseline."""
    code = v.position(v.TREATMENTS, procedure) + 1
    places = {column: v.position(v.INSTRUMENTS, name) for column, name in zip(LOOKED_BACK, (headline, "odi"), strict=True)}
    days = sa.select(index_days.c.episode_key, index_days.c.index_day, index_days.c.closed_visits).where(index_days.c.index_code == code)
    index = days.subquery("index_of_procedure")
    before = _pivot(index_baselines, code, {f"{c}_before": (place, None, "baseline") for c, place in places.items()})
    wanted = {f"{c}_month_{m}": (place, v.position(v.VISITS, f"month_{m}"), "value") for c, place in places.items() for m in (3, 12)}
    after = _pivot(visit_scores, code, wanted)
    source = episode_facts.join(index, index.c.episode_key == FACTS.episode_key)
    for piece in (before, after):
        source = source.outerjoin(piece, piece.c.episode_key == FACTS.episode_key)
    baselines = (before.c.headline_before, before.c.odi_before)
    outcomes = _outcomes(headline, baselines, {name: after.c[name] for name in wanted})
    cases, sums = _scored(outcomes, index.c.closed_visits)
    return Family(month_of_event(FACTS.first_visit_month, index.c.index_day), tuple(cases), sums, (), source, baselines)


def _pivot(mart: sa.Table, code: int, wanted: Mapping[str, tuple[int, int | None, str]]) -> sa.Subquery:
    """One row per episode of an index, a column for each (instrument, visit)."""
    chosen = []
    for name, (instrument, visit, column) in wanted.items():
        held = [mart.c.instrument == instrument] + ([] if visit is None else [mart.c.visit == visit])
        chosen.append(sa.func.max(sa.case((sa.and_(*held), mart.c[column]))).label(name))
    kept = [mart.c.index_code == code, mart.c.instrument.in_({instrument for instrument, _, _ in wanted.values()})]
    return sa.select(mart.c.episode_key, *chosen).where(*kept).group_by(mart.c.episode_key).subquery()
