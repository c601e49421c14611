"""Indicators of the safety of surgery, counted from the first surgery on."""

from __future__ import annotations

from typing import Any

from synapse_analytics.indicators.declare import SAFETY_DAYS, SURGERY, YEAR, Indicator, rate, share
from synapse_analytics.vocabulary import STATUSES, position

OPERATED = "episodes with a first operation whose follow-up of {window} after it is complete"
AWAY = ", ".join(str(position(STATUSES, code)) for code in ("lost", "referred"))


def watched_until(hit: str, end: str) -> str:
    """Clause: had it, or did not leave observation (lost or referred) before a day."""
    return f"({hit}) OR NOT (status IN ({AWAY}) AND closed_day < {end})"


def _after_surgery(name: str, title: str, event: str, days: int, column: str) -> dict[str, Any]:
    """What the indicators of an event after surgery share; `column` holds the days from surgery to it."""
    hit, end = f"{column} <= {days}", f"first_surgery_day + {days}"
    return {
        "name": name,
        "title": title,
        "question": f"How often does {event} follow within {days} days of a first operation?",
        "theme": "safety",
        "index": SURGERY,
        "among": f"days_surely_observed >= {end}",
        "hit": hit,
        "followed": watched_until(hit, end),
        "numerator": f"those with {event} within {days} days of it",
        "denominator": OPERATED.format(window=f"{days} days"),
        "direction": "lower",
        "decimals": 1,
        "closes_after": days,
    }


COMPLICATIONS = _after_surgery(
    "complications_within_90_days", "Complications after surgery", "an adverse event", SAFETY_DAYS, "complication_days"
)
SAFETY: tuple[Indicator, ...] = (
    share(**COMPLICATIONS, why="Complications are the harm that care itself can do.", needs="adverse_events"),
    rate(
        **COMPLICATIONS
        | {
            "name": "adverse_events_per_100_operations",
            "title": "Adverse events per 100 operations",
            "question": "How many adverse events follow within 90 days of 100 first operations?",
            "numerator": "adverse events recorded on days 0 to 90 after the first operation; one episode may have several",
        },
        amount="events_in_90_days",
        why="The share of patients with a complication does not show how many complications one patient had.",
        needs="adverse_events",
    ),
    share(
        **_after_surgery(
            "reoperation_within_90_days", "Operated on again within 90 days", "another operation", SAFETY_DAYS, "next_surgery_days"
        ),
        why="Early reoperations are often due to infection, or to a level that was missed or wrong.",
    ),
    share(
        **_after_surgery(
            "reoperation_within_12_months", "Operated on again within 12 months", "another operation", YEAR, "next_surgery_days"
        ),
        why="After a first operation, patients fear a second one most.",
    ),
)
