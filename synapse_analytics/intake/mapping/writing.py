"""Writes a mapping as YAML that people read and edit: short forms, no empty lines of defaults, and how to answer what is open."""

from __future__ import annotations

import re
from typing import Any

import yaml

from synapse_analytics.intake.mapping.model import Mapping

HEAD = """\
# How the files of a clinic become a bundle. Every key is explained in docs/mapping.md.
# Lines with `why` say why something is proposed; they may stay.
# Lines with `ask` are questions, and '?' is an answer that is still open. `anonymise` stops until each `ask` is deleted
# and each '?' is replaced. A code of the source gets one of the allowed words, or null when it is not to be recorded.
"""
_FIRST = ("from", "where", "unless", "into", "is", "id", "why", "ask")  # then the other keys, as model.py has them
_OTHER_BREAKS = frozenset("\x85\u2028\u2029")  # line breaks that are no \n
_BREAKS = re.compile(r"\n(?=- |(?:clinic|files|episode|day_zero|rows|left_out):)")


class _Readable(yaml.SafeDumper):
    """A dumper that writes lists of plain texts and numbers in one line, and repeats what stands twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never a reference, which people read badly and the reader refuses."""
        return True


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    in_line = not any(isinstance(one, (dict, list)) for one in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=in_line)


def _str(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    escaped = '"' if _OTHER_BREAKS & set(value) else None  # YAML folds them
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=escaped)


_Readable.add_representer(list, _list)
_Readable.add_representer(str, _str)


def to_yaml(mapping: Mapping, on_months: str = "") -> str:
    """The mapping as YAML, with a note beside `data_until` if there is one; `mapping_from` reads the same mapping from it."""
    text = as_text(mapping.model_dump(by_alias=True, exclude_defaults=True))
    return re.sub(r"(?m)^(data_until: .*)$", rf"\1  # {on_months}", text, count=1) if on_months else text


def as_text(values: dict[str, Any]) -> str:
    """The values of a mapping, right or wrong, as YAML."""
    text = yaml.dump(_plain(values), Dumper=_Readable, sort_keys=False, allow_unicode=True, width=10_000)
    return HEAD + _BREAKS.sub("\n\n", "\n" + text)


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        first = [name for name in _FIRST if name in value] if {"into", "is"} & set(value) else []
        return _short({name: _plain(value[name], name) for name in dict.fromkeys((*first, *value))}, key)
    if isinstance(value, (list, tuple)):
        shortened = len(value) == 1 and isinstance(value[0], str)
        return value[0] if shortened else [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _short(values: dict[str, Any], key: str) -> Any:
    """`sex: Gender` for `sex: {from: Gender}`."""
    if key in {"fields", "scores"}:
        return {name: one["from"] if list(one) == ["from"] else one for name, one in values.items()}
    return values
