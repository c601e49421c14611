"""An old .xls: its cells in error are a fault with their place, as in newer workbooks; without any it is read."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.sources import read_source
from synapse_analytics.intake.sources.xls_parts import DAMAGED, errors_of
from tests.old_workbooks import FAILED, error, formula, text, xls
from tests.raw_tables import uploaded

CELLS = [text(0, 0, "id"), text(0, 1, "vas"), text(1, 0, "p1")]
HELD = formula(1, 1, b"\x00\x00\x00\x00\x00\x00\x1c\x40")  # 7


@pytest.mark.parametrize("least", [4096, 0])
def test_an_old_workbook_is_read(least: int) -> None:
    (table,) = read_source(uploaded({"old.xls": xls({"Zürich": [*CELLS, HELD]}, least=least)}))
    assert (table.name, table.cells.to_pylist(), table.how) == ("old.xls#Zürich", [{"id": "p1", "vas": "7"}], "header in row 1")


@pytest.mark.parametrize("least", [4096, 0])
@pytest.mark.parametrize("wrong", [error(1, 1), formula(1, 1, FAILED)])
def test_a_cell_in_error_of_an_old_workbook_is_named(least: int, wrong: bytes) -> None:
    with pytest.raises(IntakeRefused, match=r"error of a formula.*\n  old.xls, sheet Back, row 2, column B\n"):
        read_source(uploaded({"old.xls": xls({"Leg": [*CELLS, HELD], "Back": [*CELLS, wrong]}, least=least)}))


@given(place=st.integers(0, 3000), signs=st.binary(min_size=1, max_size=8))
def test_a_damaged_one_ends(place: int, signs: bytes) -> None:
    whole = xls({"Leg": [*CELLS, error(1, 1)]})
    with contextlib.suppress(DAMAGED):
        errors_of(whole[:place] + signs + whole[place + len(signs) :])
