"""The links of the documents into the running dashboard: each opens a page, and every filter and choice in it is understood."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from synapse_analytics.cohort import FILTERS
from tests.house import ROOT
from tests.pages.test_pages import PAGES, TABS, loaded, open_page, said
from tests.sentences.walk import prepared

__all__ = ["loaded"]  # the fixture
TEXTS = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
LINKS = sorted({link for text in TEXTS for link in re.findall(r"\]\(http://127\.0\.0\.1:8501/([^)]+)\)", text)})


def test_documents_lead_into_the_dashboard() -> None:
    assert len(LINKS) > 10


@pytest.mark.parametrize("link", LINKS)
def test_link_is_understood(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared(monkeypatch)
    page, query = urlsplit(link).path, parse_qs(urlsplit(link).query)
    assert page in PAGES
    tabs = {name: query.pop(name)[0] for name in TABS if name in query}
    at = open_page(page, query, **tabs)
    assert not at.exception
    assert "not known here" not in said(at)
    assert all(tab in TABS[name][1] for name, tab in tabs.items())
    for name, (value,) in query.items():
        if name not in FILTERS:
            assert str(at.session_state[f"pick_{name}"]).removesuffix(".0") == value, f"the page does not show {name}={value}"
