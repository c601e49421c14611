"""How many episodes started each treatment with a fresh baseline, and how many of them answered later: by diagnosis, as counts alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counts, Relation, chosen, count
from synapse_analytics.queries.arms import Arm, landmark
from synapse_analytics.store.tables import FIRST_VISIT, episode_facts, index_scores

FACTS, SCORES = episode_facts.c, index_scores.c
ANSWERED = "answered"
BITS = {ANSWERED: 0}
Column = sa.ColumnElement[Any]


def treatments_started(clinic: Clinic, cohort: Cohort, instrument: int, visit: str) -> Counts:
    """Keys (position of the treatment + 1, diagnosis): episodes that started it on day 0 or later with a baseline of the instrument."""
    where = (SCORES.instrument == instrument, SCORES.index_code > FIRST_VISIT)
    keys = (SCORES.index_code, FACTS.diagnosis)
    flags = _is(SCORES[visit].is_not(None))
    return count(clinic, cohort, Relation(("started", instrument, visit), index_scores, keys=keys, flags=flags, bits=BITS, where=where))


def classes_started(clinic: Clinic, cohort: Cohort, instrument: int, visit: str, classes: dict[str, tuple[int, ...]]) -> Counts:
    """The same for classes of several treatments, by place in `classes`: an episode counts once, however many of them it started.

    It counts with a baseline before any of its treatments; a comparison asks for one before the first.
    """
    place = sa.case(*((SCORES.index_code.in_([at + 1 for at in own]), number) for number, own in enumerate(classes.values())))
    inside = sa.or_(*(SCORES.index_code.in_([at + 1 for at in own]) for own in classes.values()))
    started = Relation(("inside",), index_scores, where=(SCORES.instrument == instrument, inside))
    answered = sa.func.max(_is(SCORES[visit].is_not(None)))
    columns = (SCORES.episode_key, SCORES.repeat_patient, FACTS.diagnosis, place, answered)
    source, clauses, (*told, ever) = chosen(cohort, started, *columns)
    of_class = [column.label(name) for name, column in zip(("episode_key", "repeat_patient", "diagnosis", "place"), told, strict=True)]
    once = sa.select(*of_class, ever.label(ANSWERED)).select_from(source).where(*clauses).group_by(*of_class).subquery()
    # The cohort is chosen inside, where it leaves little to put together: so it is part of the code, and no clause stands outside.
    code = ("classes started", cohort, instrument, visit, tuple(classes))
    keys = (once.c.place, once.c.diagnosis)
    return count(clinic, Cohort(), Relation(code, once, keys=keys, flags=once.c[ANSWERED], bits=BITS))


def under_care(clinic: Clinic, cohort: Cohort, instrument: int, visit: str) -> Counts:
    """By diagnosis: episodes with a baseline at the first visit; a fact for each strategy they belong to at its landmark."""
    flags: Column = _is(SCORES[visit].is_not(None))
    bits = dict(BITS)
    for place, term in enumerate(v.STRATEGIES, start=1):
        day = FACTS[f"first_{term.stage}_day"]
        done = sa.and_(day.is_not(None), day <= term.day)
        flags = flags + (1 << place) * _is(sa.and_(*landmark(Arm(term.code, strategy=term)), done if term.done else sa.not_(done)))
        bits[term.code] = place
    where = (SCORES.instrument == instrument, SCORES.index_code == FIRST_VISIT)
    code = ("under care", instrument, visit)
    return count(clinic, cohort, Relation(code, index_scores, keys=(FACTS.diagnosis,), flags=flags, bits=bits, where=where))


def position_of(code: str) -> int:
    """The key of a treatment among `treatments_started`."""
    return v.position(v.TREATMENTS, code) + 1


def _is(condition: Column) -> Column:
    return sa.case((condition, 1), else_=0)
