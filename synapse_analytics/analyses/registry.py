"""The list of analyses there are: each has a name, options with defaults and legal values, and one function.

Whoever asks, and however the answer is got, asks here: so this is where a question goes into the audit log.
`answers` on the command line, the methods page and the tests read this list; nothing else registers anything.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics import audit
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import PUBLISH, Released
from synapse_analytics.errors import UsageError

Analysis = Callable[..., Released]
Recall = Callable[[Callable[[], Released]], Released]  # gives what was kept of an earlier answer, else computes it


@dataclass(frozen=True, slots=True)
class Option:
    """One option of an analysis: its default and what is legal."""

    name: str
    default: Any
    legal: tuple[Any, ...] | range | None  # None: any text the analysis checks itself
    meaning: str

    def parse(self, text: Any) -> Any:
        """The option's value from text (command line, URL) or a plain value; UsageError lists what is legal."""
        if text is None or text == "":
            return None if self.legal is None or None in self.legal else self.default
        if self.legal is None:
            return text
        for value in self.legal:
            if str(value) == str(text):
                return value
        shown = (
            f"{self.legal.start} to {self.legal.stop - 1}"
            if isinstance(self.legal, range)
            else ", ".join(str(v) for v in self.legal if v is not None)
        )
        raise UsageError(f"Option {self.name} cannot be '{text}'. Legal: {shown}.")


@dataclass(frozen=True, slots=True)
class Answer:
    """An analysis as it is listed: name, the question it answers, options and the function."""

    name: str
    question: str
    options: tuple[Option, ...]
    function: Analysis
    ask: Callable[[Clinic, Cohort | None, Mapping[str, Any], Recall], Released]  # the same, with a memory of its answers


_answers: dict[str, Answer] = {}


def analysis(*options: Option) -> Callable[[Analysis], Analysis]:
    """Register `(clinic, cohort, *, option=...) -> Released` under its own name: every call checks the options and logs the question."""

    def register(function: Analysis) -> Analysis:
        by_name = {option.name: option for option in options}

        def ask(clinic: Clinic, cohort: Cohort | None, given: Mapping[str, Any], recall: Recall) -> Released:
            unknown = sorted(set(given) - set(by_name))
            if unknown:
                raise UsageError(f"{function.__name__} has no option {', '.join(unknown)}. It has: {', '.join(by_name) or 'none'}.")
            values = {name: option.parse(given[name]) if name in given else option.default for name, option in by_name.items()}
            released = recall(functools.partial(function, clinic, cohort or Cohort(), **values))
            _log(clinic, released)
            return released

        @functools.wraps(function)
        def checked(clinic: Clinic, cohort: Cohort | None = None, **given: Any) -> Released:
            return ask(clinic, cohort, given, _computed)

        question = inspect.cleandoc(function.__doc__ or "").splitlines()[0]
        _answers[function.__name__] = Answer(function.__name__, question, options, checked, ask)
        return checked

    return register


def _log(clinic: Clinic, released: Released) -> None:
    """Log what is about to be shown, and to whom; StoreError where nothing may be shown without that and it cannot be done.

    Under `publish` everything shown may be told to anyone, so it is not logged. Nor is a question that the policy refuses
    with NotAllowed: nothing is shown.
    """
    if released.policy == PUBLISH.name:
        return
    detail = {"answer": released.name, "options": released.options, "n": released.n, "generation": released.generation}
    if released.refused:
        detail["refused"] = True  # 1 to 4 patients: how many exactly is nobody's to know, here neither
    asked = (audit.Event.QUESTION, clinic.asker, audit.Subject(released.cohort.url(), detail=detail))
    if clinic.settings.questions_must_be_logged:
        audit.append(*asked, home=clinic.home, done="Nothing is answered, because a question must be logged first")
    else:
        audit.append_soon(*asked, home=clinic.home)


def answers() -> Mapping[str, Answer]:
    """Every analysis, by name."""
    return dict(_answers)


def answer(clinic: Clinic, name: str, cohort: Cohort | None = None, recall: Recall | None = None, /, **options: Any) -> Released:
    """Run the analysis of this name, or let `recall` give what it kept of it; the question is logged. UsageError lists the names there are."""
    if name not in _answers:
        raise UsageError(f"There is no analysis '{name}'. There are: {', '.join(_answers)}.")
    return _answers[name].ask(clinic, cohort, options, recall or _computed)


def _computed(compute: Callable[[], Released]) -> Released:
    return compute()
