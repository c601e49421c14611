"""The figures of the data page: what is not recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.charts import share_bars
from synapse_analytics.figures.theme import Figure, Look, figure
from synapse_analytics.findings import data as said
from synapse_analytics.findings import words as w


@figure(said.missingness)
def missingness(released: Released, look: Look) -> Figure:
    """The share of rows in which a column is empty."""
    rows = said.known(released)
    hidden = len(released.tables["missingness"]) - len(rows)
    return share_bars(
        look,
        [_bar(row, look) for row in rows],
        "Share of rows without a value (lower is better)",
        upto=max(0.1, rows[-1]["share"] * 1.2),
        room=1,
        height=m.bar_height(len(rows), extra=60) - 6 * len(rows),
        annotations=gaps.left_out(look, hidden, "column is", "columns are"),
    )


def _bar(row: Mapping[str, Any], look: Look) -> m.Bar:
    name, share = said.column(row), w.share(row["share"])
    return m.Bar(name, row["share"], None, None, look.one, share, m.hover(name, f"empty in {share} of the rows"))
