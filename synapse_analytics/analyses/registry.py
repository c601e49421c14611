"""The list of analyses: each has a name, options with defaults and legal values, and one function.

Every question passes through here, so this is where it goes into the audit log. `answers` on the command line, the methods
page and the tests read this list; nothing else registers an analysis.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics import audit
from synapse_analytics.analyses.asking import Choose, Find, Options, answered
from synapse_analytics.analyses.options import Option
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import PUBLISH, Released
from synapse_analytics.errors import UsageError

Analysis = Callable[..., Released]  # (clinic, cohort=None, **options)
Recall = Callable[[Callable[[], Released]], Released]  # gives the kept copy of an earlier answer, else computes it
Settle = Callable[[Clinic, Options], Options]  # the options in force, where they depend on the data


@dataclass(frozen=True, slots=True)
class Answer:
    """An analysis as it is listed: name, the question it answers, options and the function."""

    name: str
    question: str
    options: tuple[Option, ...]
    function: Analysis
    ask: Callable[[Clinic, Cohort | None, Mapping[str, Any], Recall], Released]  # the same, with a memory of its answers


GIVEN = "given"  # in the log, in place of a value
_answers: dict[str, Answer] = {}


def analysis(
    *options: Option, settle: Settle = lambda _clinic, chosen: chosen, choose: Choose | None = None, of_cohort: bool = True
) -> Callable[[Find], Analysis]:
    """Register `(clinic, cohort, *, option=...) -> Found` under its own name. Every call checks the options and logs the question.

    `settle` gives the options in force where they depend on the data (no instrument means the headline score), or raises where
    the data or the policy do not allow them; `choose` then those that depend on the cohort. An analysis that is not `of_cohort` is about everything that is loaded.
    """
    by_name = {option.name: option for option in options}

    def register(find: Find) -> Analysis:
        def ask(clinic: Clinic, cohort: Cohort | None, given: Mapping[str, Any], recall: Recall) -> Released:
            unknown = sorted(set(given) - set(by_name))
            if unknown:
                raise UsageError(f"{find.__name__} has no option {', '.join(unknown)}. It has: {', '.join(by_name) or 'none'}.")
            chosen = {name: option.parse(given[name]) if name in given else option.default for name, option in by_name.items()}
            asked = cohort if cohort and of_cohort else Cohort()
            released = recall(lambda: answered(find, clinic, asked, settle(clinic, chosen), choose))
            _log(clinic, released)
            return released

        @functools.wraps(find, assigned=("__module__", "__name__", "__qualname__", "__doc__"))  # not its type hints
        def checked(clinic: Clinic, cohort: Cohort | None = None, **given: Any) -> Released:
            return ask(clinic, cohort, given, _computed)

        question = inspect.cleandoc(find.__doc__ or "").splitlines()[0]
        _answers[find.__name__] = Answer(find.__name__, question, options, checked, ask)
        return checked

    return register


def _log(clinic: Clinic, released: Released) -> None:
    """Log which answer is about to be shown to whom; StoreError if that fails in a deployment where a question must be logged.

    Under `publish` anyone may see the answer, so it is not logged. Nor is a question that ends in NotAllowed, because nothing
    is shown.
    """
    if released.policy == PUBLISH.name:
        return
    detail = {"answer": released.name, "options": options_to_log(released), "n": released.n, "generation": released.generation}
    if released.refused:
        detail["refused"] = True  # 1 to 4 patients: the log must not say how many either
    asked = (audit.Event.QUESTION, clinic.asker, audit.Subject(released.cohort.url(), detail=detail))
    if clinic.settings.questions_must_be_logged:
        audit.append(*asked, home=clinic.home, done="Nothing is answered, because a question must be logged first")
    else:
        audit.append_soon(*asked, home=clinic.home)


def options_to_log(released: Released) -> dict[str, Any]:
    """The options of an answer as the log holds them: of those that describe one patient only that they were given."""
    private = {option.name for option in _answers[released.name].options if option.of_one_patient}
    return {name: GIVEN if name in private and value is not None else value for name, value in released.options.items()}


def answers() -> Mapping[str, Answer]:
    """Every analysis, by name."""
    return dict(_answers)


def answer(clinic: Clinic, name: str, cohort: Cohort | None = None, recall: Recall | None = None, /, **options: Any) -> Released:
    """Run the analysis of this name, or let `recall` give its kept answer; the question is logged. UsageError lists the names."""
    if name not in _answers:
        raise UsageError(f"There is no analysis '{name}'. There are: {', '.join(_answers)}.")
    return _answers[name].ask(clinic, cohort, options, recall or _computed)


def _computed(compute: Callable[[], Released]) -> Released:
    return compute()
