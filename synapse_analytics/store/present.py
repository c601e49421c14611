"""Which codes of the closed lists anybody in the data has, noted at load: a page offers no filter that would leave nobody."""

from __future__ import annotations

from synapse_analytics.store.workshop import Workshop

PLACES = ("diagnosis", "sex", "age_band", "highest_stage", "pain_band", "odi_band", "symptom_band", "bmi_band", "comorbidities_band")
SETS = ("diagnoses", "symptoms", "investigations", "treatments")  # columns that hold bit masks themselves


def codes_present(workshop: Workshop) -> dict[str, int]:
    """For each column of episode_facts a bit mask: bit k is set where any episode has position k of the closed list."""
    masks = {name: f"bit_or(1::BIGINT << {name}::BIGINT)" for name in PLACES} | {name: f"bit_or({name}::BIGINT)" for name in SETS}
    found = workshop.fetch(f"SELECT {', '.join(f'{mask} AS {name}' for name, mask in masks.items())} FROM episode_facts").to_pylist()[0]
    return {name: int(mask or 0) for name, mask in found.items()}
