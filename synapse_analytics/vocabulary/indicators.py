"""The indicators of the clinic, each declared once: pages, answers, the report, Methods and the settings read this list.

An indicator says what is counted of what, which way is better, what its target is and from where, and why it matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from synapse_analytics.vocabulary import TREATMENTS, VISITS, Term, find


class Measured(StrEnum):
    """What kind of number an indicator is."""

    COUNT = "count"
    MEAN = "mean"
    SHARE = "share"
    INCIDENCE = "incidence"
    MEDIAN = "median"
    RATE = "rate"  # events per 100


SET_BY_CLINIC = "set by the clinic"
NO_TARGET = "none; the clinic may set one"
SMALLEST_N = 10  # units under it are pooled; NORspine hides them
YEAR, SAFETY_DAYS = 365, 90
SETTLED_DAYS = 90  # by then nearly everybody is investigated and treated: the months after it would hold only the quick ones

THEMES: tuple[Term, ...] = (
    Term("seen", "Who comes"),
    Term("first_visit", "After the first visit"),
    Term("conservative_only", "After conservative care only"),
    Term("discectomy", "After discectomy"),
    Term("laminectomy", "After laminectomy"),
    Term("spinal_fusion", "After fusion"),
    Term("other_spine_surgery", "After other surgery"),
    Term("stepped", "Stepped care and indication"),
    Term("safety", "Safety of surgery"),
    Term("access", "Access and investigation"),
    Term("follow_up", "Follow-up"),
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: what it asks, what is divided by what, which way is better, its target, and how it is shown."""

    name: str
    title: str
    question: str
    theme: str  # code in THEMES
    measured: Measured
    numerator: str
    denominator: str
    unit: str  # patients | points | share | days | per_100
    direction: str  # higher | lower | none: what would be better
    decimals: int  # of the number as shown; shares are shown in per cent
    why: str
    target: float | None = None
    target_source: str = NO_TARGET
    smallest_n: int = SMALLEST_N
    closes_after: int = 0  # days from its index until its window is over
    preset: str | None = None  # the responder rule it rests on
    adjustable: bool = True  # whether case mix may be adjusted for; not where the event itself is made of it

    @property
    def charts(self) -> tuple[str, ...]:
        """Which charts it has: all have a control chart; counts and medians have no funnel."""
        return ("control",) if self.measured in (Measured.COUNT, Measured.MEDIAN, Measured.RATE) else ("control", "funnel")

    @property
    def over_time(self) -> str:
        """What the months of its control chart are."""
        if self.name.startswith("conservative_care"):
            return "month of the injection or surgery"
        operated = self.theme in (*PROCEDURES, "safety") or self.name == "surgery_without_clear_reason"
        return "month of surgery" if operated else "month of the first visit"


PROCEDURES = ("discectomy", "laminectomy", "spinal_fusion", "other_spine_surgery")
ANSWERED = "episodes with a baseline and an answer nearest {months} months (reference visit), window surely closed, alive"
EXPECTED = "episodes with a baseline whose {months}-month window is surely closed and who lived to its end"
OPERATED = "episodes with a first surgery whose {window} afterwards are surely observed"
SCORES = {"pain": ("Pain", "pain", "at least 2 points"), "odi": ("ODI", "ODI", "at least 10 points")}
GROUPS = {
    "first_visit": ("", "within {months} months of the first visit"),
    "conservative_only": (" with conservative care only", "within {months} months when no injection or surgery has come before"),
    **{code: (f" after {find(TREATMENTS, code).label.lower()}", "within {months} months of the procedure") for code in PROCEDURES},
}
WHY_SCORE = "It is what patients come for: less pain, and being able to do more."


def _scores(theme: str) -> Iterator[Indicator]:
    for code in SCORES:
        for months in (3, 12):
            yield _improvement(theme, code, months)
            yield _responders(theme, code, months)


def _stem(theme: str) -> str:
    return "" if theme == "first_visit" else f"_{theme}"


def _closes(months: int) -> int:
    return find(VISITS, f"month_{months}").last


def _improvement(theme: str, code: str, months: int) -> Indicator:
    title, spoken, _ = SCORES[code]
    group, when = GROUPS[theme]
    return Indicator(
        name=f"{code}_improvement{_stem(theme)}_{months}_months",
        title=f"{title} improvement at {months} months{group}",
        question=f"By how much does {spoken} improve {when.format(months=months)}?",
        theme=theme,
        measured=Measured.MEAN,
        numerator="improvement (baseline minus answer), summed; a fall of the score is positive",
        denominator=_answered(theme, months),
        unit="points",
        direction="higher",
        decimals=1,
        why=WHY_SCORE,
        closes_after=_closes(months),
    )


def _responders(theme: str, code: str, months: int) -> Indicator:
    _, spoken, enough = SCORES[code]
    group, when = GROUPS[theme]
    return Indicator(
        name=f"{code}_responders{_stem(theme)}_{months}_months",
        title=f"Clearly less {'pain' if code == 'pain' else 'disability'} at {months} months{group}",
        question=f"What share of patients improves in {spoken} by {enough} {when.format(months=months)}?",
        theme=theme,
        measured=Measured.SHARE,
        numerator=f"of these, improved by {enough}",
        denominator=f"{_answered(theme, months)}, whose baseline can fall so far",
        unit="share",
        direction="higher",
        decimals=0,
        why=WHY_SCORE,
        closes_after=_closes(months),
        preset="nrs_2" if code == "pain" else "odi_10",
    )


def _success(theme: str, preset: str, enough: str) -> Indicator:
    """Improved by the threshold of the Norwegian spine registry."""
    group, _ = GROUPS[theme]
    return Indicator(
        name=f"success_{theme}_12_months",
        title=f"Success at 12 months{group} (ODI {enough})",
        question=f"What share of patients has an ODI improved by {enough} 12 months{group}?",
        theme=theme,
        measured=Measured.SHARE,
        numerator=f"of these, ODI improved by {enough}",
        denominator=f"{_answered(theme, 12)}, whose baseline can fall so far",
        unit="share",
        direction="higher",
        decimals=0,
        why="The threshold of the Norwegian registry, which asks more than a clear improvement. Its goal of 70 % holds for elective first "
        "operations of one diagnosis, which these data cannot tell: the clinic may set its own.",
        closes_after=_closes(12),
        preset=preset,
    )


def _answered(theme: str, months: int) -> str:
    base = ANSWERED.format(months=months)
    if theme == "conservative_only":
        return f"{base}; treated conservatively and neither injected nor operated before the window ended"
    if theme in PROCEDURES:
        return f"{base}; counted from the first {find(TREATMENTS, theme).label.lower()}, with a baseline within 60 days before it"
    return base


def _after_surgery(name: str, title: str, event: str, days: int, why: str) -> Indicator:
    window = f"{days} days"
    return Indicator(
        name=name,
        title=title,
        question=f"How often does {event} follow within {window} of a first surgery?",
        theme="safety",
        measured=Measured.SHARE,
        numerator=f"of these, with {event} within {window} of it",
        denominator=OPERATED.format(window=window),
        unit="share",
        direction="lower",
        decimals=1,
        why=why,
        closes_after=days,
    )


def _stepped(name: str, title: str, event: str) -> Indicator:
    return Indicator(
        name=name,
        title=title,
        question=f"How often do at least 6 weeks of conservative care come before the first {event}?",
        theme="stepped",
        measured=Measured.SHARE,
        numerator="of these, at least 42 days covered by conservative courses in the 180 days before it",
        denominator=f"episodes with an {event} from the first visit on, without red flags".replace("an surgery", "a surgery"),
        unit="share",
        direction="higher",
        decimals=0,
        why="Most back and leg pain gets better without a needle or a knife; red flags are the exception and are left out.",
    )


def _completeness(months: int) -> Indicator:
    return Indicator(
        name=f"follow_up_completeness_{months}_months",
        title=f"Followed up at {months} months",
        question=f"What share of the expected patients answered at {months} months?",
        theme="follow_up",
        measured=Measured.SHARE,
        numerator="of these, answered the headline score in the window",
        denominator=EXPECTED.format(months=months),
        unit="share",
        direction="higher",
        decimals=0,
        why="Those who do not answer may fare worse: an outcome is as trustworthy as its follow-up is complete.",
        target=0.80,
        target_source="NORspine: more than 80 % answer at 3 and 12 months",
        closes_after=_closes(months),
    )


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        name="patients_seen",
        title="Patients seen",
        question="How many patients began an episode?",
        theme="seen",
        measured=Measured.COUNT,
        numerator="distinct patients; by month or quarter of the first visit",
        denominator="none",
        unit="patients",
        direction="none",
        decimals=0,
        why="Every other number rests on how many come; a fall may be a change of referral, not of care.",
    ),
    *_scores("first_visit"),
    Indicator(
        name="good_state_12_months",
        title="Little disability left at 12 months (ODI up to 22)",
        question="What share of patients has an ODI of 22 or less 12 months after the first visit?",
        theme="first_visit",
        measured=Measured.SHARE,
        numerator="of these, ODI of 22 or less",
        denominator=ANSWERED.format(months=12),
        unit="share",
        direction="higher",
        decimals=0,
        why="An acceptable state counts, not only the way there: who was never badly off can be well without improving much.",
        closes_after=_closes(12),
        preset="odi_22",
    ),
    *_scores("conservative_only"),
    *(declared for procedure in PROCEDURES for declared in _scores(procedure)),
    _success("discectomy", "odi_20", "at least 20 points"),
    _success("laminectomy", "odi_30pct", "at least 30 %"),
    Indicator(
        name="surgery_within_12_months",
        title="Operated within 12 months",
        question="How many patients are operated within 12 months of the first visit?",
        theme="stepped",
        measured=Measured.INCIDENCE,
        numerator="cumulative incidence of a first surgery by day 365 (Aalen-Johansen); resolved, discharged and died compete. "
        "In charts and funnels the plain share of those whose year is surely over, lost counted as not operated",
        denominator="episodes not operated before the first visit; lost, referred and open are censored",
        unit="share",
        direction="none",
        decimals=1,
        why="How readily a clinic operates differs widely for the same complaint; neither few nor many is good in itself.",
        closes_after=YEAR,
    ),
    _stepped("conservative_care_first", "Conservative care first", "injection or surgery"),
    _stepped("conservative_care_before_injection", "Conservative care before injection", "injection"),
    _stepped("conservative_care_before_surgery", "Conservative care before surgery", "surgery"),
    Indicator(
        name="surgery_without_clear_reason",
        title="Operated with little leg pain and no weakness recorded",
        question="How often is a herniated disc operated although leg pain is little and no weakness was recorded?",
        theme="stepped",
        measured=Measured.SHARE,
        numerator="of these, leg pain under 3.5 at the last answer within 60 days before surgery, and neither leg weakness nor a red flag recorded",
        denominator="episodes of a herniated disc with a first surgery, whose leg pain was recorded within 60 days before it",
        unit="share",
        direction="lower",
        decimals=1,
        why="Disc surgery is for leg pain and weakness; without either the gain is small and the risk stays.",
        target=0.03,
        target_source="NORspine: at most 3 % of disc operations without paresis and with leg pain under 3.5",
        adjustable=False,
    ),
    _after_surgery(
        "complications_within_90_days", "Complications after surgery", "an adverse event", SAFETY_DAYS, "The harm that care itself can do."
    ),
    Indicator(
        name="adverse_events_per_100_operations",
        title="Adverse events per 100 operations",
        question="How many adverse events follow within 90 days of 100 first surgeries?",
        theme="safety",
        measured=Measured.RATE,
        numerator="adverse events recorded on days 0 to 90 after the first surgery; one episode may have several",
        denominator=OPERATED.format(window="90 days"),
        unit="per_100",
        direction="lower",
        decimals=1,
        why="The share of patients with a complication hides how many one patient had.",
        closes_after=SAFETY_DAYS,
    ),
    _after_surgery(
        "reoperation_within_90_days",
        "Reoperated within 90 days",
        "another surgery",
        SAFETY_DAYS,
        "Early reoperations tell of infections and of missed or wrong levels.",
    ),
    _after_surgery(
        "reoperation_within_12_months",
        "Reoperated within 12 months",
        "another surgery",
        YEAR,
        "A second operation is what patients fear most after the first.",
    ),
    Indicator(
        name="median_wait",
        title="Wait to first treatment",
        question="How long do patients wait from the first visit to the first treatment?",
        theme="access",
        measured=Measured.MEDIAN,
        numerator="median of the days from the first visit to the first start of a treatment on day 0 or later",
        denominator="episodes treated",
        unit="days",
        direction="lower",
        decimals=0,
        why="Waiting hurts, and long pain is harder to treat.",
        closes_after=SETTLED_DAYS,
    ),
    Indicator(
        name="investigation_yield",
        title="Investigations that confirmed the diagnosis",
        question="How often does what is investigated confirm the diagnosis?",
        theme="access",
        measured=Measured.SHARE,
        numerator="of these, at least one investigation confirmed the diagnosis",
        denominator="episodes with at least one investigation",
        unit="share",
        direction="none",
        decimals=0,
        why="A low yield may mean needless pictures, a very high one that they are made too late.",
        closes_after=SETTLED_DAYS,
    ),
    _completeness(3),
    _completeness(12),
)

# The tiles of the overview: the few that a board reads first.
OVERVIEW: tuple[str, ...] = (
    "patients_seen",
    *(f"{code}_{kind}_{months}_months" for code in SCORES for months in (3, 12) for kind in ("improvement", "responders")),
    "surgery_within_12_months",
    "conservative_care_first",
    "complications_within_90_days",
    "reoperation_within_90_days",
    "reoperation_within_12_months",
    "median_wait",
    "follow_up_completeness_3_months",
    "follow_up_completeness_12_months",
)
_BY_NAME = {declared.name: declared for declared in INDICATORS}
NAMES: tuple[str, ...] = tuple(_BY_NAME)


def indicator(name: str) -> Indicator:
    """The declared indicator of this name; KeyError when there is none."""
    return _BY_NAME[name]
