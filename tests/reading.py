"""What a reader sees of a text that Streamlit reads as Markdown, and of one that Plotly reads as its own kind of HTML."""

from __future__ import annotations

import re
from html import unescape

from markdown_it import MarkdownIt

READER = MarkdownIt("commonmark").enable(["strikethrough", "table"])
# What Streamlit does beyond Markdown: its signs (in what Markdown has read already), its colours and its formulas (before that).
SIGNS = re.compile(r":[\w+-]+:|:material/\w+:|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)")
BEFORE = re.compile(r"(?<!\\):[a-z][a-z0-9-]*(?:\[|\b)|(?<!\\)\$[^\s$][^$\n]*(?<!\\)\$")


def seen_markdown(text: str) -> str:
    """The words on the screen; what Streamlit makes of its own signs stands there as a question mark."""
    html = READER.render(BEFORE.sub("?", text))
    return " ".join(SIGNS.sub("?", unescape(re.sub(r"<[^>]*>", "", html))).replace("\u2060", "").split())


def seen_plotly(text: str) -> str:
    """The words on a chart: Plotly takes <b>, <br>, <span> and the like for markup, and &amp; for &."""
    return " ".join(unescape(re.sub(r"</?(?:b|i|br|em|sub|sup|a|span|s|u)\b[^>]*>", " ", text)).split())
