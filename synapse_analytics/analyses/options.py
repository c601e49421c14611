"""The options of analyses: what each may be, and the ones that several analyses share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synapse_analytics.cohort import GROUPINGS
from synapse_analytics.errors import UsageError


@dataclass(frozen=True, slots=True)
class Option:
    """One option of an analysis: its default and its legal values."""

    name: str
    default: Any
    legal: tuple[Any, ...] | range | None  # None: any text; the analysis checks it
    meaning: str
    of_one_patient: bool = False  # it describes the patient of whoever asks: the log holds that it was given, and not what it was

    def parse(self, text: Any) -> Any:
        """The option's value from text (command line, URL) or a plain value; UsageError lists the legal values."""
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
            else ", ".join(str(value) for value in self.legal if value is not None)
        )
        raise UsageError(f"Option {self.name} cannot be '{text}'. Allowed: {shown}.")


def split_by(default: str | None = None) -> Option:
    """The option `by`: any attribute of a cohort, or nothing."""
    return Option("by", default, (None, *GROUPINGS), "what to split by")
