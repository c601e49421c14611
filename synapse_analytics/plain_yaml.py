"""Reads the YAML that people write: lists, keys and values, and nothing that costs more to read than it takes to send.

A file is read event by event, and reading ends at the first fault, before anything of it is expanded, nested or computed.
References (`&`, `*`, `<<`) and types (`!`) are refused: no file of ours needs them, and a few lines of them can stand for gigabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from yaml.constructor import SafeConstructor
from yaml.reader import Reader
from yaml.resolver import Resolver

from synapse_analytics.errors import SynapseError, UsageError
from synapse_analytics.files import content_of

LARGEST = 2_000_000  # bytes of a file; a mapping of a thousand columns has a tenth of it
MOST = 50_000  # values, lists and lists of keys in a file
DEEPEST = 20  # levels; a mapping has six
LONGEST = 10_000  # characters of a text or a key
LONGEST_NUMBER = 60  # characters of a number or a time
FILES_KEPT = 32  # files whose meaning is kept in memory
SHOWN = 40  # characters of a key that a message repeats
QUOTES = "Put a text in quotes when it begins with ? * & ! % @ - or holds ': ' or ' #', such as '?'. Indent with spaces."
Place = tuple[str | int, ...]
Made = TypeVar("Made")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is twenty times as fast
_STR, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
_TEXT_TAGS = (None, "!", _STR)
_TYPES, _MAKING = Resolver(), SafeConstructor()


class NotPlain(UsageError):
    """A text is not the plain YAML that is read here: what is wrong, what to do, and the line."""

    def __init__(self, sentence: str, advice: str, line: int | None = None) -> None:
        super().__init__(f"{'' if line is None else f'Line {line:,}: '}{sentence} {advice}")
        self.sentence, self.advice, self.line = sentence, advice, line


class Scalar(NamedTuple):
    """A single value as it is written; `bare` without quotes, so that YAML may take it for something else than a text."""

    text: str
    bare: bool
    line: int


@dataclass(frozen=True, slots=True)
class Plain:
    """What a text of YAML holds, and the line in which each part of it begins."""

    values: Any
    lines: dict[Place, int]


def typed(scalar: Scalar) -> Any:
    """The value as YAML 1.1 means it: `yes` is true, `2023-07-01` a day, and `2023-07` or anything in quotes a text."""
    tag = _TYPES.resolve(yaml.ScalarNode, scalar.text, (True, False)) if scalar.bare else _STR
    if tag == _STR:
        return scalar.text
    if len(scalar.text) > LONGEST_NUMBER:
        raise NotPlain(f"This number has {len(scalar.text):,} characters.", f"Allowed: at most {LONGEST_NUMBER}.", scalar.line)
    make = _MAKING.yaml_constructors.get(tag)
    if make is None:
        raise NotPlain(f"{scalar.text} means something else than this text in YAML.", QUOTES, scalar.line)
    try:
        return make(_MAKING, yaml.ScalarNode(tag, scalar.text))
    except (ValueError, OverflowError):
        raise NotPlain("There is no such number, day or time.", "Put it in quotes if it is a text.", scalar.line) from None


def as_written(scalar: Scalar) -> str | None:
    """The text as it stands there, so that `no`, `099` and `2026-06-01` are those texts; None for an empty value, `~` and `null`."""
    return None if scalar.bare and scalar.text in ("", "~", "null", "Null", "NULL") else scalar.text


def as_text(scalar: Scalar) -> str:
    """The text as it stands there, whatever it is."""
    return scalar.text


def plain(text: str, value: Callable[[Scalar], Any] = typed) -> Plain:
    """What a text of YAML holds; NotPlain at its first fault. `value` says what a single value means."""
    if len(text) > LARGEST:
        raise too_large()
    if wrong := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, wrong.start()) + 1
        raise NotPlain(f"A sign that no text holds (U+{ord(wrong[0]):04X}) stands here.", "Delete it.", line)
    try:
        return _Reading(yaml.parse(text, Loader=_LOADER), value).whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.rstrip().count("\n") + 1  # at its end the parser names a line more
        raise NotPlain("This is not valid YAML.", QUOTES, min(mark.line + 1, last) if mark else None) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # an escape of a sign that there is not
        raise NotPlain("This is not valid YAML: a sign in it is not one that YAML allows.", QUOTES) from None


def text_of(path: Path) -> str:
    """The text of a file, with or without a mark of UTF-8 before it; OSError when it cannot be read, NotPlain when it is no such text."""
    content = content_of(path, LARGEST + 1)
    if len(content) > LARGEST:
        raise too_large()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotPlain("This is not UTF-8 text.", "Save the file as UTF-8.", content.count(b"\n", 0, error.start) + 1) from None


def too_large() -> NotPlain:
    """The fault of a file that is too large to be read."""
    return NotPlain("The file is too large.", f"Allowed: at most {LARGEST:,} bytes.")


def once(path: Path, read: Callable[[Path], Made]) -> Made:
    """What `read` makes of a file, or the SynapseError that it raises: found out once for each state of the file, as every click asks for it."""
    found = path.stat()
    made, wrong = _once(path, read, (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size))
    if wrong is not None:
        raise wrong[0](wrong[1])
    return made


@lru_cache(maxsize=FILES_KEPT)
def _once(path: Path, read: Callable[[Path], Made], _state: tuple[int, ...]) -> tuple[Any, tuple[type[SynapseError], str] | None]:
    try:
        return read(path), None
    except SynapseError as error:  # not itself: it would keep what was read
        return None, (type(error), str(error))


@dataclass(slots=True)
class _Reading:
    """Reads the events of one document."""

    events: Iterator[Any]
    value: Callable[[Scalar], Any]
    lines: dict[Place, int] = field(default_factory=dict)
    seen: int = 0

    def whole(self) -> Plain:
        """The only document of the text; None for a text that holds nothing."""
        found = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.lines:
                    raise NotPlain("A second document begins here.", "Delete the line `---` and what follows.", _line(event))
                found = self._part(next(self.events), ())
        return Plain(found, self.lines)

    def _part(self, event: Any, place: Place) -> Any:
        line = _line(event)
        self._check(event, place, line)
        self.lines.setdefault(place, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._part(inner, (*place, number)) for number, inner in enumerate(self._inside())]
        if isinstance(event, yaml.MappingStartEvent):
            return self._keys(place)
        return self.value(_scalar(event, line))

    def _inside(self) -> Iterator[Any]:
        """The events of a list or of keys up to its end, but for those of the parts in it, which are read meanwhile."""
        while not isinstance(event := next(self.events), yaml.CollectionEndEvent):
            yield event

    def _keys(self, place: Place) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        for event in self._inside():
            line = _line(event)
            self._check(event, place, line)
            if not isinstance(event, yaml.ScalarEvent):
                raise NotPlain("A key here is no single text.", QUOTES, line)
            key = self.value(_scalar(event, line))
            key = event.value if key is None else key
            if key in values:
                raise NotPlain(f"The key '{shown(event.value)}' is there twice.", "Keep one of them.", line)
            inside = (*place, event.value)
            self.lines[inside] = line
            values[key] = self._part(next(self.events), inside)
        return values

    def _check(self, event: Any, place: Place, line: int) -> None:
        """NotPlain for a part that is not read here, or that is one too many."""
        self.seen += 1
        if self.seen > MOST:
            raise NotPlain("Here the file holds too many values.", f"Allowed: at most {MOST:,} values in a file.", line)
        if len(place) > DEEPEST:
            raise NotPlain("Here lists and keys are nested too deep.", f"Allowed: at most {DEEPEST} levels.", line)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            raise NotPlain(f"A text here begins with {sign}, which YAML takes for a reference.", "Put the text in quotes.", line)
        if event.tag not in (_TEXT_TAGS if isinstance(event, yaml.ScalarEvent) else (None,)):
            raise NotPlain("A text here begins with !, which YAML takes for a type.", "Put the text in quotes.", line)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST:
            raise NotPlain(f"A text here has {len(event.value):,} characters.", f"Allowed: at most {LONGEST:,}.", line)


def _scalar(event: Any, line: int) -> Scalar:
    return Scalar(event.value, bool(event.implicit[0]), line)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def shown(value: object, most: int = SHOWN) -> str:
    """A value as a message repeats it: one line, not too long."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(value)[: most + 1])
    return text if len(text) <= most else f"{text[:most]}…"
