"""A text reads as it was written, whatever Markdown, Streamlit and Plotly make of its signs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synapse_analytics.web.plain import plain
from tests.odd_codes import CLINICIANS, MARKUP, SITES, STARTS
from tests.reading import seen_markdown

TEXTS = (
    MARKUP,
    *STARTS,
    *SITES,
    *CLINICIANS,
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    ":+1: :-1:",
    "\\*",
    "1.",
    "===",
    "~~~",
    "<!-- c -->",
    "$5 and $6",
    "![a](b)",
    "|a|b|",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_reads_as_written(text: str) -> None:
    assert seen_markdown(plain(text)) == text
    assert seen_markdown(f"**{plain(text)}**; 3") == f"{text}; 3"
    assert seen_markdown(f"## {plain(text)}") == text


@pytest.mark.parametrize("text", ["*a*", "__init__", "$x$", ":smile:", ":red[x]", "- a", "1. a", "a -> b", "&amp;"])
def test_the_reader_of_the_test_sees_markup(text: str) -> None:
    """The guard itself: unescaped, these read otherwise."""
    assert seen_markdown(text) != text


@given(st.text(alphabet="ab1 *_`<>&[]()#|~$:-+=.!\\{}\n", max_size=24))
@example("a\n\n# b")
def test_any_text_reads_as_written(text: str) -> None:
    assert seen_markdown(f"x {plain(text)}") == " ".join(f"x {text}".split())
