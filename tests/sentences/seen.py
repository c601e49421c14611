"""What a person reads, hears or points at on a page that AppTest has run: every text with what kind of text it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple

from streamlit.testing.v1 import AppTest

from tests.reading import seen_markdown, seen_plotly


class Text(NamedTuple):
    """A text as it is read, its kind, and whether it is seen only after something was opened."""

    kind: str
    words: str
    is_behind: bool = False


HEADING, SENTENCE, CONTROL, CHOICE, HELP, CHART, HOVER, TABLE, ALOUD = (
    "heading", "text", "control", "choice", "help", "chart", "hover", "table", "aloud",
)  # fmt: skip
# The fields of Streamlit's messages that hold words, by what is read there.
FIELDS = {
    "label": CONTROL, "body": SENTENCE, "text": SENTENCE, "help": HELP, "placeholder": HELP, "options": CHOICE, "content": CHOICE,
    "captions": CHOICE, "title": HEADING, "message": SENTENCE,
}  # fmt: skip
INLINE = frozenset({"a", "b", "strong", "em", "i", "small", "sub", "sup", "abbr", "code", "span"})
ATTRIBUTES = {"title": HOVER, "aria-label": ALOUD, "alt": ALOUD}
UNSEEN = re.compile(r"-address(?:_\w+)?$")  # what holds the address of a page, and is hidden (web/address.py)
HOLE = re.compile(r"%\{[^}]*\}")
# Where a figure of Plotly holds words; what else is a text there is a code, a colour or the name of an axis.
OF_A_FIGURE = {"text": CHART, "title": CHART, "name": CHART, "hovertemplate": HOVER, "hovertext": HOVER, "customdata": HOVER, "ticktext": CHART,
    "labels": CHART, "label": CHART, "x": CHART, "y": CHART}  # fmt: skip


def texts_of(at: AppTest) -> Iterator[Text]:
    """Every text of a page and of what stands beside it, in its order."""
    for root in (at.sidebar, at.main):
        for text, is_behind in _of_node(root, is_behind=False):
            yield Text(text.kind, " ".join(text.words.split()), is_behind)


def _of_node(node: Any, *, is_behind: bool) -> Iterator[tuple[Text, bool]]:
    kind = getattr(node, "type", "")
    if UNSEEN.search(getattr(getattr(node, "proto", None), "id", "")):
        return
    yield from ((text, is_behind) for text in _own(kind, getattr(node, "proto", None)))
    for child in getattr(node, "children", {}).values():
        yield from _of_node(child, is_behind=is_behind or kind in {"expander", "popover", "dialog"})


def _own(kind: str, proto: Any) -> Iterator[Text]:
    """The texts of one element, without what is in it."""
    if kind == "html":
        yield from of_html(proto.body)
    elif kind == "bidi_component":
        yield from _of_component(json.loads(proto.json or "{}"))
    elif proto is not None:
        yield from _of_message(proto, HEADING if kind in {"title", "header", "subheader"} else "")


def _of_message(proto: Any, kind: str) -> Iterator[Text]:
    """The words of a message of Streamlit, in the order of its fields."""
    for field, value in proto.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        repeated = isinstance(value, str) is False and hasattr(value, "__iter__") and not hasattr(value, "ListFields")
        for one in value if repeated else [value]:
            if hasattr(one, "ListFields"):
                yield from _of_message(one, kind)
            elif isinstance(one, str) and field.name in FIELDS:
                yield from _of_markdown(one, kind or FIELDS[field.name])


def _of_markdown(text: str, kind: str) -> Iterator[Text]:
    """The paragraphs, headings and items of a text that Streamlit reads as Markdown."""
    for block in re.split(r"\n\s*\n|\n(?=\s*[-*#|] ?)", text):
        words = seen_markdown(block).strip("| ")
        if words and not re.fullmatch(r"[-:| ]+", words):
            yield Text(HEADING if block.lstrip().startswith("#") else kind, words)


def _of_component(data: Mapping[str, Any]) -> Iterator[Text]:
    """The words of a component of ours: a chart, a table of rows, or a piece of HTML."""
    for name, value in data.items():
        if name == "figure":
            yield from of_figure(value)
        elif name == "html":
            yield from of_html(value)
        elif name == "alt":
            yield Text(ALOUD, value)
        elif name == "head":
            yield from (Text(TABLE, word) for word in value)
        elif name not in {"config", "arranged", "look"}:
            yield from (Text(TABLE, word) for word in _strings(value) if " " in word)


def of_figure(figure: Mapping[str, Any]) -> Iterator[Text]:
    """The words that Plotly draws of a figure: titles, names, labels, notes, and what is read where one points."""
    for part in (figure["layout"], *figure["data"]):
        yield from (found for name, value in part.items() for found in _of_part(name, value))


def _of_part(name: str, value: Any) -> Iterator[Text]:
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from _of_part(inner, one)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for one in value:
            yield from _of_part(name, one)
    elif name in OF_A_FIGURE:
        for words in _strings(value):
            shown = seen_plotly(HOLE.sub("\u2026", words))
            if shown and (" " in shown or name not in {"customdata", "x", "y"}):  # a single word there is a code
                yield Text(OF_A_FIGURE[name], shown)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)


class _Reader(HTMLParser):
    """Texts of HTML, one for each block, and those of attributes that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Text] = []
        self.words: list[str] = []
        self.kind, self.deaf = SENTENCE, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.end()
        elif tag == "span":
            self.words.append(" ")  # what stands in it may be set apart by style only
        self.kind = TABLE if tag in {"th", "td"} else HEADING if re.fullmatch("h[1-6]", tag) else self.kind
        self.deaf = tag in {"style", "script"}
        self.found += [Text(ATTRIBUTES[name], value) for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.end()
            self.kind = SENTENCE
        self.deaf = False

    def handle_data(self, data: str) -> None:
        if not self.deaf:
            self.words.append(data)

    def end(self) -> None:
        """Put away what was read since the last block."""
        words = re.sub(r" (?=[,;.])", "", " ".join("".join(self.words).split()))
        if words:
            self.found.append(Text(self.kind, words))
        self.words.clear()


def of_html(html: str) -> list[Text]:
    """The texts of a piece of HTML of ours."""
    reader = _Reader()
    reader.feed(html)
    reader.end()
    return reader.found
