"""indicator_rows: one row for each index of the indicators that an episode has, with a bit for every fact that is declared.

What the clauses of a declaration may name: every column of episode_facts; where scores are counted from the index,
`<score>_expected_<months>`, `<score>_answered_<months>`, `<score>_change_<months>`, `<score>_able_<rule>` and
`<score>_met_<rule>_<months>` for the scores pain (the headline) and odi, 3 and 12 months, and the responder rules of the score
(of pain the first, called `clear`); from surgery on also `leg_pain` (thousandths, within 60 days before) and `events_in_90_days`.
"""

from __future__ import annotations

from collections.abc import Iterator

from synapse_analytics import vocabulary as v
from synapse_analytics.indicators import INDEXES, OF_PROCEDURE, Index, amounts_of, facts_of, most_amounts
from synapse_analytics.indicators.declare import SAFETY_DAYS
from synapse_analytics.store.marts.codes import THOUSAND, of_stage
from synapse_analytics.store.score_flags import bit_of
from synapse_analytics.store.tables import CARRIED, CASE_MIX, FIRST_VISIT

MONTHS = (3, 12)
DAY_OF = {"escalation": "first_escalation_day", "injection": "first_injection_day", "surgery": "first_surgery_day"}
LEG = v.position(v.INSTRUMENTS, "nrs_leg")
ODI = v.position(v.INSTRUMENTS, "odi")


def indicator_rows(index: Index, headline: int, data_until: str) -> str:
    """The rows of one index: every episode that has it, so that a chart knows all its months."""
    year, month = map(int, data_until.split("-"))
    last_month = year * 12 + month - 1
    bits = " | ".join(f"(coalesce(({clause}), FALSE)::BIGINT << {place})" for place, clause in enumerate(facts_of(index)))
    amounts = [f"CASE WHEN {who} THEN {what} END AS amount_{place}" for place, (who, what) in enumerate(amounts_of(index), start=1)]
    amounts += [f"NULL::INTEGER AS amount_{place}" for place in range(len(amounts) + 1, most_amounts() + 1)]
    return f"""
WITH source AS ({_source(index, headline)})
SELECT {INDEXES.index(index)}::SMALLINT AS index_code, least(month_of_index, {last_month}) AS month, episode_key, repeat_patient,
       {bits} AS flags, {", ".join(amounts)}, {", ".join((*CARRIED, *CASE_MIX))},
       (pain_before + {THOUSAND // 2}) // {THOUSAND} AS pain, (odi_before + {5 * THOUSAND}) // {10 * THOUSAND} AS odi
FROM source"""


def _source(index: Index, headline: int) -> str:
    """The columns the clauses may name, one row per episode that has the index."""
    if index.code in DAY_OF:
        day = DAY_OF[index.code]
        known = f"f.*, f.headline_baseline AS pain_before, f.baseline_odi AS odi_before, {_month_of(f'f.{day}')} AS month_of_index"
        if index.code != "surgery":
            return f"SELECT {known} FROM episode_facts f WHERE f.{day} IS NOT NULL"
        return (
            f"SELECT {known}, leg.leg_pain, coalesce(harm.events, 0) AS events_in_90_days FROM episode_facts f "
            f"LEFT JOIN ({_leg_pain()}) leg USING (episode_key) LEFT JOIN ({_events()}) harm USING (episode_key) WHERE f.{day} IS NOT NULL"
        )
    scores = ", ".join(["f.*", "p.baseline AS pain_before", "o.baseline AS odi_before", *_score_columns(headline)])
    if index.code in OF_PROCEDURE:
        code, month = v.position(v.TREATMENTS, index.code) + 1, _month_of("d.index_day")
        rows = f"episode_facts f JOIN index_days d ON d.episode_key = f.episode_key AND d.index_code = {code}"
    else:
        code, month, rows = FIRST_VISIT, "f.first_visit_month", "episode_facts f"
    for alias, instrument in (("p", headline), ("o", ODI)):
        same = f"{alias}.episode_key = f.episode_key AND {alias}.index_code = {code} AND {alias}.instrument = {instrument}"
        rows += f" LEFT JOIN index_scores {alias} ON {same}"
    return f"SELECT {scores}, {month} AS month_of_index FROM {rows}"


def _score_columns(headline: int) -> Iterator[str]:
    """The facts about pain (the headline score) and ODI at 3 and 12 months, out of the bits of index_scores."""
    for score, alias, place in (("pain", "p", headline), ("odi", "o", ODI)):
        code = v.INSTRUMENTS[place].code
        rules = {preset.code: preset.code for preset in v.presets_of(code)}
        if score == "pain":
            rules = {"clear": next(iter(rules))}
        for rule, preset in rules.items():
            yield _bit(alias, code, f"able_{preset}", f"{score}_able_{rule}")
        for months in MONTHS:
            yield _bit(alias, code, f"expected_month_{months}", f"{score}_expected_{months}")
            yield _bit(alias, code, f"answered_month_{months}", f"{score}_answered_{months}")
            yield f"{alias}.month_{months} - {alias}.baseline AS {score}_change_{months}"
            for rule, preset in rules.items():
                yield _bit(alias, code, f"met_{preset}_month_{months}", f"{score}_met_{rule}_{months}")


def _bit(alias: str, instrument: str, fact: str, name: str) -> str:
    return f"coalesce(({alias}.flags >> {bit_of(instrument, fact)}) & 1, 0) = 1 AS {name}"


def _month_of(day: str) -> str:
    """The month of the 15th of the month of the first visit plus `day` days."""
    then = f"(make_date(f.first_visit_month // 12, f.first_visit_month % 12 + 1, 15) + {day}::INTEGER)"
    return f"(year({then}) * 12 + month({then}) - 1)"


def _leg_pain() -> str:
    """The last leg pain within 60 days before the first surgery."""
    codes = ", ".join(str(place + 1) for place in of_stage("surgery"))
    return (
        "SELECT d.episode_key, max(s.baseline) AS leg_pain FROM index_days d JOIN episode_facts f USING (episode_key) "
        "JOIN index_scores s ON s.episode_key = d.episode_key AND s.index_code = d.index_code "
        f"WHERE d.index_code IN ({codes}) AND d.index_day = f.first_surgery_day AND s.instrument = {LEG} GROUP BY d.episode_key"
    )


def _events() -> str:
    """Adverse events on days 0 to 90 after the first surgery."""
    return (
        "SELECT a.episode_key, count(*) AS events FROM adverse_events a JOIN episode_facts f USING (episode_key) "
        f"WHERE a.day - f.first_surgery_day BETWEEN 0 AND {SAFETY_DAYS} GROUP BY a.episode_key"
    )
