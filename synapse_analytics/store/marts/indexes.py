"""What an index sees: its day, the baseline before it, the answers at the reference visits and week by week.

An index is the first visit (day 0) or the first start on day >= 0 of a treatment. All but `indexes` take a range of
episodes at a time: the answers of a range are matched to its indexes once, and each part is sorted in memory.
"""

from __future__ import annotations

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.store.functions import int_div, ordered_value, value_of
from synapse_analytics.store.marts.codes import THOUSAND
from synapse_analytics.store.score_flags import bit_of
from synapse_analytics.store.tables import FIRST_VISIT, index_days, scores, treatments

BASELINE, FOLLOW_UPS = v.VISITS[0], v.VISITS[1:]
FIRST_WEEK, LAST_WEEK = -8, 104


def indexes(follow_up: sa.TableClause) -> sa.Select:
    """Every index of every episode, with how many follow-up windows have surely closed in the patient's lifetime."""
    first_visits = sa.select(sa.literal(FIRST_VISIT).label("index_code"), follow_up.c.episode_key, sa.literal(0).label("index_day"))
    first_starts = (
        sa.select(
            (treatments.c.treatment + 1).label("index_code"),
            treatments.c.episode_key,
            sa.func.min(treatments.c.start_day).label("index_day"),
        )
        .where(treatments.c.start_day >= 0)
        .group_by(treatments.c.treatment, treatments.c.episode_key)
    )
    found = sa.union_all(first_visits, first_starts).subquery()
    closed = [sa.case((found.c.index_day + visit.last <= follow_up.c.windows_close_by, 1), else_=0) for visit in FOLLOW_UPS]
    return sa.select(
        sa.cast(found.c.index_code, sa.SmallInteger).label("index_code"),
        found.c.episode_key,
        follow_up.c.patient_key,
        follow_up.c.repeat_patient,
        sa.cast(found.c.index_day, sa.Integer).label("index_day"),
        sa.cast(sum(closed[1:], closed[0]), sa.SmallInteger).label("closed_visits"),
    ).join(follow_up, follow_up.c.episode_key == found.c.episode_key)


def answers_near(episodes: tuple[int, int]) -> sa.Select:
    """Answers of a range of episodes, once per index of the episode, with the day counted from the index.

    They carry what the parts need of the index, so that none has to look it up again, and the day of the next answer (null
    after the last one).
    """
    following = sa.func.lead(scores.c.day).over(partition_by=(scores.c.episode_key, scores.c.instrument), order_by=scores.c.day)
    given = sa.select(scores, following.label("next_day")).where(scores.c.episode_key.between(*episodes)).subquery("given")
    day, next_day = given.c.day - index_days.c.index_day, given.c.next_day - index_days.c.index_day
    of_index = (index_days.c.index_code, index_days.c.repeat_patient, index_days.c.closed_visits)
    return (
        sa.select(*of_index, given.c.episode_key, given.c.instrument, day.label("day"), next_day.label("next_day"), given.c.value)
        .join(index_days, index_days.c.episode_key == given.c.episode_key)
        .where(index_days.c.episode_key.between(*episodes), day.between(BASELINE.first, FOLLOW_UPS[-1].last))
    )


def values_around(answers: sa.TableClause) -> sa.Select:
    """Per index and instrument: the baseline and the value at each reference visit, expected or not.

    The baseline is the last answer up to the index, a visit the answer nearest its target, of two as near the earlier.
    """
    day, value = answers.c.day, answers.c.value
    baseline = sa.func.max(ordered_value(day - BASELINE.first, value)).filter(day <= BASELINE.last)
    keys = (answers.c.index_code, answers.c.episode_key, answers.c.instrument)
    return sa.select(
        *keys,
        *(sa.func.min(answers.c[name]).label(name) for name in ("repeat_patient", "closed_visits")),
        value_of(baseline).label("baseline"),
        *(value_of(_nearest(answers, visit)).label(visit.code) for visit in FOLLOW_UPS),
    ).group_by(*keys)


def _nearest(answers: sa.TableClause, visit: v.Visit) -> sa.ColumnElement[int]:
    day = answers.c.day
    distance = sa.case((day > visit.target, 2 * (day - visit.target) + 1), else_=2 * (visit.target - day))
    return sa.func.min(ordered_value(distance, answers.c.value)).filter(day.between(visit.first, visit.last))


def scores_of(around: sa.TableClause) -> sa.Select:
    """index_scores: every index and instrument that has a baseline, with the answers at the visits where one was expected."""
    answers = [
        sa.case((around.c.closed_visits >= place, around.c[visit.code])).label(visit.code)
        for place, visit in enumerate(FOLLOW_UPS, start=1)
    ]
    of_index = (around.c.index_code, around.c.instrument, around.c.episode_key, around.c.repeat_patient, around.c.closed_visits)
    wide = sa.select(*of_index, around.c.baseline, *answers).where(around.c.baseline.is_not(None)).subquery()
    return sa.select(*wide.c, _flags(wide).label("flags"))


def _flags(wide: sa.Subquery) -> sa.ColumnElement[int]:
    """The bits of score_flags.py; instruments of one family share their rules and are computed together."""
    families: dict[tuple[str, ...], list[int]] = {}
    for place, term in enumerate(v.INSTRUMENTS):
        families.setdefault(v.codes(v.presets_of(term.code)), []).append(place)
    return sa.case(*((wide.c.instrument.in_(places), _family_flags(wide, v.INSTRUMENTS[places[0]])) for places in families.values()))


def _family_flags(wide: sa.Subquery, instrument: v.Instrument) -> sa.ColumnElement[int]:
    """Most visits have no answer: what rests on an answer is looked at only where there is one."""

    def bit(name: str) -> sa.ColumnElement[int]:
        return sa.literal_column(str(1 << bit_of(instrument.code, name)))

    def flag(name: str, *held: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.case((sa.and_(*held), bit(name)), else_=sa.literal_column("0"))

    presets = v.presets_of(instrument.code)
    able = {preset.code: can_respond(preset, instrument, wide.c.baseline) for preset in presets}
    bits = [flag(f"able_{code}", held) for code, held in able.items()]
    for place, visit in enumerate(FOLLOW_UPS, start=1):
        value = wide.c[visit.code]
        met = [
            flag(f"met_{preset.code}_{visit.code}", able[preset.code], responded(preset, instrument, wide.c.baseline, value))
            for preset in presets
        ]
        answered = sum(met, bit(f"answered_{visit.code}"))
        bits += [flag(f"expected_{visit.code}", wide.c.closed_visits >= place), sa.case((value.is_not(None), answered), else_=0)]
    return sa.cast(sum(bits[1:], bits[0]), sa.BigInteger)


def can_respond(preset: v.Preset, instrument: v.Instrument, baseline: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """True if the best score of the scale would meet the preset; a state can be reached from everywhere."""
    room = baseline - _stored(instrument.low) if instrument.better == "lower" else _stored(instrument.high) - baseline
    if preset.kind == "points":
        return room >= _stored(preset.threshold)
    return room > 0 if preset.kind == "percent" else baseline.is_not(None)


def responded(
    preset: v.Preset, instrument: v.Instrument, baseline: sa.ColumnElement[int], value: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """True if the score meets the preset; limits count as met."""
    improvement = baseline - value if instrument.better == "lower" else value - baseline
    if preset.kind == "points":
        return improvement >= _stored(preset.threshold)
    if preset.kind == "percent":
        return improvement * 100 >= baseline * round(preset.threshold)
    return value <= _stored(preset.threshold) if instrument.better == "lower" else value >= _stored(preset.threshold)


def _stored(number: float) -> int:
    return round(number * THOUSAND)


def visits(around: sa.TableClause) -> sa.Select:
    """visit_scores: the expected reference visits that were answered."""
    selects = [
        sa.select(
            around.c.index_code,
            around.c.instrument,
            sa.cast(sa.literal(place), sa.SmallInteger).label("visit"),
            around.c.episode_key,
            around.c.repeat_patient,
            around.c.baseline,
            around.c[visit.code].label("value"),
        ).where(around.c.closed_visits >= place, around.c.baseline.is_not(None), around.c[visit.code].is_not(None))
        for place, visit in enumerate(FOLLOW_UPS, start=1)
    ]
    each = sa.union_all(*selects).subquery()
    return sa.select(each)


def weeks(answers: sa.TableClause) -> sa.Select:
    """week_scores: the last answer of each week from the index, from 8 weeks before it to 104 weeks after."""
    week, next_week = (int_div(day - 7 * FIRST_WEEK, 7) + FIRST_WEEK for day in (answers.c.day, answers.c.next_day))
    return sa.select(
        answers.c.index_code,
        answers.c.instrument,
        sa.cast(week, sa.SmallInteger).label("week"),
        answers.c.episode_key,
        answers.c.repeat_patient,
        answers.c.value,
    ).where(answers.c.day.between(7 * FIRST_WEEK, 7 * LAST_WEEK + 6), sa.or_(answers.c.next_day.is_(None), next_week != week))
