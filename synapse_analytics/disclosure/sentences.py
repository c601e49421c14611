"""The numbers that a sentence may name: periods, spans of time, limits and constants of a method, never a number of patients."""

from __future__ import annotations

import functools
import re

from synapse_analytics import vocabulary as v
from synapse_analytics.indicators import INDICATORS

DIGIT = re.compile(r"[0-9]")
PEOPLE = r"(patients?|people|persons?|women|men|episodes?|cases?|operations?|answers?)"
IN_WORDS = re.compile(rf"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (\w+ )?{PEOPLE}\b", re.IGNORECASE)
# The limits of the policies and methods: constants, not numbers of the data.
LIMITS = r"(5|10|11|13|15|20|22|30|44|110)"
PHRASES = (
    rf"\b[Ff]ewer than {LIMITS} {PEOPLE}",
    r"\b2 of 3 (months|quarters|half-years|years)",
    r"\b[0-9]+(\.[0-9]+)? (to [0-9]+ )?(days?|weeks?|months?|quarters?|half-years?|years?|points?)\b",
    r"\b(95|99\.8) % limits",
    r"\boutside (95|99\.8) %",
    r"\b(Q[1-4]|H[12]|[A-Z][a-z]{2}) (19|20)[0-9]{2}\b",
    rf"\b(in|last|since|from|to|over) (19|20)[0-9]{{2}}\b(?! (\w+ )?{PEOPLE})",
    r"\babove 0\.[12]\b",  # a standardised difference
)


@functools.lru_cache(maxsize=4_096)
def is_plain(text: str, names: frozenset[str] = frozenset()) -> bool:
    """True if every number in the text is a period, a span of time, a limit or a constant of a declared label or source."""
    if IN_WORDS.search(text):
        return False
    if not DIGIT.search(text):
        return True
    return not DIGIT.search(_legal(names).sub("", text))


@functools.lru_cache(maxsize=64)
def _legal(names: frozenset[str]) -> re.Pattern[str]:
    """Everything that may hold a digit: the phrases; labels, titles and sources such as `Solberg 2013 (n = 692)`, the longest first; and
    the names, as whole words, because a clinician may be called "e".
    """
    lists = [terms for terms in vars(v).values() if isinstance(terms, tuple) and terms and hasattr(terms[0], "label")]
    texts = {term.label for terms in lists for term in terms} | {preset.source for preset in v.PRESETS}
    texts |= {text for one in INDICATORS for text in (one.title, one.target_source)}
    lowered = {text[0].lower() + text[1:] for text in texts if text}
    known = sorted((text for text in texts | lowered if DIGIT.search(text)), key=len, reverse=True)
    whole = (rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(names, key=len, reverse=True))
    return re.compile("|".join((*PHRASES, *map(re.escape, known), *whole)))
