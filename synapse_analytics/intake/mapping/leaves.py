"""A mapping as a list of single answers, for a table that people edit: open questions first, each with why it is proposed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.labels import column_label, file_label
from synapse_analytics.intake.concepts import load
from synapse_analytics.intake.mapping import model
from synapse_analytics.intake.mapping.checking import lacking
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.places import Place
from synapse_analytics.intake.mapping.questions import OF_CODES, TEXTS_OF_SOURCE
from synapse_analytics.intake.mapping.reading import mapping_from
from synapse_analytics.intake.mapping.writing import as_text
from synapse_analytics.plain_yaml import shown

BETWEEN = " | "  # several texts of one answer
NOTHING = "null"  # a code that is not to be recorded
_SAID_ELSEWHERE = frozenset({"why", "ask", "into"})
_PARTS = ("fields", "scores")
_PART = re.compile("`(scale|coded|unit|fill)[`:]")
_OR_COLUMN = "write the name of a column here, if it is not the same for every row"
_SCALE = re.compile(r"`scale: \[([\d.]+), ([\d.]+)\]`((?: for[^,.`]*)?)")
Answer = str | tuple[str, ...]  # a tuple: names of columns


@dataclass(frozen=True, slots=True)
class Leaf:
    """One answer: its place in the mapping, the same in words, what is written there, the question that is open, and why it is proposed."""

    place: Place
    about: str
    answer: str
    ask: str = ""
    why: str = ""

    @property
    def is_open(self) -> bool:
        """True if somebody has to answer it."""
        return bool(self.ask) or self.is_unanswered

    @property
    def is_unanswered(self) -> bool:
        """True if there is no answer yet, or one of several is missing."""
        return model.OPEN in texts_in(self.answer) and not TEXTS_OF_SOURCE & {*self.place[2:3], *self.place[4:5]}


def leaves(mapping: model.Mapping) -> list[Leaf]:
    """Every answer of the mapping; those that are open stand first."""
    values = mapping.model_dump(by_alias=True, exclude_defaults=True)
    parts = [_leaves(values, mapping), *(_leaves(rule, mapping, ("rows", n)) for n, rule in enumerate(values.get("rows", ())))]
    return sorted(chain(*parts, _lacking(mapping)), key=lambda leaf: not leaf.is_open)


def open_leaves(mapping: model.Mapping) -> list[Leaf]:
    """The answers that somebody has to give. A question about the codes or the format of a field is asked with what is open there, once."""
    found = [leaf for leaf in leaves(mapping) if leaf.is_open]
    asks = {leaf.place[:-1]: leaf.ask for leaf in found if leaf.ask}
    inside = {leaf.place[:4] for leaf in found if leaf.is_unanswered}
    kept = [leaf for leaf in found if leaf.is_unanswered or leaf.place[:-1] not in inside]
    return [replace(leaf, ask=leaf.ask or asks.get(leaf.place[:4], "")) for leaf in kept]


def field_words(place: Place, mapping: model.Mapping) -> str:
    """The field that an answer belongs to, as people say it: `Episodes: diagnosis, from column Dx of register.xlsx, sheet Register`; "" outside of rows."""
    if place[0] != "rows":
        return ""
    rule = mapping.rows[int(place[1])]
    table = rule.from_.replace("#", ", sheet ")
    if place[2] not in _PARTS:
        return f"Rows of {table}, that become {rule.into.replace('_', ' ')}"
    field = (rule.fields if place[2] == "fields" else rule.scores).get(str(place[3]))
    column = f"column {' + '.join(field.from_)} of " if field and field.from_ not in {(), (model.OPEN,)} else ""
    said = v.find(v.INSTRUMENTS, str(place[3])).label if place[2] == "scores" else column_label(str(place[3]))
    return f"{file_label(rule.into)}: {v.inside(said)}, from {column}{table}"


def scales_in(ask: str) -> dict[str, str]:
    """The scales that a question offers as its answers, and each in words: `0 to 50 for the sum of ten items`; of one alone 0 to 10 is the other."""
    found = {f"{low}{BETWEEN}{high}": f"{low} to {high}{words}".rstrip() for low, high, words in _SCALE.findall(ask)}
    return found if len(found) > 1 else found | {f"0{BETWEEN}10": "0 to 10"}


def is_filling(place: Place) -> bool:
    """True if the answer at this place fills a field: a column, or the same for every row."""
    return place[2:3] in {("fields",), ("scores",)} and place[4:] in {("from",), ("value",)}


def changed(mapping: model.Mapping, answers: Mapping[Place, Answer]) -> model.Mapping:
    """The mapping with other answers; the question of an answer that was given is no longer open. IntakeRefused for what is not allowed."""
    values = mapping.model_dump(by_alias=True, exclude_defaults=True)
    for place, answer in answers.items():
        _put(values, place, answer)
    return mapping_from(as_text(values), "mapping")


def _leaves(values: dict[str, Any], mapping: model.Mapping, place: Place = ()) -> Iterator[Leaf]:
    """The answers below one place; a question and its why stand at the part that it is about, else at the first that is open, else at the first."""
    told = {"ask": str(values.get("ask", "")), "why": str(values.get("why", ""))}
    asked = _asked(told["ask"])
    is_open = model.OPEN in values.values() or "scales" in values
    for key, value in values.items():
        here = (*place, key)
        if key in _SAID_ELSEWHERE or here in {("format",), ("rows",), ("left_out",)}:
            continue
        if key in {"boxes", "scales"}:
            yield from _parts(value, mapping, here, told)
            told = {}
        elif isinstance(value, dict):
            yield from _leaves(value, mapping, here)
        else:
            is_asked = key == asked if asked else value == model.OPEN or not is_open
            yield Leaf(here, about(here, mapping), _text(value), **(told if is_asked else {}))
            told = {} if is_asked else told
    yield from _beside(values, mapping, place, told)


def _parts(parts: dict[str, Any], mapping: model.Mapping, place: Place, told: dict[str, str]) -> Iterator[Leaf]:
    """What each box means, or the scale of each code; the question of the field stands at the first box that is open, and at every scale."""
    first = next((box for box, meaning in parts.items() if meaning == model.OPEN), next(iter(parts)))
    for part, said in parts.items():
        is_asked = part == first or place[-1] == "scales"
        yield Leaf((*place, part), about((*place, part), mapping), _text(said), **(told if is_asked else {}))


def _asked(question: str) -> str:
    """The part of a field that a question is about, where it is neither its column nor its codes: `Write `unit: days`, ...`."""
    found = _PART.search(question)
    return found[1] if found else ""


def _beside(values: dict[str, Any], mapping: model.Mapping, place: Place, told: dict[str, str]) -> Iterator[Leaf]:
    """What is not written at this place, but may be: what fills a field (asked, if `told` holds a question still), a column, `otherwise`."""

    def leaf(key: str, answer: str, ask: str = "", why: str = "") -> Leaf:
        return Leaf((*place, key), about((*place, key), mapping), answer, ask, why)

    if is_filling((*place, "value")):
        if told.get("ask"):
            yield leaf(_asked(told["ask"]) or "value", model.OPEN, **told)
        if "value" in values:
            yield leaf("from", "", why=_OR_COLUMN)
    if {"codes", "concept_set"} & values.keys() and "otherwise" not in values:
        yield leaf("otherwise", "refuse")


def _lacking(mapping: model.Mapping) -> Iterator[Leaf]:
    """The fields that a bundle needs and the mapping does not have at all, as open answers."""
    for number, rule in enumerate(mapping.rows):
        for name in dict.fromkeys(name for name, _, _ in lacking(rule, mapping)):
            if name not in rule.fields:
                place = ("rows", number, "fields", name, "value")
                meaning = record_kind(rule.into).field(name).meaning.replace("date of: month of", "date of")
                yield Leaf(place, about(place, mapping), model.OPEN, f"Nothing fills this yet: {meaning}.")


def _text(value: Any) -> str:
    if value is None:
        return NOTHING
    return BETWEEN.join(map(_text, value)) if isinstance(value, (list, tuple)) else f"{value:g}" if isinstance(value, float) else str(value)


def suggested(mapping: model.Mapping, place: Place) -> str:
    """What a code that is still open is most like, by the concept set of its field; "" when nothing is close."""
    rule = mapping.rows[int(place[1])].fields.get(str(place[3])) if place[0] == "rows" and place[2:3] == ("fields",) else None
    if rule is None or rule.concept_set is None or place[-2:-1] != ("codes",):
        return ""
    return load(rule.concept_set).nearest(str(place[-1]))


def about(place: Place, mapping: model.Mapping) -> str:
    """A place as people say it: `register.xlsx, patients: sex, code M`."""
    parts = [shown(part) for part in place]
    if place[0] != "rows":
        return ", ".join(parts).replace("_", " ")
    rule = mapping.rows[int(place[1])]
    inside = ", ".join(part for part in parts[2:] if part not in _PARTS)
    for key, said in (("codes", "code"), ("boxes", "box"), ("scales", "scale of")):
        inside = inside.replace(f"{key}, ", f"{said} ")
    return f"{rule.from_}, {rule.into}: {inside}"


def _close(field: dict[str, Any], place: Place) -> None:
    """A question about the codes or boxes of a field is answered with the last one that was open."""
    if not any(
        meaning == model.OPEN for code, meaning in {**field.get("boxes", {}), **field.get("codes", {})}.items() if code != place[-1]
    ):
        field.pop("ask", None)


def texts_in(answer: Answer) -> list[str]:
    """The texts of an answer that may have several."""
    return list(answer) if isinstance(answer, tuple) else [text.strip() for text in answer.split(BETWEEN.strip())]


def _put(values: Any, place: Place, answer: Answer) -> None:
    """Write one answer at its place. A field has a column or one value for every row: the one takes the place of the other."""
    if is_filling(place) and place[-1] == "from" and not answer:
        return
    above, at = values, values
    for part in place[:-1]:  # a field or a code may be the first that is named
        above, at = at, at.setdefault(part, {}) if isinstance(at, dict) else at[part]
    if place[-2:-1] in OF_CODES:
        _close(above, place)
    if place[-2:-1] == ("scales",):
        above.pop("ask", None)
    at.pop("ask", None)
    key, before = place[-1], at.get(place[-1])
    if is_filling(place) and key not in at:
        at.clear()
    if isinstance(before, (list, tuple)) or isinstance(answer, tuple) or place[4:] in {("from",), ("scale",)}:
        at[key] = texts_in(answer)
    elif answer == NOTHING:
        at[key] = None
    else:
        at[key] = answer
