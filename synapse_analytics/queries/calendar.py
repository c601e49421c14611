"""Quarters of months counted as year * 12 + month - 1."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics.store.functions import int_div


def quarter(month: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Quarters since year 0 of a month."""
    return sa.cast(int_div(month, 3), sa.Integer)


def quarter_name(quarters: int) -> str:
    """Such a quarter as people write it: 2023-Q1."""
    return f"{quarters // 4}-Q{quarters % 4 + 1}"


def month_name(month: int) -> str:
    """Such a month as people write it: 2023-07."""
    return f"{month // 12}-{month % 12 + 1:02d}"
