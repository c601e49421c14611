"""Text that is shown as it stands: Streamlit reads Markdown, and nothing in a name, a message or a title may be markup."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Text as Markdown that reads as the text; line breaks become spaces."""
    return re.sub(r"([\\`*_\[\]#$~|])", r"\\\1", text.replace("<br>", " "))
