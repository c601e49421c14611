"""What an answer says: the question of a picture and the sentence that answers it, in the same words on page, command line, report and in Python."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released, check_released

NOBODY = "No patients match these filters."
SPLIT = "This sentence is about all patients together, but the answer is split into groups."


@dataclass(frozen=True, slots=True)
class Finding:
    """A question, the sentence that answers it, and how to read the picture under it (`Blue: better; orange: worse`).

    A picture without a one-sentence answer has a reading only. `beware` is a caution that belongs to both and stands last.
    `drawn` is False where there is nothing to draw; the answer then says why.
    """

    question: str
    answer: str
    reading: str = ""
    beware: str = ""
    drawn: bool = True

    @property
    def above_picture(self) -> str:
        """All that stands between the question and the picture."""
        return _joined(self.answer, self.reading, self.beware)

    @property
    def without_picture(self) -> str:
        """The same without the reading of the picture; empty where nothing is left."""
        return _joined(self.answer, self.beware)


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


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
    """Every question about an answer that a sentence answers, in the order of its page; one sentence is said once.

    The readings of the pictures are left out: here are no pictures.
    """
    every = (say(released, **options) for say, options in _by_answer.get(released.name, ()))
    answered = (Finding(each.question, each.without_picture, drawn=each.drawn) for each in every)
    return tuple(dict.fromkeys(each for each in answered if each.answer))
