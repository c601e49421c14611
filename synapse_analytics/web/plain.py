"""Text that is shown as it is written: Streamlit reads Markdown, and nothing in a name, a message or a title may be markup.

Every text that is not written in this package passes through `plain` on its way to Streamlit; tests/test_markdown.py holds the rule.
"""

from __future__ import annotations

import re

NOTHING = "\u2060"  # a word joiner: it is not seen, and what stands on both sides of it is no sign any more
# Streamlit looks for these after it has read the Markdown, so that no backslash helps: :smile:, :material/home: and arrows.
SIGN = re.compile(r":(?=[\w+/-]+:)|(?<!\S)[<>~-](?=(?:->|[->=])(?!\S))")
MARKUP = re.compile(r"[\\`*_\[\]#$~|<>&{}]|:(?=[A-Za-z])")  # the colon begins :red[x]
TOGETHER = re.compile(r"(?<=\d) (?=%)|(?<=\bn) (?== \d)|(?<=\bn =) (?=\d)")  # no line ends between a number and its sign
OPENING = re.compile(r"^(?=[-+=])|^\d+(?=[.)])")  # - a list, === a heading, 1. a list


def plain(text: object) -> str:
    """Text as Markdown that reads as the text; line breaks become spaces."""
    line = TOGETHER.sub("\u00a0", re.sub(r"[ \t\r\n]+", " ", str(text)).strip(" "))
    line = MARKUP.sub(r"\\\g<0>", SIGN.sub(rf"\g<0>{NOTHING}", line))
    return OPENING.sub(r"\g<0>\\", line)
