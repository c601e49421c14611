"""The list: each sentence once, under the page where it stands, in the order of the page; equal but for numbers and names counts as once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from synapse_analytics import vocabulary as v
from tests.sentences import messages
from tests.sentences.seen import ALOUD, CHART, CHOICE, HEADING, HOVER, SENTENCE, Text
from tests.sentences.walk import Seen

EVERYWHERE, NAMES = "On many pages", "Names of closed lists, and other single words to choose from"
HEAD = """Every sentence that a person can read, made by `make sentences`; numbers and names are those of the first that was met.
heading, text: on the page. control, choice: of a list or button. help: where one asks for it. chart, hover: in a chart, and where one points.
table: heads and words of tables. aloud: what a screen reader says. +: seen only after something was opened. \u2026: here something is filled in."""
MANY = 4  # pages from which on a text belongs to all
POINTED = 12  # examples of what is read where one points in the charts of a page or tab
NUMBER = re.compile(r"[-\u2212+]?\d[\d,.]*\d|\d")
MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?=\d{4})")
TERMS = sorted(
    {
        term.label
        for terms in vars(v).values()
        if isinstance(terms, tuple)
        for term in terms
        if isinstance(getattr(term, "label", None), str)
    },
    key=len,
    reverse=True,
)
NAME = re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(label) for label in TERMS if len(label) > 2)})(?![\w-])", re.IGNORECASE)


def key_of(words: str) -> str:
    """What is the same for sentences that differ only in numbers, months and names of closed lists."""
    same = NUMBER.sub("#", MONTH.sub("", NAME.sub("~", words)))
    return re.sub(r"([sc]?[#~])(?:(?:, | and | \+ | to | > |/)\1)+", r"\1", same.casefold())


def sections(seen: Sequence[Seen]) -> Mapping[str, list[Text]]:
    """The texts of each page and tab; those of many pages and bare names stand apart. The first that was met stands for its like."""
    pages: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Seen] = {}
    said = {one.text.words for one in seen if one.text.kind in {HEADING, SENTENCE}}
    for one in seen:
        if _is_repeated(one.text, said):
            continue
        key = key_of(one.text.words)
        pages[key].add(one.place.page)
        first.setdefault(key, one)
    found: dict[str, list[Text]] = defaultdict(list)
    found[EVERYWHERE] = []
    for key, one in first.items():
        own = found[_place(one, key, len(pages[key]))]
        if re.search(r"[g-z][a-z]|[a-z][g-z]|~", key) and (one.text.kind != HOVER or sum(text.kind == HOVER for text in own) < POINTED):
            own.append(one.text)
    return found


def _is_repeated(text: Text, said: Collection[str]) -> bool:
    """True for what a screen reader says of a chart, and what stands on its picture, where it is the heading and the sentence above the chart."""
    if text.kind not in {ALOUD, CHART}:
        return False
    ends = [found.start() for found in re.finditer(r"(?<=[.?!]) |(?<=\w) (?=[A-Z\d\u2212])|$", text.words)]
    return any(
        text.words[:head] in said and text.words[head + 1 : end] in said for number, head in enumerate(ends) for end in ends[number + 1 :]
    )


def _place(one: Seen, key: str, pages: int) -> str:
    if key in {"~", "~ ~"} or (one.text.kind == CHOICE and " " not in one.text.words):
        return NAMES
    return EVERYWHERE if pages >= MANY else one.place.title


def document(seen: Sequence[Seen]) -> str:
    """The whole list: pages in the order of the menu, then messages, then names."""
    pages = sections(seen)
    order = [place.title for place in dict.fromkeys(one.place for one in seen)]
    met = [one.text.words for one in seen] + [text.words for text in (*messages.rules(), *messages.helps())]
    parts = [
        HEAD,
        _section(EVERYWHERE, pages[EVERYWHERE]),
        *(_section(title, pages[title]) for title in order if title in pages),
        _section("Messages of the check of a bundle", messages.rules()),
        _section("Help of the command line", messages.helps()),
        _section("Said by scripts in the browser", messages.scripts()),
        _section("Written in the code and not met above: errors, refusals, hints, rare sentences", messages.unmet(messages.in_code(), met)),
        _section(NAMES, [*pages[NAMES], *(Text("name", label) for label in sorted(TERMS))]),
    ]
    return "\n".join(parts) + "\n"


def _section(title: str, texts: Iterable[Text]) -> str:
    return "\n".join([f"\n== {title} ==", *(f"{'+' if text.is_behind else ' '} {text.kind:8} {text.words}" for text in texts)])
