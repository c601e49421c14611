"""Indicators of access: who comes, how long they wait, and what investigations find."""

from __future__ import annotations

from synapse_analytics.indicators.declare import FIRST_VISIT, SETTLED_DAYS, Indicator, count, median, share

PATIENTS_SEEN = count(
    "patients_seen",
    title="Patients seen",
    question="How many patients began an episode?",
    theme="seen",
    index=FIRST_VISIT,
    among="TRUE",
    numerator="distinct patients; by the period of the first visit",
    denominator="none",
    direction="none",
    why="Every other number rests on how many come; a fall may be a change of referral, not of care.",
)
ACCESS: tuple[Indicator, ...] = (
    median(
        "median_wait",
        title="Wait for the first treatment, median",
        question="How long do patients wait from the first visit to the first treatment?",
        theme="access",
        index=FIRST_VISIT,
        among="first_treatment_day IS NOT NULL",
        amount="first_treatment_day",
        numerator="median of the days from the first visit to the first start of a treatment on day 0 or later",
        denominator="episodes treated",
        direction="lower",
        decimals=0,
        why="Waiting hurts, and long pain is harder to treat.",
        closes_after=SETTLED_DAYS,
    ),
    share(
        "investigation_yield",
        title="Investigations that confirmed the diagnosis",
        question="How often does what is investigated confirm the diagnosis?",
        theme="access",
        index=FIRST_VISIT,
        among="investigations <> 0",
        hit="confirmed_investigations <> 0",
        numerator="of these, at least one investigation confirmed the diagnosis",
        denominator="episodes with at least one investigation",
        direction="none",
        decimals=0,
        why="A low yield may mean needless pictures, a very high one that they are made too late.",
        closes_after=SETTLED_DAYS,
        needs="investigations",
    ),
)
