"""The list of sentences sees what a person sees, and tells equal sentences once."""

from __future__ import annotations

import pytest

from tests.pages.test_pages import loaded, open_page
from tests.sentences.document import key_of, sections
from tests.sentences.messages import helps, in_code, literals, scripts, unmet
from tests.sentences.seen import ALOUD, CHART, HEADING, HOVER, SENTENCE, TABLE, Text, of_figure, of_html, texts_of
from tests.sentences.walk import Place, Seen

__all__ = ["loaded"]  # the fixture
FIGURE = {
    "data": [{"name": "Pain", "hovertemplate": "%{x} weeks<br>n = 5", "customdata": [["two words", "code"]], "x": ["a"]}],
    "layout": {
        "xaxis": {"title": {"text": "Weeks"}, "domain": [0, 1], "anchor": "y"},
        "annotations": [{"text": "a <b>note</b>", "xref": "x"}],
        "yaxis": {"ticktext": ["Low"]},
    },
}


def test_words_of_html() -> None:
    html = '<style>p {}</style><h2>Who?</h2><p title="more">One <b>two</b><span>, three</span></p><table aria-label="Rows"><th>n</th><td>3</td></table>'
    assert of_html(html) == [
        Text(HEADING, "Who?"),
        Text(HOVER, "more"),
        Text(SENTENCE, "One two, three"),
        Text(ALOUD, "Rows"),
        Text(TABLE, "n"),
        Text(TABLE, "3"),
    ]


def test_words_of_a_figure() -> None:
    found = set(of_figure(FIGURE))
    assert found == {
        Text(CHART, "Weeks"),
        Text(CHART, "a note"),
        Text(CHART, "Low"),
        Text(CHART, "Pain"),
        Text(HOVER, "\u2026 weeks n = 5"),
        Text(HOVER, "two words"),
    }


def test_what_nobody_sees_is_not_listed() -> None:
    """The inputs that hold the address are hidden by style; their labels are names of parameters."""
    texts = list(texts_of(open_page("diagnoses", {"sex": ["female"]})))
    assert "Sex" in {text.words for text in texts}
    assert not {"sex", "policy", "mix_by"} & {text.words for text in texts}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Pain fell by 3.4 points (n = 12).", "Pain fell by \u22120.1 points (n = 2,151)."),
        ("Known to Jun 2024.", "Known to Mar 2023."),
        ("Most: herniated disc.", "Most: spinal stenosis."),
        ("On sites S01, S02 and S03.", "On sites S09."),
    ],
)
def test_equal_but_for_numbers_and_names(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_other_words_are_another_sentence() -> None:
    assert key_of("Pain fell by 3 points.") != key_of("Pain rose by 3 points.")


def test_each_once_and_what_is_on_many_pages_apart() -> None:
    pages = [Place(name) for name in ("overview", "diagnoses", "pathways", "outcomes")]
    everywhere = [Seen(page, Text(SENTENCE, f"Seen on page {number}")) for number, page in enumerate(pages)]
    own = [Seen(pages[0], Text(SENTENCE, f"{number} here")) for number in range(3)]
    found = sections([*everywhere, *own])
    assert found["On many pages"] == [Text(SENTENCE, "Seen on page 0")]
    assert found["Overview"] == [Text(SENTENCE, "0 here")]


def test_sentences_in_code() -> None:
    code = '"""A docstring here."""\nraise X(f"There is no {name!r} here.")\nselect("select a from b")\nsay("Too few patients.")\nstyle = "{a: b c}"\n'
    assert literals(code) == ["There is no \u2026 here.", "Too few patients."]
    assert unmet([Text("a.py", "There is no \u2026 here."), Text("a.py", "Too few patients.")], ["Too few patients."]) == [
        Text("a.py", "There is no \u2026 here.")
    ]


def test_messages_are_found() -> None:
    """The sources of messages still lead somewhere."""
    assert len(list(in_code())) > 500
    assert {"load", "report"} <= {text.kind for text in helps()}
    assert "Copy link" in {text.words for text in scripts()}
