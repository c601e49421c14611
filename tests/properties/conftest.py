"""Drawn clinics are loaded once: hypothesis then draws what is asked of them."""

from __future__ import annotations

import pytest

from tests.properties.drawn import Drawn
from tests.twins.clinic_rows import drawn_clinic
from tests.twins.cohort import read_episodes
from tests.twins.open_policy import frank_clinic


@pytest.fixture(scope="session", params=[1, 2])
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Two small clinics, each with its twin."""
    rows = drawn_clinic(request.param)
    return Drawn(frank_clinic(tmp_path_factory.mktemp("drawn"), rows), read_episodes(rows))
