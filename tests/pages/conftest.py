"""What tests of pages share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import streamlit as st


@pytest.fixture
def own_log(sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample data in a folder with an audit log of its own; nothing is answered from before."""
    folder = tmp_path / "store"
    shutil.copytree(sample_store.removeprefix("duckdb:///"), folder, ignore=shutil.ignore_patterns("audit.*"))
    monkeypatch.setenv("SYNAPSE_HOME", str(folder))
    st.cache_resource.clear()
    return folder
