"""Indicators of access: who comes, how long they wait, and what investigations find."""

from __future__ import annotations

from synapse_analytics.indicators.declare import FIRST_VISIT, SETTLED_DAYS, Indicator, count, median, share

PATIENTS_SEEN = count(
    "patients_seen",
    title="Patients seen",
    question="How many patients came for the first visit of an episode?",
    theme="seen",
    index=FIRST_VISIT,
    among="TRUE",
    numerator="different patients, in the period of their first visit",
    denominator="everybody; this is a number of patients, not a share",
    direction="none",
    why="Every other number rests on how many patients come. A fall may mean that referral has changed, not care.",
)
ACCESS: tuple[Indicator, ...] = (
    median(
        "median_wait",
        title="Median wait for the first treatment",
        question="How long do patients wait from the first visit to the first treatment?",
        theme="access",
        index=FIRST_VISIT,
        among="first_treatment_day IS NOT NULL",
        amount="first_treatment_day",
        numerator="the median number of days from the first visit to the start of the first treatment on or after that day",
        denominator="episodes with a treatment on or after the day of the first visit",
        direction="lower",
        decimals=0,
        why="Patients are in pain while they wait, and pain that has lasted long is harder to treat.",
        closes_after=SETTLED_DAYS,
    ),
    share(
        "investigation_yield",
        title="Investigations that confirmed the diagnosis",
        question="How often do investigations confirm the diagnosis?",
        theme="access",
        index=FIRST_VISIT,
        among="investigations <> 0",
        hit="confirmed_investigations <> 0",
        numerator="those in which at least one investigation confirmed the diagnosis",
        denominator="episodes with at least one investigation",
        direction="none",
        decimals=0,
        why="Few confirmed diagnoses may mean needless imaging; very many may mean that imaging is done too late.",
        closes_after=SETTLED_DAYS,
        needs="investigations",
    ),
)
