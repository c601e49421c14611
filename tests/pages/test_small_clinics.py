"""Clinics of few patients and cohorts that leave few: every page and tab speaks, none breaks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synapse_analytics.store import load_bundle
from synapse_analytics.synthetic import generate
from tests.pages.test_pages import EVERY_TAB, PAGES, loaded, open_page, said

ALL = [
    *((page, {}) for page in PAGES if page not in {page for page, _, _ in EVERY_TAB}),
    *((page, {key: tab}) for page, key, tab in EVERY_TAB),
]
# One step taken by nearly all makes a column of one node, which is as high as the picture.
NARROW = {"diagnosis": ["degenerative_disc_disease"], "sex": ["female"], "age_from": ["65"], "age_to": ["90"]}
__all__ = ["loaded"]  # a fixture: the sample serves where no other clinic does


@pytest.mark.slow
def test_every_tab_of_a_small_clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(tmp_path / "bundle", patients=12, seed=5)
    load_bundle(tmp_path / "bundle", f"duckdb:///{tmp_path / 'store'}")
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "store"))
    for page, state in ALL:
        at = open_page(page, **state)
        assert not at.exception, (page, state, [error.value for error in at.exception])
        assert said(at), (page, state)


def test_a_bundle_can_be_loaded_where_the_clinic_is_too_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(tmp_path / "bundle", patients=3, seed=5)
    load_bundle(tmp_path / "bundle", f"duckdb:///{tmp_path / 'store'}")
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "store"))
    at = open_page("data")
    assert not at.exception
    assert "Bundle" in [box.label for box in at.get("file_uploader")]
    assert "<td" in said(at)
    assert not re.search(r">3<", said(at)), "the number of patients of a refused cohort"
    warned = open_page("data", data_tab="Warnings")
    assert not warned.exception
    assert "fewer than 5 patients" in said(warned)


@pytest.mark.slow
def test_every_tab_of_a_narrow_cohort() -> None:
    for page, state in ALL:
        at = open_page(page, NARROW, **state)
        assert not at.exception, (page, state, [error.value for error in at.exception])
