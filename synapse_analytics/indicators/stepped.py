"""Indicators of stepped care and of the reason to operate."""

from __future__ import annotations

from synapse_analytics.indicators.declare import (
    ESCALATION,
    FIRST_VISIT,
    INJECTION,
    SURGERY,
    YEAR,
    Index,
    Indicator,
    incidence,
    share,
)
from synapse_analytics.indicators.safety import watched_until
from synapse_analytics.vocabulary import DIAGNOSES, SYMPTOMS, position

CONSERVATIVE_DAYS = 42  # of conservative care before the first injection or surgery
LITTLE_LEG_PAIN = 3_500  # thousandths of a point; NORspine's limit
DISC, WEAKNESS = position(DIAGNOSES, "herniated_disc"), 1 << position(SYMPTOMS, "leg_weakness")


def _stepped(name: str, title: str, event: str, index: Index, days: str) -> Indicator:
    return share(
        name,
        title=title,
        question=f"How often do at least 6 weeks of conservative care come before the first {event}?",
        theme="stepped",
        index=index,
        among="red_flags IS NOT TRUE",
        hit=f"{days} >= {CONSERVATIVE_DAYS}",
        numerator="those who had conservative care on at least 42 of the 180 days before it",
        denominator=f"episodes without red flags that had an {event} on or after the day of the first visit".replace(
            "an surgery", "surgery"
        ),
        direction="higher",
        decimals=0,
        why="Most back and leg pain improves without an injection or surgery. Patients with red flags need other care and are left out.",
    )


STEPPED: tuple[Indicator, ...] = (
    incidence(
        "surgery_within_12_months",
        title="Operated on within 12 months",
        question="How many patients are operated on within 12 months of the first visit?",
        theme="stepped",
        index=FIRST_VISIT,
        among="surgery_exit_cause IS NOT NULL",
        hit=f"surgery_exit_cause = 1 AND surgery_exit_day <= {YEAR}",
        competing=f"surgery_exit_cause = 2 AND surgery_exit_day <= {YEAR}",
        amount=f"least(surgery_exit_day, {YEAR + 1})",
        over=f"days_surely_observed >= {YEAR}",
        followed=watched_until(f"surgery_exit_cause = 1 AND surgery_exit_day <= {YEAR}", str(YEAR)),
        numerator="the cumulative incidence of a first operation by day 365 (Aalen-Johansen; recovery, discharge and death are competing events). "
        "Charts and funnels show the plain share among patients whose year of follow-up is complete; lost patients count as not operated on",
        denominator="episodes without an operation before the first visit; patients who were lost, referred elsewhere or are still under care are censored",
        direction="none",
        decimals=1,
        why="Clinics differ widely in how often they operate for the same complaint. Neither a low nor a high number is good in itself.",
        closes_after=YEAR,
    ),
    _stepped(
        "conservative_care_first",
        "Six weeks of conservative care first",
        "injection or surgery",
        ESCALATION,
        "conservative_days_before_escalation",
    ),
    _stepped(
        "conservative_care_before_injection",
        "Conservative care before injection",
        "injection",
        INJECTION,
        "conservative_days_before_injection",
    ),
    _stepped(
        "conservative_care_before_surgery",
        "Conservative care before surgery",
        "surgery",
        SURGERY,
        "conservative_days_before_surgery",
    ),
    share(
        "surgery_without_clear_reason",
        title="Operated on with little leg pain and no weakness recorded",
        question="How often is a herniated disc operated on although leg pain is low and no weakness was recorded?",
        theme="stepped",
        index=SURGERY,
        among=f"diagnosis = {DISC} AND leg_pain IS NOT NULL",
        hit=f"leg_pain < {LITTLE_LEG_PAIN} AND (symptoms & {WEAKNESS}) = 0 AND red_flags IS NOT TRUE",
        numerator="those whose leg pain was under 3.5 at the last answer in the 60 days before surgery, with neither leg weakness nor a red flag recorded",
        denominator="episodes of a herniated disc with a first operation, and a score of leg pain in the 60 days before it",
        direction="lower",
        decimals=1,
        why="Disc surgery helps leg pain and weakness. Without either, the benefit is small and the risk is the same.",
        target=0.03,
        target_source="NORspine: at most 3 % of disc operations without paresis and with leg pain under 3.5",
        adjustable=False,
        needs="symptoms",
    ),
)
