"""The order in which the marts are built, each from the base tables and what was laid out before it."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.indicators import INDEXES
from synapse_analytics.progress import Progress
from synapse_analytics.store.marts import anonymous, conservative, escalation, indexes, outcome
from synapse_analytics.store.marts.episode_facts import Pieces, episode_facts, in_order, listed_sets
from synapse_analytics.store.marts.exits import exits, scores_before
from synapse_analytics.store.marts.follow_up import follow_up as follow_up_of
from synapse_analytics.store.marts.follow_up import observed_days
from synapse_analytics.store.marts.indicator_rows import indicator_rows
from synapse_analytics.store.marts.steps import episode_ranges, keep_steps
from synapse_analytics.store.tables import episodes
from synapse_analytics.store.workshop import Workshop

STAGES = 8  # follow-up, indexes, steps, the pieces of episode_facts, episode_facts, conservative care, indicators, rows


def build_marts(workshop: Workshop, *, data_until: str, headline: str, progress: Progress) -> None:
    """Build and keep every mart."""
    count = _Count(progress)
    months = workshop.fetch(sa.select(episodes.c.first_visit_month).distinct().order_by(episodes.c.first_visit_month))
    observed = workshop.lay_out("observed_days", observed_days(months.column(0).to_pylist(), data_until))
    follow_up = workshop.lay_out("follow_up", follow_up_of(observed))
    count.one_more("follow-up")
    instrument = v.position(v.INSTRUMENTS, headline)
    _keep_indexes(workshop, follow_up, count)
    pathways = keep_steps(workshop, follow_up, instrument)
    count.one_more("treatment steps")
    pieces = _pieces(workshop, follow_up, pathways, instrument)
    count.one_more("episodes")
    given = workshop.lay_out("episodes_in_order", in_order())
    workshop.keep_query("episode_facts", episode_facts(given, pieces, instrument))
    for held in (given, *(getattr(pieces, field.name) for field in fields(pieces))):
        workshop.drop(held)
    count.one_more("episodes")
    workshop.keep_query("conservative_weeks", conservative.weeks(instrument))
    workshop.keep_query("conservative_periods", conservative.periods())
    count.one_more("scores under conservative care")
    for index in INDEXES:
        workshop.keep_query("indicator_rows", indicator_rows(index, instrument, data_until))
    count.one_more("indicators")
    anonymous.keep_anonymous_episodes(workshop)
    count.one_more("rows for export")


def _keep_indexes(workshop: Workshop, follow_up: sa.TableClause, count: _Count) -> None:
    workshop.keep_query("index_days", indexes.indexes(follow_up))
    ranges = episode_ranges(workshop.fetch(sa.select(sa.func.count()).select_from(episodes)).column(0)[0].as_py())
    count.more_stages(3 * len(ranges))
    count.one_more("index days")
    for chosen in ranges:
        answers = workshop.lay_out("answers_near", indexes.answers_near(chosen))
        around = workshop.lay_out("values_around", indexes.values_around(answers))
        workshop.keep_query("index_scores", indexes.scores_of(around))
        count.one_more("baselines")
        workshop.keep_query("visit_scores", indexes.visits(around))
        workshop.drop(around)
        count.one_more("reference visits")
        workshop.keep_query("week_scores", indexes.weeks(answers))
        workshop.drop(answers)
        count.one_more("weeks")


def _pieces(workshop: Workshop, follow_up: sa.TableClause, pathways: sa.TableClause, headline: int) -> Pieces:
    summary = workshop.lay_out("treatment_summary", escalation.treatment_summary())
    baselines = workshop.lay_out("first_baselines", outcome.first_baselines())
    return Pieces(
        follow_up=follow_up,
        summary=summary,
        surgery=workshop.lay_out("after_surgery", escalation.after_surgery(summary)),
        conservative=workshop.lay_out("conservative_days", escalation.conservative_days(summary, follow_up)),
        exits=workshop.lay_out("exits", exits()),
        before=workshop.lay_out("scores_before", scores_before(headline)),
        baselines=baselines,
        outcomes=workshop.lay_out("outcomes", outcome.outcomes(follow_up, baselines, headline)),
        answers=workshop.lay_out("three_months", outcome.three_months(headline)),
        sets=workshop.lay_out("listed_sets", listed_sets()),
        pathways=pathways,
    )


class _Count:
    """Tells how many of the stages are done."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done, self._stages = progress, 0, STAGES

    def more_stages(self, stages: int) -> None:
        self._stages += stages

    def one_more(self, what: str) -> None:
        self._done += 1
        self._progress(f"building {what}", self._done, self._stages)
