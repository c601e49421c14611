"""What an index sees: its day, the baseline before it, the answers at the reference visits and week by week.

An index is the first visit (day 0) or the first start on day >= 0 of a treatment. The answers of a range of episodes at a
time are matched to their indexes once (`answers_near`), and the marts of scores are made of them, so that each part is
sorted in memory.
"""

from __future__ import annotations

from synapse_analytics import vocabulary as v
from synapse_analytics.store.marts.codes import THOUSAND, listed, ordered_value, value_of
from synapse_analytics.store.score_flags import FOLLOW_UPS, bit_of
from synapse_analytics.store.tables import CARRIED, FIRST_VISIT, STEPS_FROM, WEEK_STEPS

BASELINE = v.VISITS[0]
FIRST_WEEK, LAST_WEEK = -8, 104
OF_INDEX = "index_code, instrument, episode_key, repeat_patient"
OF_EPISODE = ", ".join(CARRIED)  # of the table `carried`


def index_days() -> str:
    """Every index of every episode, and the number of follow-up windows that are over and that the patient lived through."""
    closed = " + ".join(f"(index_day + {visit.last} <= windows_close_by)::SMALLINT" for visit in FOLLOW_UPS)
    return f"""
WITH found AS (
  SELECT {FIRST_VISIT} AS index_code, episode_key, 0 AS index_day FROM follow_up
  UNION ALL
  SELECT treatment + 1, episode_key, min(start_day) FROM treatments WHERE start_day >= 0 GROUP BY treatment, episode_key)
SELECT index_code, episode_key, patient_key, repeat_patient, index_day, {closed} AS closed_visits, {OF_EPISODE}
FROM found JOIN follow_up USING (episode_key) JOIN carried USING (episode_key)"""


def answers_near(first: int, last: int) -> str:
    """Answers of a range of episodes, once per index of the episode, with the day counted from the index.

    They carry what the marts need of the index, so that none has to look it up again, and the day of the next answer (null
    after the last one).
    """
    return f"""
WITH given AS (
  SELECT *, lead(day) OVER (PARTITION BY episode_key, instrument ORDER BY day) AS next_day
  FROM scores WHERE episode_key BETWEEN {first} AND {last})
SELECT {OF_INDEX}, closed_visits, day - index_day AS day, next_day - index_day AS next_day, value
FROM given JOIN index_days USING (episode_key)
WHERE episode_key BETWEEN {first} AND {last} AND given.day - index_day BETWEEN {BASELINE.first} AND {FOLLOW_UPS[-1].last}"""


def values_around() -> str:
    """Per index and instrument: the baseline and the value at each reference visit, expected or not.

    The baseline is the last answer up to the index; a visit has the answer nearest its target, of two equally near the earlier.
    """
    baseline = f"max({ordered_value(f'day - {BASELINE.first}', 'value')}) FILTER (WHERE day <= {BASELINE.last})"
    visits = ", ".join(f"{value_of(_nearest(visit))} AS {visit.code}" for visit in FOLLOW_UPS)
    return f"""
SELECT index_code, episode_key, instrument, min(repeat_patient) AS repeat_patient, min(closed_visits) AS closed_visits,
       {value_of(baseline)} AS baseline, {visits}
FROM answers_near GROUP BY index_code, episode_key, instrument"""


def _nearest(visit: v.Visit) -> str:
    distance = f"CASE WHEN day > {visit.target} THEN 2 * (day - {visit.target}) + 1 ELSE 2 * ({visit.target} - day) END"
    return f"min({ordered_value(distance, 'value')}) FILTER (WHERE day BETWEEN {visit.first} AND {visit.last})"


def index_scores() -> str:
    """Every index and instrument that has a baseline, with the answers at the visits where one was expected."""
    answers = ", ".join(
        f"CASE WHEN closed_visits >= {place} THEN {visit.code} END AS {visit.code}" for place, visit in enumerate(FOLLOW_UPS, start=1)
    )
    return f"""
WITH wide AS (SELECT {OF_INDEX}, closed_visits, baseline, {answers} FROM values_around WHERE baseline IS NOT NULL)
SELECT *, {_flags()} AS flags FROM wide JOIN carried USING (episode_key)"""


def _flags() -> str:
    """The bits of score_flags.py; instruments of one family share their rules and are computed together."""
    families: dict[tuple[str, ...], list[int]] = {}
    for place, term in enumerate(v.INSTRUMENTS):
        families.setdefault(v.codes(v.presets_of(term.code)), []).append(place)
    cases = (f"WHEN instrument IN ({listed(places)}) THEN {_family_flags(v.INSTRUMENTS[places[0]])}" for places in families.values())
    return f"(CASE {' '.join(cases)} END)::BIGINT"


def _family_flags(instrument: v.Instrument) -> str:
    """Most visits have no answer: what rests on an answer is looked at only where there is one."""

    def flag(name: str, *held: str) -> str:
        return f"CASE WHEN {' AND '.join(held)} THEN {1 << bit_of(instrument.code, name)} ELSE 0 END"

    presets = v.presets_of(instrument.code)
    able = {preset.code: can_respond(preset, instrument) for preset in presets}
    bits = [flag(f"able_{code}", held) for code, held in able.items()]
    for place, visit in enumerate(FOLLOW_UPS, start=1):
        met = [flag(f"met_{one.code}_{visit.code}", able[one.code], responded(one, instrument, visit.code)) for one in presets]
        answered = " + ".join([str(1 << bit_of(instrument.code, f"answered_{visit.code}")), *met])
        bits += [
            flag(f"expected_{visit.code}", f"closed_visits >= {place}"),
            f"CASE WHEN {visit.code} IS NOT NULL THEN {answered} ELSE 0 END",
        ]
    return " + ".join(bits)


def can_respond(preset: v.Preset, instrument: v.Instrument) -> str:
    """True if the best score of the scale would meet the preset; a state can be reached from everywhere."""
    room = f"baseline - {_stored(instrument.low)}" if instrument.better == "lower" else f"{_stored(instrument.high)} - baseline"
    return {"points": f"{room} >= {_stored(preset.threshold)}", "percent": f"{room} > 0"}.get(preset.kind, "baseline IS NOT NULL")


def responded(preset: v.Preset, instrument: v.Instrument, value: str) -> str:
    """True if the score in the column `value` meets the preset; limits count as met."""
    improvement = f"baseline - {value}" if instrument.better == "lower" else f"{value} - baseline"
    if preset.kind == "points":
        return f"{improvement} >= {_stored(preset.threshold)}"
    if preset.kind == "percent":
        return f"({improvement}) * 100 >= baseline * {round(preset.threshold)}"
    return f"{value} {'<=' if instrument.better == 'lower' else '>='} {_stored(preset.threshold)}"


def _stored(number: float) -> int:
    return round(number * THOUSAND)


def visit_scores() -> str:
    """The answers at the reference visits where one was expected, one by one."""
    found = " UNION ALL ".join(
        f"SELECT {OF_INDEX}, {place} AS visit, baseline, {visit.code} AS value FROM values_around "
        f"WHERE closed_visits >= {place} AND baseline IS NOT NULL AND {visit.code} IS NOT NULL"
        for place, visit in enumerate(FOLLOW_UPS, start=1)
    )
    return f"SELECT * FROM ({found}) JOIN carried USING (episode_key)"


def week_scores() -> str:
    """The last answer of each week from the index, from 8 weeks before it to 104 weeks after.

    `last_of` says of which wider step of weeks it is the last answer, too: each step lies in one of the next width.
    """
    # Shifted first: whole division of a negative day would round towards zero.
    week, next_week = (f"(({day} - {7 * FIRST_WEEK}) // 7 + {FIRST_WEEK})" for day in ("day", "next_day"))
    last = " ".join(
        f"WHEN next_week IS NULL OR (next_week - {STEPS_FROM}) // {step} <> (week - {STEPS_FROM}) // {step} THEN {step}"
        for step in reversed(WEEK_STEPS)
    )
    return f"""
WITH given AS (
  SELECT {OF_INDEX}, {week} AS week, CASE WHEN next_day <= {7 * LAST_WEEK + 6} THEN {next_week} END AS next_week, value FROM answers_near
  WHERE day BETWEEN {7 * FIRST_WEEK} AND {7 * LAST_WEEK + 6})
SELECT {OF_INDEX}, week, CASE {last} END AS last_of, value, {OF_EPISODE} FROM given JOIN carried USING (episode_key)
WHERE next_week IS NULL OR next_week <> week"""
