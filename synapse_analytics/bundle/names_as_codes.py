"""Names of people used as ids or codes (`SHARMA_PRIYA`): the words of a whole column set them apart from places, teams and chance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# Words in the codes of sites, teams and files; no name consists of them.
_PLACE_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "north south east west central main old new upper lower city town rural urban district area zone region state camp campus branch"
        " wing ward block floor building tower annexe annex unit site clinic clinics hospital centre center hub dept department opd ipd icu"
        " emergency day night care general private public trust lab theatre room bay desk spine spinal back pain ortho orthopaedic"
        " orthopedic neuro surgery surgical medical medicine physio rehab rheum team group lead head senior junior registrar consultant"
        " resident fellow trainee intern student attending associate assistant specialist professor chief officer practitioner advanced staff"
        " charge ortho duty call weekend morning evening nurse therapist doctor surgeon physician clinician locum visiting shared pooled other unknown none test alpha beta"
        " gamma delta one two three four five six seven eight nine ten first second third red green blue white black yellow orange left"
        " right patient patients pat person subject case episode visit record id code no num number study trial arm cohort control sample"
        " anon demo",
    )
)
_WORD = "(?:[A-Z]+|[a-z]+|[A-Z][a-z]+)"
NAME_FORM = rf"(?:[A-Za-z]+[0-9]{{1,8}}[_-])?(?:{_WORD}(?:[_-]{_WORD}){{1,3}}|[A-Z][a-z]+[A-Z][a-z]+)(?:[_-]?[0-9]{{1,4}})?"
_NAME = re.compile(NAME_FORM)


def are_names(texts: Sequence[str], least: int, share: float) -> bool:
    """True if at least `least` values and this share are names: two words, no place or role, no word that most values share, enough vowels.

    A fifth of random letters are vowels, of names two fifths; `SITE-A` and `SITE-B` share a word.
    """
    words = [_words(text) for text in texts if _NAME.fullmatch(text)]
    counts = Counter(word for those in words for word in set(those))
    usual = {word for word, count in counts.items() if count > max(0.5 * len(words), min(2, len(words) - 1))} | _PLACE_WORDS
    found = [left for those in words if _may_be_name(left := [word for word in those if word not in usual])]
    letters = "".join(word for left in found for word in left)
    return len(found) >= max(least, share * len(texts)) and sum(c in "aeiou" for c in letters) >= 0.28 * len(letters)


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", re.sub("^[A-Za-z]+[0-9]{1,8}[_-]", "", text))]


def _may_be_name(words: Sequence[str]) -> bool:
    """True for two words, or a longer word and an initial."""
    longest = max(map(len, words), default=0)
    return len(words) > 1 and longest >= (3 if all(len(word) > 1 for word in words) else 4)
