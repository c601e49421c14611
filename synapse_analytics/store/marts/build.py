"""The order in which the marts are built, each from the base tables and what was laid out before it."""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.indicators import INDEXES, OF_PROCEDURE, Index
from synapse_analytics.progress import Progress
from synapse_analytics.store.marts import anonymous, conservative, episode_facts, escalation, exits, indexes, outcome, steps
from synapse_analytics.store.marts.follow_up import follow_up
from synapse_analytics.store.marts.indicator_rows import DAY_OF, indicator_rows
from synapse_analytics.store.workshop import Workshop

STAGES = 8  # follow-up, indexes, steps, the pieces of episode_facts, episode_facts, conservative care, indicators, rows


def build_marts(workshop: Workshop, *, data_until: str, headline: str, progress: Progress) -> None:
    """Build and keep every mart."""
    count = _Count(progress)
    workshop.lay_out("follow_up", follow_up(data_until))
    count.one_more("follow-up")
    instrument = v.position(v.INSTRUMENTS, headline)
    workshop.lay_out("treatment_summary", escalation.treatment_summary())
    workshop.lay_out("carried", episode_facts.carried(instrument))
    _keep_indexes(workshop, count)
    steps.keep_steps(workshop, instrument)
    count.one_more("treatment steps")
    _keep_episode_facts(workshop, instrument, count)
    workshop.keep_query("conservative_weeks", conservative.conservative_weeks(instrument))
    workshop.keep_query("conservative_periods", conservative.conservative_periods())
    count.one_more("scores under conservative care")
    for index in _found(workshop):
        workshop.keep_query("indicator_rows", indicator_rows(index, instrument, data_until))
    count.one_more("indicators")
    anonymous.keep_anonymous_episodes(workshop)
    count.one_more("rows for export")


def _found(workshop: Workshop) -> list[Index]:
    """The indexes that an episode can have: for the others DuckDB would plan a query for longer than a small clinic's rows take."""
    done = set(workshop.fetch("SELECT DISTINCT treatment FROM treatments").column(0).to_pylist())
    counts = ", ".join(f"count({day}) AS {code}" for code, day in DAY_OF.items())
    had = workshop.fetch(f"SELECT {counts} FROM episode_facts").to_pylist()[0]
    procedures = {code: v.position(v.TREATMENTS, code) in done for code in OF_PROCEDURE}
    return [index for index in INDEXES if (had | procedures).get(index.code, True)]


def _keep_indexes(workshop: Workshop, count: _Count) -> None:
    workshop.keep_query("index_days", indexes.index_days())
    ranges = steps.episode_ranges(workshop.fetch("SELECT count(*) FROM episodes").column(0)[0].as_py())
    count.more_stages(3 * len(ranges))
    count.one_more("index days")
    for first, last in ranges:
        workshop.lay_out("answers_near", indexes.answers_near(first, last))
        workshop.lay_out("values_around", indexes.values_around())
        workshop.keep_query("index_scores", indexes.index_scores())
        count.one_more("baselines")
        workshop.keep_query("visit_scores", indexes.visit_scores())
        workshop.drop("values_around")
        count.one_more("reference visits")
        workshop.keep_query("week_scores", indexes.week_scores())
        workshop.drop("answers_near")
        count.one_more("weeks")


def _keep_episode_facts(workshop: Workshop, headline: int, count: _Count) -> None:
    """Lay out the pieces, one row per episode that has any, and join them."""
    pieces = {
        "after_surgery": escalation.after_surgery(),
        "conservative_days": escalation.conservative_days(),
        "exits": exits.exits(),
        "scores_before": exits.scores_before(headline),
        "first_answers": outcome.first_answers(headline),
        "outcomes": outcome.outcomes(headline),
        "listed_sets": episode_facts.listed_sets(),
    }
    for name, rows in pieces.items():
        workshop.lay_out(name, rows)
    count.one_more("episodes")
    workshop.lay_out("episodes_in_order", episode_facts.episodes_in_order())
    laid_out = ("follow_up", "treatment_summary", *pieces, "episode_pathways")
    workshop.keep_query("episode_facts", episode_facts.episode_facts(laid_out, headline))
    for name in ("episodes_in_order", "carried", *laid_out):
        workshop.drop(name)
    count.one_more("episodes")


class _Count:
    """Tells how many of the stages are done."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done, self._stages = progress, 0, STAGES

    def more_stages(self, stages: int) -> None:
        self._stages += stages

    def one_more(self, what: str) -> None:
        self._done += 1
        self._progress(f"Building {what}", self._done, self._stages)
