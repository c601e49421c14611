"""What tests of pages share. Answers are kept from test to test, as from reader to reader: their key holds all that they depend on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from plotly.graph_objects import Figure

from synapse_analytics.disclosure import Released
from synapse_analytics.web import browser, frame
from tests.pages.opened import open_everything

# What the browser can draw; Plotly always has lines.
DRAWN = {"scatter", *re.findall(r"plotly\.js/lib/(\w+)'", (browser.HERE / "traces.js").read_text(encoding="utf-8"))} - {"core"}
EXPANDER = st.expander


@pytest.fixture(autouse=True)
def plotly_knows_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure that a page of a test sends has only attributes and values that Plotly knows; the product sends it without asking."""
    chart = browser.chart

    def asked(figure: dict[str, Any], *rest: Any) -> None:
        Figure(figure)
        assert {trace["type"] for trace in figure["data"]} <= DRAWN
        chart(figure, *rest)

    monkeypatch.setattr(browser, "chart", asked)


@pytest.fixture(autouse=True)
def everything_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test of a page sees what waits for a click there."""
    open_everything(monkeypatch)


@pytest.fixture
def as_it_opens(monkeypatch: pytest.MonkeyPatch, everything_is_open: None) -> None:
    """What waits for a click is closed, as for a reader who comes."""
    monkeypatch.setattr(st, "expander", EXPANDER)


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of this test answer from nothing that was asked before it, and leave nothing to the tests after it."""
    own: dict[tuple[Any, ...], Released] = {}

    def kept(key: tuple[Any, ...], *, _compute: Callable[[], Released]) -> Released:
        if key not in own:
            own[key] = _compute()
        return own[key]

    monkeypatch.setattr(frame, "_kept", kept)


@pytest.fixture
def own_log(sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_kept: None) -> Path:
    """The sample data in a folder with an audit log of its own; nothing is answered from before."""
    folder = tmp_path / "store"
    shutil.copytree(sample_store.removeprefix("duckdb:///"), folder, ignore=shutil.ignore_patterns("audit.*"))
    monkeypatch.setenv("SYNAPSE_HOME", str(folder))
    return folder
