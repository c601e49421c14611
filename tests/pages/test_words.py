"""No page says a word that the glossary does not use, and none of those of statistics stands where nobody asked how sure a number is."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.glossary import behind_only, found_in, not_used
from tests.pages.test_pages import PAGES, loaded
from tests.sentences.seen import Text, of_html
from tests.sentences.walk import opened, prepared

__all__ = ["loaded"]  # the fixture
FOR_ANALYSTS = ("methods",)  # pages that explain how numbers are made


@pytest.mark.parametrize("page", PAGES)
def test_page_uses_the_words_of_the_glossary(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(monkeypatch)
    texts = [text for query in ({}, {"policy": ["publish"]}) for text in opened(page, query)]
    assert len(texts) > 20
    texts = [text for text in texts if not text.words.startswith("data version: ")]  # a line of the log holds the codes of a question
    assert told(texts, is_for_analysts=page in FOR_ANALYSTS) == []


def told(texts: Iterable[Text], *, is_for_analysts: bool = False) -> list[str]:
    """Each banned word with the first sentence that says it."""
    banned, shy = not_used(), behind_only()
    found: dict[str, str] = {}
    for text in texts:
        words = found_in(text.words, banned)
        words += [] if text.is_behind or is_for_analysts else found_in(text.words, shy)
        for word in words:
            found.setdefault(word, f"{word}: {text.words[:160]!r}")
    return list(found.values())


def test_a_banned_word_is_noticed() -> None:
    html = of_html("<p>The data of this Generation.</p><th>SMD</th>")
    assert [line.split(":")[0] for line in told(html)] == ["generation -> data version", "SMD -> they differ in ..."]
    assert told([text._replace(is_behind=True) for text in html[1:]]) == []
