"""A filter offers what somebody in the data has: of a code nobody has the cohort is empty, of every other one it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.queries.population import attrition
from synapse_analytics.store import list_generations, load_bundle
from synapse_analytics.synthetic import generate
from tests.faults.loading import seal_again

CLOSED = [name for name, declared in FILTERS.items() if declared.terms]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Twenty patients: few of the codes occur."""
    folder = tmp_path_factory.mktemp("few")
    generate(folder / "bundle", patients=20, seed=4)
    database = f"duckdb:///{folder / 'store'}"
    load_bundle(folder / "bundle", database)
    return open_clinic(database)


@pytest.mark.parametrize("name", [name for name in CLOSED if name not in ("smoker", "red_flags")])
def test_only_what_somebody_has_is_offered(name: str, small: Clinic) -> None:
    declared = FILTERS[name]
    has = tuple(code for code in declared.legal if attrition(small, Cohort(**{name: (code,)}))[-1].patients)
    assert declared.offered(small.generation.present) == has


def test_some_of_the_codes_do_not_occur(small: Clinic) -> None:
    """Else the test above would hold of a list that is never cut."""
    cut = {name for name in CLOSED if FILTERS[name].offered(small.generation.present) != FILTERS[name].legal}
    assert {"age_band", "diagnosis", "treatment"} <= cut


def test_a_load_that_noted_nothing_offers_everything(small: Clinic) -> None:
    assert all(FILTERS[name].offered({}) == FILTERS[name].legal for name in CLOSED)
    manifest = Path(small.home or "") / "generations" / small.generation.id / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content.pop("present")
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(content), encoding="utf-8")
    seal_again(Path(small.home or ""), small.generation.id)
    (info,) = list_generations(f"duckdb:///{small.home}")
    assert info.present == {}
