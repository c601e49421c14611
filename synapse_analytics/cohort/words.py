"""How a cohort reads: the sentence shown beside every answer. Plain text in, plain text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.vocabulary import plurals
from synapse_analytics.vocabulary.periods import spoken

# Filters that follow "Women" without a comma; every other one follows after a comma.
LEADING = ("age_band", "ages", "diagnosis", "months", "site", "clinician")


def lower_first(label: str) -> str:
    """A label inside a sentence: "Spinal stenosis" -> "spinal stenosis", but "MRI" and "X-ray" stay."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def listed(words: Iterable[str], last: str = "or") -> str:
    """Words as a list: "a", "a or b", "a, b or c"."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def among(terms: tuple[Any, ...], chosen: tuple[str, ...]) -> str:
    """The labels of codes as a list inside a sentence."""
    return listed(lower_first(v.find(terms, code).label) for code in chosen)


def subject(sexes: tuple[str, ...]) -> str:
    """The subject of the sentence: Women, Men, Patients (other)."""
    named = {("female",): "Women", ("male",): "Men", ("female", "male"): "Women and men"}
    return named.get(sexes) or f"Patients ({listed(lower_first(v.find(v.SEXES, code).label) for code in sexes)})"


def ages(low: int | None, high: int | None) -> str:
    """An age range in words."""
    if low is not None and high is not None:
        return f"aged {low}" if low == high else f"aged {low} to {high}"
    return f"aged {low} or over" if low is not None else f"aged {high} or under"


def months(first: str | None, last: str | None) -> str:
    """A range of first-visit months in words."""
    if first is not None and last is not None:
        return f"first seen in {spoken(first)}" if first == last else f"first seen {spoken(first)} to {spoken(last)}"
    return f"first seen from {spoken(first)}" if first is not None else f"first seen up to {spoken(last or '')}"


def counted(patients: int, smallest: int) -> str:
    """The number of patients in words; 1 to `smallest` - 1 are "fewer than" that."""
    if 0 < patients < smallest:
        return f"fewer than {smallest} patients"
    return plurals.counted(patients, "patient") if patients else "no patients"


def sentence(fragments: Mapping[str, str]) -> str:
    """One sentence from the words of each filter in use; `sex` holds the subject."""
    if not fragments:
        return "All patients"
    leading = " ".join([fragments.get("sex", "Patients"), *(fragments[name] for name in LEADING if name in fragments)])
    return ", ".join([leading, *(words for name, words in fragments.items() if name not in LEADING and name != "sex")])
