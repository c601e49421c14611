"""Messages and documents keep to the words of the glossary; pages: tests/pages/test_words.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics.web.methods import GLOSSARY as METHODS
from tests.glossary import GLOSSARY, behind_only, found_in, not_used, words
from tests.house import ROOT
from tests.sentences.messages import helps, in_code, rules, scripts

SOURCES = {"rules of the check": rules, "help of the command line": helps, "scripts": scripts, "texts in the code": in_code}
# Written for developers, from the history, or by a program of names in the code.
NOT_FOR_READERS = {"decisions.md", "developers.md", "gallery.md", "benchmarks.md", "benchmarks_browser.md", GLOSSARY.name}
DOCUMENTS = sorted({*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"})


@pytest.mark.parametrize("source", SOURCES)
def test_messages_use_the_words_of_the_glossary(source: str) -> None:
    assert [
        f"{text.kind}: {text.words[:120]} ({', '.join(found)})" for text in SOURCES[source]() if (found := found_in(text.words, not_used()))
    ] == []


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name not in NOT_FOR_READERS], ids=lambda path: path.name)
def test_documents_use_the_words_of_the_glossary(path: Path) -> None:
    assert found_in(path.read_text(encoding="utf-8"), not_used()) == []


def test_the_page_methods_explains_no_word_that_the_glossary_does_not() -> None:
    assert {word.lower() for word in METHODS} <= words()


def test_the_glossary_names_what_is_said_instead() -> None:
    banned = not_used()
    assert len(banned) > 40
    assert {"generation", "re-keyed", "surely closed", "headline score", "who is asked about"} <= set(banned)
    assert found_in("Two arms of `generation` 3.", banned) == []
    assert found_in("Two Generations\nare kept.", banned) == ["generation -> data version"]
    assert {"arm", "caliper", "SMD"} <= set(behind_only())
    assert found_in("Two arms, not alarmed; smd.", behind_only()) == ["arm -> group"]
