"""Counts of the episodes expected at a visit: which improved enough, and the baselines of those that answered and did not."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from synapse_analytics import vocabulary as v
from synapse_analytics.counts import Counts
from synapse_analytics.queries.outcomes import FACTS, WIDE, Column, Scored
from synapse_analytics.store.characteristics import BITS
from synapse_analytics.store.tables import index_scores

NUMBERS = ("age_years", "symptom_weeks", "bmi", "baseline")
FLAGS: Mapping[str, tuple[str, str]] = {"female": ("sex", "sex:female"), "smoker": ("smoker", "smoker:yes")}  # is recorded, holds
THOUSAND = 1000  # scores are stored in thousandths
SURGERY = v.position(v.STAGES, "surgery")


def improved(asked: Scored, preset: str, visit: int) -> tuple[Counts, Counts]:
    """By group, of the episodes expected at a visit: those that `answered`, are `able` to meet the preset, and `met` it.

    The second counts leave out the episodes that answered and did not meet it; the others may have improved.
    """
    code = v.VISITS[visit].code
    bits = {
        "answered": asked.bit(f"answered_{code}"),
        "able": asked.bit(f"able_{preset}"),
        "met": asked.bit(f"met_{preset}_{code}"),
    }
    outcome = _masked(bits["answered"], bits["met"])
    name, expected = f"improved {preset} {code}", (WIDE.closed_visits >= visit,)
    found = asked.count(asked.relation(name, index_scores, outcome, held=expected, flags=WIDE.flags, bits=bits))
    unimproved = 1 << bits["answered"]
    hopeful = found.view("hopeful", lambda: found.fold(lambda key: None if key[-1] == unimproved else key[:-1]))
    return found.view("all", lambda: found.fold(lambda key: key[:-1])), hopeful


BETTER, SAME, WORSE, NO_ANSWER = range(4)


def verdicts(asked: Scored, preset: v.Preset, visit: int) -> Counts:
    """By group and verdict the episodes expected at a visit: changed by at least the points of a preset for the better or the worse, or not."""
    value = WIDE[v.VISITS[visit].code]
    gain = WIDE.baseline - value if asked.instrument.better == "lower" else value - WIDE.baseline
    enough = round(preset.threshold * THOUSAND)
    whens = (value.is_(None), NO_ANSWER), (gain >= enough, BETTER), (gain <= -enough, WORSE)
    verdict = sa.case(*((held, _literal(code)) for held, code in whens), else_=_literal(SAME))
    name, expected = f"verdicts {preset.code} {visit}", (WIDE.closed_visits >= visit,)
    return asked.count(asked.relation(name, index_scores, verdict, held=expected))


def _literal(number: int) -> Column:
    return sa.literal_column(str(number))  # no parameter: a grouped expression is compared as text


def baselines_by_answer(asked: Scored, visit: int) -> tuple[Counts, Counts]:
    """Of the episodes expected at a visit, by whether they answered: what is recorded at baseline, and the sums of the numbers.

    The second counts have (answered, ever operated on) as key.
    """
    answered = _masked(asked.bit(f"answered_{v.VISITS[visit].code}"))
    relation = asked.relation(
        f"baselines by answer {visit}",
        index_scores,
        answered,
        FACTS.highest_stage,
        held=(WIDE.closed_visits >= visit,),
        flags=FACTS.characteristics,
        bits={name: BITS[name] for name in (*NUMBERS[:-1], *(name for pair in FLAGS.values() for name in pair))},
        sums={name: WIDE.baseline if name == "baseline" else FACTS[name] for name in NUMBERS},
    )
    found = asked.count(relation)
    operated = found.view("operated", lambda: found.fold(lambda key: (key[0] > 0, key[1] == SURGERY)))
    return found.view("all", lambda: found.fold(lambda key: (key[0] > 0,))), operated


def _masked(*bits: int) -> Column:
    """These bits of `index_scores.flags` alone."""
    return WIDE.flags.bitwise_and(sa.literal_column(str(sum(1 << bit for bit in bits))))
