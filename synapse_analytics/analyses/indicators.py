"""The indicators of the overview, each declared once: the page, the methods page and later control charts read this list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Measured(StrEnum):
    """What kind of number an indicator is."""

    COUNT = "count"
    MEAN = "mean"
    SHARE = "share"
    INCIDENCE = "incidence"
    MEDIAN = "median"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: what it is called, what it asks, what is divided by what, and how it is shown."""

    name: str
    title: str
    question: str
    measured: Measured
    numerator: str
    denominator: str
    unit: str  # patients | points | share | days
    direction: str  # higher | lower | none: what would be better
    decimals: int  # of the number as shown; shares are shown in per cent


ANSWERED = "episodes with a baseline and an answer nearest {months} months (reference visit), window surely closed, alive"
EXPECTED = "episodes with a baseline whose {months}-month window is surely closed and who lived to its end"
OPERATED = "episodes with a first surgery whose {window} afterwards are surely observed"


def _score(code: str, title: str, points: str) -> Iterator[Indicator]:
    """Mean improvement and responder share of one score at 3 and 12 months."""
    for months in (3, 12):
        answered = ANSWERED.format(months=months)
        yield Indicator(
            name=f"{code}_improvement_{months}_months",
            title=f"{title} improvement at {months} months",
            question=f"By how much does {title.lower() if title != 'ODI' else title} improve within {months} months?",
            measured=Measured.MEAN,
            numerator="improvement (baseline minus answer), summed; a fall of the score is positive",
            denominator=answered,
            unit="points",
            direction="higher",
            decimals=1,
        )
        yield Indicator(
            name=f"{code}_responders_{months}_months",
            title=f"Clearly less {'pain' if title == 'Pain' else 'disability'} at {months} months",
            question=f"What share of patients improves by {points} within {months} months?",
            measured=Measured.SHARE,
            numerator=f"of these, improved by {points}",
            denominator=f"{answered}, whose baseline can fall so far",
            unit="share",
            direction="higher",
            decimals=0,
        )


def _after_surgery(name: str, title: str, event: str, window: str) -> Indicator:
    return Indicator(
        name=name,
        title=title,
        question=f"How often does {event} follow within {window} of a first surgery?",
        measured=Measured.SHARE,
        numerator=f"of these, with {event} within {window} of it",
        denominator=OPERATED.format(window=window),
        unit="share",
        direction="lower",
        decimals=1,
    )


def _completeness(months: int) -> Indicator:
    return Indicator(
        name=f"follow_up_completeness_{months}_months",
        title=f"Followed up at {months} months",
        question=f"What share of the expected patients answered at {months} months?",
        measured=Measured.SHARE,
        numerator="of these, answered the headline score in the window",
        denominator=EXPECTED.format(months=months),
        unit="share",
        direction="higher",
        decimals=0,
    )


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        name="patients_seen",
        title="Patients seen",
        question="How many patients were seen for the first time?",
        measured=Measured.COUNT,
        numerator="distinct patients; by quarter of the first visit",
        denominator="none",
        unit="patients",
        direction="none",
        decimals=0,
    ),
    *_score("pain", "Pain", "at least 2 points"),
    *_score("odi", "ODI", "at least 10 points"),
    Indicator(
        name="surgery_within_12_months",
        title="Operated within 12 months",
        question="How many patients are operated within 12 months of the first visit?",
        measured=Measured.INCIDENCE,
        numerator="cumulative incidence of a first surgery by day 365 (Aalen-Johansen); resolved, discharged and died compete",
        denominator="episodes not operated before the first visit; lost, referred and open are censored",
        unit="share",
        direction="none",
        decimals=1,
    ),
    Indicator(
        name="conservative_care_first",
        title="Conservative care first",
        question="How often do at least 6 weeks of conservative care come before the first injection or surgery?",
        measured=Measured.SHARE,
        numerator="of these, at least 42 days covered by conservative courses in the 180 days before it",
        denominator="episodes with an injection or surgery from the first visit on, without red flags",
        unit="share",
        direction="higher",
        decimals=0,
    ),
    _after_surgery("complications_within_90_days", "Complications after surgery", "an adverse event", "90 days"),
    _after_surgery("reoperation_within_90_days", "Reoperated within 90 days", "another surgery", "90 days"),
    _after_surgery("reoperation_within_12_months", "Reoperated within 12 months", "another surgery", "365 days"),
    Indicator(
        name="median_wait",
        title="Wait to first treatment",
        question="How long do patients wait from the first visit to the first treatment?",
        measured=Measured.MEDIAN,
        numerator="median of the days from the first visit to the first start of a treatment on day 0 or later",
        denominator="episodes treated",
        unit="days",
        direction="lower",
        decimals=0,
    ),
    _completeness(3),
    _completeness(12),
)


def indicator(name: str) -> Indicator:
    """The declared indicator of this name; KeyError when there is none."""
    return {declared.name: declared for declared in INDICATORS}[name]
