"""Whether a heading (the name of a file, sheet or column) may be a patient's value: a number, or words with capitals none of which is a word of headings."""

from __future__ import annotations

import re
from functools import cache

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.column_names import is_identity_name, normalise
from synapse_analytics.bundle.identity import identity_rule, is_name
from synapse_analytics.bundle.schema import FILES


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_OF_SOMEBODY = re.compile(r"0\d{5,}|[A-Za-z]{0,4}[-/ ]?\d{2,4}[-/]\d{3,}", re.ASCII)
# Aadhaar, PAN and record numbers, which stand in no name of a box or sheet; dates and long numbers of exports do.
_AMONG_WORDS = re.compile(
    r"(?<!\d)[2-9]\d{3}[ -]\d{4}[ -]\d{4}(?!\d)|\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b|\b(?i:MRN|UHID)[ :#/_-]*\d{5,}", re.ASCII
)
# Words of the headings that clinics, registries and spreadsheet programs write.
_WORDS = frozenset(
    _listed(
        "a about active admission after all and any appointment arm at back baseline bed bill bmi book branch buttock by care"
        " case category centre chart checked class clinic clinical clinician closed code codes comorbid complaint complaints"
        " complication complications consultant copy current cycle daily data days department description details diagnoses"
        " diagnosis discharge doctor doctors done drug duration end eq event events exercise export feet final findings first"
        " follow followup for form from full gender given go grade group height history hospital id in index input investigation"
        " investigations invoice is item items job last left leg level list main management marital master max medical medication"
        " medications min month months neck new no normal not nrs number numbers nurse occupation odi of on op operation"
        " operations other out outcome outcomes output overall pain past patient patients period physio post pre previous primary"
        " problem procedure procedures prom promis proms qol quarter questionnaire rating reason records referral referred"
        " register registry report result results review right row score scores second section seen severity sex sheet side site"
        " sites smoker smoking source spine staff stage start state status stop summary surgeon surgery symptom symptoms table"
        " team test tests text therapist therapy three time to total treatment treatments two type under unit up usual value"
        " values vas visit visits wait walking ward week weekly weeks weight work year years yes"
    )
)


def is_like_a_person(heading: str) -> bool:
    """True for a heading such as `Asha Verma` or `Dr Verma`; not for `Patient Name`, which says what stands below it."""
    words = _stem(heading).replace("_", " ").replace(",", " ")
    return is_name(words) and not is_identity_name(words) and not _known() & set(normalise(words).split("_"))


def is_like_a_value(heading: str) -> bool:
    """True for a heading that may be a patient's value in the wrong place: a name, a number of many digits, an address, a date."""
    parts = re.split(r"[/#\\]", heading)  # folders, file and sheet
    return any(map(_may_be_a_value, (heading, *(parts if len(parts) > 1 else ()))))


def _may_be_a_value(heading: str) -> bool:
    return identifies(heading) or is_like_a_person(_stem(heading))


def identifies(text: str) -> bool:
    """True for what is one person's but no name: a number of many digits, an address, a date; also where such a number stands among words."""
    stem = _stem(text)
    rule = identity_rule(stem) or identity_rule(text)
    if rule == "identity_address":  # `post op 3 months` has the form of an address, too
        return bool(re.search(r"\d{5}|\d.*,|,.*\d", stem))
    return rule is not None or is_number_of_somebody(stem) or _AMONG_WORDS.search(stem) is not None


def is_number_of_somebody(text: str) -> bool:
    """True for a number as hospitals give them: long and with a zero in front, or with a year or a series before it, such as 2024/0117."""
    return _OF_SOMEBODY.fullmatch(text.strip()) is not None


def _stem(heading: str) -> str:
    """The heading without the ending of a file."""
    return re.sub(r"\.[A-Za-z][A-Za-z0-9]{1,6}$", "", heading.strip())


@cache
def _known() -> frozenset[str]:
    """The words of headings, of our own columns, and of our lists."""
    columns = [column.name for file in FILES for column in file.columns]
    lists = (v.DIAGNOSES, v.TREATMENTS, v.INVESTIGATIONS, v.SYMPTOMS, v.INSTRUMENTS, v.STATUSES, v.SEXES)
    labels = [term.label for terms in lists for term in terms]
    return _WORDS | {word for text in (*columns, *labels) for word in normalise(text).split("_")}
