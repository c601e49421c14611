"""The list of analyses there are: each has a name, options with defaults and legal values, and one function.

`answers` on the command line, the methods page and the tests read this list; nothing else registers anything.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.errors import UsageError

Analysis = Callable[..., Released]


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


_answers: dict[str, Answer] = {}


def analysis(*options: Option) -> Callable[[Analysis], Analysis]:
    """Register `(clinic, cohort, *, option=...) -> Released` under its own name, checking options on every call."""

    def register(function: Analysis) -> Analysis:
        by_name = {option.name: option for option in options}

        @functools.wraps(function)
        def checked(clinic: Clinic, cohort: Cohort | None = None, **given: Any) -> Released:
            unknown = sorted(set(given) - set(by_name))
            if unknown:
                raise UsageError(f"{function.__name__} has no option {', '.join(unknown)}. It has: {', '.join(by_name) or 'none'}.")
            values = {name: option.parse(given[name]) if name in given else option.default for name, option in by_name.items()}
            return function(clinic, cohort or Cohort(), **values)

        question = inspect.cleandoc(function.__doc__ or "").splitlines()[0]
        _answers[function.__name__] = Answer(function.__name__, question, options, checked)
        return checked

    return register


def answers() -> Mapping[str, Answer]:
    """Every analysis, by name."""
    return dict(_answers)


def answer(clinic: Clinic, name: str, cohort: Cohort | None = None, **options: Any) -> Released:
    """Run the analysis of this name; UsageError lists the names there are."""
    if name not in _answers:
        raise UsageError(f"There is no analysis '{name}'. There are: {', '.join(_answers)}.")
    return _answers[name].function(clinic, cohort, **options)
