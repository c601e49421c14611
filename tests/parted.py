"""Where Markdown as GitHub reads it lets a list or a table follow a paragraph: the library of `make site` needs an empty line there."""

from __future__ import annotations

import re
from collections.abc import Iterator

ITEM = re.compile(r"(?:[-*] |\d+\. )")


def parted(lines: list[str]) -> Iterator[str]:
    """The lines, with an empty one before a list or a table that follows a paragraph."""
    before, in_list = "", False
    for line in lines:
        starts = bool(ITEM.match(line)) and not in_list or line.startswith("|") and not before.startswith("|")
        if starts and before.strip() and not before.startswith("#"):
            yield ""
        yield line
        in_list = bool(ITEM.match(line)) or in_list and bool(line.strip()) and not line.startswith(("#", "|"))
        before = line
