"""The text of a mapping as plain values: every scalar stays as it is written, so that `no`, `099` and `2026-06-01` are those texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from synapse_analytics.intake.faults import Fault, Spot, refused
from synapse_analytics.intake.mapping.places import Place, place_words, short

LARGEST = 2_000_000  # characters; a mapping of a thousand columns has a tenth of it
DEEPEST = 20  # levels; a mapping has six
_QUOTES = "Put a text in quotes when it begins with ? * & ! % @ - or holds ': ' or ' #', such as '?'. Indent with spaces."
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _AsWritten(_SAFE):
    """A safe loader for which only an empty value, `~` and `null` are anything else than a text."""


_AsWritten.yaml_implicit_resolvers = {
    sign: [(tag, form) for tag, form in resolvers if tag == "tag:yaml.org,2002:null"]
    for sign, resolvers in _SAFE.yaml_implicit_resolvers.items()
}
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "str", "seq", "map")}


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain values of a mapping, and the line of the file in which each of them begins."""

    name: str
    values: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def spot(self, place: Place) -> tuple[Spot, ...]:
        """The line of a value, or of the nearest part around it."""
        known = next((place[:end] for end in range(len(place), -1, -1) if place[:end] in self.lines), None)
        return () if known is None else (Spot(self.name, row=self.lines[known]),)


def plain(text: str, name: str) -> Plain:
    """The plain values in the YAML text of a file of this name; IntakeRefused when it is no such text."""
    if len(text) > LARGEST:
        raise _refused(name, "The file is too large for a mapping.", f"A mapping has at most {LARGEST:,} characters.")
    try:
        root = _tree(text, name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(name, "The file is not valid YAML here.", _QUOTES, mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _refused(name, "The file is not valid YAML: a sign in it is not allowed, or it is nested too deep.", _QUOTES) from None
    found = Plain(name, None)
    return Plain(name, None if root is None else _value(root, (), found), found.lines)


def _refused(name: str, sentence: str, advice: str, line: int | None = None) -> Exception:
    return refused("The mapping cannot be read.", [Fault(sentence, advice, (Spot(name, row=line),))])


def _tree(text: str, name: str) -> Any:
    for event in yaml.parse(text, Loader=_AsWritten):  # before anything is built: an alias may stand for gigabytes
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else None
            raise _refused(name, "A text here begins with *, which YAML takes for a reference.", "Put it in quotes: '*'.", line)
    return yaml.compose(text, Loader=_AsWritten)


def _value(node: Any, place: Place, found: Plain) -> Any:
    line = node.start_mark.line + 1
    found.lines.setdefault(place, line)
    if len(place) > DEEPEST:
        raise _refused(found.name, "The file is nested too deep.", "A mapping has lists and keys in six levels.", line)
    if node.tag not in _TAGS:
        raise _refused(found.name, f"{place_words(place)}: a text begins with !, which YAML takes for a type.", _QUOTES, line)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*place, number), found) for number, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _keys(node, place, found)
    return None if node.tag.endswith("null") else node.value


def _keys(node: Any, place: Place, found: Plain) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise _refused(found.name, f"{place_words(place)}: a key here is no single text.", _QUOTES, line)
        if key.value in values:
            sentence = f"{place_words(place)}: the key '{short(key.value)}' is there twice."
            raise _refused(found.name, sentence, "Keep one of them.", line)
        found.lines[(*place, key.value)] = line
        values[key.value] = _value(value, (*place, key.value), found)
    return values
