"""Boxes of yes and no: to which list they belong, what each means, and how yes is written in them. What is not certain stays "?"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from synapse_analytics.bundle.column_names import normalise
from synapse_analytics.intake.concepts.text import normal_words
from synapse_analytics.intake.draft.codes import MISSING, meaning_of
from synapse_analytics.intake.draft.looks import Look
from synapse_analytics.intake.mapping.fields import FieldOf, answered, record_kind
from synapse_analytics.intake.mapping.model import OPEN
from synapse_analytics.intake.mapping.questions import concepts
from synapse_analytics.intake.values import READ_AS_NO, READ_AS_YES
from synapse_analytics.plain_yaml import shown

_CHOICE = re.compile(r"^(.*?)\s*\((?:choice=)?((?:[^()]|\([^()]*\))*)\)\s*$")
_ANSWERS = 4  # texts of a box: yes, no, and signs for what is not recorded
_TICKS = frozenset({"x", "✓", "✔", "tick", "ticked"})
_NONE = re.compile(r"none( of .*)?|nil|no|not applicable|na|unknown|not known|not sure")
_AROUND = re.compile(r"\b(yes no|y n|done|present|given|taken|received|performed|history of|h o)\b")
_SAYS_LITTLE = frozenset({"other", "others", "history", "clinical", "examination", "pt", "heat", "cold", "mr", "test"})
_CONDITIONS = (
    r"hypertension|htn|high blood pressure|diabetes( mellitus)?|dm|ihd|cad|(ischa?emic )?heart disease|asthma|copd|hypothyroidism"
    r"|thyroid (disease|disorder)|ckd|(chronic )?kidney disease|liver disease|cancer|malignancy|stroke|rheumatoid arthritis|osteoarthritis"
    r"|osteoporosis|obesity|epilepsy|tuberculosis|hiv"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What boxes can become: a file and its field, the concept set of their words, and what the label of a group of boxes says."""

    into: str
    field: str
    concepts: str
    said: str

    @property
    def of(self) -> FieldOf:
        """The field of the record."""
        return record_kind(self.into).field(self.field)

    def meaning(self, words: str) -> str:
        """What a yes in a box of these words means; "" when that is not certain."""
        if self.concepts:
            return concepts(self.concepts).meaning(words) or ""
        return "1" if self.field == "comorbidities" and re.fullmatch(_CONDITIONS, words) else ""


KINDS = (
    Kind("patients", "comorbidities", "", r"comorb|co morb|(other|chronic|medical) (condition|illness|disease|history)|past history"),
    Kind("episodes", "red_flags", "", r"red flag"),
    Kind("symptoms", "symptom", "symptoms", r"symptom|complaint"),
    Kind("other_diagnoses", "diagnosis", "diagnoses", r"diagnos|patholog"),
    Kind("treatments", "treatment", "treatments", r"treat|therap|medic(ation|ine)|drug|surger|operation|procedure|injection|intervention"),
    Kind("investigations", "investigation", "investigations", r"investigation|imaging|\b(tests?|scans?)\b|radiolog"),
)
_FEWEST = MappingProxyType({"comorbidities": 2})  # one condition alone may be asked for itself
_MEANS = MappingProxyType({"comorbidities": "1", "red_flags": "yes"})  # what a yes means there, whatever the box


MADE_ONE = frozenset({"patients", "episodes"})  # there all boxes of a row make one number, or one yes or no
_MEANING = "What does a yes in these boxes mean? Write null for a box that is not to be recorded."
_ASKS = MappingProxyType(
    {
        "comorbidities": "Are these all other chronic conditions that are recorded, one box each? Write null for a box that does not count.",
        "red_flags": "Is each of these boxes a red flag (cauda equina, progressive deficit, cancer, infection, fracture)? Write null for one that is none.",
    }
)


@dataclass(frozen=True, slots=True)
class Boxes:
    """Columns of boxes that belong together, and what each means ("?": open, None: nothing)."""

    kind: Kind
    label: str  # of the question that has these boxes as answers; "" for columns of their own
    looks: tuple[Look, ...]
    meanings: tuple[str | None, ...]
    day: str = ""  # the column with the date of these boxes
    doubt: str = ""  # the other list that they may belong to

    @property
    def hints(self) -> str:
        """What the open boxes say, and what they are nearest to."""
        known = concepts(self.kind.concepts) if self.kind.concepts else None
        open_ones = [look for look, meaning in zip(self.looks, self.meanings, strict=True) if meaning == OPEN]
        near = [(look.name, words_of_box(look)[1], known.nearest(words_of_box(look)[1]) if known else "") for look in open_ones]
        return "; ".join(f"{name} is '{shown(words)}'" + f", nearest to {code}" * bool(code) for name, words, code in near)


def _is_answered(look: Look) -> bool:
    """True if a column is answered yes or no."""
    answers = [text.casefold() for text in _said(look).values()]
    return bool(answers) and look.distinct <= _ANSWERS and any(one in READ_AS_YES | READ_AS_NO | _TICKS for one in answers)


def _said(look: Look) -> dict[str, str]:
    """The answers of a column, each with what a data dictionary calls it."""
    known = look.table.choices.get(look.name, {})
    return {text: known.get(text) or text for text in look.counts}


def words_of_box(look: Look) -> tuple[str, str]:
    """The question and the answer that a box stands for; without a question the words of its label."""
    choice = _CHOICE.match(look.label)
    if "___" in look.name and choice:
        return choice[1], normal_words(choice[2])
    words = _AROUND.sub(" ", normal_words(look.label.replace("_", " ")))
    return "", " ".join(words.split())


def _says_it(look: Look) -> bool:
    """True if the name of a column alone says what a yes in it means."""
    is_graded = any(text.isdecimal() and text not in {"0", "1"} for text in _said(look).values())
    return _is_answered(look) and not is_graded and bool(_kinds_of(look)) and words_of_box(look)[1] not in _SAYS_LITTLE


def is_a_box(look: Look) -> bool:
    """True for a box of a REDCap project, and for a column whose name and answers say that it is one."""
    return _is_answered(look) if "___" in look.name else _says_it(look)


def _kinds_of(look: Look) -> list[Kind]:
    words = words_of_box(look)[1]
    return [kind for kind in KINDS if kind.meaning(words)]


def boxes_of(looks: Sequence[Look]) -> list[Boxes]:
    """The boxes that mean something: those of one question together, and columns of their own by what they are."""
    groups: dict[str, list[Look]] = defaultdict(list)
    single: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        stem, _, choice = look.name.partition("___")
        if choice:
            groups[stem].append(look)
        elif kinds := _kinds_of(look):
            single[kinds[0].field].append(look)
    found = [boxes for stem in groups if (boxes := _of_question(groups[stem]))]
    return found + [_of_columns(kind, single[kind.field]) for kind in KINDS if len(single[kind.field]) >= _FEWEST.get(kind.field, 1)]


def _of_question(looks: list[Look]) -> Boxes | None:
    """The boxes of one question of a REDCap project: of the list that its label says, else of the one that knows most of its answers."""
    label = words_of_box(looks[0])[0] or looks[0].name.partition("___")[0]
    words = [words_of_box(look)[1] for look in looks]
    known = {kind: sum(bool(kind.meaning(one)) for one in words) for kind in KINDS}
    named = next((kind for kind in KINDS if re.search(kind.said, normal_words(label))), None)
    kind = named if named and (known[named] or not any(known.values())) else max(KINDS, key=lambda one: known[one])
    near = [kind.concepts and concepts(kind.concepts).nearest(one) for one in words]
    if not known[kind] and (kind is not named or (kind.concepts and not any(near))):
        return None
    others = [one for one in KINDS if one is not kind and known[one] >= known[kind] > 0 and kind is not named]
    meanings = tuple(_MEANS.get(kind.field) or kind.meaning(one) or OPEN if not _NONE.fullmatch(one) else None for one in words)
    return Boxes(kind, label, tuple(looks), meanings, doubt=others[0].into if others else "")


def _of_columns(kind: Kind, looks: list[Look]) -> Boxes:
    others = [one.into for look in looks for one in _kinds_of(look) if one is not kind]
    meanings = tuple(kind.meaning(words_of_box(look)[1]) for look in looks)
    return Boxes(kind, "", tuple(looks), meanings, doubt=others[0] if others else "")


def how_answered(boxes: Boxes) -> dict[str, Any]:
    """What is yes and no in these boxes, where it is not plain; a box that is ticked only for yes is no where it is empty."""
    field, texts = answered(boxes.kind.of), {text: look for look in boxes.looks for text in look.counts}
    said = {text: answer for look in boxes.looks for text, answer in _said(look).items()}
    missing = sorted(text for text in texts if said[text].casefold() in MISSING and not meaning_of(field, said[text]))
    read = {text: "yes" if said[text].casefold() in _TICKS else meaning_of(field, said[text]) for text in texts if text not in missing}
    codes = {text: meaning or OPEN for text, meaning in sorted(read.items()) if meaning or text in texts[text].codes}
    plain = all(text.casefold() in (READ_AS_YES if meaning == "yes" else READ_AS_NO) for text, meaning in codes.items())
    more: dict[str, Any] = {"missing": missing} if missing else {}
    more |= {} if plain else {"codes": codes}
    only_yes = boxes.kind.field in _MEANS and set(codes.values()) == {"yes"}
    return more | ({"empty": "no"} if only_yes else {})


def filled_by_boxes(boxes: Boxes) -> dict[str, Any]:
    """The rule of the field that these boxes fill."""
    names = {look.name: meaning for look, meaning in zip(boxes.looks, boxes.meanings, strict=True)}
    answers = how_answered(boxes)
    why = f"the data dictionary calls these boxes '{boxes.label}'" if boxes.label else "the headers of these boxes say what a yes means"
    why += f"; {boxes.hints}" if boxes.hints else ""
    why += "; they are ticked only for yes, so an empty one is a no" if "empty" in answers else ""
    ask = _ASKS.get(boxes.kind.field, _MEANING if OPEN in names.values() else "")
    return {"boxes": names, "why": why, "ask": ask} | answers


def by_day(boxes: Boxes, days: Mapping[str, str]) -> list[Boxes]:
    """The boxes apart by the column with their date (`days`: what it is named after -> its name)."""
    if boxes.kind.into not in {"treatments", "investigations"}:
        return [boxes]
    beside = [next((days[words] for words in _names_of(look) if words in days), "") for look in boxes.looks]
    parts = []
    for day in dict.fromkeys(beside):
        chosen = [at for at, one in enumerate(beside) if one == day]
        looks, meanings = tuple(boxes.looks[at] for at in chosen), tuple(boxes.meanings[at] for at in chosen)
        parts.append(replace(boxes, looks=looks, meanings=meanings, day=day))
    return parts


def _names_of(look: Look) -> tuple[str, ...]:
    """What a column of dates may be named after that says when a box was ticked."""
    words = look.words
    return words, normalise(words_of_box(look)[1]), _AROUND.sub("", words.replace("_", " ")).strip().replace(" ", "_")
