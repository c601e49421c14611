"""episode_facts: every attribute of an episode that a page filters, groups or counts by, one row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from synapse_analytics import vocabulary as v
from synapse_analytics.store import tables
from synapse_analytics.store.characteristics import BITS, LEVELS
from synapse_analytics.store.marts.codes import THOUSAND, band, listed, mask_of, of_stage, set_of


def listed_sets() -> str:
    """Symptoms, other diagnoses and investigations of each episode as bit masks, and the first day of each investigation."""
    confirmed = v.position(v.FINDINGS, "confirmed")
    days = ", ".join(
        f"min(day) FILTER (WHERE investigation = {place}) AS first_{term.code}_day" for place, term in enumerate(v.INVESTIGATIONS)
    )
    return f"""
WITH symptom_sets AS (SELECT episode_key, {set_of("symptom")} AS symptoms FROM symptoms GROUP BY episode_key),
diagnosis_sets AS (SELECT episode_key, {set_of("diagnosis")} AS other_diagnoses FROM other_diagnoses GROUP BY episode_key),
investigation_sets AS (
  SELECT episode_key, {set_of("investigation")} AS investigations,
         {set_of("investigation")} FILTER (WHERE finding = {confirmed}) AS confirmed_investigations, {days}
  FROM investigations GROUP BY episode_key)
SELECT * FROM (SELECT episode_key FROM episodes) LEFT JOIN symptom_sets USING (episode_key)
              LEFT JOIN diagnosis_sets USING (episode_key) LEFT JOIN investigation_sets USING (episode_key)"""


def episodes_in_order() -> str:
    """The base rows of the episodes in the order of the mart: to sort them before they are joined takes a tenth of the time."""
    return "SELECT * FROM episodes ORDER BY diagnosis, first_visit_month, episode_key"


def carried(headline: int) -> str:
    """Of each episode what the marts carry of episode_facts, in the order of the episodes."""
    computed = _computed(headline)
    columns = ", ".join(f"{computed.get(name, name)} AS {name}" for name in tables.CARRIED)
    return f"""
SELECT episode_key, {columns} FROM episodes JOIN patients USING (patient_key)
LEFT JOIN treatment_summary USING (episode_key) ORDER BY episode_key"""


def episode_facts(pieces: tuple[str, ...], headline: int) -> str:
    """What was laid out side by side, in the columns of the mart and the order of `episodes_in_order`."""
    computed = _computed(headline)
    columns = ", ".join(f"{computed.get(column.name, column.name)} AS {column.name}" for column in tables.episode_facts.columns)
    joined = " ".join(f"LEFT JOIN {piece} USING (episode_key)" for piece in pieces)
    return f"SELECT {columns} FROM episodes_in_order given JOIN patients USING (patient_key) {joined}"


def _computed(headline: int) -> Mapping[str, str]:
    """The columns that are not simply carried over."""
    age_band = band("age_years", v.AGE_BANDS)
    # The pain bands are points of a 0-10 scale; a headline of another kind has none.
    nrs = v.INSTRUMENTS[headline].code.startswith("nrs")
    sets = ("symptoms", "investigations", "confirmed_investigations", "treatments", "highest_stage", "pathway")
    return {name: f"coalesce({name}, 0)" for name in sets} | {
        "episode_key": "given.episode_key",
        "patient_key": "given.patient_key",
        "age_band": age_band,
        "age_sex": f"{age_band} * {len(v.SEXES)} + sex",
        "comorbidities_band": "CASE WHEN comorbidities >= 3 THEN 3 ELSE comorbidities END",
        "year": "first_visit_month // 12",
        "pain_band": band("headline_baseline", v.PAIN_BANDS, unit=THOUSAND) if nrs else "NULL",
        "odi_band": band("baseline_odi", v.ODI_BANDS, unit=THOUSAND),
        "bmi_band": band("bmi", v.BMI_BANDS, unit=THOUSAND),
        "symptom_band": band("symptom_weeks", v.SYMPTOM_BANDS),
        "diagnoses": "(1 << diagnosis::INTEGER) | coalesce(other_diagnoses, 0)",
        "injected_before_day_0": "coalesce(injected_before_day_0, FALSE)",
        "operated_before_day_0": "coalesce(operated_before_day_0, FALSE)",
        "characteristics": _bits(_characteristic(name) for name in BITS),
        "care": _bits(f"coalesce(treatments, 0) & {mask_of(of_stage(stage.code))} <> 0" for stage in v.STAGES),
    }


def _characteristic(name: str) -> str:
    """The condition of a bit of store/characteristics.py."""
    variable, _, level = name.partition(":")
    if variable in LEVELS:
        places = listed(place for place, term in enumerate(LEVELS[variable]) if level in {"", term.code})
        return f"coalesce({variable} IN ({places}), FALSE)"
    return f"{variable} IS TRUE" if level else f"{variable} IS NOT NULL"


def _bits(conditions: Iterable[str]) -> str:
    """Conditions that are never null as the bits of one number."""
    return " + ".join(f"(({condition})::INTEGER << {place})" for place, condition in enumerate(conditions))
