"""A mapping as a list of single answers, for a table that people edit: open questions first, each with why it is proposed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from synapse_analytics.intake.concepts import load
from synapse_analytics.intake.mapping import model
from synapse_analytics.intake.mapping.places import Place, short
from synapse_analytics.intake.mapping.questions import OF_CODES
from synapse_analytics.intake.mapping.reading import mapping_from
from synapse_analytics.intake.mapping.writing import as_text

BETWEEN = " | "  # several texts of one answer
NOTHING = "null"  # a code that is not to be recorded
_SAID_ELSEWHERE = frozenset({"why", "ask", "into"})


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
        return bool(self.ask) or self.answer == model.OPEN


def leaves(mapping: model.Mapping) -> list[Leaf]:
    """Every answer of the mapping; those that are open stand first."""
    values = mapping.model_dump(by_alias=True, exclude_defaults=True)
    parts = [_leaves(values, mapping), *(_leaves(rule, mapping, ("rows", n)) for n, rule in enumerate(values.get("rows", ())))]
    return sorted(chain.from_iterable(parts), key=lambda leaf: not leaf.is_open)


def open_leaves(mapping: model.Mapping) -> list[Leaf]:
    """The answers that somebody has to give. A question about the codes of a field is asked once, with the first of these codes."""
    found = [leaf for leaf in leaves(mapping) if leaf.is_open]
    asks = {leaf.place[:-1]: leaf.ask for leaf in found if leaf.ask}
    inside = {leaf.place[:-2] for leaf in found if leaf.place[-2:-1] in OF_CODES}
    kept = [leaf for leaf in found if leaf.answer == model.OPEN or leaf.place[:-1] not in inside]
    return [replace(leaf, ask=leaf.ask or asks.get(leaf.place[:-2], "")) for leaf in kept]


def field_words(place: Place, mapping: model.Mapping) -> str:
    """The field that an answer belongs to, as people say it: `Diagnosis, from column Dx of register.xlsx, sheet Register`; "" outside of rows."""
    if place[0] != "rows":
        return ""
    rule = mapping.rows[int(place[1])]
    table = rule.from_.replace("#", ", sheet ")
    if place[2] not in {"fields", "scores"}:
        return f"Rows of {table}, that become {rule.into.replace('_', ' ')}"
    field = (rule.fields if place[2] == "fields" else rule.scores)[str(place[3])]
    column = f"column {' + '.join(field.from_)} of " if field.from_ and field.from_ != (model.OPEN,) else ""
    name = str(place[3]).replace("_", " ")
    return f"{name[:1].upper()}{name[1:]}, from {column}{table}"


def changed(mapping: model.Mapping, answers: Mapping[Place, str]) -> model.Mapping:
    """The mapping with other answers; the question of an answer that was given is no longer open. IntakeRefused for what is not allowed."""
    values = mapping.model_dump(by_alias=True, exclude_defaults=True)
    for place, answer in answers.items():
        _put(values, place, answer)
    return mapping_from(as_text(values), "mapping")


def _leaves(values: dict[str, Any], mapping: model.Mapping, place: Place = ()) -> Iterator[Leaf]:
    """The answers below one place; a question and its why stand at the first that is open, else at the first."""
    told = {"ask": str(values.get("ask", "")), "why": str(values.get("why", ""))}
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
            is_asked = value == model.OPEN or not is_open
            yield Leaf(here, about(here, mapping), _text(value), **(told if is_asked else {}))
            told = {} if is_asked else told
    if told.get("ask") and place[2:3] in {("fields",), ("scores",)}:  # nothing fills the field yet: one value for every row would
        yield Leaf((*place, "value"), about((*place, "value"), mapping), model.OPEN, **told)
    if {"codes", "concept_set"} & values.keys() and "otherwise" not in values:
        yield Leaf((*place, "otherwise"), about((*place, "otherwise"), mapping), "refuse")


def _parts(parts: dict[str, Any], mapping: model.Mapping, place: Place, told: dict[str, str]) -> Iterator[Leaf]:
    """What each box means, or the scale of each code; the question of the field stands at the first box that is open, and at every scale."""
    first = next((box for box, meaning in parts.items() if meaning == model.OPEN), next(iter(parts)))
    for part, said in parts.items():
        is_asked = part == first or place[-1] == "scales"
        yield Leaf((*place, part), about((*place, part), mapping), _text(said), **(told if is_asked else {}))


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
    parts = [short(part) for part in place]
    if place[0] != "rows":
        return ", ".join(parts).replace("_", " ")
    rule = mapping.rows[int(place[1])]
    inside = [part for part in parts[2:] if part not in {"fields", "scores"}]
    return (
        f"{rule.from_}, {rule.into}: {', '.join(inside)}".replace("codes, ", "code ")
        .replace("boxes, ", "box ")
        .replace("scales, ", "scale of ")
    )


def _close(field: dict[str, Any], place: Place) -> None:
    """A question about the codes or boxes of a field is answered with the last one that was open."""
    if not any(
        meaning == model.OPEN for code, meaning in {**field.get("boxes", {}), **field.get("codes", {})}.items() if code != place[-1]
    ):
        field.pop("ask", None)


def _put(values: Any, place: Place, answer: str) -> None:
    """Write one answer at its place."""
    at = values
    for part in place[:-1]:
        if place[-2:-1] in OF_CODES and part == place[-2]:
            at.setdefault(part, {})  # a code may be the first that is named
            _close(at, place)
        if place[-2:-1] == ("scales",) and part == "scales":
            at.pop("ask", None)
        at = at[part]
    at.pop("ask", None)
    key, before = place[-1], at.get(place[-1])
    if isinstance(before, (list, tuple)):
        at[key] = [text.strip() for text in answer.split(BETWEEN.strip())]
    elif answer == NOTHING:
        at[key] = None
    else:
        at[key] = answer
