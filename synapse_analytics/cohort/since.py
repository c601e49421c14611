"""What changed since a cohort was saved, in words: the data, the policy, the number of patients.

The saved number is shown only beside one of the same policy, and never where their difference would reveal a few patients.
"""

from __future__ import annotations

from synapse_analytics.cohort.saved import Saved
from synapse_analytics.cohort.words import counted
from synapse_analytics.disclosure import POLICIES

UNKNOWN = "This cohort does not say when it was saved, so what has changed since is not known."


def what_changed(then: Saved | None, now: Saved) -> str:
    """What has changed between two states of the same cohort."""
    if then is None:
        return UNKNOWN
    news = _news(then, now)
    told, numbers = _numbers(then, now)
    saved = f"Saved on {then.on}{f' with {_patients(then)}' if told else ''}."
    if not news and then.patients == now.patients:
        return f"{saved} Nothing has changed since."
    return f"{saved} Since then {' and '.join(news)}; {numbers}." if news else f"{saved} {numbers[0].upper()}{numbers[1:]}."


def _news(then: Saved, now: Saved) -> list[str]:
    news = []
    if now.generation > then.generation:  # ids sort by time
        news.append(f"newer data were loaded (data version {now.generation})")
    elif now.generation < then.generation:
        news.append(f"an earlier data version was taken into use again ({now.generation})")
    if now.policy != then.policy:
        news.append(f"the policy changed from {then.policy} to {now.policy}")
    return news


def _numbers(then: Saved, now: Saved) -> tuple[bool, str]:
    """(True if the saved number may be shown, the words for the number now)."""
    if then.policy != now.policy:
        return False, "numbers under two different policies are not compared"
    if then.patients is None or now.patients is None:
        return False, "the number of patients is withheld, so it cannot be compared"
    if then.patients == now.patients:
        return True, f"still {_patients(now)}"
    if abs(now.patients - then.patients) < POLICIES[now.policy].counted:
        return False, "the number of patients has changed by a few"
    return True, f"now {_patients(now)}"


def _patients(state: Saved) -> str:
    policy = POLICIES[state.policy]
    about = "about " if policy.count_step > 1 and state.patients else ""
    return f"{about}{counted(state.patients or 0, policy.group)}"
