"""Indicators of outcome: how much pain and disability improve, for how many clearly, and how completely patients answered."""

from __future__ import annotations

from collections.abc import Iterator

from synapse_analytics.indicators.declare import CONSERVATIVE_ONLY, FIRST_VISIT, OF_PROCEDURE, Index, Indicator, both, mean, share
from synapse_analytics.vocabulary import TREATMENTS, VISITS, find

MONTHS = (3, 12)
SCORES = {"pain": ("Pain", "pain", "at least 2 points"), "odi": ("Disability (ODI)", "disability (ODI)", "at least 10 points")}
CLEAR = {"pain": "clear", "odi": "odi_10"}  # the rule by which an improvement is clear; of pain that of the main score
ANSWERED = (
    "episodes with a baseline and an answer at {months} months, whose follow-up period is complete and whose patient was alive at its end"
)
EXPECTED = "episodes with a baseline whose follow-up period of {months} months is complete and whose patient was alive at its end"
GROUPS = {
    "first_visit": ("", "within {months} months of the first visit"),
    "conservative_only": (" with conservative care only", "within {months} months with conservative care only"),
    **{
        code: (f" after {find(TREATMENTS, code).label.lower()}", f"within {{months}} months of {find(TREATMENTS, code).label.lower()}")
        for code in OF_PROCEDURE
    },
}
INDEX: dict[str, Index] = {"first_visit": FIRST_VISIT, "conservative_only": CONSERVATIVE_ONLY, **OF_PROCEDURE}
WHY_SCORE = "Patients come to have less pain and to be able to do more."
NEVER = 100_000  # days


def closes_after(months: int) -> int:
    """Days after which the window of a reference visit is over."""
    return find(VISITS, f"month_{months}").last


def _group(theme: str, months: int) -> str:
    """Clause: who belongs to the group at all. Conservative care had begun, and nobody injected or operated, until the window ended."""
    if theme != "conservative_only":
        return ""
    return (
        f"first_conservative_day <= {closes_after(months)} AND NOT injected_before_day_0 AND NOT operated_before_day_0 "
        f"AND coalesce(first_escalation_day, {NEVER}) > {closes_after(months)}"
    )


def _answered_words(theme: str, months: int) -> str:
    base = ANSWERED.format(months=months)
    if theme == "conservative_only":
        return f"{base}; only patients who had conservative care, and no injection or surgery before the end of the period"
    if theme in OF_PROCEDURE:
        return f"{base}; time is counted from the first {find(TREATMENTS, theme).label.lower()}, and the baseline is from the 60 days before it"
    return base


def _name(code: str, what: str, theme: str, months: int) -> str:
    return "_".join([code, what, *([] if theme == "first_visit" else [theme]), str(months), "months"])


def _scores(theme: str) -> Iterator[Indicator]:
    for code in SCORES:
        for months in MONTHS:
            yield _improvement(theme, code, months)
            yield _responders(theme, code, months)


def _improvement(theme: str, code: str, months: int) -> Indicator:
    title, spoken, _ = SCORES[code]
    group, when = GROUPS[theme]
    return mean(
        _name(code, "improvement", theme, months),
        title=f"{title} improvement at {months} months{group}",
        question=f"By how much does {spoken} improve {when.format(months=months)}?",
        theme=theme,
        index=INDEX[theme],
        among=both(_group(theme, months), f"{code}_answered_{months}"),
        amount=f"{code}_change_{months}",
        expected=both(_group(theme, months), f"{code}_expected_{months}"),
        followed=f"{code}_answered_{months}",
        numerator="the mean improvement, which is the score at baseline minus the score at follow-up",
        denominator=_answered_words(theme, months),
        direction="higher",
        decimals=1,
        why=WHY_SCORE,
        closes_after=closes_after(months),
    )


def _responders(theme: str, code: str, months: int) -> Indicator:
    _, spoken, enough = SCORES[code]
    group, when = GROUPS[theme]
    return share(
        _name(code, "responders", theme, months),
        title=f"Clearly less {'pain' if code == 'pain' else 'disability'} at {months} months{group}",
        question=f"What share of patients improve in {spoken} by {enough} {when.format(months=months)}?",
        theme=theme,
        index=INDEX[theme],
        among=both(_group(theme, months), f"{code}_answered_{months}", f"{code}_able_{CLEAR[code]}"),
        hit=f"{code}_met_{CLEAR[code]}_{months}",
        expected=both(_group(theme, months), f"{code}_expected_{months}"),
        followed=f"{code}_answered_{months}",
        numerator=f"those who improved by {enough}",
        denominator=f"{_answered_words(theme, months)}; only patients whose score at baseline was high enough to improve by that much",
        direction="higher",
        decimals=0,
        why=WHY_SCORE,
        closes_after=closes_after(months),
    )


def _success(theme: str, preset: str, enough: str) -> Indicator:
    """Improved by the threshold of the Norwegian spine registry."""
    group, _ = GROUPS[theme]
    return share(
        f"success_{theme}_12_months",
        title=f"Success at 12 months{group} (ODI better by {enough})",
        question=f"What share of patients have an ODI that is better by {enough} 12 months{group}?",
        theme=theme,
        index=INDEX[theme],
        among=both("odi_answered_12", f"odi_able_{preset}"),
        hit=f"odi_met_{preset}_12",
        expected="odi_expected_12",
        followed="odi_answered_12",
        numerator=f"those whose ODI improved by {enough}",
        denominator=f"{_answered_words(theme, 12)}; only patients whose score at baseline was high enough to improve by that much",
        direction="higher",
        decimals=0,
        why="This is the threshold of the Norwegian registry; it is stricter than a clear improvement. The registry's goal of 70 % is for elective first "
        "operations for one diagnosis. These data do not show which operations those are, so the clinic may set its own target.",
        closes_after=closes_after(12),
    )


def _completeness(months: int) -> Indicator:
    return share(
        f"follow_up_completeness_{months}_months",
        title=f"Followed up at {months} months",
        question=f"What share of the expected patients answered at {months} months?",
        theme="follow_up",
        index=FIRST_VISIT,
        among=f"pain_expected_{months}",
        hit=f"pain_answered_{months}",
        expected=f"pain_expected_{months}",
        followed=f"pain_answered_{months}",
        numerator="those who answered the main score within the days of this visit",
        denominator=EXPECTED.format(months=months),
        direction="higher",
        decimals=0,
        why="Patients who do not answer may be doing worse. The more patients answer, the more an outcome can be trusted.",
        target=0.80,
        target_source="NORspine: more than 80 % answer at 3 and 12 months",
        closes_after=closes_after(months),
    )


GOOD_STATE = share(
    "good_state_12_months",
    title="Low disability at 12 months (ODI 22 or less)",
    question="What share of patients have an ODI of 22 or less 12 months after the first visit?",
    theme="first_visit",
    index=FIRST_VISIT,
    among="odi_answered_12",
    hit="odi_met_odi_22_12",
    expected="odi_expected_12",
    followed="odi_answered_12",
    numerator="those with an ODI of 22 or less",
    denominator=ANSWERED.format(months=12),
    direction="higher",
    decimals=0,
    why="What counts for a patient is to be well, not only to improve. Somebody who was never very disabled can be well after a small improvement.",
    closes_after=closes_after(12),
)
OUTCOMES: tuple[Indicator, ...] = (
    *_scores("first_visit"),
    GOOD_STATE,
    *_scores("conservative_only"),
    *(declared for procedure in OF_PROCEDURE for declared in _scores(procedure)),
    _success("discectomy", "odi_20", "at least 20 points"),
    _success("laminectomy", "odi_30pct", "at least 30 %"),
)
FOLLOW_UP: tuple[Indicator, ...] = (_completeness(3), _completeness(12))
