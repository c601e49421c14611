"""A generation whose marts are wrong is not published: each fault is put in by hand and must stop the load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.errors import StoreError
from synapse_analytics.store import list_generations
from synapse_analytics.store.marts import anonymous
from synapse_analytics.store.workshop import Workshop
from tests.builders import clinic_of

FAULTS = {
    "episodes that cannot be exported": "DELETE FROM anonymous_episodes WHERE episode_key = 0",
    "combinations of too few patients": "UPDATE anonymous_episodes SET site = NULL WHERE patient_key = 0",
    "exported cells": "UPDATE anonymous_episodes SET diagnosis = 3",
    "exported cells of patients": "UPDATE anonymous_episodes SET sex = NULL WHERE episode_key % 2 = 0",
}


@pytest.mark.slow
@pytest.mark.parametrize(("named", "statement"), FAULTS.items())
def test_a_wrong_anonymous_table_stops_the_load(named: str, statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = anonymous.keep_anonymous_episodes

    def wrong(workshop: Workshop) -> None:
        keep(workshop)
        workshop._connection.execute(statement)

    monkeypatch.setattr(anonymous, "keep_anonymous_episodes", wrong)
    episodes: list[dict[str, Any]] = [{"episode_id": f"E{k}", "patient_id": f"P{k // 2}"} for k in range(40)]
    with pytest.raises(StoreError, match=rf"its result failed the check: .*{named}"):
        clinic_of(tmp_path, episodes=episodes)
    assert list_generations(f"duckdb:///{tmp_path / 'store'}") == []
