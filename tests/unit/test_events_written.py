"""Every event that is declared is written somewhere in the product."""

from __future__ import annotations

import re

import pytest

from synapse_analytics.audit import Event
from tests.house import package

MISSING: set[str] = set()  # not written yet


@pytest.mark.parametrize("name", Event.__members__)
def test_an_event_that_is_declared_is_written(name: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in package() if path.name not in {"entries.py", "reading.py"})
    assert bool(re.search(rf"\bEvent\.{name}\b", text)) == (name not in MISSING)
