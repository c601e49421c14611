"""The stamp of a file, picture or print: whether it may leave the clinic, who made it and when; and its name.

The stamp follows the policy under which the numbers were released, never the button that was pressed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import POLICIES, PUBLISH, Policy, Released, check_released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.vocabulary.periods import MONTHS, spoken

INSIDE, TO_SHARE = "inside", "to_share"  # the end of the name of a file
NOBODY_SIGNED_IN = {"local": "someone at this computer", "command line": "someone at the command line"}
EVERYBODY = "everybody"
LONGEST_OPTIONS, LONGEST_COHORT = 45, 45  # characters of the options and of the cohort in the name of a file
CLEAR_ALONE = (
    "diagnosis",
    "sex",
    "symptom",
    "site",
    "clinician",
    "treatment",
)  # filters whose values are clear without the name of the filter
RULES = {
    "clinic": "counts as they are; neither share nor mean nor curve of fewer than 5 patients",
    "publish": "every count rounded to 5; other numbers to two digits; small groups left out",
}
DEFINITIONS = "On the page Methods of the dashboard, and in docs/methods.md"


def today() -> date:
    """Today where this computer stands, not in Greenwich."""
    return datetime.now().astimezone().date()


def spoken_day(day: date) -> str:
    """26 Nov 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def stamp(clinic: Clinic) -> str:
    """The line on every picture, print, file and report: for use inside the clinic, made by whom and when; or safe to share."""
    info = clinic.generation
    made_up = " Synthetic data: these patients do not exist." if info.synthetic else ""
    if may_leave(clinic.policy):
        rule = f"counts rounded to {PUBLISH.count_step}, small groups left out"
        return f"Safe to share: {rule}. {info.clinic}, data complete to {spoken(info.data_until)}.{made_up}"
    return f"For use inside the clinic. Made by {who(clinic)} on {spoken_day(today())}.{made_up}"


def end_of_name(policy: Policy) -> str:
    """The end of the name of a file: INSIDE or TO_SHARE."""
    return TO_SHARE if may_leave(policy) else INSIDE


def may_leave(policy: Policy) -> bool:
    """True if numbers released under this policy may leave the clinic."""
    return policy is PUBLISH


def who(clinic: Clinic) -> str:
    """The name of the person who asks."""
    name = clinic.asker.name
    return NOBODY_SIGNED_IN.get(name, name)


def check_same(released: Released, clinic: Clinic) -> Released:
    """The answer itself; NotAllowed where it was released under another policy or from other data than the stamp would say."""
    answer = check_released(released)
    if (answer.policy, answer.generation) != (clinic.policy.name, clinic.generation.id):
        raise NotAllowed(
            f"This answer was released under the policy '{answer.policy}' from data version {answer.generation}. "
            f"It cannot be stamped as one under '{clinic.policy.name}' from {clinic.generation.id}."
        )
    return answer


def how_many(released: Released) -> str:
    """`about 2,000 patients, 2,150 episodes`, or `number withheld`; episodes are left out where there is one for each patient."""
    if released.n is None:
        return "number withheld"
    about_ = "about " if released.policy == PUBLISH.name else ""
    episodes = "" if released.episodes in (None, released.n) else f", {released.episodes:,} episodes"
    return f"{about_}{released.n:,} {'patient' if released.n == 1 else 'patients'}{episodes}"


def about(released: Released, clinic: Clinic, table: str) -> dict[str, str]:
    """The facts in the opening lines of a file, in order; `clinic` is the handle under which the answer was asked."""
    answer = check_same(released, clinic)
    info = clinic.generation
    hidden = sum(len(row["withheld"]) for row in answer.tables.get(table, ()))
    return {
        "Question": _question(answer.name),
        "Use": stamp(clinic),
        "Cohort": answer.cohort.sentence(),
        "Patients": _patients(answer),
        "Cohort as link": f"?{answer.cohort.url()}" if answer.cohort.url() else "no filter: everybody",
        "Options": _options(answer.options),
        "Answer and table": f"{answer.name}, {table}",
        "Data": f"{info.clinic}, version {info.id}, complete to {info.data_until}{', synthetic' if info.synthetic else ''}",
        "Policy": f"{answer.policy}: {RULES[answer.policy]}",
        "Date": today().isoformat(),
        "Numbers withheld": f"{hidden}" + (" (too few patients; see the column withheld)" if hidden else ""),
        "Definitions": DEFINITIONS,
    }


def _question(name: str) -> str:
    known = analyses.answers()
    return known[name].question if name in known else name


def _patients(answer: Released) -> str:
    if answer.n is None:
        return "number withheld"
    episodes = "" if answer.episodes is None else f" with {answer.episodes} episodes"
    return f"{'about ' if answer.policy == PUBLISH.name else ''}{answer.n}{episodes}"


def _options(options: Mapping[str, Any]) -> str:
    given = [f"{name}={f'{value:g}' if isinstance(value, float) else value}" for name, value in options.items() if value is not None]
    return " ".join(given) or "none"


def file_stem(released: Released, table: str) -> str:
    """The name of a file without its ending: answer, table (or card of a picture), options, cohort, and whether it may leave."""
    answer = check_released(released)
    what = table if f"{table}_".startswith(f"{answer.name}_") else f"{answer.name}-{table}"
    parts = [_safe(what), *_options_slug(answer), cohort_slug(answer.cohort), end_of_name(POLICIES[answer.policy])]
    return "-".join(parts)


def _options_slug(answer: Released) -> list[str]:
    """The options that are not as they are by default, so that two files of one answer have two names; as many as fit. A score that the data decided is named too."""
    known = analyses.answers().get(answer.name)
    usual = {option.name: option.default for option in known.options} if known else {}
    words = [word for name, value in answer.options.items() if value != usual.get(name) for word in _words(name, value)]
    return _fitting(words, LONGEST_OPTIONS)


def cohort_slug(cohort: Cohort) -> str:
    """The cohort as a part of a file name: its values in codes, as many as fit; "everybody" without filters."""
    words = [word for name, value in cohort.in_use().items() for word in _words(name, value)]
    return "-".join(_fitting(words, LONGEST_COHORT)) or EVERYBODY


def _fitting(words: Sequence[str], longest: int) -> list[str]:
    """The first words that fit into so many characters, and how many more there are."""
    kept = [word for place, word in enumerate(words) if len("-".join(words[: place + 1])) <= longest]
    left = len(words) - len(kept)
    return [*kept, *([f"and_{left}_more"] if left else [])]


def _words(name: str, value: Any) -> list[str]:
    values = [str(part) for part in value] if isinstance(value, tuple) else [str(value)]
    return [_safe(part if name in CLEAR_ALONE else f"{name}_{part}")[:LONGEST_COHORT] for part in values]


def _safe(text: str) -> str:
    """Letters, digits, hyphen and underscore only, so that any system takes the name."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text)
