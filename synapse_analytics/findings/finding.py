"""What an answer says: the question of a picture and the sentence that answers it, the same on page, command line, report and in Python."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released, check_released

NOBODY = "No patients match these filters."
SPLIT = "This is said of all patients together, and the answer is split into groups."


@dataclass(frozen=True, slots=True)
class Finding:
    """A question and the sentence that answers it; `drawn` is False where there is nothing to draw, and the sentence says why."""

    question: str
    answer: str
    drawn: bool = True


Say = Callable[..., Finding]
_by_answer: dict[str, list[tuple[Say, Mapping[str, Any]]]] = {}


def nothing(question: str, why: str) -> Finding:
    """The finding of a picture that has nothing to draw, and why."""
    return Finding(question, why, drawn=False)


def finding(answer: str, *each: Mapping[str, Any]) -> Callable[[Say], Say]:
    """Make a finding of an answer out of `(released, option=...) -> Finding`; `each` names the options with which findings_of lists it.

    A refused answer says why it is refused, an answer about nobody says so: the function is not called then.
    """

    def register(say: Say) -> Say:
        known = inspect.signature(say).parameters

        @functools.wraps(say)
        def said(released: Released, **options: Any) -> Finding:
            check_released(released)
            if released.refused:
                return nothing("", released.refused)
            if released.episodes == 0:
                return nothing("", NOBODY)
            # A figure passes on its own options too: those that change the drawing alone say nothing here.
            return say(released, **{name: value for name, value in options.items() if name in known})

        _by_answer.setdefault(answer, []).extend((said, options) for options in each or ({},))
        return said

    return register


def findings_of(released: Released) -> tuple[Finding, ...]:
    """Everything that is said of an answer, in the order of its page; one sentence is said once."""
    return tuple(dict.fromkeys(say(released, **options) for say, options in _by_answer.get(released.name, ())))
